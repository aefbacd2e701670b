import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openSpending, Spending, type SpendingOptions } from '../../src/api/spending.js'
import type { Billed } from '../../src/model/billed.js'
import { InputError } from '../../src/model/errors.js'

const noon = Date.UTC(2026, 1, 3, 12) * 1000
const midnight = Date.UTC(2026, 1, 4) * 1000
const minute = 60e6

const spendingOf = (options: Partial<SpendingOptions> = {}): Spending =>
  new Spending({
    ...{ maxRequests: Infinity, budgetUsd: Infinity, budgetTotalUsd: Infinity },
    ...{ spentBeforeUsd: 0, prices: {}, billedSince: () => 0, longestCall: 2 * minute, ...options },
  })

const priceAt = (spending: Spending, at: number): number => {
  const reservation = spending.reserve('get_feed', at)
  return 'priceUsd' in reservation ? reservation.priceUsd : NaN
}

describe('openSpending', () => {
  const ledger = { spentUsd: () => 0, billedSince: () => 0 }

  it.each([
    [{ maxRequests: NaN }, 'maxRequests is NaN; give a number from 0 on'],
    [{ budgetUsd: NaN }, 'budgetUsd is NaN; give a number from 0 on'],
    [{ budgetUsd: -0.05 }, 'budgetUsd is -0.05; give a number from 0 on'],
    [{ budgetTotalUsd: NaN }, 'budgetTotalUsd is NaN; give a number from 0 on'],
  ])('refuses %j, which would never stop a run', (allowance, message) => {
    expect(() => openSpending(ledger, allowance)).toThrow(new InputError(message))
  })

  it('reckons with what runs before spent, and had billed that day', () => {
    const before = { spentUsd: () => 0.92, billedSince: (at: number) => (at < midnight ? 3 : 0) }
    const prices = { tiers: [{ from: 3, off: 0.5 }] }
    const spending = openSpending(before, { budgetTotalUsd: 1, prices, timeoutMs: minute / 1000 })

    const reservations = [noon, midnight - 2 * minute - 1, midnight - 2 * minute].map((at) =>
      spending.reserve('get_feed', at),
    )

    expect(reservations).toMatchObject([
      ...[{ priceUsd: 0.025 }, { priceUsd: 0.025 }],
      { forbidding: expect.stringContaining('--budget-total 1') as string },
    ])
  })

  it('takes 0 for a limit: nothing is sent', () => {
    const limits = { maxRequests: 0, budgetUsd: 0, budgetTotalUsd: 0 }

    expect(openSpending(ledger, limits).reserve('get_feed', noon)).toHaveProperty('forbidding')
  })
})

