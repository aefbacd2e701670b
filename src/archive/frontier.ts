import type Database from 'better-sqlite3'
import { endpointOf, type EndpointName } from '../model/endpoints.js'
import { timeOfId } from '../model/ids.js'
import type { Params } from '../model/page.js'
import { requestKey } from '../model/params.js'
import { leftOutBy, priorityOf, type WalkLimits } from '../model/walk-plan.js'

/** A request as it is planned. */
export interface RequestPlan {
  endpoint: EndpointName
  params: Params
  pass: number
  listingKey: string | null
  parentRequestId: number | null
  page: number
  depth: number
}

/** A request of the frontier. */
export interface FrontierRequest extends RequestPlan {
  requestId: number
  attempts: number
}

interface RequestRow {
  request_id: number
  endpoint: EndpointName
  params: string
  pass: number
  listing_key: string | null
  parent_request_id: number | null
  page: number
  depth: number
  attempts: number
  state: string
  reason: string | null
}

const columns =
  'request_id, endpoint, params, pass, listing_key, parent_request_id, page, depth, attempts, state, reason'

/** How many requests are in each state. */
export interface FrontierCounts {
  pending: number
  done: number
  failed: number
  skipped: number
}

/** The frontier: what is to be asked. A request stays `pending` until its page is saved. */
export class Frontier {
  private readonly statements

  constructor(private readonly database: Database.Database) {
    this.statements = {
      add: database.prepare(
        `INSERT INTO requests (endpoint, params, request_key, pass, listing_key, parent_request_id,
           priority, page, depth, state, reason, attempts, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)
         ON CONFLICT (pass, request_key) DO NOTHING`,
      ),
      find: database.prepare(`SELECT ${columns} FROM requests WHERE pass = ? AND request_key = ?`),
      raise: database.prepare(
        `UPDATE requests SET depth = min(depth, ?), state = ?, reason = ? WHERE request_id = ?`,
      ),
      below: database.prepare(
        `SELECT ${columns} FROM requests WHERE parent_request_id = ? AND endpoint = ?`,
      ),
      next: database.prepare(
        `SELECT ${columns} FROM requests
         WHERE state = 'pending' AND coalesce(not_before, 0) <= ?
         ORDER BY priority, request_id LIMIT ?`,
      ),
      hasPending: database
        .prepare(`SELECT 1 FROM requests WHERE state = 'pending' LIMIT 1`)
        .pluck(),
      postpone: database.prepare(
        `UPDATE requests SET attempts = ?, not_before = ?, error = ? WHERE request_id = ?`,
      ),
      finish: database.prepare(
        `UPDATE requests SET state = ?, reason = ?, error = ?, attempts = ?, finished_at = ?
         WHERE request_id = ?`,
      ),
      counts: database.prepare('SELECT state, count(*) AS count FROM requests GROUP BY state'),
      depth: database.prepare('SELECT depth FROM requests WHERE request_id = ?').pluck(),
      wake: database.prepare(
        `UPDATE requests SET not_before = NULL WHERE state = 'pending' AND not_before IS NOT NULL`,
      ),
      undecided: database.prepare(
        `SELECT ${columns} FROM requests
         WHERE +state IN ('pending', 'skipped') AND request_id > ? ORDER BY request_id LIMIT 1000`,
      ),
      setState: database.prepare('UPDATE requests SET state = ?, reason = ? WHERE request_id = ?'),
      postedAt: database.prepare('SELECT posted_at FROM posts WHERE post_id = ?').pluck(),
    }
  }

  /**
   * Plans a request, once in a pass whoever asks for it; under limits that leave it out it is noted as
   * skipped. Reached again by a shorter way, it may come to be wanted after all.
   * @returns false if it was planned before
   */
  add(plan: RequestPlan, limits: WalkLimits, now: number): boolean {
    const reason = this.leftOut(plan, limits)
    const { endpoint, params, pass } = plan
    const { changes } = this.statements.add.run(
      ...[endpoint, JSON.stringify(params), requestKey(endpoint, params), pass],
      ...[plan.listingKey, plan.parentRequestId, priorityOf(endpointOf(endpoint).step)],
      ...[plan.page, plan.depth, reason === null ? 'pending' : 'skipped', reason, now],
    )
    if (changes === 0) this.reachAgain(plan, limits)
    return changes > 0
  }

