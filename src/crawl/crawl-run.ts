import { setMaxListeners } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Archive } from '../archive/archive.js'
import { planExtras } from '../archive/extras.js'
import type { Outcome } from '../archive/run-log.js'
import { finishRebuild, settleTimes } from '../archive/rebuild.js'
import { noteUnavailable, retryFailed } from '../archive/save-failed-call.js'
import { requireSpace } from '../archive/storage-error.js'
import type { ApiClient } from '../api/client.js'
import { steadyClock, systemClock } from '../api/clock.js'
import { Pace } from '../api/pace.js'
import { openSpending, type Spending } from '../api/spending.js'
import { endpointOf, endpoints, type EndpointName } from '../model/endpoints.js'
import type { Ordering } from '../model/order.js'
import { version } from '../model/version.js'
import { noLimits, type WalkLimits } from '../model/walk-plan.js'
import { applyRules, orderingOf } from './apply-rules.js'
import { ask, type SettledCall } from './ask.js'
import { runBoth } from './beside.js'
import { Judge } from './judge.js'
import { settingsForLog, type CrawlOptions } from './options.js'
import { orderedAtOnce, orderRest } from './order-rest.js'
import { planSeeds } from './plan-seeds.js'
import { Tally, type CrawlReport, type Stop } from './report.js'

const graceMs = 3000
const rateClasses = [...new Set(endpoints.map(({ rateClass }) => rateClass))]

/** One run: what it sends, and why it ends. */
export class CrawlRun {
  private readonly clock: () => number
  readonly limits: WalkLimits
  readonly ordering: Ordering
  private readonly spending: Spending
  private readonly tally: Tally
  private readonly judge = new Judge()
  /** Endpoints that answered in this run. */
  private readonly answered = new Set<string>()
  /** Drops what is under way. */
  private readonly hardStop = new AbortController()
  private readonly pace: Pace
  private stopped: Stop | null = null
  /** The first request has been asked, whatever came of it. */
  private isBegun = false
  /** The work beside the walk has it wait. */
  private isHeld = false

  constructor(
    private readonly options: CrawlOptions,
    private readonly archive: Archive,
    private readonly client: ApiClient,
    readonly concurrency: number,
  ) {
    const { ratePerSecond = 5 } = options
    this.pace = new Pace({ ratePerSecond, concurrency })
    const begin = archive.journal.walkedAt()
    this.clock = options.clock ? steadyClock(options.clock, begin) : systemClock(begin)
    this.limits = { ...noLimits, ...options.limits }
    this.ordering = orderingOf(options)
    this.spending = openSpending(archive.ledger, options)
    const { onProgress } = options
    this.tally = new Tally(archive, this.spending, { clock: this.clock, onProgress })
  }

  /** Walks; a rebuild that a stopped import or walk left due is finished first. */
  async run(): Promise<CrawlReport> {
    await this.rebuiltBy(finishRebuild)
    return this.stopped === null ? this.walkOn() : this.tally.report(this.stopped, false)
  }

  private async walkOn(): Promise<CrawlReport> {
    const { archive, clock, limits } = this
    const { seeds, apiKey } = this.options
    const config = settingsForLog(this.options, this)
    const onPlanned = () => this.tally.tell({ isLast: false })
    this.options.onPlanning?.(true)
    // One transaction: what the log says of the rules in force is true of the frontier.
    const begun = archive.transaction(() => {
      const isRetried = this.options.retryFailed === true
      if (isRetried) retryFailed(archive, clock())
      const rules = { limits, ordering: this.ordering, config, isRetried, atOnce: orderedAtOnce }
      const orderedTo = applyRules(archive, rules)
      const isRefresh = this.options.refresh === true
      const plan = { seeds, limits, clock, hasKey: apiKey !== '', isRefresh, onPlanned }
      const pass = planSeeds(archive, plan)
      const startedAt = clock()
      const log = { command: 'crawl', seeds, version, startedAt }
      const runId = archive.runs.begin({ ...log, config: { ...config, orderedTo } })
      return { pass, runId, orderedTo }
    })
    this.options.onPlanning?.(false)
    const { pass, runId } = begun
    const walkAll = () => this.withBeside(runId, () => this.walkAll(runId, pass))
    const isIdle = !(await this.withOrdering(begun, walkAll))
    noteUnavailable(archive, this.answered)
    // What was imported before the walk got it too has the time of the walk.
    await this.rebuiltBy(settleTimes)
    const report = this.tally.report(this.stopped, isIdle)
    archive.runs.end(runId, report.outcome, clock())
    if (report.pending === 0) archive.runs.endPass(pass, clock())
    return report
  }

  private async rebuiltBy(work: typeof finishRebuild | typeof settleTimes): Promise<void> {
    const { archive, clock } = this
    await work(archive, { clock, signal: this.options.signal })
    if (archive.rebuilds.isUnfinished()) this.stop('interrupted', 'interrupted')
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
    // Crawlee brings listeners of signals: while requests are planned, a signal is to end it all.
    const [{ walk }, { FrontierManager }] = await Promise.all([
      import('./walk.js'),
      import('./frontier-manager.js'),
    ])
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
    const isHeld = () => this.isHeld || this.spending.isWaiting
    const busy = (now: number) => (isHeld() ? rateClasses : this.pace.busy(now))
    try {
      await walk({
        manager: new FrontierManager({ frontier, clock, mayGo, hasAnswered, busy }),
        concurrency,
        ask: async (request) => {
          await ask(asking, request)
          this.isBegun = true
        },
      })
    } finally {
      options.signal?.removeEventListener('abort', onAbort)
      this.tally.tell({ isLast: true })
    }
  }

  /** Reserves one more call. @returns its price; NULL if it may not go, or not before another has ended */
  private reserveCall(endpoint: EndpointName): number | null {
    if (this.stopped !== null) return null
    requireSpace(this.archive.dir)
    const reservation = this.spending.reserve(endpoint, this.clock())
    if ('priceUsd' in reservation) return reservation.priceUsd
    if (!reservation.isForNow) this.stop('budget', reservation.forbidding)
    return null
  }

  private settle({ request, outcome, odd, priceUsd }: SettledCall): void {
    this.spending.settle(priceUsd, outcome?.billed ?? 'unknown', this.clock())
    if (outcome !== null) {
      const { rateClass } = endpointOf(request.endpoint)
      if (outcome.kind === 'page' || outcome.kind === 'absent') {
        this.tally.pages += 1
        if (outcome.kind === 'absent') this.tally.absent += 1
        this.answered.add(request.endpoint)
        this.pace.goWell(rateClass)
      }
      const { requestId } = request
      const restsInARow = this.pace.restsInARow(rateClass)
      const problem = this.judge.judge({ requestId, outcome, odd, restsInARow })
      if (problem !== null) this.stop('refused', problem)
    }
    this.tally.tell({ isLast: false })
  }

  private stop(outcome: Outcome, message: string): void {
    this.stopped ??= { outcome, message }
    // What is paid for is waited for, but not for long where nobody is to wait.
    if (outcome !== 'budget') setTimeout(() => this.hardStop.abort(), graceMs).unref()
    this.pace.end()
  }
}
