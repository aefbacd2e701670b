import type Database from 'better-sqlite3'
import { endpointOf, type EndpointName } from '../model/endpoints.js'
import { callsToFinish, priorityOf, type Ordering } from '../model/order.js'
import { leftOutBy, threadTime, type WalkLimits } from '../model/walk-plan.js'
import { announced, announcedBelow } from './list-facts.js'

/** Rows touched by one statement: memory stays flat however many requests there are. */
const stretch = 50_000

/**
 * Decides anew, under these limits, what is pending and what is skipped; rows that stay as they are
 * are not written.
 */
export function decideAnew(database: Database.Database, limits: WalkLimits): void {
  const leftOut = (endpoint: EndpointName, page: number, depth: number, ...post: unknown[]) => {
    const [postId, toldAt] = post as [string | null, number | null]
    const { step } = endpointOf(endpoint)
    const postedAt = threadTime(step, postId ?? undefined, toldAt)
    return leftOutBy(limits, { step, page, depth, postedAt })
  }
  database.function('left_out_by', { deterministic: true, varargs: true }, leftOut as never)
  const isDated = limits.since !== null || limits.until !== null
  const postId = `coalesce(json_extract(params, '$.post_id'),
    (SELECT post_id FROM comments WHERE comment_id = json_extract(params, '$.comment_id')))`
  const post = isDated
    ? `${postId}, (SELECT posted_at FROM posts WHERE post_id = ${postId})`
    : 'NULL, NULL'
  inStretches(
    database,
    `WITH decided AS MATERIALIZED (
       SELECT request_id AS decided_id, left_out_by(endpoint, page, depth, ${post}) AS why
       FROM requests
       WHERE request_id > :after AND request_id <= :until AND +state IN ('pending', 'skipped')
     )
     UPDATE requests
     SET state = iif(decided.why IS NULL, 'pending', 'skipped'), reason = decided.why
     FROM decided
     WHERE request_id = decided_id
       AND (reason IS NOT decided.why OR state <> iif(decided.why IS NULL, 'pending', 'skipped'))`,
  )
}

/** Gives everything that is not done its place in this order; rows that keep theirs are not written. */
export function orderAnew(database: Database.Database, ordering: Ordering): void {
  const priority = (
    requestId: number,
    endpoint: EndpointName,
    page: number,
    thread: number | null,
    ...cells: (number | null)[]
  ) => {
    const [announced = null, announcedBelow = null, itemsHeld, pagesHeld, ...opener] = cells
    const [announcedThread = null, belowThread = null] = opener
    const threadFacts = { announced: announcedThread, announcedBelow: belowThread }
    return priorityOf(ordering, {
      ...{ requestId, endpoint, page, thread, announced, announcedBelow },
      ...{ itemsHeld: itemsHeld ?? 0, pagesHeld: pagesHeld ?? 0 },
      threadCalls: thread === null ? null : callsToFinish(threadFacts),
    })
  }
  database.function('priority_of', { deterministic: true, varargs: true }, priority as never)
  inStretches(
    database,
    `WITH placed AS MATERIALIZED (
       SELECT request.request_id AS placed_id, priority_of(
         request.request_id, request.endpoint, request.page, ${beganThread},
         ${announced('request')}, ${announcedBelow('request')}, listing.items, listing.pages,
         ${announced('opener')}, ${announcedBelow('opener')}) AS place
       FROM requests AS request
       LEFT JOIN listings AS listing ON listing.listing_key = request.listing_key
       LEFT JOIN requests AS opener ON opener.request_id = ${beganThread}
       WHERE request.request_id > :after AND request.request_id <= :until AND +request.state <> 'done'
     )
     UPDATE requests SET priority = placed.place FROM placed
     WHERE request_id = placed_id AND priority <> placed.place`,
  )
}

/** Archives made before threads were noted know by whom a request was planned. */
const beganThread = `coalesce(request.thread, CASE
  WHEN request.endpoint = 'get_comment_replies'
    OR (request.endpoint = 'get_post_comments' AND request.page > 1)
  THEN request.parent_request_id END)`

/** Runs a statement on one stretch of the requests after the other. */
function inStretches(database: Database.Database, sql: string): void {
  const last = database.prepare('SELECT max(request_id) FROM requests').pluck().get() as number
  const statement = database.prepare(sql)
  for (let after = 0; after < (last ?? 0); after += stretch)
    statement.run({ after, until: after + stretch })
}
