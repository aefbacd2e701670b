import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KnownFiles } from '../../src/media/known-files.js'
import { toMediaFile, type MediaFile } from '../../src/media/media-file.js'
import { Schedule } from '../../src/media/schedule.js'
import { uses, type Use } from '../../src/media/wanted.js'
import { idOf } from './worlds.js'

const second = 1e6
const owner = { owner_kind: 'post', owner_id: idOf(1), place: 1 } as const

let numbers = 0

function file(name: string, deadline: number | null, bytes = 100): MediaFile {
  const variant = name.startsWith('thumbnail') ? 'thumbnail' : 'source_wm'
  const use: Use = variant === 'thumbnail' ? 'thumbnail' : 'playable'
  return toMediaFile({
    ...{ number: (numbers += 1), assetKey: name, variant, use, owners: [owner], bytes },
    deadline: deadline === null ? null : deadline * second,
    isGuessed: false,
  })
}

/** Without an archive: all files are kept whole. */
function emptySchedule() {
  const files = new KnownFiles({ keyAt: String, ownerAt: () => owner })
  return { files, schedule: new Schedule(files) }
}

const speed = (now = 0) => ({ now: now * second, bytesPerSecond: 100, margin: 0 })

/** All files whose turn comes, none of them taking any time. */
function turns(schedule: Schedule, at = speed()): string[] {
  const names: string[] = []
  for (let next = schedule.take(at); next !== null; next = schedule.take(at))
    names.push(next.assetKey)
  return names
}

describe('Schedule', () => {
  it('hands out every file once, in turn, and keeps those that would come too late', () => {
    const { files, schedule } = emptySchedule()
    for (const each of [file('c', null), file('late', 0.5), file('b', 9), file('a', 5)])
      schedule.add(each)

    const names = turns(schedule)

    expect(names).toEqual(['a', 'b', 'c'])
    expect([schedule.size, schedule.atRisk]).toEqual([1, 1])
    expect([...schedule.tooLate(speed())].map((each) => files.whole(each).assetKey)).toEqual([
      'late',
    ])
  })

  it('has files wait in columns as it does those that are kept whole', () => {
    const plain = fc.record({
      use: fc.constantFrom(...uses),
      deadline: fc.option(fc.integer({ min: -3, max: 9 }).map((at) => at * second)),
      bytes: fc.integer({ min: 0, max: 300 }),
      isGuessed: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(plain, { maxLength: 30 }), (all) => {
        const [inColumns, whole] = [emptySchedule(), emptySchedule()]
        all.forEach((each, at) => {
          const file = { ...each, variant: 'srt', owner }
          inColumns.schedule.enter(inColumns.files.add(at + 1, file))
          whole.schedule.add(whole.files.whole(whole.files.add(at + 1, file)))
        })

        const [ours, theirs] = [inColumns, whole].map(({ schedule }) => [
          ...[schedule.bytes(), schedule.inTurn(), turns(schedule)],
          ...[[...schedule.tooLate(speed())], schedule.nearestDeadline(0), schedule.bytes()],
        ])

        expect(ours).toEqual(theirs)
      }),
    )
  })

  it('has a file that was taken out open until it ends', () => {
    const { files, schedule } = emptySchedule()
    const number = files.add(1, {
      ...{ variant: 'md', use: 'rest', owner, deadline: null, bytes: 1, isGuessed: false },
    })
    const seen = () => [schedule.size, schedule.isOpen(number), files.isKept(number)]

    const before = seen()
    schedule.enter(number)
    const waiting = seen()
    const taken = schedule.take(speed())!
    const underWay = seen()
    schedule.end(taken)

    expect([before, waiting, underWay, seen()]).toEqual([
      [0, false, false],
      [1, true, false],
      [0, true, true],
      [0, false, false],
    ])
  })

  it('is endangered by a file that is too late, whose link has not ended', () => {
    const { schedule } = emptySchedule()
    schedule.add(file('ended', -1))
    const before = schedule.isEndangered(speed())

    schedule.add(file('slow', 5, 1e9))

    expect([before, schedule.isEndangered(speed())]).toEqual([false, true])
  })

  it('has a file wait again', () => {
    const { schedule } = emptySchedule()
    schedule.add(file('a', 9))
    const taken = schedule.take(speed())!

    schedule.add(taken)

    expect(turns(schedule)).toEqual(['a'])
  })

  it('gives up a file whose time has run out since it was planned', () => {
    const { schedule } = emptySchedule()
    schedule.add(file('a', 3))
    schedule.add(file('b', 4))

    const first = schedule.take(speed(0))
    const second = schedule.take(speed(3.5))

    expect([first?.assetKey, second, schedule.atRisk]).toEqual(['a', null, 1])
  })

  it('takes up a file again whose link was renewed', () => {
    const { schedule } = emptySchedule()
    const old = file('a', -1)
    schedule.add(old)
    const before = turns(schedule)

    old.deadline = 100 * second
    schedule.add(old)

    expect([before, turns(schedule)]).toEqual([[], ['a']])
  })

  it('does not wait for a server again that is too slow by itself', () => {
    const { schedule } = emptySchedule()
    schedule.add({ ...file('slow', 9), ownRate: 1 })
    schedule.add(file('other', 9))

    expect(turns(schedule)).toEqual(['other'])
  })

  it('learns how large files are', () => {
    const { schedule } = emptySchedule()
    const unknown = { ...file('thumbnail', 9), bytes: 5, isGuessed: true }
    schedule.sizes.learn('thumbnail', 700, 7)
    schedule.add(unknown)

    turns(schedule)

    expect(unknown.bytes).toBe(100)
  })

  it('tells the next end of a link', () => {
    const { schedule } = emptySchedule()
    for (const each of [file('a', 20, 1000), file('b', 10, 1000), file('gone', -5)])
      schedule.add(each)
    schedule.tooLate(speed())

    expect(schedule.nearestDeadline(0)).toBe(10 * second)
  })
})
