import { brokenFeedItems, brokenListings } from './broken.js'
import { castScene, driftScene } from './drift.js'
import { endScene } from './ends.js'
import type { Item, Page } from './listings.js'
import { feedCursor, toPages } from './listings.js'
import type { Comment, Post } from './network.js'
import { Network } from './network.js'
import { remixScene, serveRemixes } from './remixes.js'
import { tellTruth } from './rows.js'
import { flatScene, leaves, serveComments, serveReplies, threadScene } from './threads.js'
import { listingName } from './truth.js'
import { toCursor } from './wire.js'

export interface Scenario {
  seed: number
  /** Ordinary posts with ordinary threads, beside those of the scenes. */
  feedPosts: number
  feedEnd: 'null' | 'absent' | 'empty' | 'circle' | 'endless'
  /** Flat comments and replies, lists of bare posts. */
  forms: boolean
  /** Deep, wide and odd remix trees. */
  remixes: boolean
  /** Deep, inlined and buried replies. */
  threads: boolean
  /** Every way a listing ends; empty and repeating pages in the feed. */
  ends: boolean
  /** Items and fields that cannot be read as expected, strange texts. */
  broken: boolean
  /** Values that change between answers; users seen only as cast or mentioned. */
  drift: boolean
}

/** Everything at once. */
export const hostile: Scenario = {
  seed: 1,
  feedPosts: 48,
  feedEnd: 'circle',
  forms: true,
  remixes: true,
  threads: true,
  ends: true,
  broken: true,
  drift: true,
}

/** An API that behaves: to see whether a failure is about hostility at all. */
export const gentle: Scenario = {
  seed: 1,
  feedPosts: 48,
  feedEnd: 'null',
  forms: false,
  remixes: false,
  threads: false,
  ends: false,
  broken: false,
  drift: false,
}

interface Entry {
  item: Item
  broken: boolean
}

/** The whole network of a scenario, its listings and its truth. */
export function buildNetwork(scenario: Scenario): Network {
  const net = new Network(scenario.seed)
  const ordinary = Array.from({ length: scenario.feedPosts }, (_, i) =>
    ordinaryPost(net, scenario, i),
  )
  const drift = scenario.drift ? driftScene(net) : { early: [], late: [] }
  const posts = [
    ...ordinary,
    ...(scenario.ends ? endScene(net) : []),
    ...(scenario.threads ? [sceneOf(net, threadScene), sceneOf(net, threadScene)] : []),
    ...(scenario.threads && scenario.remixes ? threadUnderRemix(net) : []),
    ...(scenario.forms ? [sceneOf(net, flatScene)] : []),
    ...(scenario.remixes ? remixScene(net, scenario.forms) : []),
    ...(scenario.broken ? [brokenListings(net)] : []),
  ]
  const items = [...posts.map((post) => net.wrap(post)), ...(scenario.drift ? castScene(net) : [])]
  const entries = [
    ...items.map((item) => ({ item, broken: false })),
    ...(scenario.broken ? brokenFeedItems(net) : []).map(({ item, anomaly }) => ({
      item,
      broken: anomaly,
    })),
  ]
  const mixed = shuffled(net, scenario.ends ? withRepeats(net, entries, items) : entries)
  const last = [...drift.late, net.wrap(ordinaryPost(net, scenario, 0))]
  const middle = [...drift.early.map((item) => ({ item, broken: false })), ...mixed]
  serveFeed(net, scenario, middle, last, ordinary)
  offerUser(net)
  tellTruth(net)
  return net
}

function sceneOf(net: Network, scene: (net: Network, post: Post) => void): Post {
  const post = net.newPost()
  scene(net, post)
  return post
}

/** A thread with everything in it under a remix of a remix: roots and paths run on. */
function threadUnderRemix(net: Network): Post[] {
  const root = net.newPost()
  const remix = net.newPost(root)
  const second = net.newPost(remix)
  threadScene(net, second)
  serveRemixes(net, remix, [second])
  serveRemixes(net, root, [remix])
  return [root]
}

