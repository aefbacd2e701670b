import type { Archive } from '../archive/archive.js'
import { readAverages, readPending } from '../archive/outlook.js'
import { planExtras } from '../archive/extras.js'
import { retryFailed } from '../archive/save-failed-call.js'
import { onScratch } from '../archive/scratch.js'
import { estimate, type Estimate } from '../model/estimate.js'
import type { ExtraName, SecondLook } from '../model/extras.js'
import { exactUsd, fullPriceOf, type Prices } from '../model/prices.js'
import { noLimits, type WalkLimits } from '../model/walk-plan.js'
import { planSeeds, requireGaps } from './plan-seeds.js'
import { toSeedRequest } from './seeds.js'

/** The part of a crawl's options that decides what it asks for. */
export interface PlanOptions {
  archiveDir: string
  seeds: readonly string[]
  limits?: Partial<WalkLimits>
  retryFailed?: boolean
  extras?: readonly ExtraName[]
  refresh?: boolean
  secondLook?: SecondLook
  prices?: Prices
  /** Microseconds since 1970. */
  clock: () => number
}

/** What a crawl with these options would ask for. */
export interface CrawlPlan extends Estimate {
  /** Left out by choice; without those limits they are taken up. */
  skipped: number
  failed: number
  /** Spent so far by all runs of the archive. */
  spent_usd: number
  /** What the figures do not say. */
  notes: string[]
}

/**
 * What a crawl with these options would ask for, and what that is likely to cost. Sends nothing and
 * changes nothing; needs no key.
 * @throws InputError for seeds that are none, or where there is nothing to crawl
 */
export async function planCrawl(options: PlanOptions): Promise<CrawlPlan> {
  options.seeds.forEach(toSeedRequest)
  requireGaps(options.archiveDir, options.seeds)
  return onScratch(options.archiveDir, (archive) => planOn(archive, options))
}

function planOn(archive: Archive, options: PlanOptions): CrawlPlan {
  const { seeds, clock, prices = {} } = options
  const limits = { ...noLimits, ...options.limits }
  if (options.retryFailed) retryFailed(archive, clock())
  archive.frontier.applyLimits(limits)
  const isRefresh = options.refresh === true
  const pass = planSeeds(archive, { seeds, limits, clock, hasKey: true, isRefresh })
  const { extras = [], secondLook } = options
  Array.from(planExtras(archive, { extras, pass, limits, now: clock, secondLook }))
  const averages = readAverages(archive.database)
  const plan = estimate({ groups: readPending(archive.database), averages, limits, prices })
  const { skipped, failed } = archive.frontier.counts()
  const spent_usd = exactUsd(archive.ledger.spentUsd())
  const notes = [...notesOn(plan, limits), ...(isRefresh ? [notesOnRefresh(limits, prices)] : [])]
  return { ...plan, skipped, failed, spent_usd, notes }
}

function notesOn(
  { pending, endless, expected_calls, expected_posts }: Estimate,
  limits: WalkLimits,
) {
  if (pending === 0) return ['Everything asked for is held: nothing would be sent.']
  const notes = [
    '"At least" is a lower bound: what is pending and what counters announce below it. It grows with what new posts bring, and where counters are wrong.',
    expected_calls === null
      ? 'No post is held yet, so nothing can be expected of those to come: crawl a little first.'
      : `"Expected" adds what the ${expected_posts?.toLocaleString('en-US')} posts not yet seen would bring if they were like those held; it may be off by a factor of two.`,
  ]
  for (const endpoint of endless)
    notes.push(
      endpoint === 'get_feed' && limits.maxPages['feed'] !== undefined
        ? `The feed announces no end: counted up to --max-pages feed=${limits.maxPages['feed']}.`
        : `${endpoint} announces no end: one page is counted, each further page is a call, and brings its posts' threads.`,
    )
  return [...notes, 'Prices are before discounts; answers that were imported cost nothing.']
}

/** What a new pass may cost besides what is planned at its beginning. */
const notesOnRefresh = ({ recheckMissing }: WalkLimits, prices: Prices): string =>
  'A new pass asks behind a post only where its counters changed, which is not known yet' +
  (recheckMissing
    ? `; each post that a list no longer shows is asked for by itself ($${fullPriceOf(prices, 'get_post_detail')}).`
    : '.')
