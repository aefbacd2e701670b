import { describe, expect, it } from 'vitest'
import { dayOf, priceOf, type Prices } from '../../src/model/prices.js'

const tiers = [
  { from: 5000, off: 0.2 },
  { from: 1000, off: 0.1 },
]

describe('priceOf', () => {
  it.each<[string, Prices, number, number]>([
    ['the listed price', {}, 0, 0.05],
    ['the listed price however many went before', {}, 1e6, 0.05],
    ['the price that is named', { perCall: { get_feed: 0.04 } }, 0, 0.04],
    ['the listed price where another is named', { perCall: { get_post_detail: 0.04 } }, 0, 0.05],
    ['full price before the first tier', { tiers }, 999, 0.05],
    ['less from the first tier on', { tiers }, 1000, 0.045],
    ['less still from the second tier on, in whatever order they stand', { tiers }, 5000, 0.04],
    ['less still where they stand in order', { tiers: [...tiers].reverse() }, 5000, 0.04],
    ['less of the price that is named', { perCall: { get_feed: 0.1 }, tiers }, 1000, 0.09],
    ['nothing where nothing is named', { perCall: { get_feed: 0 }, tiers }, 0, 0],
  ])('is %s', (_, prices, billedBefore, expected) => {
    const price = priceOf(prices, 'get_feed', billedBefore)

    expect(price).toBeCloseTo(expected, 12)
  })

  it('adds up to the worked example of the price list: 10,000 calls a day, $430', () => {
    const calls = Array.from({ length: 10_000 }, (_, before) =>
      priceOf({ tiers }, 'get_feed', before),
    )

    expect(calls.reduce((sum, price) => sum + price)).toBeCloseTo(430, 6)
  })
})

describe('dayOf', () => {
  it('is the UTC day', () => {
    const midnight = Date.UTC(2026, 1, 3) * 1000

    expect([midnight - 1, midnight, midnight + 86_400e6 - 1].map(dayOf)).toEqual([
      midnight - 86_400e6,
      midnight,
      midnight,
    ])
  })
})
