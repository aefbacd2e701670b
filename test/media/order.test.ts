import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isInTime,
  neededRate,
  planOrder,
  savableBytes,
  type Waiting,
} from '../../src/media/order.js'
import type { Use } from '../../src/media/wanted.js'

const second = 1e6

/** A file by name; deadline in seconds, NULL: its link tells no end. */
const file = (name: string, deadline: number | null, bytes: number, use: Use = 'playable') => ({
  name,
  deadline: deadline === null ? null : deadline * second,
  bytes,
  use,
})

/** Hundred bytes a second, from now on. */
const speed = { now: 0, bytesPerSecond: 100, margin: 0 }

const namesOf = (files: readonly { name: string }[]): string =>
  files.map(({ name }) => name).join(' ')

describe('planOrder', () => {
  it.each([
    ['the soonest deadline first', [file('b', 9, 1), file('a', 5, 1)], 'a b', ''],
    ['what tells no end last', [file('b', null, 1), file('a', 5, 1)], 'a b', ''],
    [
      'of one midnight what plays, then thumbnails, then the rest',
      [file('d', 9, 1, 'rest'), file('c', 9, 1, 'thumbnail'), file('b', 9, 2), file('a', 9, 1)],
      'a b c d',
      '',
    ],
    ['a file that would come too late gives way', [file('a', 1, 200), file('b', 2, 150)], 'b', 'a'],
    ['what goes before it counts', [file('a', 2, 150), file('b', 2, 150)], 'a', 'b'],
    [
      'with little time a rest gives way to what plays',
      [file('b', 3, 200, 'rest'), file('a', 3, 200)],
      'a',
      'b',
    ],
    [
      'a link that has ended gives way',
      [file('a', -1, 0), file('b', 0, 0), file('c', 1, 0)],
      'c',
      'a b',
    ],
  ])('%s', (_, files, order, tooLate) => {
    const plan = planOrder(files, speed)

    expect([namesOf(plan.order), namesOf(plan.tooLate)]).toEqual([order, tooLate])
  })

  it('keeps a margin before the end of a link', () => {
    const plan = planOrder([file('a', 10, 500)], { ...speed, margin: 6 * second })

    expect(namesOf(plan.tooLate)).toBe('a')
  })

  it('has all in time while the rate is not known', () => {
    const plan = planOrder([file('a', 1, 1e12), file('b', 1, 1e12)], {
      ...speed,
      bytesPerSecond: Infinity,
    })

    expect(namesOf(plan.order)).toBe('a b')
  })

  it('loses at most one file against the best that could be done, and finishes all that it plans', () => {
    const files = fc.array(
      fc.record({
        deadline: fc.integer({ min: -5, max: 100 }).map((at) => at * second),
        bytes: fc.integer({ min: 0, max: 3000 }),
        use: fc.constantFrom<Use>('playable', 'thumbnail', 'rest'),
      }),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(files, (all) => {
        const { order, tooLate } = planOrder(all, speed)

        const largest = Math.max(0, ...all.map(({ bytes }) => bytes))
        const saved = order.reduce((sum, { bytes }) => sum + bytes, 0)
        expect(order.length + tooLate.length).toBe(all.length)
        expect(saved).toBeGreaterThanOrEqual(savableBytes(all, speed) - largest)
        expect(isFeasible(order)).toBe(true)
      }),
    )
  })
})

/** One after the other, each is whole before its link ends. */
function isFeasible(order: readonly Waiting[]): boolean {
  let now = 0
  return order.every(({ deadline, bytes }) => {
    now += (bytes / speed.bytesPerSecond) * second
    return deadline === null || now <= deadline + 1e-6
  })
}

describe('isInTime', () => {
  it.each([
    [10, 1000, true],
    [10, 1001, false],
    [0, 0, false],
    [null, 1e15, true],
  ])('a link of %s s, %s bytes: %s', (deadline, bytes, expected) => {
    expect(isInTime(file('a', deadline, bytes), speed)).toBe(expected)
  })
})

describe('savableBytes', () => {
  it.each([
    ['nothing', [], 0],
    ['a part of what is too large', [file('a', 3, 1000)], 300],
    [
      'time that is left over before a deadline is lost',
      [file('a', 5, 100), file('b', 1, 500)],
      200,
    ],
    ['what tells no end', [file('a', null, 700)], 700],
    ['nothing of links that have ended', [file('a', -3, 100)], 0],
  ])('%s', (_, files, bytes) => {
    expect(savableBytes(files, speed)).toBe(bytes)
  })
})

describe('neededRate', () => {
  it('is that of the tightest deadline', () => {
    const files = [
      file('a', 10, 1000),
      file('b', 20, 3000),
      file('c', 100, 100),
      file('d', null, 9),
    ]

    expect(neededRate(files, speed)).toBe(200)
  })

  it('is beyond all for a link that has ended', () => {
    expect(neededRate([file('a', 0, 1)], speed)).toBe(Infinity)
  })
})
