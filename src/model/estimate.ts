import { endpointOf, endpoints, type EndpointName } from './endpoints.js'
import type { ListFacts } from './order.js'
import { exactUsd, fullPriceOf, type Prices } from './prices.js'
import { leftOutBy, pagesLeft, type WalkLimits } from './walk-plan.js'

/** Pending requests that are alike. */
export interface PendingGroup extends ListFacts {
  endpoint: EndpointName
  page: number
  requests: number
}

/** What a held post has on average, as its counters announce it; NULL where no post is held. */
export interface PostAverages {
  posts: number
  /** Pages of direct comments. */
  commentPages: number
  /** Replies of all depths. */
  replies: number
  remixPages: number
  remixes: number
  /** Calls for a reply: lists of replies are short, and those of deleted comments mostly empty. */
  callsAReply: number
}

/** Calls of one endpoint and their price, before discounts. */
export interface EndpointEstimate {
  endpoint: EndpointName
  pending: number
  /** If counters are right, no fewer: what is pending, the pages it announces, the replies below it. */
  least_calls: number
  least_usd: number
  /** With replies in short lists, and with what posts not yet seen bring; NULL if no post is held. */
  expected_calls: number | null
  expected_usd: number | null
}

/** What is left to ask, and what it is likely to cost. */
export interface Estimate {
  endpoints: EndpointEstimate[]
  pending: number
  least_calls: number
  least_usd: number
  expected_calls: number | null
  expected_usd: number | null
  /** Posts not yet seen that are counted on in what is expected. */
  expected_posts: number | null
  /** Lists that announce no end; each is counted with one page, or as many as `--max-pages` allows. */
  endless: EndpointName[]
}

/** What an estimate is made of. */
export interface EstimateFacts {
  /** Gone through once: there may be as many as requests. */
  groups: Iterable<PendingGroup>
  averages: PostAverages | null
  limits: WalkLimits
  prices: Prices
}

type Calls = Map<EndpointName, number>

/** Reckons what pending requests lead to. Counters can be wrong, so it decides nothing. */
export function estimate({ groups, averages, limits, prices }: EstimateFacts): Estimate {
  const pending: Calls = new Map()
  const least: Calls = new Map()
  const expected: Calls = new Map()
  const endless = new Set<EndpointName>()
  let newPosts = 0
  for (const group of groups) {
    const { endpoint, requests } = group
    if (isEndless(group)) endless.add(endpoint)
    const pages = pagesOf(group, limits)
    add(pending, endpoint, requests)
    add(least, endpoint, requests * pages)
    add(expected, endpoint, requests * pages)
    const replies = repliesBelow(group)
    const replyPage = endpointOf('get_comment_replies').pageSize!
    if (isWanted(limits, 'get_comment_replies', 1)) {
      add(least, 'get_comment_replies', requests * Math.ceil(replies / replyPage))
      const callsAReply = averages?.callsAReply ?? 0
      add(expected, 'get_comment_replies', requests * replies * callsAReply)
    }
    newPosts += requests * postsOn(group, pages)
  }
  const posts = averages === null ? null : addNewPosts(expected, { newPosts, averages, limits })
  return toEstimate(
    { pending, least, expected: averages === null ? null : expected },
    { prices, posts, endless: [...endless] },
  )
}

/** Pages of a list that are left, this one included: at least one. */
function pagesOf(group: PendingGroup, limits: WalkLimits): number {
  const { endpoint, announced, itemsHeld: held, page } = group
  const allowed = (limits.maxPages[endpointOf(endpoint).step] ?? Infinity) - page + 1
  if (announced === null) return isEndless(group) && allowed < Infinity ? Math.max(1, allowed) : 1
  return Math.max(1, Math.min(allowed, pagesLeft(endpoint, { announced, held })))
}

/** Lists that hold many items and announce nothing. */
const isEndless = ({ endpoint, announced }: PendingGroup): boolean =>
  announced === null && endpointOf(endpoint).paged && endpointOf(endpoint).subject === null

