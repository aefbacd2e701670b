import type { Archive } from '../archive/archive.js'
import {
  defaultOrder,
  settingsOfOrder,
  type Order,
  type Ordering,
  type Weights,
} from '../model/order.js'
import type { Prices } from '../model/prices.js'
import { limitNames, type WalkLimits } from '../model/walk-plan.js'

/** What a run leaves out and what it asks first; `config` is what its log will say. */
export interface Rules {
  limits: WalkLimits
  ordering: Ordering
  config: Record<string, unknown>
  /** Failed requests are pending again, under limits that they never met. */
  isRetried: boolean
  /** Requests that get their place in another order at once; see `orderRest` for the rest. */
  atOnce: number
}

/** The order that options ask for. */
export const orderingOf = ({
  order = defaultOrder,
  weights,
  prices,
}: {
  order?: Order | undefined
  weights?: Weights | undefined
  prices?: Prices | undefined
}): Ordering => ({ order, ...(weights ? { weights } : {}), ...(prices ? { prices } : {}) })

/**
 * Brings what is waiting under the rules of this run. Where the last run was a crawl under the same
 * rules there is nothing to do, however much is waiting.
 * @returns the request up to which all are in the order of this run; NULL: all of them are
 */
export function applyRules(archive: Archive, rules: Rules): number | null {
  const { frontier, runs } = archive
  const { limits, ordering, config, isRetried, atOnce } = rules
  frontier.order.follow(ordering)
  frontier.wake()
  if (frontier.isBlank()) return null
  const last = runs.last()
  // An import may have told when a post was posted.
  const isDecided = last?.command === 'crawl' && isSame(limitNames, last.config, config)
  if (isRetried || !isDecided) frontier.applyLimits(limits)
  const orderedTo = orderedBefore(archive, rules)
  return orderedTo === null ? null : frontier.order.place(orderedTo, atOnce)
}

/** How far crawls before this one brought the frontier into its order; NULL: to the end. */
function orderedBefore({ runs }: Archive, { ordering, config }: Rules): number | null {
  const before = runs.last('crawl')?.config ?? { order: defaultOrder }
  if (!isSame(settingsOfOrder[ordering.order], before, config)) return 0
  return (before['orderedTo'] as number | null | undefined) ?? null
}

const isSame = (
  names: readonly string[],
  one: Record<string, unknown>,
  other: Record<string, unknown>,
): boolean => names.every((name) => textOf(one[name]) === textOf(other[name]))

const textOf = (setting: unknown): string => JSON.stringify(setting ?? null)
