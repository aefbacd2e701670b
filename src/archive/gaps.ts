import type Database from 'better-sqlite3'
import { endpointOf, type EndpointName } from '../model/endpoints.js'
import type { Params } from '../model/page.js'
import { canonicalParams, requestKey } from '../model/params.js'
import { exactUsd, fullPriceOf, type Prices } from '../model/prices.js'
import { pagesLeft } from '../model/walk-plan.js'
import { announcedLists, ownerOf } from './list-facts.js'

/** Something that imported answers mention and the archive does not hold: one request leads to it. */
export interface Gap {
  endpoint: EndpointName
  subject: string
  /** The request. */
  params: Params
  /** Where the list breaks off; NULL: at its beginning. */
  cursor: string | null
  /** What a counter announces; NULL where none does. */
  announced: number | null
  held: number
  /** Calls that it is likely to take, what comes to light by them aside. */
  calls: number
  cost_usd: number
}

/** Gaps of one endpoint together. */
export interface GapTotal {
  endpoint: EndpointName
  gaps: number
  calls: number
  cost_usd: number
}

/** What a statement below tells of a gap. */
interface Found {
  endpoint: EndpointName
  subject: string
  cursor: string | null
  announced: number | null
  held: number
  /** Where the next stretch goes on. */
  after: string
}

const atATime = 500

/**
 * All that imported answers mention and that is neither held nor planned: lists that break off, lists that
 * counters announce, ancestors of remixes. The feed and the leaderboard hold for their moment only, and are
 * no gaps. Reads in stretches: memory stays flat, and what is found may be planned meanwhile.
 */
export function* readGaps(database: Database.Database, prices: Prices = {}): Generator<Gap> {
  yield* readBroken(database, prices)
  for (const sql of unheld) for (const row of stretches(database, sql)) yield toGap(row, prices)
}

function* readBroken(database: Database.Database, prices: Prices): Generator<Gap> {
  const planned = new Planned(database)
  for (const row of stretches(database, brokenLists)) {
    const gap = toGap(row, prices)
    if (!planned.has(gap)) yield gap
  }
}

function* stretches(database: Database.Database, sql: string): Generator<Found> {
  const select = database.prepare(sql)
  for (let after = ''; ;) {
    const rows = select.all({ after, count: atATime }) as Found[]
    yield* rows
    if (rows.length < atATime) return
    after = rows.at(-1)!.after
  }
}

interface GapsToCount {
  /** Waited for between two stretches. */
  pause?: () => Promise<void>
  /** Gaps of a stretch. */
  most?: number
}

/** How many gaps there are: as many as `readGaps` yields, without making each. */
export async function countGaps(
  database: Database.Database,
  { pause = () => Promise.resolve(), most = 20_000 }: GapsToCount = {},
): Promise<number> {
  let gaps = 0
  for (const sql of unheld) gaps += await countStretches(database, sql, { pause, most })
  const broken = readBroken(database, {})
  while (!broken.next().done) gaps += 1
  return gaps
}

async function countStretches(
  database: Database.Database,
  sql: string,
  { pause, most }: Required<GapsToCount>,
): Promise<number> {
  const select = database.prepare(`SELECT count(*) AS found, max(after) AS last FROM (${sql})`)
  let gaps = 0
  for (let after: string | null = ''; after !== null;) {
    await pause()
    const { found, last } = select.get({ after, count: most }) as Stretch
    gaps += found
    after = last
  }
  return gaps
}

interface Stretch {
  found: number
  /** NULL where nothing is left. */
  last: string | null
}

/** Gaps between two words on how many were found. */
const gapsAWord = 1000

interface GapsToList {
  prices?: Prices
  /** Gaps that are told one by one. */
  most: number
  /** Told now and then how many there are so far. */
  onProgress?: (gaps: number) => void
}

/** Gaps by endpoint, and the first of them one by one. */
export function listGaps(
  database: Database.Database,
  { prices = {}, most, onProgress }: GapsToList,
): { gaps: Gap[]; totals: GapTotal[] } {
  const gaps: Gap[] = []
  const totals = new Map<EndpointName, GapTotal>()
  let found = 0
  for (const gap of readGaps(database, prices)) {
    if ((found += 1) % gapsAWord === 0) onProgress?.(found)
    if (gaps.length < most) gaps.push(gap)
    const { endpoint } = gap
    const total = totals.get(endpoint) ?? { endpoint, gaps: 0, calls: 0, cost_usd: 0 }
    totals.set(endpoint, {
      endpoint,
      gaps: total.gaps + 1,
      calls: total.calls + gap.calls,
      cost_usd: exactUsd(total.cost_usd + gap.cost_usd),
    })
  }
  return { gaps, totals: [...totals.values()] }
}

function toGap({ endpoint, subject, cursor, announced, held }: Found, prices: Prices): Gap {
  const { subject: name } = endpointOf(endpoint)
  const params = canonicalParams({ [name!]: subject, cursor })
  const calls = pagesLeft(endpoint, { announced, held })
  const cost_usd = exactUsd(calls * fullPriceOf(prices, endpoint))
  return { endpoint, subject, params, cursor, announced, held, calls, cost_usd }
}

/** What walks planned, in whatever state, is no gap: it is asked, was asked, or was left out by choice. */
class Planned {
  private readonly passes: number[]
  private readonly find: Database.Statement