/** Replies that counters announce below the items of a list that are not held. */
function repliesBelow({ announced, announcedBelow, itemsHeld }: PendingGroup): number {
  if (announced === null || announcedBelow === null) return 0
  return (announcedBelow * Math.max(0, announced - itemsHeld)) / announced
}

/** Posts that the pages of a list are expected to show. */
function postsOn({ endpoint, announced, itemsHeld, pagesHeld }: PendingGroup, pages: number) {
  if (endpoint === 'get_post_detail') return 1
  const { items, pageSize } = endpointOf(endpoint)
  if (items !== 'posts') return 0
  if (announced !== null) return Math.max(0, announced - itemsHeld)
  return pages * (pagesHeld > 0 ? itemsHeld / pagesHeld : pageSize!)
}

/** Remixes of remixes: the sum of a series that ends, since a level is smaller than the one above. */
const mostRemixesAPost = 0.9

/** Adds the calls for posts not yet seen and for the remixes below them. @returns how many posts */
function addNewPosts(
  calls: Calls,
  { newPosts, averages, limits }: { newPosts: number; averages: PostAverages; limits: WalkLimits },
): number {
  const walksRemixes = isWanted(limits, 'get_post_remix_list', 1)
  const share = walksRemixes ? Math.min(averages.remixes, mostRemixesAPost) : 0
  const posts = newPosts / (1 - share)
  const { commentPages, replies, callsAReply, remixPages } = averages
  if (isWanted(limits, 'get_post_comments', 0))
    add(calls, 'get_post_comments', posts * commentPages)
  if (isWanted(limits, 'get_post_comments', 0) && isWanted(limits, 'get_comment_replies', 1))
    add(calls, 'get_comment_replies', posts * replies * callsAReply)
  if (walksRemixes) add(calls, 'get_post_remix_list', posts * remixPages)
  return posts
}

const isWanted = (limits: WalkLimits, endpoint: EndpointName, depth: number): boolean => {
  const { step } = endpointOf(endpoint)
  return leftOutBy(limits, { step, page: 1, depth, postedAt: null }) === null
}

const add = (calls: Calls, endpoint: EndpointName, more: number): void => {
  if (more > 0) calls.set(endpoint, (calls.get(endpoint) ?? 0) + more)
}

function toEstimate(
  { pending, least, expected }: { pending: Calls; least: Calls; expected: Calls | null },
  { prices, posts, endless }: { prices: Prices; posts: number | null; endless: EndpointName[] },
): Estimate {
  const rows = endpoints
    .map(({ name }) => name)
    .filter((name) => [pending, least, expected].some((calls) => calls?.has(name)))
    .map((endpoint): EndpointEstimate => {
      const price = fullPriceOf(prices, endpoint)
      const leastCalls = Math.ceil(least.get(endpoint) ?? 0)
      const expectedCalls =
        expected === null ? null : Math.max(leastCalls, Math.round(expected.get(endpoint) ?? 0))
      return {
        endpoint,
        pending: pending.get(endpoint) ?? 0,
        ...{ least_calls: leastCalls, least_usd: exactUsd(leastCalls * price) },
        expected_calls: expectedCalls,
        expected_usd: expectedCalls === null ? null : exactUsd(expectedCalls * price),
      }
    })
  const sum = (name: 'pending' | 'least_calls' | 'least_usd'): number =>
    exactUsd(rows.reduce((total, row) => total + row[name], 0))
  const sumExpected = (name: 'expected_calls' | 'expected_usd'): number | null =>
    expected === null ? null : exactUsd(rows.reduce((total, row) => total + (row[name] ?? 0), 0))
  return {
    endpoints: rows,
    ...{ pending: sum('pending'), least_calls: sum('least_calls'), least_usd: sum('least_usd') },
    expected_calls: sumExpected('expected_calls'),
    expected_usd: sumExpected('expected_usd'),
    expected_posts: posts === null ? null : Math.round(posts),
    endless,
  }
}
