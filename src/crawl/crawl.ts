import { setMaxListeners } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { hasArchive, openArchive, type Archive, type Durability } from '../archive/archive.js'
import { countRows } from '../archive/counts.js'
import { planExtras } from '../archive/extras.js'
import { settleTimes } from '../archive/rebuild.js'
import type { Outcome } from '../archive/run-log.js'
import { noteUnavailable, retryFailed } from '../archive/save-failed-call.js'
import { requireSpace, withStorageErrors } from '../archive/storage-error.js'
import { ApiClient } from '../api/client.js'
import { steadyClock, systemClock } from '../api/clock.js'
import { Pace } from '../api/pace.js'
import type { ExtraName, SecondLook } from '../model/extras.js'
import { endpointOf, endpoints, type EndpointName } from '../model/endpoints.js'
import { InputError } from '../model/errors.js'
import type { Order, Ordering, Weights } from '../model/order.js'
import type { Prices } from '../model/prices.js'
import { version } from '../model/version.js'
import { noLimits, type WalkLimits } from '../model/walk-plan.js'
import { applyRules, orderingOf } from './apply-rules.js'
import { ask, type SettledCall } from './ask.js'
import { runBoth, type Beside } from './beside.js'
import { FrontierManager } from './frontier-manager.js'
import { Judge } from './judge.js'
import { orderedAtOnce, orderRest } from './order-rest.js'
import { noKeyMessage, noSeedMessage, planSeeds } from './plan-seeds.js'
import { toSeedRequest } from './seeds.js'
import { Spending } from '../api/spending.js'
import { walk } from './walk.js'

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
  /** Work that goes on beside the walk, on what the walk shares with it. */
  beside?: Beside
}

/** Where a run stands. */
export interface CrawlProgress {
  requestsSent: number
  costUsd: number
  pages: number
  pending: number
  /** Pages a second so far. */
  perSecond: number
  /** Microseconds; NULL if nothing that is held expires. */
  nearestDeadline: number | null
}

/** How a run ended; counts are of the archive, `requests_sent` and `cost_usd` of this run. */
export interface CrawlReport {
  outcome: Outcome
  requests_sent: number
  cost_usd: number
  posts: number
  comments: number
  users: number
  remixes: number
  pending: number
  failed: number
  skipped: number
  /** What ended the run, in words. */
  message: string
}

const graceMs = 3000
const rateClasses = [...new Set(endpoints.map(({ rateClass }) => rateClass))]
const progressEveryMs = 200

/**
 * Walks from the seeds, or goes on where the archive's last walk stopped. Asks for nothing that is
 * held, nor for what counters announce as empty.
 * @throws InputError for seeds, addresses or archives that cannot be used
 */
export async function crawl(options: CrawlOptions): Promise<CrawlReport> {
  options.seeds.forEach(toSeedRequest)
  if (!hasArchive(options.archiveDir)) {
    if (options.seeds.length === 0) throw new InputError(noSeedMessage)
    if (options.apiKey === '') throw new InputError(noKeyMessage)
  }
  const { durability, concurrency = 4, timeoutMs = 60_000 } = options
  const { baseUrl, apiKey } = options
  const client = new ApiClient({ baseUrl, apiKey, concurrency, timeoutMs })
  try {
    return await withStorageErrors(options.archiveDir, async () => {
      const archive = openArchive(options.archiveDir, durability ? { durability } : {})
      try {
        return await new CrawlRun(options, archive, client, concurrency).run()
      } finally {
        archive.close()
      }
    })
  } finally {
    await client.close()
  }
}

/** One run: what it sends, and why it ends. */
class CrawlRun {
  private readonly clock: () => number
  private readonly limits: WalkLimits
  private readonly ordering: Ordering
  private readonly spending: Spending
  private pages = 0
  private readonly judge = new Judge()
  /** Endpoints that answered in this run. */
  private readonly answered = new Set<string>()
  /** Drops what is under way. */
  private readonly hardStop = new AbortController()
  private nextCountAt = 0
  private pending = 0
  private readonly pace: Pace
  private stopped: { outcome: Outcome; message: string } | null = null
  /** The first request has been asked, whatever came of it. */
  private isBegun = false
  /** The work beside the walk has it wait. */
  private isHeld = false
  private readonly startedAt: number
  private lastProgressAt = 0

  constructor(
    private readonly options: CrawlOptions,
    private readonly archive: Archive,
    private readonly client: ApiClient,
    private readonly concurrency: number,
  ) {
    const { ratePerSecond = 5 } = options
    this.pace = new Pace({ ratePerSecond, concurrency })
    const begin = archive.journal.walkedAt()
    this.clock = options.clock ? steadyClock(options.clock, begin) : systemClock(begin)
    this.limits = { ...noLimits, ...options.limits }
    this.ordering = orderingOf(options)
    this.spending = this.openSpending()
    this.startedAt = this.clock()
  }

