import { describe, expect, it } from 'vitest'
import { isExportDue } from '../../src/cli/crawl-export.js'
import { jointOutcome } from '../../src/cli/crawl-media.js'

const hour = 3600e6

describe('isExportDue', () => {
  it.each([
    ['long before', { now: 1, nearestDeadline: 20, lastAt: -1 }, false],
    ['in time', { now: 15, nearestDeadline: 20, lastAt: -1 }, true],
    ['once', { now: 16, nearestDeadline: 20, lastAt: 15 }, false],
    ['again for a later deadline', { now: 39, nearestDeadline: 44, lastAt: 15 }, true],
    ['never where no link ends', { now: 15, nearestDeadline: null, lastAt: -1 }, false],
  ])('%s', (_, { now, nearestDeadline, lastAt }, expected) => {
    const at = {
      now: now * hour,
      nearestDeadline: nearestDeadline === null ? null : nearestDeadline * hour,
      lastAt: lastAt * hour,
    }

    expect(isExportDue(at, 6)).toBe(expected)
  })

  it('never with 0 in the config', () => {
    expect(isExportDue({ now: 5, nearestDeadline: 5, lastAt: -1 }, 0)).toBe(false)
  })
})

describe('jointOutcome', () => {
  it.each([
    ['done', 'done', 'done'],
    ['done', 'failures', 'failures'],
    ['budget', 'failures', 'budget'],
    ['budget', 'refused', 'refused'],
    ['interrupted', 'refused', 'interrupted'],
  ] as const)('%s and %s: %s', (one, other, expected) => {
    expect([jointOutcome(one, other), jointOutcome(other, one)]).toEqual([expected, expected])
  })
})
