import { describe, expect, it } from 'vitest'
import { Schedule, toMediaFile, type MediaFile } from '../../src/media/schedule.js'
import type { Use } from '../../src/media/wanted.js'
import { idOf } from './worlds.js'

const second = 1e6
const owner = { owner_kind: 'post', owner_id: idOf(1) } as const

function file(name: string, deadline: number | null, sizeBytes: number | null = 100): MediaFile {
  const variant = name.startsWith('thumbnail') ? 'thumbnail' : 'source_wm'
  const use: Use = variant === 'thumbnail' ? 'thumbnail' : 'playable'
  const link = { deadline: deadline === null ? null : deadline * second, sizeBytes }
  return toMediaFile({ assetKey: name, variant, use, owner }, link)
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
    const schedule = new Schedule()
    for (const each of [file('c', null), file('late', 0.5), file('b', 9), file('a', 5)])
      schedule.add(each)

    const names = turns(schedule)

    expect(names).toEqual(['a', 'b', 'c'])
    expect([schedule.size, schedule.atRisk]).toEqual([1, 1])
    expect(schedule.tooLate(speed()).map(({ assetKey }) => assetKey)).toEqual(['late'])
  })

  it('has a file wait again', () => {
    const schedule = new Schedule()
    schedule.add(file('a', 9))
    const taken = schedule.take(speed())!

    schedule.add(taken)

    expect(turns(schedule)).toEqual(['a'])
  })

  it('gives up a file whose time has run out since it was planned', () => {
    const schedule = new Schedule()
    schedule.add(file('a', 3))
    schedule.add(file('b', 4))

    const first = schedule.take(speed(0))
    const second = schedule.take(speed(3.5))

    expect([first?.assetKey, second, schedule.atRisk]).toEqual(['a', null, 1])
  })

  it('takes up a file again whose link was renewed', () => {
    const schedule = new Schedule()
    const old = file('a', -1)
    schedule.add(old)
    const before = turns(schedule)

    old.deadline = 100 * second
    schedule.add(old)

    expect([before, turns(schedule)]).toEqual([[], ['a']])
  })

  it('does not wait for a server again that is too slow by itself', () => {
    const schedule = new Schedule()
    schedule.add({ ...file('slow', 9), ownRate: 1 })
    schedule.add(file('other', 9))

    expect(turns(schedule)).toEqual(['other'])
  })

  it('learns how large files are', () => {
    const schedule = new Schedule()
    const unknown = file('thumbnail', 9, null)
    schedule.learn('thumbnail', 700, 7)
    schedule.add(unknown)

    turns(schedule)

    expect(unknown.bytes).toBe(100)
  })

  it('tells the next end of a link', () => {
    const schedule = new Schedule()
    for (const each of [file('a', 20, 1000), file('b', 10, 1000), file('gone', -5)])
      schedule.add(each)
    schedule.tooLate(speed())

    expect(schedule.nearestDeadline(0)).toBe(10 * second)
  })
})
