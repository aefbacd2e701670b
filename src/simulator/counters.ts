import { isComment } from './network.js'
import type { Network } from './network.js'
import { isGone, isMarked, mark } from './marks.js'
import { fraction, mix, powerLaw } from './random.js'

/** A counter; a bigint only where it is above 2^53. */
export type Counter = number | bigint

/** The counters as the object tells them. */
export interface Counters {
  like_count: number
  dislike_count: number
  reply_count: number
  recursive_reply_count: number
  view_count: Counter
  unique_view_count: number
  remix_count: number
  share_count: number
  repost_count: number
}

/** Counters of a node; a tombstone keeps its views and remixes only (`data-shapes.md` 3.9). */
export function countersOf(network: Network, node: number): Counters {
  const isVideo = !isComment(network, node)
  const isDeleted = isGone(network, node)
  const likes = powerLaw(fraction(mix(network.seed, node, 51)), isVideo ? 40 : 3, 1e6)
  const seen = isVideo ? likes * 7 + (mix(network.seed, node, 52) % 90) : 0
  const isHuge = isMarked(network, node, mark.huge)
  return {
    like_count: isDeleted ? 0 : likes,
    dislike_count: 0,
    reply_count: isDeleted ? 0 : (network.replyCount[node] ?? 0),
    recursive_reply_count: isDeleted ? 0 : (network.recursiveReplyCount[node] ?? 0),
    view_count: isHuge ? 9_007_199_254_740_993n + BigInt(node) * 2n : seen,
    unique_view_count: Math.floor(seen * 0.7),
    remix_count: network.remixCount[node] ?? 0,
    share_count: mix(network.seed, node, 53) % 9,
    repost_count: mix(network.seed, node, 54) % 4,
  }
}

/** The counters announce comments; those of a tombstone announce nothing, so they count as if. */
export const mayHaveReplies = (network: Network, node: number): boolean =>
  isGone(network, node) ||
  (network.replyCount[node] ?? 0) > 0 ||
  (network.recursiveReplyCount[node] ?? 0) > 0
