import { countersOf } from './counters.js'
import type { Counter, Counters } from './counters.js'
import { walkFrom } from './fewest-requests.js'
import type { FewestRequests } from './fewest-requests.js'
import { idOf, userIdOf } from './identity.js'
import { authorOf, hasVideo, postOf } from './network.js'
import type { Network } from './network.js'
import { isGone } from './marks.js'
import type { Settings } from './options.js'
import { textOf } from './texts.js'
import { displayNameOf, usernameOf } from './usernames.js'

/** A post as it is, with the counters that its objects tell. */
export interface TruthPost extends Counters {
  post_id: string
  /** NULL: tombstoned. */
  author_id: string | null
  text: string
  /** Microseconds since 1970. */
  posted_at: number
  parent_post_id: string | null
  root_post_id: string | null
  /** 0: an original. */
  depth: number
  tombstoned: boolean
  in_feed: boolean
  /** A crawl from the feed sees it as an item, not only as somebody's parent. */
  reached: boolean
  cameo_user_ids: string[]
}

/** A comment or reply as it is, with the counters that its objects tell. */
export interface TruthComment {
  comment_id: string
  /** The post it hangs under. */
  post_id: string
  parent_comment_id: string | null
  /** 1: directly under the post. */
  depth: number
  /** NULL: tombstoned, or the account is gone. */
  author_id: string | null
  text: string
  posted_at: number
  tombstoned: boolean
  has_video: boolean
  reached: boolean
  like_count: number
  reply_count: number
  recursive_reply_count: number
}

/** A person or character as it is. */
export interface TruthUser {
  user_id: string
  username: string
  display_name: string | null
  owner_user_id: string | null
  follower_count: number
  following_count: number
  post_count: number
  cameo_count: number
}

/** All that exists. */
export interface Truth {
  seed: number
  posts: TruthPost[]
  comments: TruthComment[]
  remixes: { parent_post_id: string; remix_post_id: string }[]
  users: TruthUser[]
  /** Of a crawl from `feed`. */
  fewest_requests: FewestRequests
}

/** Tells everything about a network; made anew at each call. */
export function truthOf(network: Network, settings: Settings): Truth {
  const { requests, by_endpoint, posts: reached } = walkFrom(network, settings, 'feed')
  const feed = new Set(network.feed)
  const posts = range(0, network.postCount)
  const comments = range(network.postCount, network.nodeCount)
  return {
    seed: network.seed,
    posts: posts.map((post) => truePost(network, post, { reached, feed })),
    comments: comments.map((node) => trueComment(network, node, reached)),
    remixes: posts.flatMap((post) => {
      const parent = network.parent[post] ?? -1
      return parent < 0
        ? []
        : [{ parent_post_id: idOf(network, parent), remix_post_id: idOf(network, post) }]
    }),
    users: range(0, network.people.count).map((person) => trueUser(network, person)),
    fewest_requests: { requests, by_endpoint },
  }
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, turn) => from + turn)

function authorIdOf(network: Network, node: number): string | null {
  const author = authorOf(network, node)
  return author < 0 ? null : userIdOf(network, author)
}

function truePost(
  network: Network,
  post: number,
  { reached, feed }: { reached: Set<number>; feed: Set<number> },
): TruthPost {
  const parent = network.parent[post] ?? -1
  let root = post
  while ((network.parent[root] ?? -1) >= 0) root = network.parent[root] ?? 0
  return {
    post_id: idOf(network, post),
    author_id: authorIdOf(network, post),
    text: textOf(network, post).text,
    posted_at: network.postedAt[post] ?? 0,
    parent_post_id: parent < 0 ? null : idOf(network, parent),
    root_post_id: parent < 0 ? null : idOf(network, root),
    depth: network.depth[post] ?? 0,
    tombstoned: isGone(network, post),
    in_feed: feed.has(post),
    reached: reached.has(post),
    cameo_user_ids: [...network.cast.get(post)].map((person) => userIdOf(network, person)),
    ...countersOf(network, post),
  }
}

function trueComment(network: Network, node: number, reached: Set<number>): TruthComment {
  const parent = network.parent[node] ?? 0
  const counters = countersOf(network, node)
  return {
    comment_id: idOf(network, node),
    post_id: idOf(network, postOf(network, node)),
    parent_comment_id: parent < network.postCount ? null : idOf(network, parent),
    depth: network.depth[node] ?? 0,
    author_id: authorIdOf(network, node),
    text: textOf(network, node).text,
    posted_at: network.postedAt[node] ?? 0,
    tombstoned: isGone(network, node),
    has_video: hasVideo(network, node),
    reached: reached.has(postOf(network, node)),
    like_count: counters.like_count,
    reply_count: counters.reply_count,
    recursive_reply_count: counters.recursive_reply_count,
  }
}

function trueUser(network: Network, person: number): TruthUser {
  const { people } = network
  const owner = person - people.firstCharacter
  return {
    user_id: userIdOf(network, person),
    username: usernameOf(network, person),
    display_name: displayNameOf(network, person),
    owner_user_id: owner < 0 ? null : userIdOf(network, owner),
    follower_count: people.followers.count(person),
    following_count: people.following.count(person),
    post_count: people.posts.count(person),
    cameo_count: people.appearances.count(person),
  }
}

/** The truth as JSON text, integers above 2^53 written out. */
export function truthText(truth: Truth): string {
  const isBig = (value: unknown): value is Exclude<Counter, number> => typeof value === 'bigint'
  const text = JSON.stringify(truth, (_, value: unknown) =>
    isBig(value) ? `#int#${value}` : value,
  )
  return text.replace(/"#int#(\d+)"/g, '$1')
}
