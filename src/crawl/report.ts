import type { Archive } from '../archive/archive.js'
import { countRowsOf } from '../archive/counts.js'
import { readFailed } from '../archive/status.js'
import type { Outcome } from '../archive/run-log.js'
import type { Spending } from '../api/spending.js'
import { exactUsd } from '../model/prices.js'

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
  /** Answers of this run that an object is not there, or not to be seen. */
  absent: number
  /** What ended the run, in words. */
  message: string
  /** A request that failed for good, and why; NULL if none has. */
  failure: string | null
}

/** What ends a run before nothing is left to ask. */
export interface Stop {
  outcome: Outcome
  message: string
}

const progressEveryMs = 200

/** Counts what a run does: tells from time to time where it stands, and in the end what it came to. */
export class Tally {
  /** Answers that brought something to its end. */
  pages = 0
  /** Those of them that told that an object is not there. */
  absent = 0
  private nextCountAt = 0
  private pending = 0
  private readonly startedAt: number
  private lastProgressAt = 0

  constructor(
    private readonly archive: Archive,
    private readonly spending: Spending,
    private readonly told: {
      clock: () => number
      onProgress: ((progress: CrawlProgress) => void) | undefined
    },
  ) {
    this.startedAt = told.clock()
  }

  /** Tells where the run stands, if it was not told just now. */
  tell({ isLast }: { isLast: boolean }): void {
    const { clock, onProgress } = this.told
    const now = clock()
    if (!onProgress || (!isLast && now - this.lastProgressAt < progressEveryMs * 1000)) return
    this.lastProgressAt = now
    const { pages, archive, spending } = this
    onProgress({
      requestsSent: spending.requestsSent,
      costUsd: exactUsd(spending.costUsd),
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
    const tookMicros = this.told.clock() - now
    this.nextCountAt = now + 50 * tookMicros
    return this.pending
  }

  /** What the run came to; `isIdle`: it had nothing to ask. */
  report(stopped: Stop | null, isIdle: boolean): CrawlReport {
    const { pending, failed, skipped } = this.archive.frontier.counts()
    const counts = countRowsOf(this.archive.database, ['posts', 'comments', 'users', 'remixes'])
    const outcome = outcomeOf(stopped, { pending, failed })
    const message =
      stopped?.message ?? (isIdle && outcome === 'done' ? 'everything asked for is held' : outcome)
    return {
      outcome,
      requests_sent: this.spending.requestsSent,
      cost_usd: exactUsd(this.spending.costUsd),
      ...counts,
      ...{ pending, failed, skipped, absent: this.absent, message },
      failure: failed === 0 ? null : this.firstFailure(),
    }
  }

  private firstFailure(): string | null {
    const [first] = readFailed(this.archive.database)
    return first === undefined ? null : `${first.request_key}: ${first.reason} (${first.error})`
  }
}

/** A limit that was reached with nothing left to ask stopped nothing. */
function outcomeOf(
  stopped: Stop | null,
  { pending, failed }: { pending: number; failed: number },
): Outcome {
  if (stopped !== null && (pending > 0 || stopped.outcome !== 'budget')) return stopped.outcome
  return failed > 0 ? 'failures' : 'done'
}
