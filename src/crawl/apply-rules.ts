import type { Archive } from '../archive/archive.js'
import type { Order, Ordering, Weights } from '../model/order.js'
import type { Prices } from '../model/prices.js'
import type { WalkLimits } from '../model/walk-plan.js'

/** What a run leaves out and what it asks first; `config` is what its log will say. */
export interface Rules {
  limits: WalkLimits
  ordering: Ordering
  config: Record<string, unknown>
  /** Failed requests are pending again, under limits that they never met. */
  isRetried: boolean
}

/** The order that options ask for. */
export const orderingOf = ({
  order = 'thread',
  weights,
  prices,
}: {
  order?: Order | undefined
  weights?: Weights | undefined
  prices?: Prices | undefined
}): Ordering => ({ order, ...(weights ? { weights } : {}), ...(prices ? { prices } : {}) })

const limitNames = ['only', 'maxPages', 'maxDepth', 'since', 'until']
const orderNames = ['order', 'weights', 'prices']

/**
 * Brings what is waiting under the rules of this run. Where the last run was a crawl under the same
 * rules there is nothing to do, however much is waiting.
 */
export function applyRules(archive: Archive, { limits, ordering, config, isRetried }: Rules): void {
  const { frontier, runs } = archive
  const last = runs.last()
  const isSame = (names: readonly string[]): boolean =>
    last?.command === 'crawl' &&
    names.every((name) => textOf(last.config, name) === textOf(config, name))
  frontier.follow(ordering)
  frontier.wake()
  if (frontier.isBlank()) return
  if (isRetried || !isSame(limitNames)) frontier.applyLimits(limits)
  if (!isSame(orderNames)) frontier.applyOrder()
}

const textOf = (config: Record<string, unknown>, name: string): string =>
  JSON.stringify(config[name] ?? null)
