import type Database from 'better-sqlite3'
import type { PendingGroup, PostAverages } from '../model/estimate.js'
import { announced, announcedBelow } from './list-facts.js'

/** The pending requests, alike ones together. */
export const readPending = (database: Database.Database): PendingGroup[] =>
  database
    .prepare(
      `SELECT request.endpoint, request.page, request.depth,
              ${announced('request')} AS announced, ${announcedBelow('request')} AS announcedBelow,
              coalesce(listing.items, 0) AS itemsHeld, coalesce(listing.pages, 0) AS pagesHeld,
              count(*) AS requests
       FROM requests AS request
       LEFT JOIN listings AS listing ON listing.listing_key = request.listing_key
       WHERE request.state = 'pending'
       GROUP BY 1, 2, 3, 4, 5, 6, 7`,
    )
    .all() as PendingGroup[]

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
    commentPages: average('(reply_count + 9) / 10'),
    replies: average('max(coalesce(recursive_reply_count, reply_count) - reply_count, 0)'),
    remixPages: average('(coalesce(remix_count, 0) + 19) / 20'),
    remixes: average('coalesce(remix_count, 0)'),
    callsAReply: readCallsAReply(database),
  }
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
