import type { Billed } from './billed.js'
import { endpointOf, type EndpointName } from './endpoints.js'

/** From so many billed calls of a day on, each call costs this share less. */
export interface PriceTier {
  from: number
  /** Between 0 and 1. */
  off: number
}

/** What the list of endpoints does not know of prices. */
export interface Prices {
  /** Dollars a call, in place of the listed price. */
  perCall?: Partial<Record<EndpointName, number>>
  tiers?: readonly PriceTier[]
}

/** Price of a call in USD before discounts. */
export const fullPriceOf = (prices: Prices, endpoint: EndpointName): number =>
  prices.perCall?.[endpoint] ?? endpointOf(endpoint).priceUsd

/**
 * Price in USD of a call before which so many calls of the day were surely billed. Tiers are marginal:
 * each call has the price of its own place in the day, whatever the calls before it cost.
 */
export function priceOf(prices: Prices, endpoint: EndpointName, billedBefore: number): number {
  const reached = (prices.tiers ?? []).filter(({ from }) => from <= billedBefore)
  const tier = reached.reduce<PriceTier | null>(
    (best, each) => (best === null || each.from > best.from ? each : best),
    null,
  )
  return fullPriceOf(prices, endpoint) * (1 - (tier?.off ?? 0))
}

/** What a call of that price costs: what may have been billed counts in full. */
export const costOf = (billed: Billed, priceUsd: number): number => (billed === 'no' ? 0 : priceUsd)

/** Dollars without what sums of fractions drift by (12.700000000000001): in whole micro-dollars. */
export const exactUsd = (usd: number): number => Math.round(usd * 1e6) / 1e6

const dayMicros = 86_400e6

/** The UTC day of an instant in microseconds, as the instant it began. */
export const dayOf = (at: number): number => at - (at % dayMicros)
