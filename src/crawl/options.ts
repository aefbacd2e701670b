import type { Durability } from '../archive/archive.js'
import type { ExtraName, SecondLook } from '../model/extras.js'
import type { Order, Ordering, Weights } from '../model/order.js'
import type { Prices } from '../model/prices.js'
import type { WalkLimits } from '../model/walk-plan.js'
import type { Beside } from './beside.js'
import type { CrawlProgress } from './report.js'

/** What to crawl, from where, and how far. */
export interface CrawlOptions {
  archiveDir: string
  /** Where to begin; may be empty on an archive with unfinished requests. */
  seeds: readonly string[]
  baseUrl: string
  apiKey: string
  limits?: Partial<WalkLimits>
  /** Calls of this run at most. */
  maxRequests?: number
  /** Dollars of this run at most, calls whose billing is unknown included. */
  budgetUsd?: number
  /** Dollars of all runs of the archive at most, calls of killed runs included. */
  budgetTotalUsd?: number
  /** What goes first where a budget will not reach (default `thread`). */
  order?: Order
  /** What a new row of a table is worth to the order `yield`; see `defaultWeights`. */
  weights?: Weights
  /** Prices that differ from the listed ones, and discounts by calls a day. */
  prices?: Prices
  /** A new pass over the seeds, once nothing is left of the last one; it asks for what can have changed. */
  refresh?: boolean
  /** Steps taken after the walk; none by default, since each costs. */
  extras?: readonly ExtraName[]
  secondLook?: SecondLook
  /** Requests that failed are asked anew. */
  retryFailed?: boolean
  /** Calls a second at most (default 5; Infinity: no limit). */
  ratePerSecond?: number
  /** Calls under way at a time (default 4). */
  concurrency?: number
  /** Waiting time for an answer (default 60,000). */
  timeoutMs?: number
  /** Waiting time before the first second try (default 1,000); doubles with each. */
  retryBaseMs?: number
  durability?: Durability
  /** Microseconds since 1970. */
  clock?: () => number
  random?: () => number
  /** Ends the run cleanly: nothing more is sent, what is under way is saved. */
  signal?: AbortSignal
  onProgress?: (progress: CrawlProgress) => void
  /**
   * Told `true` before all that is asked for is planned, in one go, in which no signal is heard, and
   * `false` after it. Ended in between, the archive is as it was.
   */
  onPlanning?: (isOn: boolean) => void
  /** Work that goes on beside the walk, on what the walk shares with it. */
  beside?: Beside
}

/** The settings of a run for its log; the key is none of them. */
export function settingsForLog(
  options: CrawlOptions,
  run: { limits: WalkLimits; ordering: Ordering; concurrency: number },
): Record<string, unknown> {
  const { baseUrl, maxRequests, budgetUsd, budgetTotalUsd, prices } = options
  const { ratePerSecond, timeoutMs, durability, extras = [] } = options
  const { only, ...limits } = run.limits
  return {
    ...{ baseUrl, maxRequests, budgetUsd, budgetTotalUsd, prices },
    ...{ ratePerSecond, timeoutMs, durability },
    ...{ order: run.ordering.order, weights: run.ordering.weights },
    concurrency: run.concurrency,
    extras,
    only: only === null ? null : [...only],
    ...limits,
  }
}
