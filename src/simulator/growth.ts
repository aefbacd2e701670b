import { isGone, isMarked, mark } from './marks.js'
import type { Settings } from './options.js'
import { powerLaw } from './random.js'

/** Nodes while they are being made, an array a property. */
export interface Growth {
  parent: number[]
  firstRemix: number[]
  remixCount: number[]
  firstReply: number[]
  replyCount: number[]
  depth: number[]
  author: number[]
  postedAt: number[]
  marks: number[]
}

/** Nothing grown yet. */
export const growth = (): Growth => ({
  parent: [],
  firstRemix: [],
  remixCount: [],
  firstReply: [],
  replyCount: [],
  depth: [],
  author: [],
  postedAt: [],
  marks: [],
})

/** Posts of the network appear within these microseconds: 2025-10-05 to 2026-01-31. */
const firstPostAt = Date.UTC(2025, 9, 5) * 1000
const lastPostAt = Date.UTC(2026, 0, 31) * 1000

const deepestRemix = 7
const deepestReply = 8
const chainDepth = 5

/** Original 1 has enough comments and remixes for several pages, in all but the tiniest networks. */
const busyOriginal = 1

/** Grows originals, then their remixes level by level. */
export function growPosts(grown: Growth, settings: Settings, random: () => number): void {
  const gone = settings.posts >= 10 ? Math.ceil(settings.posts * 0.02) : 0
  for (let post = 0; post < settings.posts + gone; post++) {
    const isGone = post >= settings.posts
    plant(grown, {
      parent: -1,
      depth: 0,
      author: drawPerson(settings, random),
      postedAt: Math.floor(firstPostAt + random() * (lastPostAt - firstPostAt)),
      marks: isGone ? mark.tombstoned : drawPostMarks(post, random),
    })
  }
  for (let post = 0; post < grown.parent.length; post++) {
    const depth = grown.depth[post] ?? 0
    const drawn = powerLaw(random(), settings.remixes, 300)
    const least = leastRemixes(grown, post, settings)
    const count = depth >= deepestRemix ? 0 : Math.max(least, drawn)
    grown.firstRemix[post] = grown.parent.length
    grown.remixCount[post] = count
    growRemixes(grown, post, { count, settings, random })
  }
}

function leastRemixes(grown: Growth, post: number, settings: Settings): number {
  if (settings.remixes === 0) return 0
  if (isGoneOriginal(grown, post) || continuesChain(grown, post)) return 1
  return post === busyOriginal && settings.posts >= 10 ? 23 : 0
}

function growRemixes(
  grown: Growth,
  post: number,
  { count, settings, random }: { count: number; settings: Settings; random: () => number },
): void {
  let postedAt = grown.postedAt[post] ?? 0
  for (let turn = 0; turn < count; turn++) {
    postedAt += 1 + Math.floor(random() ** 3 * 86_400e6)
    const isChain = turn === 0 && continuesChain(grown, post)
    const isGone = !isChain && grown.parent[post] !== -1 && random() < 0.06
    plant(grown, {
      parent: post,
      depth: (grown.depth[post] ?? 0) + 1,
      author: drawPerson(settings, random),
      postedAt,
      marks: isGone ? mark.tombstoned : drawPostMarks(-1, random) | (isChain ? mark.chain : 0),
    })
  }
}

/** Grows the comments of all posts, then replies level by level. */
export function growComments(grown: Growth, settings: Settings, random: () => number): void {
  const postCount = grown.parent.length
  for (let node = 0; node < grown.parent.length; node++) {
    const isPost = node < postCount
    const depth = isPost ? 0 : (grown.depth[node] ?? 0)
    const mean = isPost ? settings.comments : settings.replies
    const drawn = powerLaw(random(), mean, isPost ? 2000 : 200)
    const least = leastReplies(grown, node, { isPost, settings })
    const isBarren = depth >= deepestReply || isGoneOriginal(grown, node)
    const count = isBarren ? 0 : Math.max(least, drawn)
    grown.firstReply[node] = grown.parent.length
    grown.replyCount[node] = count
    growReplies(grown, node, { count, depth, settings, random })
  }
}

const isGoneOriginal = (grown: Growth, node: number): boolean =>
  grown.parent[node] === -1 && isGone(grown, node)

function leastReplies(
  grown: Growth,
  node: number,
  { isPost, settings }: { isPost: boolean; settings: Settings },
): number {
  if (settings.comments === 0 || (!isPost && settings.replies === 0)) return 0
  const isChain = isMarked(grown, node, mark.chain)
  if (isPost ? isChain : continuesChain(grown, node)) return 1
  return node === busyOriginal && settings.posts >= 10 ? 34 : 0
}

function growReplies(
  grown: Growth,
  node: number,
  how: { count: number; depth: number; settings: Settings; random: () => number },
): void {
  const { count, depth, settings, random } = how
  let postedAt = grown.postedAt[node] ?? 0
  const isChain = isMarked(grown, node, mark.chain)
  for (let turn = 0; turn < count; turn++) {
    postedAt += 2 + Math.floor(random() ** 3 * 7_200e6)
    const isNextInChain = isChain && turn === 0
    plant(grown, {
      parent: node,
      depth: depth + 1,
      author: random() < 0.005 ? -1 : drawPerson(settings, random),
      postedAt,
      marks: drawCommentMarks(random) | (isNextInChain ? mark.chain : 0),
    })
  }
}

interface Seedling {
  parent: number
  depth: number
  author: number
  postedAt: number
  marks: number
}

function plant(grown: Growth, { parent, depth, author, postedAt, marks }: Seedling): void {
  grown.parent.push(parent)
  grown.firstRemix.push(0)
  grown.remixCount.push(0)
  grown.firstReply.push(0)
  grown.replyCount.push(0)
  grown.depth.push(depth)
  grown.author.push(author)
  grown.postedAt.push(postedAt)
  grown.marks.push(marks)
}

const continuesChain = (grown: Growth, node: number): boolean =>
  isMarked(grown, node, mark.chain) && (grown.depth[node] ?? 0) < chainDepth

function drawPostMarks(original: number, random: () => number): number {
  const is2026 = random() < 0.08 || original === 3
  const isHuge = random() < 0.002 || original === 4
  return (is2026 ? mark.keys2026 : 0) | (isHuge ? mark.huge : 0) | (original === 0 ? mark.chain : 0)
}

function drawCommentMarks(random: () => number): number {
  const chance = random()
  if (chance < 0.04) return mark.tombstoned
  return chance < 0.07 ? mark.video : 0
}

const drawPerson = (settings: Settings, random: () => number): number =>
  Math.floor(random() ** 2.2 * settings.users)
