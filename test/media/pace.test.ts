import { describe, expect, it } from 'vitest'
import { Bandwidth } from '../../src/media/bandwidth.js'
import { RateMeter } from '../../src/media/rate-meter.js'

describe('Bandwidth', () => {
  it('has streams wait until what they received is paid off', () => {
    let now = 0
    const bandwidth = new Bandwidth(1000, () => now)

    const waits = [bandwidth.take(500), bandwidth.take(500)]
    now = 1000
    waits.push(bandwidth.take(100))

    // A burst of a quarter of a second is free.
    expect(waits).toEqual([250, 750, 0])
  })

  it('does not save up a long pause', () => {
    let now = 0
    const bandwidth = new Bandwidth(1000, () => now)
    bandwidth.take(1)
    now = 1_000_000

    expect(bandwidth.take(2000)).toBe(1750)
  })

  it('lets all through where there is no limit', () => {
    expect(new Bandwidth(Infinity).take(1e12)).toBe(0)
  })
})

describe('RateMeter', () => {
  const second = 1e6

  it('knows nothing until enough came', () => {
    const meter = new RateMeter()
    meter.begin(0)
    meter.add(200_000, second)
    const before = meter.rate()
    meter.add(200_000, 2 * second)

    expect([before, Math.round(meter.rate() / 1e4)]).toEqual([Infinity, 20])
  })

  it('measures all streams together, and no pause between them', () => {
    const meter = new RateMeter()
    meter.begin(0)
    meter.begin(0)
    meter.add(500_000, second)
    meter.add(500_000, second)
    meter.end(second)
    meter.end(second)
    meter.begin(100 * second)
    meter.add(1_000_000, 101 * second)

    expect(Math.round(meter.rate() / 1e5)).toBe(10)
  })

  it('measures a stream that goes on while others begin and end', () => {
    const meter = new RateMeter()
    meter.begin(0)
    meter.begin(0.5 * second)
    meter.add(1_000_000, second)
    meter.end(second)
    meter.begin(1.5 * second)
    meter.add(1_000_000, 2 * second)

    expect(Math.round(meter.rate() / 1e5)).toBe(10)
  })

  it('goes on measuring where the clock is set back', () => {
    const meter = new RateMeter()
    meter.begin(100 * second)
    meter.add(1_000_000, 101 * second)
    meter.add(0, 0)
    meter.add(1_000_000, second)

    expect(Math.round(meter.rate() / 1e5)).toBe(10)
  })

  it('forgets what was long ago', () => {
    const meter = new RateMeter()
    meter.begin(0)
    meter.add(100_000_000, second)
    for (let at = 2; at <= 300; at += 1) meter.add(1_000_000, at * second)

    expect(Math.round(meter.rate() / 1e5)).toBe(10)
  })
})
