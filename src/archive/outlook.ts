import type Database from 'better-sqlite3'
import { endpointOf, type EndpointName } from '../model/endpoints.js'
import type { PendingGroup, PostAverages } from '../model/estimate.js'
import { exactUsd, fullPriceOf, type Prices } from '../model/prices.js'
import { pagesLeft } from '../model/walk-plan.js'
import { announced, announcedBelow } from './list-facts.js'

/** The pending requests, alike ones together, one group at a time: nothing else may be asked meanwhile. */
export const readPending = (database: Database.Database): Iterable<PendingGroup> =>
  database
    .prepare(
      `SELECT request.endpoint, request.page,
              ${announced('request')} AS announced, ${announcedBelow('request')} AS announcedBelow,
              coalesce(listing.items, 0) AS itemsHeld, coalesce(listing.pages, 0) AS pagesHeld,
              count(*) AS requests
       FROM requests AS request
       LEFT JOIN listings AS listing ON listing.listing_key = request.listing_key
       WHERE request.state = 'pending'
       GROUP BY 1, 2, 3, 4, 5, 6`,
    )
    .iterate() as Iterable<PendingGroup>

/** Where fewer lists of replies than this are held, they say little. */
const listsThatTell = 20
/** Calls for a reply on the local API, whose lists of replies hold one or two. */
const usualCallsAReply = 0.6

/** The most visited posts are no measure for those to come. */
const shareLeftOut = 0.02

/** What a held post has on average, as its counters announce it; NULL where none is held. */
export function readAverages(database: Database.Database): PostAverages | null {
  const isTold = 'reply_count IS NOT NULL'
  const posts = database
    .prepare(`SELECT count(*) FROM posts WHERE ${isTold}`)
    .pluck()
    .get() as number
  if (posts === 0) return null
  const leftOut = Math.round(posts * shareLeftOut)
  const average = (value: string): number =>
    database
      .prepare(
        `SELECT avg(told) FROM (SELECT ${value} AS told FROM posts WHERE ${isTold}
           ORDER BY told DESC LIMIT -1 OFFSET ?)`,
      )
      .pluck()
      .get(leftOut) as number
  return {
    posts,
    commentPages: average(pagesOf('reply_count', 'get_post_comments')),
    replies: average('max(coalesce(recursive_reply_count, reply_count) - reply_count, 0)'),
    remixPages: average(pagesOf('coalesce(remix_count, 0)', 'get_post_remix_list')),
    remixes: average('coalesce(remix_count, 0)'),
    callsAReply: readCallsAReply(database),
  }
}

/** SQL for the pages of a list that so many items fill. */
function pagesOf(items: string, endpoint: EndpointName): string {
  const size = endpointOf(endpoint).pageSize!
  return `(${items} + ${size - 1}) / ${size}`
}

function readCallsAReply(database: Database.Database): number {
  const { lists, pages, replies } = database
    .prepare(
      `SELECT count(*) AS lists, total(pages) AS pages,
              (SELECT count(*) FROM comments WHERE depth > 1) AS replies
       FROM listings WHERE endpoint = 'get_comment_replies' AND pages > 0`,
    )
    .get() as { lists: number; pages: number; replies: number }
  return lists < listsThatTell || replies === 0 ? usualCallsAReply : pages / replies
}

/** Requests of walks that are not answered, and what closing them would take, before discounts. */
export interface OpenRequests {
  endpoint: EndpointName
  state: 'pending' | 'skipped' | 'failed'
  /** Why they were left out or failed. */
  reason: string | null
  requests: number
  /** At least: the pages that counters announce. */
  calls: number
  cost_usd: number
}

/** What walks left open: waiting, left out by choice, failed; what is forgotten is never asked for. */
export function readOpen(database: Database.Database, prices: Prices = {}): OpenRequests[] {
  const rows = database
    .prepare(
      `SELECT request.endpoint, request.state, request.reason, ${announced('request')} AS announced,
              coalesce(listing.items, 0) AS held, count(*) AS requests
       FROM requests AS request
       LEFT JOIN listings AS listing ON listing.listing_key = request.listing_key
       WHERE request.state IN ('pending', 'skipped', 'failed')
         AND request.reason IS NOT 'forgotten'
       GROUP BY 1, 2, 3, 4, 5`,
    )
    .all() as (Pick<OpenRequests, 'endpoint' | 'state' | 'reason' | 'requests'> & {
    announced: number | null
    held: number
  })[]
  const groups = new Map<string, OpenRequests>()
  for (const { announced, held, requests, ...rest } of rows) {
    const { endpoint, state, reason } = rest
    const calls = requests * pagesLeft(endpoint, { announced, held })
    const key = [endpoint, state, reason].join(' ')
    const group = groups.get(key) ?? { ...rest, requests: 0, calls: 0, cost_usd: 0 }
    groups.set(key, {
      ...rest,
      requests: group.requests + requests,
      calls: group.calls + calls,
      cost_usd: exactUsd(group.cost_usd + calls * fullPriceOf(prices, endpoint)),
    })
  }
  return [...groups.values()].sort((one, other) => other.cost_usd - one.cost_usd)
}
