import type Database from 'better-sqlite3'

/** Announced against held, of all posts together. */
export interface CoverageSum {
  what: 'comments and replies' | 'remixes'
  posts: number
  announced: number
  held: number
}

/** Why lists hold fewer items than announced, and how many posts that concerns. */
export interface CoverageDifference {
  what: CoverageSum['what']
  difference: string
  posts: number
  missing: number
}

/** One pass over the feed: what each page brought that no page before it had. */
export interface FeedPass {
  pass: number
  pages: number
  posts: number
  /** New posts page by page, those of earlier passes not counted. */
  new_per_page: number[]
}

/** What an archive covers. */
export interface Coverage {
  sums: CoverageSum[]
  differences: CoverageDifference[]
  feed: FeedPass[]
  /**
   * At least so many posts were in the feed and never seen, from the overlap of the last two passes
   * (Lincoln and Petersen's estimate, less all that the feed has ever shown); NULL where it cannot be
   * told. A lower bound: a ranking shows again what it showed before.
   */
  feed_missed_at_least: number | null
}

/** Reads what is announced and what is held; `onPart` is told of each part before it is read. */
export function readCoverage(
  database: Database.Database,
  onPart: (what: CoverageSum['what'] | 'the feed') => void = () => undefined,
): Coverage {
  const parts = [threads, remixes].map((part) => {
    onPart(part.what)
    return { sum: sumOf(database, part), differences: differencesOf(database, part) }
  })
  onPart('the feed')
  return {
    sums: parts.map(({ sum }) => sum),
    differences: parts.flatMap(({ differences }) => differences),
    feed: readFeed(database),
    feed_missed_at_least: missedAtLeast(database),
  }
}

interface Part {
  what: CoverageSum['what']
  announced: string
  held: string
  difference: string
}

const threads: Part = {
  what: 'comments and replies',
  announced: 'announced_comments_and_replies',
  held: 'held_comments + held_replies',
  difference: 'thread_difference',
}
const remixes: Part = {
  what: 'remixes',
  announced: 'announced_remixes',
  held: 'held_remixes',
  difference: 'remix_difference',
}

const sumOf = (database: Database.Database, { what, announced, held }: Part): CoverageSum => ({
  what,
  ...(database
    .prepare(
      `SELECT count(*) FILTER (WHERE ${announced} > 0) AS posts,
              coalesce(sum(${announced}), 0) AS announced, coalesce(sum(${held}), 0) AS held
       FROM coverage`,
    )
    .get() as Omit<CoverageSum, 'what'>),
})

const differencesOf = (database: Database.Database, part: Part): CoverageDifference[] =>
  (
    database
      .prepare(
        `SELECT ${part.difference} AS difference, count(*) AS posts,
                sum(${part.announced} - (${part.held})) AS missing
         FROM coverage WHERE ${part.announced} > ${part.held}
         GROUP BY 1 ORDER BY missing DESC`,
      )
      .all() as Omit<CoverageDifference, 'what'>[]
  ).map((row) => ({ what: part.what, ...row }))

function readFeed(database: Database.Database): FeedPass[] {
  const rows = database
    .prepare(
      `WITH pages AS (
         SELECT requests.pass AS pass, response_id,
                row_number() OVER (ORDER BY requests.pass, received_at) AS place
         FROM responses JOIN requests USING (request_id)
         WHERE responses.endpoint = 'get_feed' AND responses.outcome = 'page'),
       firsts AS (
         SELECT post_id, min(place) AS place FROM feed_entries JOIN pages USING (response_id)
         GROUP BY post_id)
       SELECT pass, count(post_id) AS news FROM pages LEFT JOIN firsts USING (place)
       GROUP BY place ORDER BY place`,
    )
    .all() as { pass: number; news: number }[]
  const posts = database
    .prepare(`SELECT pass, items FROM listings WHERE endpoint = 'get_feed' AND pass > 0`)
    .all() as { pass: number; items: number }[]
  return posts.map(({ pass, items }) => {
    const news = rows.filter((row) => row.pass === pass).map((row) => row.news)
    return { pass, pages: news.length, posts: items, new_per_page: news }
  })
}

/** From two samples of sizes a and b that share m: at least a·b/m were there (Lincoln and Petersen). */
function missedAtLeast(database: Database.Database): number | null {
  const passes = database
    .prepare(
      `SELECT listing_key AS listingKey, items FROM listings
       WHERE endpoint = 'get_feed' AND pass > 0 ORDER BY pass DESC LIMIT 2`,
    )
    .all() as { listingKey: string; items: number }[]
  const [last, before] = passes
  if (last === undefined || before === undefined) return null
  const shared = database
    .prepare(
      `SELECT count(*) FROM listing_items AS one WHERE listing_key = ?
         AND EXISTS (SELECT 1 FROM listing_items WHERE listing_key = ? AND item_id = one.item_id)`,
    )
    .pluck()
    .get(last.listingKey, before.listingKey) as number
  if (shared === 0) return null
  const held = database
    .prepare(
      `SELECT count(DISTINCT item_id) FROM listing_items
       WHERE listing_key IN (SELECT listing_key FROM listings WHERE endpoint = 'get_feed')`,
    )
    .pluck()
    .get() as number
  return Math.max(0, Math.floor((last.items * before.items) / shared) - held)
}