  /**
   * A request reached by a shorter way: with it, what lies below it comes nearer to the start, and may
   * come within the limits.
   */
  private reachAgain(plan: RequestPlan, limits: WalkLimits): void {
    const known = this.find(plan.pass, plan.endpoint, plan.params)
    if (known === undefined || plan.depth >= known.depth) return
    const nearer = known.depth - plan.depth
    const pending = [known]
    for (let row = pending.pop(); row !== undefined; row = pending.pop()) {
      const depth = row.depth - nearer
      const reason = this.leftOut({ ...toRequest(row), depth }, limits)
      const isWoken = row.state === 'skipped' && reason === null
      const [state, why] = isWoken ? ['pending', null] : [row.state, row.reason]
      this.statements.raise.run(depth, state, why, row.request_id)
      const below = this.statements.below.all(row.request_id, row.endpoint) as RequestRow[]
      for (const each of below) if (each.depth >= row.depth) pending.push(each)
    }
  }

  private find(pass: number, endpoint: string, params: Params): RequestRow | undefined {
    const key = requestKey(endpoint, params)
    return this.statements.find.get(pass, key) as RequestRow | undefined
  }

  /** True if the request was planned in this pass. */
  has(pass: number, endpoint: string, params: Params): boolean {
    return this.find(pass, endpoint, params) !== undefined
  }

  /** The first `count` pending requests in order that need not wait. */
  ready(now: number, count: number): FrontierRequest[] {
    return (this.statements.next.all(now, count) as RequestRow[]).map(toRequest)
  }

  /** True while something is left to ask, now or later. */
  hasPending(): boolean {
    return this.statements.hasPending.get() === 1
  }

  /** The depth of a request now: a shorter way may have been found while it was under way. */
  depthOf(requestId: number): number {
    return this.statements.depth.get(requestId) as number
  }

  /** Notes a try that failed. */
  postpone(requestId: number, attempts: number, notBefore: number, error: string): void {
    this.statements.postpone.run(attempts, notBefore, error, requestId)
  }

  /** Ends a request as done or failed. */
  finish(
    request: FrontierRequest,
    end: { state: 'done' | 'failed'; reason: string | null; error: string | null; at: number },
  ): void {
    const { requestId, attempts } = request
    this.statements.finish.run(end.state, end.reason, end.error, attempts, end.at, requestId)
  }

  /** True if nothing was ever planned. */
  isBlank(): boolean {
    return Object.values(this.counts()).every((count) => count === 0)
  }

  counts(): FrontierCounts {
    const counts: FrontierCounts = { pending: 0, done: 0, failed: 0, skipped: 0 }
    for (const row of this.statements.counts.all() as {
      state: keyof FrontierCounts
      count: number
    }[])
      counts[row.state] = row.count
    return counts
  }

  /** Decides anew, under the limits of this run, what is pending and what is skipped. */
  applyLimits(limits: WalkLimits): void {
    this.statements.wake.run()
    for (let last = 0; ;) {
      const rows = this.statements.undecided.all(last) as RequestRow[]
      for (const row of rows) {
        const reason = this.leftOut(toRequest(row), limits)
        const state = reason === null ? 'pending' : 'skipped'
        if (state !== row.state || reason !== row.reason)
          this.statements.setState.run(state, reason, row.request_id)
      }
      if (rows.length === 0) return
      last = rows.at(-1)!.request_id
    }
  }

  private leftOut(plan: RequestPlan, limits: WalkLimits): string | null {
    const { step } = endpointOf(plan.endpoint)
    const { page, depth } = plan
    const postedAt =
      limits.since === null && limits.until === null ? null : this.postedAt(step, plan.params)
    return leftOutBy(limits, { step, page, depth, postedAt })
  }

  private postedAt(step: string, { post_id }: Params): number | null {
    if ((step !== 'comments' && step !== 'remixes') || post_id === undefined) return null
    const told = this.statements.postedAt.get(post_id) as number | null | undefined
    return told ?? timeOfId(post_id)
  }
}

const toRequest = (row: RequestRow): FrontierRequest => ({
  requestId: row.request_id,
  endpoint: row.endpoint,
  params: JSON.parse(row.params) as Params,
  pass: row.pass,
  listingKey: row.listing_key,
  parentRequestId: row.parent_request_id,
  page: row.page,
  depth: row.depth,
  attempts: row.attempts,
})