  async run(): Promise<CrawlReport> {
    const { archive, clock, limits } = this
    const { seeds, apiKey } = this.options
    const config = this.settings()
    // One transaction: what the log says of the rules in force is true of the frontier.
    const begun = archive.transaction(() => {
      const isRetried = this.options.retryFailed === true
      if (isRetried) retryFailed(archive, clock())
      const rules = { limits, ordering: this.ordering, config, isRetried, atOnce: orderedAtOnce }
      const orderedTo = applyRules(archive, rules)
      const isRefresh = this.options.refresh === true
      const plan = { seeds, limits, clock, hasKey: apiKey !== '', isRefresh }
      const pass = planSeeds(archive, plan)
      const startedAt = clock()
      const log = { command: 'crawl', seeds, version, startedAt }
      const runId = archive.runs.begin({ ...log, config: { ...config, orderedTo } })
      return { pass, runId, orderedTo }
    })
    const { pass, runId } = begun
    const walkAll = () => this.withBeside(runId, () => this.walkAll(runId, pass))
    const isIdle = !(await this.withOrdering(begun, walkAll))
    noteUnavailable(archive, this.answered)
    await this.settleTimes()
    const report = this.report(isIdle)
    archive.runs.end(runId, report.outcome, clock())
    if (report.pending === 0) archive.runs.endPass(pass, clock())
    return report
  }

  /** Walks, and brings beside it into order what is not yet. */
  private withOrdering<Result>(
    begun: { runId: number; orderedTo: number | null },
    walk: () => Promise<Result>,
  ): Promise<Result> {
    const isBegun = () => this.isBegun
    const order = (signal: AbortSignal, isOver: () => boolean) =>
      orderRest(this.archive, { ...begun, isBegun, isOver: () => signal.aborted || isOver() })
    return this.both(walk, order)
  }

  private both<Result>(
    walk: () => Promise<Result>,
    work: (signal: AbortSignal, isOver: () => boolean) => Promise<void>,
  ): Promise<Result> {
    const stop = () => this.stop('interrupted', 'interrupted')
    return runBoth(walk, work, { signal: this.options.signal, stop })
  }

  /** What was imported before the walk got it too has the time of the walk. */
  private async settleTimes(): Promise<void> {
    const { archive, clock } = this
    const { signal } = this.options
    await settleTimes(archive, { clock, signal })
    if (archive.rebuilds.isUnfinished()) this.stop('interrupted', 'interrupted')
  }

  /** Walks, and has go on beside it what is to. */
  private withBeside<Result>(runId: number, walk: () => Promise<Result>): Promise<Result> {
    const { archive, client, pace, spending, clock } = this
    const { beside, baseUrl, apiKey, durability = 'full' } = this.options
    if (beside === undefined) return walk()
    const shared = { archive, client, pace, spending, clock, runId, baseUrl, durability }
    const hold = (isHeld: boolean) => (this.isHeld = isHeld)
    return this.both(walk, (signal, isOver) =>
      beside({ ...shared, signal, isOver, hold, hasKey: apiKey !== '' }),
    )
  }

  /** Walks all that is planned, then what the extra steps add to it. @returns whether anything was asked */
  private async walkAll(runId: number, pass: number): Promise<boolean> {
    const { frontier } = this.archive
    for (let isAsked = false; ; isAsked = true) {
      if (frontier.hasPending()) await this.walk(runId)
      else if (!(await this.planExtras(pass))) return isAsked || this.stopped !== null
      if (this.stopped !== null) return true
    }
  }

  /** Plans what the extra steps add to what was walked. @returns whether that is anything */
  private async planExtras(pass: number): Promise<boolean> {
    const { archive, limits, clock: now } = this
    const { extras = [], apiKey, secondLook, signal } = this.options
    if (apiKey === '') return false
    let count = 0
    for (const added of planExtras(archive, { extras, pass, limits, now, secondLook })) {
      count += added
      await nextTurn()
      if (!signal?.aborted) continue
      this.stop('interrupted', 'interrupted')
      break
    }
    return count > 0
  }

  private async walk(runId: number): Promise<void> {
    const { archive, client, clock, limits, concurrency, options } = this
    const { hardStop } = this
    setMaxListeners(0, hardStop.signal)
    const onAbort = () => {
      this.stop('interrupted', 'interrupted')
    }
    if (options.signal?.aborted) onAbort()
    options.signal?.addEventListener('abort', onAbort, { once: true })
    const asking = {
      ...{ archive, client, limits, runId, clock },
      baseUrl: options.baseUrl,
      pace: this.pace,
      random: options.random ?? Math.random,
      retryBaseMs: options.retryBaseMs ?? 1000,
      signal: hardStop.signal,
      reserveCall: (endpoint: EndpointName) => this.reserveCall(endpoint),
      onSettled: (settled: SettledCall) => this.settle(settled),
    }
    const { frontier } = archive
    const mayGo = () => this.stopped === null
    const hasAnswered = () => this.judge.hasAnswered
    const resting = (now: number) => (this.isHeld ? rateClasses : this.pace.busy(now))
    try {
      await walk({
        manager: new FrontierManager({ frontier, clock, mayGo, hasAnswered, resting }),
        concurrency,
        ask: async (request) => {
          await ask(asking, request)
          this.isBegun = true
        },
      })
    } finally {
      options.signal?.removeEventListener('abort', onAbort)
      this.progress(true)
    }
  }