  constructor(database: Database.Database) {
    this.passes = database.prepare('SELECT pass FROM passes').pluck().all() as number[]
    const sql = 'SELECT 1 FROM requests WHERE pass = ? AND request_key = ?'
    this.find = database.prepare(sql).pluck()
  }

  has({ endpoint, params }: Gap): boolean {
    const { cursor, ...first } = params
    const keys = [requestKey(endpoint, params)]
    if (cursor !== undefined) keys.push(requestKey(endpoint, first))
    return this.passes.some((pass) => keys.some((key) => this.find.get(pass, key) === 1))
  }
}

const isNoted = (kind: string, id: string): string =>
  `EXISTS (SELECT 1 FROM absences WHERE entity_kind = '${kind}' AND entity_id = ${id}
     AND reason IN ('not_found', 'forbidden', 'unavailable'))`

/**
 * True in SQL if a walk planned the first page of a list. Left to itself, SQLite would go through all
 * requests for it; a cross join keeps to this order.
 */
const isWalked = (endpoint: EndpointName, id: string): string =>
  `EXISTS (SELECT 1 FROM passes CROSS JOIN requests ON requests.pass = passes.pass
     AND request_key = '${endpoint} {"${ownerOf(endpoint).id}":' || json_quote(${id}) || '}')`

function counterOf(endpoint: EndpointName): string {
  const { table, id } = ownerOf(endpoint)
  return `(SELECT nullif(${endpointOf(endpoint).announcedBy}, 0) FROM ${table} WHERE ${id} = subject)`
}

const openCursor = `(SELECT min(page.next_cursor) FROM listing_pages AS page
  WHERE page.listing_key = list.listing_key AND page.next_cursor <> ''
    AND NOT EXISTS (SELECT 1 FROM listing_pages AS other
      WHERE other.listing_key = page.listing_key AND other.cursor = page.next_cursor))`

const hasPage = (column: 'cursor' | 'next_cursor'): string =>
  `EXISTS (SELECT 1 FROM listing_pages AS page
     WHERE page.listing_key = list.listing_key AND page.${column} = '')`

/**
 * Lists of imports that break off: without their first page, or with a cursor that nothing was asked with,
 * as long as fewer items are held than announced. Where no page tells (children inside other answers), the
 * counter alone decides.
 */
const brokenLists = `
  SELECT endpoint, subject, iif(has_first, open_cursor, NULL) AS cursor, announced, held, after
  FROM (
    SELECT endpoint, subject, items AS held, listing_key AS after,
           CASE endpoint ${announcedLists.map((each) => `WHEN '${each}' THEN ${counterOf(each)}`).join(' ')} END
             AS announced,
           ${openCursor} AS open_cursor, ${hasPage('cursor')} AS has_first,
           ${hasPage('next_cursor')} AS has_end
    FROM listings AS list
    WHERE listing_key > max(:after, '0 ') AND listing_key < '0!' AND subject IS NOT NULL
      AND endpoint IN (${announcedLists.map((each) => `'${each}'`).join(', ')})
  )
  WHERE (announced IS NULL OR held < announced)
    AND (open_cursor IS NOT NULL OR NOT has_first OR NOT has_end)
    AND NOT (announced IS NULL AND open_cursor IS NULL AND NOT has_first AND NOT has_end)
  ORDER BY after LIMIT :count`

/** Lists that counters of an object announce, and of which nothing is held. */
const announcedBy = (endpoint: EndpointName, isSome: string): string => {
  const { kind, table, id } = ownerOf(endpoint)
  return `
  SELECT '${endpoint}' AS endpoint, ${id} AS subject, NULL AS cursor,
         nullif(${endpointOf(endpoint).announcedBy}, 0) AS announced, 0 AS held, ${id} AS after
  FROM ${table}
  WHERE ${id} > :after AND (${isSome})
    AND NOT EXISTS (SELECT 1 FROM listings WHERE listing_key = '0 ${endpoint} ' || ${id})
    AND NOT ${isNoted(kind, id)}
    AND NOT ${isWalked(endpoint, id)}
  ORDER BY ${id} LIMIT :count`
}

const hasReplies = 'reply_count > 0 OR recursive_reply_count > 0'
const wholeLists = [
  announcedBy('get_post_comments', hasReplies),
  announcedBy('get_comment_replies', hasReplies),
  announcedBy(
    'get_post_remix_list',
    `remix_count > (SELECT count(*) FROM remixes WHERE parent_post_id = post_id)`,
  ),
]

/** Posts that remixes name as their parents, and that no answer told. */
const ancestors = `
  SELECT DISTINCT 'get_post_detail' AS endpoint, parent_post_id AS subject, NULL AS cursor,
         NULL AS announced, 0 AS held, parent_post_id AS after
  FROM remixes
  WHERE parent_post_id > :after
    AND NOT EXISTS (SELECT 1 FROM posts WHERE post_id = remixes.parent_post_id)
    AND NOT ${isNoted('post', 'parent_post_id')}
    AND NOT ${isWalked('get_post_detail', 'parent_post_id')}
  ORDER BY parent_post_id LIMIT :count`

/** What SQL alone tells, together with whether a walk planned it. */
const unheld = [...wholeLists, ancestors]