describe('Spending.reserve', () => {
  it('never lets billed, possibly billed and reserved calls together pass a budget', () => {
    const step = fc.record({
      billed: fc.constantFrom<Billed>('yes', 'no', 'unknown'),
      isSettledNow: fc.boolean(),
    })
    const budgets = fc.record({
      budgetUsd: fc.double({ min: 0, max: 1, noNaN: true }),
      budgetTotalUsd: fc.double({ min: 0, max: 1, noNaN: true }),
      spentBeforeUsd: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    const property = fc.property(budgets, fc.array(step, { maxLength: 60 }), (limits, steps) => {
      const tiers = [{ from: 5, off: 0.5 }]
      const spending = spendingOf({ ...limits, prices: { tiers } })
      const underWay: number[] = []
      let spent = 0
      for (const { billed, isSettledNow } of steps) {
        const reservation = spending.reserve('get_feed', noon)
        if ('priceUsd' in reservation) underWay.push(reservation.priceUsd)
        const committed = underWay.reduce((sum, price) => sum + price, spent)
        if (committed > limits.budgetUsd + 1e-6) return false
        if (committed > 0 && limits.spentBeforeUsd + committed > limits.budgetTotalUsd + 1e-6)
          return false
        if (!isSettledNow || underWay.length === 0) continue
        const price = underWay.shift()!
        spending.settle(price, billed, noon)
        if (billed !== 'no') spent += price
      }
      return true
    })

    fc.assert(property)
  })

  it.each([
    ['--max-requests 0', { maxRequests: 0 }],
    ['--budget 0.04', { budgetUsd: 0.04 }],
    ['--budget-total 1', { budgetTotalUsd: 1, spentBeforeUsd: 0.96 }],
  ])('says that %s stopped it', (flag, limits) => {
    const reservation = spendingOf(limits).reserve('get_feed', noon)

    expect(reservation).toEqual({
      forbidding: expect.stringContaining(`stopped at ${flag}`) as string,
      isForNow: false,
    })
  })

  it.each([
    ['a budget', { budgetUsd: 0.1 }],
    ['the budget of a life', { budgetTotalUsd: 0.3, spentBeforeUsd: 0.2 }],
  ])('refuses only for now what %s allows once a call under way was not billed', (_, limits) => {
    const spending = spendingOf(limits)
    const reserve = () => spending.reserve('get_feed', noon)
    const refused = (isForNow: boolean) => ({ forbidding: expect.any(String) as string, isForNow })

    const first = [reserve(), reserve(), reserve()]
    const waits = [spending.isWaiting]
    spending.settle(0.05, 'no', noon)
    waits.push(spending.isWaiting)
    const second = [reserve(), reserve()]
    for (const billed of ['yes', 'unknown'] as const) spending.settle(0.05, billed, noon)
    const last = reserve()

    expect(first).toEqual([{ priceUsd: 0.05 }, { priceUsd: 0.05 }, refused(true)])
    expect(second).toEqual([{ priceUsd: 0.05 }, refused(true)])
    expect(last).toEqual(refused(false))
    expect([...waits, spending.isWaiting]).toEqual([true, false, false])
  })

  it('never waits for a number of calls, which no answer gives back', () => {
    const spending = spendingOf({ maxRequests: 1, budgetUsd: 0.05 })

    spending.reserve('get_feed', noon)

    expect(spending.reserve('get_feed', noon)).toMatchObject({ isForNow: false })
    expect(spending.isWaiting).toBe(false)
  })

  it('waits for no call where none is under way, though fractions of cents leave a trace of those before', () => {
    const perCall = { get_post_detail: 0.006, get_post_comments: 0.007, get_user_posts: 0.013 }
    const spending = spendingOf({ budgetUsd: 0.05 - 1e-9, prices: { perCall } })
    const endpoints = ['get_post_detail', 'get_post_comments', 'get_user_posts'] as const
    for (const endpoint of endpoints) spending.reserve(endpoint, noon)
    for (const endpoint of endpoints) spending.settle(perCall[endpoint], 'no', noon)

    const last = spending.reserve('get_feed', noon)

    expect(last).toMatchObject({ isForNow: false })
    expect(spending.isWaiting).toBe(false)
  })

  it('goes to the last cent of the life of an archive', () => {
    const spending = spendingOf({ budgetTotalUsd: 0.15, spentBeforeUsd: 0.05 })

    const prices = [1, 2, 3].map(() => priceAt(spending, noon))

    expect(prices).toEqual([0.05, 0.05, NaN])
  })

  it('takes a tier once so many calls of the day are surely billed, those before it counted', () => {
    const prices = { tiers: [{ from: 10, off: 0.5 }] }
    const spending = spendingOf({ prices, billedSince: () => 8 })

    const seen = (['unknown', 'no', 'yes', 'yes', 'yes'] as const).map((billed) => {
      const price = priceAt(spending, noon)
      spending.settle(price, billed, noon)
      return price
    })

    expect(seen).toEqual([0.05, 0.05, 0.05, 0.05, 0.025])
  })

  it('does not count calls under way, nor free ones', () => {
    const spending = spendingOf({ prices: { tiers: [{ from: 1, off: 0.5 }] } })

    const free = spending.reserve('get_task_status', noon)
    spending.settle(0, 'yes', noon)
    const prices = [priceAt(spending, noon), priceAt(spending, noon)]

    expect(free).toEqual({ priceUsd: 0 })
    expect(prices).toEqual([0.05, 0.05])
  })

  it('begins each UTC day, and the minutes before it, at full price', () => {
    const prices = { tiers: [{ from: 3, off: 0.5 }] }
    const billedSince = (at: number) => (at < midnight ? 3 : 0)
    const spending = spendingOf({ prices, billedSince })

    const times = [noon, midnight - minute, midnight, midnight + minute]

    expect(times.map((at) => priceAt(spending, at))).toEqual([0.025, 0.05, 0.05, 0.05])
  })

  it('counts no call in a day that may have been billed the day before', () => {
    const spending = spendingOf({ prices: { tiers: [{ from: 1, off: 0.5 }] } })

    const prices = [1, 3, 4].map((minutes) => {
      const price = priceAt(spending, midnight + minutes * minute)
      spending.settle(price, 'yes', midnight + minutes * minute)
      return price
    })

    expect(prices).toEqual([0.05, 0.05, 0.025])
  })
})
