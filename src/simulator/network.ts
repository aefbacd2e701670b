import { Adjacency } from './adjacency.js'
import { growComments, growPosts, growth } from './growth.js'
import { isGone, isMarked, mark } from './marks.js'
import { buildPeople, charactersOf } from './people.js'
import type { People } from './people.js'
import { createRandom, isAmong, mix } from './random.js'
import type { Settings } from './options.js'

/**
 * The skeleton of the network: posts are nodes 0 to postCount - 1, comments follow. The direct
 * remixes of a post and the direct comments of a node are neighbours, ordered by time.
 */
export interface Network {
  seed: number
  postCount: number
  nodeCount: number
  /** What a node hangs under; -1 for originals. */
  parent: Int32Array
  firstRemix: Int32Array
  remixCount: Int32Array
  firstReply: Int32Array
  replyCount: Int32Array
  recursiveReplyCount: Int32Array
  /** Of posts: remixes from the original (0); of comments: comments from the post (1). */
  depth: Uint8Array
  /** Index of a person; -1: the account is gone. */
  author: Int32Array
  /** Microseconds since 1970. */
  postedAt: Float64Array
  marks: Uint8Array
  /** Posts in the order of the feed. */
  feed: Int32Array
  /** People cast in a post. */
  cast: Adjacency
  people: People
}

/** Builds the network of a seed: 200,000 comments take less than a second and some 20 MB. */
export function buildNetwork(settings: Settings): Network {
  const random = createRandom(mix(settings.seed, 1))
  const grown = growth()
  growPosts(grown, settings, random)
  const postCount = grown.parent.length
  growComments(grown, settings, random)
  const nodeCount = grown.parent.length
  const cast = castPosts(postCount, grown.marks, settings)
  const skeleton = {
    seed: settings.seed,
    postCount,
    nodeCount,
    parent: Int32Array.from(grown.parent),
    firstRemix: Int32Array.from(grown.firstRemix),
    remixCount: Int32Array.from(grown.remixCount),
    firstReply: Int32Array.from(grown.firstReply),
    replyCount: Int32Array.from(grown.replyCount),
    recursiveReplyCount: countReplies(grown.parent, grown.replyCount, postCount),
    depth: Uint8Array.from(grown.depth),
    author: Int32Array.from(grown.author),
    postedAt: Float64Array.from(grown.postedAt),
    marks: Uint8Array.from(grown.marks),
    feed: Int32Array.from(rankFeed(grown.parent, grown.marks, { postCount, random })),
    cast,
  }
  return { ...skeleton, people: buildPeople(skeleton, settings) }
}

/** The node is a comment or a reply. */
export const isComment = (network: Network, node: number): boolean => node >= network.postCount

/** The object shows a video. */
export const hasVideo = (network: Network, node: number): boolean =>
  isComment(network, node) ? isMarked(network, node, mark.video) : !isGone(network, node)

/** Who wrote a node, as objects tell it: -1 where it was deleted, or the account is gone. */
export const authorOf = (network: Network, node: number): number =>
  isGone(network, node) ? -1 : (network.author[node] ?? -1)

/** Ancestors of a node, nearest first. */
export function ancestorsOf(network: Network, node: number): number[] {
  const path: number[] = []
  for (let at = network.parent[node] ?? -1; at >= 0; at = network.parent[at] ?? -1) path.push(at)
  return path
}

/** The post that a comment hangs under. */
export function postOf(network: Network, node: number): number {
  let at = node
  while (at >= network.postCount) at = network.parent[at] ?? 0
  return at
}

function countReplies(parent: number[], replyCount: number[], postCount: number): Int32Array {
  const all = Int32Array.from(replyCount)
  for (let node = parent.length - 1; node >= postCount; node--) {
    const above = parent[node] ?? 0
    all[above] = (all[above] ?? 0) + (all[node] ?? 0)
  }
  return all
}

function castPosts(postCount: number, marks: number[], settings: Settings): Adjacency {
  const pairs: [number, number][] = []
  for (let post = 0; post < postCount; post++) {
    const bits = mix(settings.seed, post, 21)
    if (isGone({ marks }, post)) continue
    if (!isAmong(bits, 0.15) && post !== 2) continue
    const drawn = Array.from({ length: 1 + (bits % 3) }, (_, turn) => {
      const chance = mix(settings.seed, post, 22 + turn)
      const everyone = settings.users + charactersOf(settings.users)
      return Math.floor((chance / 4294967296) ** 2.5 * everyone)
    })
    for (const person of new Set(drawn)) pairs.push([post, person])
  }
  return Adjacency.of(postCount, pairs)
}

function rankFeed(
  parent: number[],
  marks: number[],
  { postCount, random }: { postCount: number; random: () => number },
): number[] {
  const feed: number[] = []
  for (let post = 0; post < postCount; post++) {
    const above = parent[post] ?? -1
    const isOrphan = above >= 0 && (parent[above] ?? -1) < 0 && isGone({ marks }, above)
    if (!isGone({ marks }, post) && (above < 0 || isOrphan || random() < 0.1)) feed.push(post)
  }
  for (let at = feed.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    ;[feed[at], feed[other]] = [feed[other] ?? 0, feed[at] ?? 0]
  }
  return feed
}
