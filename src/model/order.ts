import { endpointOf, type EndpointName } from './endpoints.js'
import { fullPriceOf, type Prices } from './prices.js'
import type { TableName } from './tables.js'
import { pagesLeft } from './walk-plan.js'

/**
 * What goes first where a budget will not reach. `thread`: what finishes the next thread for the fewest
 * calls. `yield`: the most new rows per dollar, by weight. `breadth`: first planned, first asked.
 * `depth`: last planned, first asked.
 */
export const orders = ['thread', 'breadth', 'depth', 'yield'] as const

/** What goes first where a budget will not reach. */
export type Order = (typeof orders)[number]

/** The order of a run that names none, and of what is planned before any run. */
export const defaultOrder: Order = 'thread'

/** What a new row of a table is worth to the order `yield`. */
export type Weights = Partial<Record<TableName, number>>

/**
 * A comment is worth three posts: a page of the feed brings 15 posts, a page of comments some 5 new
 * rows on average, so that neither starves the other. Other tables follow from these; 0 unless named.
 */
export const defaultWeights: Weights = { posts: 1, comments: 3, remixes: 0.5, users: 0.2 }

/** An order and what it reckons with. */
export interface Ordering {
  order: Order
  weights?: Weights
  prices?: Prices
}

/** The settings on which the places of requests depend in each order, as the log of a run names them. */
export const settingsOfOrder: Record<Order, readonly string[]> = {
  thread: ['order'],
  breadth: ['order'],
  depth: ['order'],
  yield: ['order', 'weights', 'prices'],
}

/** What is known of a list when a page of it is planned; NULL: unknown. */
export interface ListFacts {
  /** Items that a counter announces. */
  announced: number | null
  /** Comments that counters announce below the items. */
  announcedBelow: number | null
  /** Different items held. */
  itemsHeld: number
  pagesHeld: number
}

/** A list of which nothing is known. */
export const unknownList: ListFacts = {
  announced: null,
  announcedBelow: null,
  itemsHeld: 0,
  pagesHeld: 0,
}

/** What decides when a request goes. */
export interface OrderFacts extends ListFacts {
  /** Its number, which says when it was planned. */
  requestId: number
  endpoint: EndpointName
  page: number
  /** The request whose answer began its thread; NULL where none is begun. */
  thread: number | null
  /** Calls that its thread was reckoned to take when it was begun; NULL where none is begun. */
  threadCalls: number | null
}

/**
 * The priority of a request, a whole number: the lowest goes first, of equals the one planned first.
 * It decides when a request goes, never whether: counters can be wrong.
 */
export function priorityOf(ordering: Ordering, facts: OrderFacts): number {
  switch (ordering.order) {
    case 'breadth':
      return 0
    case 'depth':
      return -facts.requestId
    case 'thread':
      return threadPriority(facts)
    case 'yield':
      return yieldPriority(ordering, facts)
  }
}

/** Room for the number of a thread below each hundredth of a call; together below 2^53. */
const spread = 2 ** 24
const mostCalls = 2 ** 20

/**
 * What brings the next complete thread for the fewest calls; of threads that take as many, those begun
 * first, one after the other. A thread keeps its place once begun, so that only what is shorter goes
 * between. One call at a time, that finishes each thread before the next is begun.
 */
function threadPriority(facts: OrderFacts): number {
  const { thread } = facts
  const place = thread === null ? spread - 1 : thread % (spread - 1)
  return Math.round(Math.min(callsFor(facts), mostCalls) * 100) * spread + place
}

/** Calls for the thread of a request, as the order `thread` reckoned them for its priority. */
export const callsInPriority = (priority: number): number => Math.floor(priority / spread) / 100

function callsFor(facts: OrderFacts): number {
  const { endpoint, threadCalls } = facts
  if (threadCalls !== null) return threadCalls
  return endpointOf(endpoint).items === 'comments' ? callsToFinish(facts) : callsToOpen(facts)
}

/** Calls for all of a thread, as its counters announce it. */
export function callsToFinish({
  announced,
  announcedBelow,
}: Pick<ListFacts, 'announced' | 'announcedBelow'>): number {
  if (announced === null) return callsForUnknownThread
  const pages = pagesLeft('get_post_comments', { announced, held: 0 })
  return pages + callsAReply * Math.max(0, announcedBelow ?? 0) + callsAComment * announced
}