  /** Reserves one more call. @returns its price; NULL if it may not go */
  private reserveCall(endpoint: EndpointName): number | null {
    if (this.stopped !== null) return null
    requireSpace(this.archive.dir)
    const reservation = this.spending.reserve(endpoint, this.clock())
    if ('priceUsd' in reservation) return reservation.priceUsd
    this.stop('budget', reservation.forbidding)
    return null
  }

  private openSpending(): Spending {
    const { maxRequests = Infinity, budgetUsd = Infinity, budgetTotalUsd = Infinity } = this.options
    const { ledger } = this.archive
    return new Spending({
      ...{ maxRequests, budgetUsd, budgetTotalUsd },
      spentBeforeUsd: budgetTotalUsd === Infinity ? 0 : ledger.spending(null).costUsd,
      prices: this.options.prices ?? {},
      billedSince: (at) => ledger.billedSince(at),
      longestCall: ((this.options.timeoutMs ?? 60_000) + 60_000) * 1000,
    })
  }

  private settle({ request, outcome, odd, priceUsd }: SettledCall): void {
    this.spending.settle(priceUsd, outcome?.billed ?? 'unknown', this.clock())
    if (outcome !== null) {
      const { rateClass } = endpointOf(request.endpoint)
      if (outcome.kind === 'page' || outcome.kind === 'absent') {
        this.pages += 1
        this.answered.add(request.endpoint)
        this.pace.goWell(rateClass)
      }
      const { requestId } = request
      const restsInARow = this.pace.restsInARow(rateClass)
      const problem = this.judge.judge({ requestId, outcome, odd, restsInARow })
      if (problem !== null) this.stop('refused', problem)
    }
    this.progress(false)
  }

  private stop(outcome: Outcome, message: string): void {
    this.stopped ??= { outcome, message }
    // What is paid for is waited for, but not for long where nobody is to wait.
    if (outcome !== 'budget') setTimeout(() => this.hardStop.abort(), graceMs).unref()
    this.pace.end()
  }

  private progress(isLast: boolean): void {
    const { onProgress } = this.options
    const now = this.clock()
    if (!onProgress || (!isLast && now - this.lastProgressAt < progressEveryMs * 1000)) return
    this.lastProgressAt = now
    const { pages, archive, spending } = this
    onProgress({
      requestsSent: spending.requestsSent,
      costUsd: spending.costUsd,
      pages,
      pending: this.countPending(now),
      perSecond: (pages / (now - this.startedAt)) * 1e6,
      nearestDeadline: archive.nearestDeadline(now),
    })
  }

  /** Counting a large frontier takes a while: it is done for a fiftieth of the time at most. */
  private countPending(now: number): number {
    if (now < this.nextCountAt) return this.pending
    this.pending = this.archive.frontier.counts().pending
    const tookMicros = this.clock() - now
    this.nextCountAt = now + 50 * tookMicros
    return this.pending
  }

  private report(isIdle: boolean): CrawlReport {
    const { pending, failed, skipped } = this.archive.frontier.counts()
    const { posts, comments, users, remixes } = countRows(this.archive.database)
    const outcome = this.outcome({ pending, failed })
    const message =
      this.stopped?.message ??
      (isIdle && outcome === 'done' ? 'everything asked for is held' : outcome)
    return {
      outcome,
      requests_sent: this.spending.requestsSent,
      cost_usd: Math.round(this.spending.costUsd * 1e6) / 1e6,
      ...{ posts, comments, users, remixes, pending, failed, skipped, message },
    }
  }

  /** A limit that was reached with nothing left to ask stopped nothing. */
  private outcome({ pending, failed }: { pending: number; failed: number }): Outcome {
    if (this.stopped !== null && (pending > 0 || this.stopped.outcome !== 'budget'))
      return this.stopped.outcome
    return failed > 0 ? 'failures' : 'done'
  }

  /** The settings of the run for its log; the key is none of them. */
  private settings(): Record<string, unknown> {
    const { baseUrl, maxRequests, ratePerSecond, timeoutMs, durability } = this.options
    const { budgetUsd, budgetTotalUsd, prices } = this.options
    const { only, ...limits } = this.limits
    return {
      ...{ baseUrl, maxRequests, budgetUsd, budgetTotalUsd, prices },
      ...{ ratePerSecond, timeoutMs, durability },
      ...{ order: this.ordering.order, weights: this.ordering.weights },
      concurrency: this.concurrency,
      extras: this.options.extras ?? [],
      only: only === null ? null : [...only],
      ...limits,
    }
  }
}
