import { setMaxListeners } from 'node:events'
import { openArchive, type Archive, type Durability } from '../archive/archive.js'
import { countRows } from '../archive/counts.js'
import type { Outcome } from '../archive/run-log.js'
import { ApiClient } from '../api/client.js'
import { systemClock } from '../api/clock.js'
import type { CallOutcome } from '../api/outcome.js'
import { Pace } from '../api/pace.js'
import { InputError } from '../model/errors.js'
import { listingKey } from '../model/params.js'
import { version } from '../model/version.js'
import { noLimits, type WalkLimits } from '../model/walk-plan.js'
import { ask } from './ask.js'
import { FrontierManager } from './frontier-manager.js'
import { toSeedRequest, type SeedRequest } from './seeds.js'
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

const failuresInARowLimit = 20
const graceMs = 3000
const progressEveryMs = 200

/**
 * Walks from the seeds, or goes on where the archive's last walk stopped. Asks for nothing that is
 * held, nor for what counters announce as empty.
 * @throws InputError for seeds, addresses or archives that cannot be used
 */
export async function crawl(options: CrawlOptions): Promise<CrawlReport> {
  const seeds = options.seeds.map((seed) => [seed, toSeedRequest(seed)] as const)
  const { durability } = options
  const concurrency = options.concurrency ?? 4
  const client = new ApiClient({
    baseUrl: options.baseUrl,
    apiKey: options.apiKey,
    concurrency,
    timeoutMs: options.timeoutMs ?? 60_000,
  })
  const archive = openArchive(options.archiveDir, durability ? { durability } : {})
  try {
    return await new CrawlRun(options, archive, client, concurrency).run(seeds)
  } finally {
    archive.close()
    await client.close()
  }
}

/** One run: what it has sent and why it ends. */
class CrawlRun {
  private readonly clock: () => number
  private readonly limits: WalkLimits
  private requestsSent = 0
  private costUsd = 0
  /** Price of the calls under way: they may be billed. */
  private reservedUsd = 0
  private pages = 0
  private failuresInARow = 0
  private stopped: { outcome: Outcome; message: string } | null = null
  private lastProgressAt = 0
  private readonly startedAt: number

  constructor(
    private readonly options: CrawlOptions,
    private readonly archive: Archive,
    private readonly client: ApiClient,
    private readonly concurrency: number,
  ) {
    this.clock = options.clock ?? systemClock()
    this.limits = { ...noLimits, ...options.limits }
    this.startedAt = this.clock()
  }

  async run(seeds: readonly (readonly [string, SeedRequest])[]): Promise<CrawlReport> {
    const { archive, clock } = this
    const pass = this.plan(seeds)
    const isIdle = !archive.frontier.hasPending()
    if (!isIdle && this.options.apiKey === '')
      throw new InputError(
        'no API key: set TIKHUB_API_KEY, or `api.key` in a config file. Nothing was sent; what was planned waits.',
      )
    const runId = archive.runs.begin({
      command: 'crawl',
      seeds: seeds.map(([seed]) => seed),
      config: this.settings(),
      version,
      startedAt: clock(),
    })
    if (!isIdle) await this.walk(runId)
    const report = this.report(isIdle)
    archive.runs.end(runId, report.outcome, clock())
    if (report.pending === 0) archive.runs.endPass(pass, clock())
    return report
  }

  /** Brings the seeds into the frontier, and decides anew what these limits leave out. */
  private plan(seeds: readonly (readonly [string, SeedRequest])[]): number {
    const { archive, clock } = this
    return archive.transaction(() => {
      const names = seeds.map(([seed]) => seed)
      const pass = archive.runs.currentPass(names, clock())
      for (const [, request] of seeds) this.planSeed(request, pass)
      archive.frontier.applyLimits(this.limits)
      if (archive.frontier.isBlank())
        throw new InputError('nothing to crawl: name a seed, e.g. `afterfeed crawl feed`')
      return pass
    })
  }

  /** A post that is held in full needs no detail; its lists are planned from what is held. */
  private planSeed({ endpoint, params }: SeedRequest, pass: number): void {
    const { frontier, planner } = this.archive
    const post = endpoint === 'get_post_detail' ? params['post_id'] : undefined
    if (post !== undefined && planner.isHeld(post))
      return planner.planHeldPost(post, { pass, limits: this.limits, now: this.clock() })
    const [subject = null] = Object.values(params)
    const key = listingKey(pass, endpoint, subject)
    frontier.add(
      { ...{ endpoint, params, pass, page: 1, depth: 0 }, listingKey: key, parentRequestId: null },
      this.limits,
      this.clock(),
    )
  }

