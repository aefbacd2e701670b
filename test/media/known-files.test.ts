import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KnownFiles, type FreshFile } from '../../src/media/known-files.js'
import type { MediaFile } from '../../src/media/media-file.js'
import { Schedule } from '../../src/media/schedule.js'
import { Sizes } from '../../src/media/sizes.js'
import { uses } from '../../src/media/wanted.js'
import { heldBytes } from '../measure.js'
import { draftIdOf, idOf } from './worlds.js'

/** Files whose places are told by their keys, as are those of their owners. */
const knownFiles = (): KnownFiles =>
  new KnownFiles({
    keyAt: (place) => `key ${place}`,
    ownerAt: (place) => ({ owner_kind: 'post', owner_id: idOf(place) }),
  })

const postAt = (place: number) => ({ owner_kind: 'post', owner_id: idOf(place), place }) as const
const draft = { owner_kind: 'generation', owner_id: draftIdOf(1), place: 3 } as const

const fresh = (more: Partial<FreshFile> = {}): FreshFile => ({
  ...{ variant: 'source_wm', use: 'playable', owner: postAt(8), deadline: 5, bytes: 100 },
  isGuessed: false,
  ...more,
})

describe('KnownFiles', () => {
  it('gives each file back as it came, what it does not hold from the archive', () => {
    const file = fc.record({
      variant: fc.constantFrom('source_wm', 'thumbnail', 'md'),
      use: fc.constantFrom(...uses),
      owner: fc.integer({ min: 1, max: 2 ** 32 - 1 }).map(postAt),
      deadline: fc.option(fc.integer({ min: 0, max: 2e15 })),
      bytes: fc.integer({ min: 0, max: 2 ** 40 }),
      isGuessed: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(file, { maxLength: 50 }), (all) => {
        const files = knownFiles()
        const numbers = all.map((each, at) => files.add(1 + at * 1000, each))

        const whole: MediaFile[] = all.map(({ owner, ...each }, at) => ({
          ...{ ...each, number: at + 1, assetKey: `key ${1 + at * 1000}`, owners: [owner] },
          ...{ tries: 0, untoldTries: 0, refusedUrl: null },
        }))
        expect(numbers.map((number) => files.whole(number))).toEqual(whole)
        expect(numbers.map((number) => files.renewer(number))).toEqual(
          all.map(({ owner }) => owner.place),
        )
        expect(all.map((_, at) => files.numberAt(1 + at * 1000))).toEqual(numbers)
        expect([files.size, files.numberAt(2)]).toEqual([all.length, 0])
      }),
    )
  })

  it('keeps a file whole to which something happened, until nothing is done about it any more', () => {
    const files = knownFiles()
    const number = files.add(7, fresh())
    const tried = { ...files.whole(number), tries: 2, deadline: 3, ownRate: 10 }

    files.keep(tried)
    const kept = [files.isKept(number), files.whole(number), files.waiting(number)]
    files.drop(number)

    expect(kept).toEqual([true, tried, tried])
    expect([files.isKept(number), files.whole(number).tries]).toEqual([false, 0])
    expect([files.deadline(number), files.whole(number).deadline]).toEqual([3, 3])
  })

  it('has a file renewed by the first of its owners whom a call renews', () => {
    const files = knownFiles()
    const number = files.add(7, fresh({ owner: draft }))
    const before = files.stale(number)

    files.keep({ ...files.whole(number), owners: [draft, postAt(9), postAt(10)] })

    expect([before, files.stale(number)]).toEqual([
      { renewer: 0, use: 'playable' },
      { renewer: 9, use: 'playable' },
    ])
  })

  it('guesses anew the sizes that nobody told, also of files that are kept', () => {
    const files = knownFiles()
    const sizes = new Sizes()
    sizes.learn('source_wm', 700, 7)
    const told = files.add(1, fresh())
    const guessed = [2, 3].map((place) => files.add(place, fresh({ bytes: 5, isGuessed: true })))
    files.keep(files.whole(guessed[0]!))
    files.keep({ ...files.whole(told), bytes: 9 })

    for (const number of [told, ...guessed]) files.guess(number, sizes)

    expect([told, ...guessed].map((number) => files.whole(number).bytes)).toEqual([9, 100, 100])
    expect([told, ...guessed].map((number) => files.bytes(number))).toEqual([9, 100, 100])
  })

  it('holds a file that waits for its turn, or is too late, in some hundred bytes', () => {
    const count = 100_000
    const before = heldBytes()
    const files = knownFiles()
    const schedule = new Schedule(files)

    for (let each = 1; each <= count; each += 1)
      schedule.enter(
        files.add(4 * each, fresh({ owner: postAt(each), deadline: (each % 2) * 1e9 })),
      )
    schedule.take({ now: 1000, bytesPerSecond: Infinity, margin: 0 })
    const bytes = heldBytes() - before

    expect([schedule.size, schedule.atRisk]).toEqual([count - 1, count / 2])
    expect(bytes / count).toBeLessThan(150)
  })
})
