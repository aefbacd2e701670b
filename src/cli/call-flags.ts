import type { Command } from 'commander'
import { numbers, toNumber } from './numbers.js'
import type { Settings } from './settings.js'
import type { SharedFlags } from './shared-flags.js'

/** Flags of commands whose runs pay for calls. */
export interface CallFlags extends SharedFlags {
  baseUrl?: string
  budget?: number
  budgetTotal?: number
  maxRequests?: number
  rate?: number
}

/** Adds the flags of commands whose runs pay for calls. */
export const addCallFlags = (command: Command): Command =>
  command
    .option('--base-url <url>', 'where the API is (default: https://api.tikhub.io)')
    .option(
      '--budget <usd>',
      'dollars of this run at most (default: no limit)',
      toNumber(numbers.amount),
    )
    .option(
      '--budget-total <usd>',
      "dollars of the archive's whole life at most",
      toNumber(numbers.amount),
    )
    .option('--max-requests <n>', 'API calls of this run at most', toNumber(numbers.count))
    .option(
      '--rate <per second>',
      'calls a second at most; 0: no limit (default: 5)',
      toNumber(numbers.speed),
    )

/** What such a run may send where, how fast and for how much. */
export const callOptions = (
  { maxRequests, budget, budgetTotal, rate }: CallFlags,
  { archive, api, durability }: Settings,
) => ({
  archiveDir: archive,
  baseUrl: api.base_url,
  apiKey: api.key ?? '',
  ...(maxRequests === undefined ? {} : { maxRequests }),
  ...(budget === undefined ? {} : { budgetUsd: budget }),
  ...(budgetTotal === undefined ? {} : { budgetTotalUsd: budgetTotal }),
  prices: pricesOf({ api }),
  ratePerSecond: (rate ?? api.rate) || Infinity,
  timeoutMs: api.timeout_s * 1000,
  durability,
})

/** Prices of the config file. */
export const pricesOf = ({ api }: Pick<Settings, 'api'>) => ({
  perCall: api.prices,
  tiers: api.discounts,
})
