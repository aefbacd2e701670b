import type Database from 'better-sqlite3'
import { requestKey } from '../model/params.js'
import type { RequestPlan } from './frontier-request.js'
import { listingKeyOf } from './list-of-request.js'

/** Settles the pages of a list. Left to itself, SQLite would go through all that was left out or failed. */
export const settleListSql = `UPDATE requests INDEXED BY requests_left
  SET state = 'done', reason = 'later_pass'
  WHERE state IN ('skipped', 'failed') AND listing_key IN (
    SELECT pass || substr(:listingKey, instr(:listingKey, ' ')) FROM passes WHERE pass < :pass)`

/** The same of a request that is no page of a list; the plus keeps the index of states out of it. */
export const settleOneSql = `UPDATE requests SET state = 'done', reason = 'later_pass'
  WHERE +state = 'failed' AND (pass, request_key) IN (
    SELECT pass, :requestKey FROM passes WHERE pass < :pass)`

/** What the passes before one left undone. */
export class EarlierPasses {
  private readonly settleList: Database.Statement
  private readonly settleOne: Database.Statement

  constructor(database: Database.Database) {
    this.settleList = database.prepare(settleListSql)
    this.settleOne = database.prepare(settleOneSql)
  }

  /** Settles all pages of a request's list, or where it is no page of one, the very same request that failed. */
  settle(request: RequestPlan): void {
    const { pass, endpoint, params } = request
    if (pass < 2) return
    const listingKey = listingKeyOf(request)
    if (listingKey !== null) this.settleList.run({ listingKey, pass })
    else this.settleOne.run({ requestKey: requestKey(endpoint, params), pass })
  }
}
