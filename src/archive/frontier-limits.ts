import type Database from 'better-sqlite3'
import { endpointOf, type EndpointName } from '../model/endpoints.js'
import { coveredEnds } from '../model/listing-end.js'
import type { Params } from '../model/page.js'
import { leftOutBy, threadTime, type WalkLimits } from '../model/walk-plan.js'
import type { RequestPlan } from './frontier-request.js'

/** What limits leave out of the frontier: of what is planned, and anew of what is waiting. */
export class FrontierLimits {
  private readonly statements

  constructor(private readonly database: Database.Database) {
    this.statements = {
      lastId: database.prepare('SELECT max(request_id) FROM requests').pluck(),
      postOf: database.prepare('SELECT post_id FROM comments WHERE comment_id = ?').pluck(),
      postedAt: database.prepare('SELECT posted_at FROM posts WHERE post_id = ?').pluck(),
    }
  }

  /** Why limits leave a request out; NULL if they do not. */
  leftOut({ endpoint, params, page, depth }: RequestPlan, limits: WalkLimits): string | null {
    const { step } = endpointOf(endpoint)
    const post_id = isDated(limits) ? this.postOf(params) : undefined
    const told = post_id === undefined ? null : this.statements.postedAt.get(post_id)
    const postedAt = threadTime(step, post_id, (told ?? null) as number | null)
    return leftOutBy(limits, { step, page, depth, postedAt })
  }

  /** The post whose thread a request belongs to, by what is held. */
  private postOf({ post_id, comment_id }: Params): string | undefined {
    if (post_id !== undefined || comment_id === undefined) return post_id
    return (this.statements.postOf.get(comment_id) as string | null | undefined) ?? undefined
  }

  /**
   * Decides anew, under these limits, what is pending and what is skipped; rows that stay as they are
   * are not written. A list that several passes left is gone on with in the last of them alone.
   */
  applyAgain(limits: WalkLimits): void {
    const leftOut = (endpoint: EndpointName, page: number, depth: number, ...post: unknown[]) => {
      const [postId, toldAt] = post as [string | null, number | null]
      const { step } = endpointOf(endpoint)
      const postedAt = threadTime(step, postId ?? undefined, toldAt)
      return leftOutBy(limits, { step, page, depth, postedAt })
    }
    const options = { deterministic: true, varargs: true }
    this.database.function('left_out_by', options, leftOut as never)
    const statement = this.database.prepare(decideAnew(isDated(limits)))
    const last = (this.statements.lastId.get() as number | null) ?? 0
    for (let after = 0; after < last; after += stretch)
      statement.run({ after, until: after + stretch })
    this.database.prepare(leaveToLaterPass).run()
  }
}

/** Rows touched by one statement: memory stays flat however many requests there are. */
const stretch = 50_000

const isDated = ({ since, until }: WalkLimits): boolean => since !== null || until !== null

const postId = `coalesce(json_extract(params, '$.post_id'),
  (SELECT post_id FROM comments WHERE comment_id = json_extract(params, '$.comment_id')))`
const postAndTime = `${postId}, (SELECT posted_at FROM posts WHERE post_id = ${postId})`

/** Whose post is when is asked only where it matters. */
const decideAnew = (needsPost: boolean): string => `
  WITH decided AS MATERIALIZED (
    SELECT request_id AS decided_id,
      left_out_by(endpoint, page, depth, ${needsPost ? postAndTime : 'NULL, NULL'}) AS why
    FROM requests
    WHERE request_id > :after AND request_id <= :until AND +state IN ('pending', 'skipped')
         AND reason IS NOT 'forgotten'
  )
  UPDATE requests
  SET state = iif(decided.why IS NULL, 'pending', 'skipped'), reason = decided.why
  FROM decided
  WHERE request_id = decided_id
    AND (reason IS NOT decided.why OR state <> iif(decided.why IS NULL, 'pending', 'skipped'))`

const ofLaterPass = `later.pass || substr(requests.listing_key, instr(requests.listing_key, ' '))`

/** A later pass has walked the list further than to this request, or walks on. */
const goesOn = `listings.ended_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM requests AS rest INDEXED BY requests_left
  WHERE rest.listing_key = ${ofLaterPass} AND rest.state IN ('skipped', 'failed')
    AND rest.page <= requests.page)`

/** A later pass is yet to ask for the first page of the list. */
const begins = `EXISTS (
  SELECT 1 FROM requests AS first
  WHERE first.pass = later.pass AND first.state = 'pending'
    AND first.request_key = requests.endpoint || ' ' || json_remove(requests.params, '$.cursor'))`

/** What waits of lists that a later pass has walked, or walks on: asked in both, each page costs twice. */
const leaveToLaterPass = `
  UPDATE requests SET state = 'done', reason = 'later_pass'
  WHERE state = 'pending' AND pass < (SELECT max(pass) FROM passes) AND listing_key IS NOT NULL
    AND EXISTS (
      SELECT 1 FROM passes AS later LEFT JOIN listings ON listings.listing_key = ${ofLaterPass}
      WHERE later.pass > requests.pass AND iif(listings.listing_key IS NULL, ${begins},
        listings.end_reason IN (${coveredEnds.map((each) => `'${each}'`).join(', ')}) OR ${goesOn}))`
