import { describe, expect, it } from 'vitest'
import { steadyClock, systemClock } from '../../src/api/clock.js'

/** A clock on a machine whose times are set by hand, in milliseconds. */
function clockOn(times: { wall: number; steady: number }, begin = 0): () => number {
  return steadyClock(
    () => times.wall * 1000,
    begin,
    () => times.steady,
  )
}

describe('systemClock', () => {
  it('tells the time of the machine, in microseconds', () => {
    const before = Date.now() * 1000

    const now = systemClock()()

    expect(now).toBeGreaterThanOrEqual(before)
    expect(now).toBeLessThanOrEqual(Date.now() * 1000)
  })
})

describe('steadyClock', () => {
  it('tells the time of the clock below it', () => {
    expect(clockOn({ wall: 5000, steady: 1 })()).toBe(5_000_000)
  })

  it('never stands still', () => {
    const clock = clockOn({ wall: 5000, steady: 1 })

    expect([clock(), clock(), clock()]).toEqual([5_000_000, 5_000_001, 5_000_002])
  })

  it('goes on in its own steps where the machine is set back', () => {
    const times = { wall: 5_000_000, steady: 100 }
    const clock = clockOn(times)
    const before = clock()

    times.wall = 1_000_000
    times.steady += 2000

    expect(clock() - before).toBe(2_000_000)
  })

  it('follows where the machine is set forward, or was asleep', () => {
    const times = { wall: 5000, steady: 100 }
    const clock = clockOn(times)
    clock()

    times.wall = 9000

    expect(clock()).toBe(9_000_000)
  })

  it('is right again once the machine is, where it was set back for a while', () => {
    const times = { wall: 500_000_000, steady: 100 }
    const clock = clockOn(times)
    const told = [clock()]

    for (const set of [-400_000_000, 400_000_000, -3_600_000, 3_600_000, 0]) {
      times.wall += set + 1000
      times.steady += 1000
      told.push(clock())
    }

    const seconds = told.map((each) => (each - told[0]!) / 1e6)
    expect(seconds).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('keeps to the machine where its own steps are a little longer', () => {
    const times = { wall: 5000, steady: 100 }
    const clock = clockOn(times)
    const told = [clock()]

    for (let second = 0; second < 3; second += 1) {
      times.wall += 1000
      times.steady += 1001
      told.push(clock())
    }

    expect(told).toEqual([5_000_000, 6_000_000, 7_000_000, 8_000_000])
  })

  it('begins after what came before it', () => {
    expect(clockOn({ wall: 5000, steady: 1 }, 7_000_000)()).toBeGreaterThan(7_000_000)
  })
})
