import type Database from 'better-sqlite3'
import type { Params } from '../model/page.js'
import { requestKey } from '../model/params.js'
import { unknownList, type ListFacts } from '../model/order.js'
import type { WalkLimits } from '../model/walk-plan.js'
import { EarlierPasses } from './earlier-passes.js'
import { FrontierLimits } from './frontier-limits.js'
import { FrontierOrder } from './frontier-order.js'
import {
  requestColumns,
  toRequest,
  type FrontierRequest,
  type RequestPlan,
  type RequestRow,
} from './frontier-request.js'

/** How many requests are in each state. */
export interface FrontierCounts {
  pending: number
  done: number
  failed: number
  skipped: number
}

/** The frontier: what is to be asked. A request stays `pending` until its page is saved. */
export class Frontier {
  /** What goes first. */
  readonly order: FrontierOrder
  private readonly limits: FrontierLimits
  private readonly earlier: EarlierPasses
  private readonly statements

  constructor(database: Database.Database) {
    this.order = new FrontierOrder(database)
    this.limits = new FrontierLimits(database)
    this.earlier = new EarlierPasses(database)
    this.statements = {
      add: database.prepare(
        `INSERT INTO requests (endpoint, params, request_key, pass, listing_key, parent_request_id,
           priority, thread, page, depth, state, reason, attempts, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)
         ON CONFLICT (pass, request_key) DO NOTHING`,
      ),
      find: database.prepare(
        `SELECT ${requestColumns} FROM requests WHERE pass = ? AND request_key = ?`,
      ),
      raise: database.prepare(
        `UPDATE requests SET depth = min(depth, ?), state = ?, reason = ? WHERE request_id = ?`,
      ),
      below: database.prepare(
        `SELECT ${requestColumns} FROM requests WHERE parent_request_id = ? AND endpoint = ?`,
      ),
      next: database.prepare(
        `SELECT ${requestColumns} FROM requests
         WHERE state = 'pending' AND coalesce(not_before, 0) <= ?
         ORDER BY priority, request_id LIMIT ?`,
      ),
      nextOf: database.prepare(
        `SELECT ${requestColumns} FROM requests
         WHERE state = 'pending' AND coalesce(not_before, 0) <= ?
           AND endpoint IN (SELECT value FROM json_each(?))
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
      byId: database.prepare(`SELECT ${requestColumns} FROM requests WHERE request_id = ?`),
      failed: database.prepare(`SELECT ${requestColumns} FROM requests WHERE state = 'failed'`),
      reopen: database.prepare(
        `UPDATE requests SET state = 'pending', reason = NULL, error = NULL, attempts = 0,
           not_before = NULL, finished_at = NULL
         WHERE request_id = ?`,
      ),
      rename: database.prepare('UPDATE requests SET reason = ? WHERE request_id = ?'),
      counts: database.prepare('SELECT state, count(*) AS count FROM requests GROUP BY state'),
      place: database.prepare('SELECT depth, priority FROM requests WHERE request_id = ?'),
      wake: database.prepare(
        `UPDATE requests INDEXED BY requests_waiting SET not_before = NULL
         WHERE state = 'pending' AND not_before IS NOT NULL`,
      ),
      lastId: database.prepare('SELECT max(request_id) FROM requests').pluck(),
      setPriority: database.prepare('UPDATE requests SET priority = ? WHERE request_id = ?'),
      any: database.prepare('SELECT 1 FROM requests LIMIT 1').pluck(),
    }
  }

  /**
   * Plans a request, once in a pass whoever asks for it; under limits that leave it out it is noted as
   * skipped. Reached again by a shorter way, it may come to be wanted after all.
   * @returns false if it was planned before
   */
  add(plan: RequestPlan, limits: WalkLimits, now: number, facts: ListFacts = unknownList): boolean {
    const reason = this.limits.leftOut(plan, limits)
    const { endpoint, params, pass, thread = null, threadCalls = null } = plan
    const requestId = Number(this.statements.lastId.get() ?? 0) + 1
    const priority = this.order.priorityOf({
      ...facts,
      ...plan,
      thread,
      threadCalls,
      requestId,
    })
    const { changes } = this.statements.add.run(
      ...[endpoint, JSON.stringify(params), requestKey(endpoint, params), pass],
      ...[plan.listingKey, plan.parentRequestId, priority, thread],
      ...[plan.page, plan.depth, reason === null ? 'pending' : 'skipped', reason, now],
    )
    if (changes === 0) this.reachAgain(plan, limits, facts)
    return changes > 0
  }

  /**
   * A request reached by a shorter way: with it, what lies below it comes nearer to the start, and may
   * come within the limits; what is forgotten is not asked for all the same.
   */
  private reachAgain(plan: RequestPlan, limits: WalkLimits, facts: ListFacts): void {
    const known = this.find(plan.pass, plan.endpoint, plan.params)
    if (known === undefined) return
    this.estimateAgain(known, facts)
    if (plan.depth >= known.depth) return
    const nearer = known.depth - plan.depth
    const pending = [known]
    for (let row = pending.pop(); row !== undefined; row = pending.pop()) {
      const depth = row.depth - nearer
      const reason = this.limits.leftOut({ ...toRequest(row), depth }, limits)
      const isWaiting = row.state === 'skipped' && row.reason !== 'forgotten'
      const isWoken = isWaiting && reason === null
      const [state, why] = isWoken ? ['pending', null] : [row.state, row.reason]
      this.statements.raise.run(depth, state, why, row.request_id)
      const below = this.statements.below.all(row.request_id, row.endpoint) as RequestRow[]
      for (const each of below) if (each.depth >= row.depth) pending.push(each)
    }
  }

  /** What is told of a list again may be newer. */
  private estimateAgain(known: RequestRow, facts: ListFacts): void {
    if (known.state !== 'pending' || known.thread !== null || facts === unknownList) return
    const request = { ...toRequest(known), thread: null, threadCalls: null }
    const priority = this.order.priorityOf({ ...facts, ...request })
    if (priority !== known.priority) this.statements.setPriority.run(priority, known.request_id)
  }

  private find(pass: number, endpoint: string, params: Params): RequestRow | undefined {
    const key = requestKey(endpoint, params)
    return this.statements.find.get(pass, key) as RequestRow | undefined
  }

  /** True if the request was planned in this pass. */
  has(pass: number, endpoint: string, params: Params): boolean {
    return this.find(pass, endpoint, params) !== undefined
  }

  /** The request whose answer led to one; NULL for a seed, undefined if none was planned in this pass. */
  parentOf(pass: number, endpoint: string, params: Params): number | null | undefined {
    return this.find(pass, endpoint, params)?.parent_request_id
  }

  /** The first `count` pending requests in order that need not wait; of certain endpoints only, if given. */
  ready(now: number, count: number, endpoints: readonly string[] | null = null): FrontierRequest[] {
    const rows =
      endpoints === null
        ? this.statements.next.all(now, count)
        : this.statements.nextOf.all(now, JSON.stringify(endpoints), count)
    return (rows as RequestRow[]).map(toRequest)
  }

  /** True while something is left to ask, now or later. */
  hasPending(): boolean {
    return this.statements.hasPending.get() === 1
  }

  /** What may have changed of a request while it was under way: a shorter way to it, another order. */
  placeOf(requestId: number): Pick<FrontierRequest, 'depth' | 'priority'> {
    return this.statements.place.get(requestId) as Pick<FrontierRequest, 'depth' | 'priority'>
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

  /**
   * Settles what earlier passes left, once a later one has it: the pages of a list that was walked to its
   * end, or the very same request that failed.
   */
  settleEarlier(request: FrontierRequest): void {
    this.earlier.settle(request)
  }

  /** One request. */
  byId(requestId: number): FrontierRequest {
    return toRequest(this.statements.byId.get(requestId) as RequestRow)
  }

  /** The requests that failed. */
  failed(): FrontierRequest[] {
    return (this.statements.failed.all() as RequestRow[]).map(toRequest)
  }

  /** Makes a request that ended pending again, as if it had never been tried. */
  reopen(requestId: number): void {
    this.statements.reopen.run(requestId)
  }

  /** Notes another reason why a request ended. */
  rename(requestId: number, reason: string): void {
    this.statements.rename.run(reason, requestId)
  }

  /** True if nothing was ever planned. */
  isBlank(): boolean {
    return this.statements.any.get() === undefined
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

  /** Whatever waits after a failure may go at once. */
  wake(): void {
    this.statements.wake.run()
  }

  /** Decides anew, under the limits of this run, what is pending and what is skipped. */
  applyLimits(limits: WalkLimits): void {
    this.limits.applyAgain(limits)
  }
}
