import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isInTime, neededRate, planOrder, type Speed, type Waiting } from '../../src/media/order.js'
import { TurnColumns } from '../../src/media/turn-columns.js'
import type { Use } from '../../src/media/wanted.js'
import { inTurn } from './in-turn.js'

const second = 1e6
const now = 1_760_000_000 * second

/** A file by name; deadline in seconds from now, NULL: its link tells no end. */
const file = (name: string, deadline: number | null, bytes: number, use: Use = 'playable') => ({
  name,
  deadline: deadline === null ? null : now + deadline * second,
  bytes,
  use,
})

/** A file whose server gives ten bytes a second. */
const slow = (name: string, deadline: number, bytes: number) => ({
  ...file(name, deadline, bytes),
  ownRate: 10,
})

/** Hundred bytes a second, from now on. */
const speed = { now, bytesPerSecond: 100, margin: 0 }

/** The plan of files that are sorted first. */
function planOf<File extends Waiting>(files: readonly File[], at: Speed) {
  const columns = new TurnColumns()
  files.forEach((each, number) => columns.set(number, each))
  const sorted = columns.sort([...files.keys()]).map((number) => files[number]!)
  return planOrder(sorted, (each) => each, at)
}

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
    const plan = planOf(files, speed)

    expect([namesOf(plan.order), namesOf(plan.tooLate)]).toEqual([order, tooLate])
  })

  it.each([
    ['each of two streams gets half of it', 0, [file('a', 1, 60), file('b', 1, 50)], 'b', 'a'],
    ['what is under way takes its half', 100, [file('a', 1, 30), file('b', 1, 20)], 'b', 'a'],
    ['no server gives more than it can', 0, [slow('a', 3, 31), slow('b', 3, 30)], 'b', 'a'],
  ])('%s', (_, bytesUnderWay, files, order, tooLate) => {
    const plan = planOf(files, { ...speed, streams: 2, bytesUnderWay })

    expect([namesOf(plan.order), namesOf(plan.tooLate)]).toEqual([order, tooLate])
  })

  it('keeps a margin before the end of a link', () => {
    const plan = planOf([file('a', 10, 500)], { ...speed, margin: 6 * second })

    expect(namesOf(plan.tooLate)).toBe('a')
  })

  it('has all in time while the rate is not known', () => {
    const plan = planOf([file('a', 1, 1e12), file('b', 1, 1e12)], {
      ...speed,
      bytesPerSecond: Infinity,
    })

    expect(namesOf(plan.order)).toBe('a b')
  })

  it('loses at most one file against the best that could be done, and finishes all that it plans', () => {
    const files = fc.array(
      fc.record({
        deadline: fc.integer({ min: -5, max: 100 }).map((at) => now + at * second),
        bytes: fc.integer({ min: 0, max: 3000 }),
        use: fc.constantFrom<Use>('playable', 'thumbnail', 'rest'),
      }),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(files, (all) => {
        const { order, tooLate } = planOf(all, speed)

        const largest = Math.max(0, ...all.map(({ bytes }) => bytes))
        const saved = order.reduce((sum, { bytes }) => sum + bytes, 0)
        expect(order.length + tooLate.length).toBe(all.length)
        expect(saved).toBeGreaterThanOrEqual(savableBytes(all) - largest)
        expect(isFeasible(order)).toBe(true)
      }),
    )
  })
})

/** One after the other, each is whole before its link ends. */
function isFeasible(order: readonly Waiting[]): boolean {
  let bytesSoFar = 0
  return order.every(({ deadline, bytes }) => {
    bytesSoFar += bytes
    return bytesSoFar <= bytesUntil(deadline!)
  })
}

/**
 * The most bytes that could be saved if parts of files counted: no order saves more.
 * Time before a deadline that was not used stays unused.
 */
function savableBytes(files: readonly Waiting[]): number {
  let taken = 0
  for (const { deadline, bytes } of inTurn(files))
    taken = Math.max(taken, Math.min(taken + bytes, bytesUntil(deadline!)))
  return taken
}

const bytesUntil = (deadline: number): number =>
  ((deadline - speed.now) / second) * speed.bytesPerSecond

describe('isInTime', () => {
  it.each([
    [file('a', 10, 1000), 1, true],
    [file('a', 10, 1001), 1, false],
    [file('a', 10, 500), 2, true],
    [file('a', 10, 501), 2, false],
    [slow('a', 10, 100), 2, true],
    [slow('a', 10, 101), 2, false],
    [file('a', 0, 0), 1, false],
    [file('a', null, 1e15), 1, true],
  ])('%j, %i streams: %s', (each, streams, expected) => {
    expect(isInTime(each, { ...speed, streams })).toBe(expected)
  })
})

describe('neededRate', () => {
  it('is that of the tightest deadline', () => {
    const files = [
      file('a', 15, 1000),
      file('b', 25, 3000),
      file('c', 105, 100),
      file('d', null, 9),
    ]

    expect(neededRate(files, { ...speed, margin: 5 * second })).toBe(200)
  })

  it.each([0, -1])('is beyond all for a link that has ended (%i s)', (deadline) => {
    expect(neededRate([file('a', deadline, 1)], speed)).toBe(Infinity)
  })
})