/** Its counters are no help, and it may turn out to be long, or empty. */
const callsForUnknownThread = 4
/** Replies come a few to a list. */
const callsAReply = 0.6
/** A deleted comment tells no counters, so its replies are asked for. */
const callsAComment = 0.04

/**
 * Calls for a complete thread by way of new posts: its share of the opening, and a short thread. The
 * further into a list, the longer the threads that go before its next page: the feed has no end.
 */
function callsToOpen(facts: OrderFacts): number {
  const posts = expectedRows(facts).posts ?? 0
  if (posts === 0) return callsForNothing
  const calls = callsForShortThread + callsMoreAPage * (facts.page - 1)
  return calls + 1 / (posts * shareWithThread)
}

const callsForShortThread = 1.5
const callsMoreAPage = 0.1
const shareWithThread = 0.5
const callsForNothing = 1000

/** The most expected rows per dollar first; what is free goes before what costs. */
function yieldPriority({ weights, prices = {} }: Ordering, facts: OrderFacts): number {
  const worth: Weights = { ...defaultWeights, ...weights }
  const rows = Object.entries(expectedRows(facts)) as [TableName, number][]
  const value = rows.reduce((sum, [table, count]) => sum + (worth[table] ?? 0) * count, leastWorth)
  const price = Math.max(fullPriceOf(prices, facts.endpoint), lowestPriceUsd)
  return -Math.round(Math.min((value / price) * 100, 2 ** 52))
}

/** What is worth nothing goes last, but where it is free. */
const leastWorth = 0.01
const lowestPriceUsd = 1e-6

/** New rows that the answer to a request is expected to bring. */
function expectedRows(facts: OrderFacts): Weights {
  const items = expectedItems(facts)
  const perItem = rowsPerItem[facts.endpoint]
  return Object.fromEntries(Object.entries(perItem).map(([table, rows]) => [table, rows * items]))
}

/** New items on a page: what is announced and not held; else as many as the pages before had. */
export function expectedItems(facts: OrderFacts): number {
  const { endpoint, announced, itemsHeld, pagesHeld } = facts
  const { pageSize, ofThread } = endpointOf(endpoint)
  if (pageSize === null) return 1
  if (announced !== null) return Math.max(leastExpected, Math.min(pageSize, announced - itemsHeld))
  if (pagesHeld > 0) return Math.max(leastExpected, Math.min(pageSize, itemsHeld / pagesHeld))
  return ofThread ? itemsOfUnknownList : pageSize
}

/** Counters can be wrong: nothing is worth nothing. */
const leastExpected = 0.1
/** Lists of deleted objects, whose counters tell nothing, are mostly short or empty. */
const itemsOfUnknownList = 0.5

const ofPost: Weights = {
  ...{ posts: 1, users: 0.7, attachments: 1, assets: 6 },
  ...{ cameos: 0.3, text_facets: 0.3, observations: 1 },
}
const ofComment: Weights = { comments: 1, users: 0.5, text_facets: 0.2, observations: 1 }
const ofUser: Weights = { users: 0.9, assets: 1, observations: 1 }

/** New rows that an item brings along; measured on the local API. */
const rowsPerItem: Record<EndpointName, Weights> = {
  get_feed: { ...ofPost, feed_entries: 1 },
  get_post_detail: ofPost,
  get_post_remix_list: { ...ofPost, remixes: 1 },
  get_post_comments: ofComment,
  get_comment_replies: ofComment,
  get_user_profile: ofUser,
  get_user_posts: ofPost,
  get_user_cameo_appearances: ofPost,
  get_user_followers: { ...ofUser, follows: 1 },
  get_user_following: { ...ofUser, follows: 1 },
  get_cameo_leaderboard: { ...ofUser, leaderboard_entries: 1 },
  search_users: { ...ofUser, search_entries: 1 },
  get_video_download_info: ofPost,
  upload_image: {},
  create_video: {},
  get_task_status: { tasks: 1 },
  get_task_detail: ofPost,
}