function ordinaryPost(net: Network, { forms }: Scenario, i: number): Post {
  const { random } = net
  const post = net.newPost(null, net.crowd[i % net.crowd.length])
  const flat = forms && random.chance(0.15)
  const comments = leaves(net, post, random.pick([0, 0, 1, 3, 10, 11, 24]), flat)
  if (!flat) for (const comment of comments.slice(0, 4)) replyAtRandom(net, comment)
  if (comments.length > 0) serveComments(net, post, comments, flat ? 'children' : undefined)
  const remixes = Array.from({ length: random.pick([0, 0, 0, 1, 3]) }, () => net.newPost(post))
  if (remixes.length > 0) serveRemixes(net, post, remixes, forms && random.chance(0.3))
  return post
}

function replyAtRandom(net: Network, comment: Comment): void {
  const count = comment.depth < 4 && net.random.chance(0.4) ? 1 + net.random.int(12) : 0
  if (count === 0) return
  const replies = Array.from({ length: count }, () => net.newComment(comment.post, comment))
  replyAtRandom(net, replies[0]!)
  serveReplies(net, comment, replies)
}

/** The same post several times in the feed, on one page and on several. */
function withRepeats(net: Network, entries: Entry[], items: Item[]): Entry[] {
  const again = items.filter(() => net.random.chance(0.15))
  return [...entries, ...again.map((item) => ({ item, broken: false }))]
}

function shuffled<T>(net: Network, list: T[]): T[] {
  const left = [...list]
  return list.map(() => left.splice(net.random.int(left.length), 1)[0]!)
}

function serveFeed(
  net: Network,
  { ends, feedEnd }: Scenario,
  entries: Entry[],
  last: Item[],
  ordinary: Post[],
): void {
  const pages: Page[] = []
  const left = [...entries]
  while (left.length > 0) {
    const cut = left.splice(0, ends && pages.length === 3 ? 4 : 15)
    const broken = cut.filter((entry) => entry.broken).length
    pages.push({ items: cut.map(({ item }) => item), ...(broken > 0 ? { broken } : {}) })
    if (ends && pages.length === 2) pages.push({ items: [] })
  }
  pages.push({ items: last })
  for (const [i, page] of pages.entries()) {
    page.cursor = feedCursor(i + 1)
    if (ends && i % 3 !== 2) page.hasMore = i % 3 === 0
  }
  const needed = pages.length + (feedEnd === 'endless' ? 3 : 0)
  endFeed(
    pages,
    feedEnd,
    ordinary.slice(0, 15).map((post) => net.wrap(post)),
  )
  net.serve('get_feed', '', pages, needed)
  if (feedEnd === 'circle' || feedEnd === 'endless') {
    net.truth.oddEnds.set(listingName('get_feed', ''), feedEnd)
  }
}

function endFeed(pages: Page[], feedEnd: Scenario['feedEnd'], known: Item[]): void {
  const last = pages.at(-1)!
  switch (feedEnd) {
    case 'null':
      last.cursor = null
      return
    case 'absent':
      delete last.cursor
      return
    case 'empty':
      last.cursor = ''
      return
    case 'circle':
      last.cursor = feedCursor(1)
      return
    case 'endless':
      for (let i = 0; i < 40; i++) {
        pages.push({ items: known, cursor: i < 39 ? feedCursor(pages.length + 1) : null })
      }
  }
}

/** All posts of one of the crowd, as `get_user_posts` tells them. */
function offerUser(net: Network): void {
  const userId = net.crowd[0]!['user_id'] as string
  const theirs = net.posts.filter((post) => postIsOf(post, userId))
  const pages = toPages(
    theirs.map((post) => net.wrap(post)),
    30,
    (i) => toCursor({ kind: 'sv2_created_at', created_at: 1760000000.5 - i }),
  )
  net.offer('get_user_posts', userId, pages)
}

export const postIsOf = (post: Post, userId: string): boolean =>
  post.wire['shared_by'] === userId && !post.quiet && post.dead === 'no'