  private async walk(runId: number): Promise<void> {
    const { archive, client, clock, limits, concurrency, options } = this
    const hardStop = new AbortController()
    setMaxListeners(0, hardStop.signal)
    const onAbort = () => {
      this.stop('interrupted', 'interrupted')
      setTimeout(() => hardStop.abort(), graceMs).unref()
    }
    if (options.signal?.aborted) onAbort()
    options.signal?.addEventListener('abort', onAbort, { once: true })
    const ratePerSecond = options.ratePerSecond ?? 5
    const asking = {
      ...{ archive, client, limits, runId, clock },
      baseUrl: options.baseUrl,
      pace: new Pace({ ratePerSecond, concurrency }),
      random: options.random ?? Math.random,
      retryBaseMs: options.retryBaseMs ?? 1000,
      signal: hardStop.signal,
      reserveCall: (priceUsd: number) => this.reserveCall(priceUsd),
      onSettled: (outcome: CallOutcome | null, priceUsd: number) => this.settle(outcome, priceUsd),
    }
    const mayGo = () => this.stopped === null
    try {
      await walk({
        manager: new FrontierManager({ frontier: archive.frontier, clock, mayGo }),
        concurrency,
        ask: (request) => ask(asking, request),
      })
    } finally {
      options.signal?.removeEventListener('abort', onAbort)
      this.progress(true)
    }
  }

  /** Whether one more call may go; beyond a limit none goes, however many are under way. */
  private reserveCall(priceUsd: number): boolean {
    const { maxRequests = Infinity, budgetUsd = Infinity } = this.options
    if (this.stopped !== null) return false
    if (this.requestsSent >= maxRequests)
      return this.stop('budget', `stopped at --max-requests ${maxRequests}`)
    if (this.costUsd + this.reservedUsd + priceUsd > budgetUsd + 1e-9)
      return this.stop('budget', `stopped at --budget ${budgetUsd}`)
    this.requestsSent += 1
    this.reservedUsd += priceUsd
    return true
  }

  /** `outcome` is null for a call that was dropped: it may be billed. */
  private settle(outcome: CallOutcome | null, priceUsd: number): void {
    this.reservedUsd -= priceUsd
    if (outcome?.billed !== 'no') this.costUsd += priceUsd
    if (outcome !== null) this.judge(outcome)
    this.progress(false)
  }

  /** What a settled call means for the run. */
  private judge(outcome: CallOutcome): void {
    if (outcome.kind === 'page' || outcome.kind === 'absent') {
      this.pages += 1
      this.failuresInARow = 0
    } else if (outcome.kind === 'refused')
      this.stop('refused', `${outcome.problem.replace(/\.$/, '')}. ${outcome.advice}`)
    else if (outcome.kind === 'failed' || outcome.usesTry) {
      this.failuresInARow += 1
      if (this.failuresInARow >= failuresInARowLimit)
        this.stop(
          'refused',
          `${failuresInARowLimit} calls in a row failed, the last with: ${outcome.problem}`,
        )
    }
  }

  private stop(outcome: Outcome, message: string): false {
    this.stopped ??= { outcome, message }
    return false
  }

  private progress(isLast: boolean): void {
    const { onProgress } = this.options
    const now = this.clock()
    if (!onProgress || (!isLast && now - this.lastProgressAt < progressEveryMs * 1000)) return
    this.lastProgressAt = now
    const { requestsSent, costUsd, pages, archive } = this
    onProgress({
      ...{ requestsSent, costUsd, pages },
      pending: archive.frontier.counts().pending,
      perSecond: (pages / (now - this.startedAt)) * 1e6,
      nearestDeadline: archive.nearestDeadline(now),
    })
  }

  private report(isIdle: boolean): CrawlReport {
    const { pending, failed, skipped } = this.archive.frontier.counts()
    const { posts, comments, users, remixes } = countRows(this.archive.database)
    const outcome = this.outcome({ pending, failed })
    const message = this.stopped?.message ?? (isIdle ? 'everything asked for is held' : outcome)
    return {
      outcome,
      requests_sent: this.requestsSent,
      cost_usd: Math.round(this.costUsd * 1e6) / 1e6,
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
    const { baseUrl, maxRequests, budgetUsd, ratePerSecond, timeoutMs, durability } = this.options
    const { only, ...limits } = this.limits
    return {
      ...{ baseUrl, maxRequests, budgetUsd, ratePerSecond, timeoutMs, durability },
      concurrency: this.concurrency,
      only: only === null ? null : [...only],
      ...limits,
    }
  }
}
