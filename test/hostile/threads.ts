import type { Item, Page, Shape } from './listings.js'
import { commentCursor, toPages } from './listings.js'
import type { Comment, Network, Post } from './network.js'
import type { Wire } from './wire.js'

const repliesPerPage = 10

/** The documented flat form; what it leaves out is known from the request only. */
function flatItem({ wire, profile }: Comment): Wire {
  return {
    id: wire['id'],
    text: wire['text'],
    posted_by: wire['shared_by'],
    posted_at: wire['posted_at'],
    like_count: wire['like_count'],
    ...('reply_count' in wire ? { reply_count: wire['reply_count'] } : {}),
    profile: {
      username: profile['username'],
      display_name: profile['display_name'],
      profile_picture_url: profile['profile_picture_url'],
    },
  }
}

/** A comment as an item of a list: flat, or a tree node with `inlined` replies in it. */
export function commentItem(net: Network, comment: Comment, inlined: Inlined = none): Item {
  if (comment.flat) return () => flatItem(comment)
  return (nowUs) => ({
    ...net.wrap(comment)(nowUs),
    children: { items: inlined.items.map((item) => item(nowUs)), cursor: inlined.cursor },
    cursor: null,
  })
}

interface Inlined {
  items: Item[]
  cursor: string | null
}
const none: Inlined = { items: [], cursor: null }

const recursive = (comments: Comment[]): number =>
  comments.reduce((sum, { wire }) => sum + 1 + Number(wire['recursive_reply_count'] ?? 0), 0)

/** Sets both counters to what is there; to be called from the leaves up. */
export function announce(target: Post | Comment, comments: Comment[]): void {
  target.wire['reply_count'] = comments.length
  target.wire['recursive_reply_count'] = recursive(comments)
}

/** Ordinary comment pages of a post, in one of the shapes that such pages have. */
export function commentPages(net: Network, post: Post, items: Item[], shape?: Shape): Page[] {
  const chosen = shape ?? (post.quiet ? 'children' : net.random.pick(['tree', 'children'] as const))
  const pages = toPages(items, repliesPerPage, (i) => commentCursor(post.id, i))
  const top = chosen === 'children' || chosen === 'items' ? {} : { top: net.wrap(post) }
  return pages.map((page) => ({ ...page, ...top, shape: chosen }))
}

export function serveComments(net: Network, post: Post, comments: Comment[], shape?: Shape): void {
  announce(post, comments)
  const items = comments.map((comment) => commentItem(net, comment))
  net.serve('get_post_comments', post.id, commentPages(net, post, items, shape))
}

export function replyPages(net: Network, comment: Comment, replies: Comment[]): Page[] {
  const items = replies.map((reply) => commentItem(net, reply))
  const pages = toPages(items, repliesPerPage, (i) => commentCursor(comment.id, i))
  const top = comment.flat ? {} : { top: net.wrap(comment) }
  return pages.map((page) => ({ ...page, ...top, shape: comment.flat ? 'children' : 'tree' }))
}

/** A tombstone announces nothing, so its replies are asked whatever their number. */
export function serveReplies(net: Network, comment: Comment, replies: Comment[]): void {
  if (!comment.dead) announce(comment, replies)
  net.serve('get_comment_replies', comment.id, replyPages(net, comment, replies))
}

/** `count` comments under the post, with nothing below them. */
export const leaves = (net: Network, post: Post, count: number, flat = false): Comment[] =>
  Array.from({ length: count }, () => net.newComment(post, null, flat))

/** Every way of telling replies: deep, inlined, partly inlined, under tombstones, flat. */
export function threadScene(net: Network, post: Post): void {
  const tops = [
    deepThread(net, post),
    longThread(net, post),
    inlinedWhole(net, post),
    inlinedWithCursor(net, post),
    inlinedInPart(net, post),
    inlinedBesideCursor(net, post),
    buriedWithReplies(net, post, 2),
    buriedWithReplies(net, post, 0),
    repliesAllDeep(net, post),
  ]
  announce(
    post,
    tops.map(({ comment }) => comment),
  )
  const items = tops.map(({ comment, inlined }) => commentItem(net, comment, inlined))
  net.serve('get_post_comments', post.id, commentPages(net, post, items, 'tree'))
}

interface Top {
  comment: Comment
  inlined?: Inlined
}

/** Replies down to depth 6, one below the other, each to be asked for. */
function deepThread(net: Network, post: Post): Top {
  const chain: Comment[] = [net.newComment(post)]
  while (chain.length < 6) chain.push(net.newComment(post, chain.at(-1)!))
  for (let i = chain.length - 2; i >= 0; i--) serveReplies(net, chain[i]!, [chain[i + 1]!])
  return { comment: chain[0]! }
}

function longThread(net: Network, post: Post): Top {
  const comment = net.newComment(post)
  const replies = Array.from({ length: 23 }, () => net.newComment(post, comment))
  serveReplies(net, comment, replies)
  return { comment }
}

/** All replies inlined, two levels of them, but for one grandchild that must be asked for. */
function inlinedWhole(net: Network, post: Post): Top {
  const comment = net.newComment(post)
  const replies = [0, 1, 2].map(() => net.newComment(post, comment))
  const below = [0, 1].map(() => net.newComment(post, replies[0]!))
  const asked = net.newComment(post, replies[1]!)
  announce(replies[0]!, below)
  serveReplies(net, replies[1]!, [asked])
  announce(comment, replies)
  const inner = { items: below.map((each) => commentItem(net, each)), cursor: null }
  const items = replies.map((each, i) => commentItem(net, each, i === 0 ? inner : none))
  return { comment, inlined: { items, cursor: null } }
}

/** 3 of 7 inlined beside a cursor: from the start or from there, it is one page. */
function inlinedWithCursor(net: Network, post: Post): Top {
  const comment = net.newComment(post)
  const replies = Array.from({ length: 7 }, () => net.newComment(post, comment))
  serveReplies(net, comment, replies)
  const cursor = commentCursor(comment.id, 'inlined')
  const [rest] = replyPages(net, comment, replies.slice(3))
  net.serveAlso('get_comment_replies', comment.id, cursor, rest!)
  const items = replies.slice(0, 3).map((each) => commentItem(net, each))
  return { comment, inlined: { items, cursor } }
}

/** 2 of 6 inlined and no cursor: the count is not reached, so they must be asked for. */
function inlinedInPart(net: Network, post: Post): Top {
  const comment = net.newComment(post)
  const replies = Array.from({ length: 6 }, () => net.newComment(post, comment))
  serveReplies(net, comment, replies)
  const items = replies.slice(0, 2).map((each) => commentItem(net, each))
  return { comment, inlined: { items, cursor: null } }
}

/** Both of 2 inlined, yet beside a cursor: the count is reached, the end is not told. */
function inlinedBesideCursor(net: Network, post: Post): Top {
  const comment = net.newComment(post)
  const replies = [0, 1].map(() => net.newComment(post, comment))
  serveReplies(net, comment, replies)
  const cursor = commentCursor(comment.id, 'inlined')
  const [rest] = replyPages(net, comment, [])
  net.serveAlso('get_comment_replies', comment.id, cursor, rest!)
  return { comment, inlined: { items: replies.map((each) => commentItem(net, each)), cursor } }
}

function buriedWithReplies(net: Network, post: Post, count: number): Top {
  const comment = net.newComment(post)
  net.bury(comment)
  const replies = Array.from({ length: count }, () => net.newComment(post, comment))
  serveReplies(net, comment, replies)
  return { comment }
}

/** No direct reply, yet some below: both counters must be 0 for a listing to be empty. */
function repliesAllDeep(net: Network, post: Post): Top {
  const comment = net.newComment(post)
  serveReplies(net, comment, [])
  comment.wire['recursive_reply_count'] = 2
  return { comment }
}

/** Comments and replies in the documented flat form; only the asked id names their parent. */
export function flatScene(net: Network, post: Post): void {
  const comments = leaves(net, post, 13, true)
  const [deep, wide, native] = comments as [Comment, Comment, Comment]
  const chain = [deep]
  while (chain.length < 4) chain.push(net.newComment(post, chain.at(-1)!, true))
  for (let i = chain.length - 2; i >= 0; i--) serveReplies(net, chain[i]!, [chain[i + 1]!])
  const uncounted = [0, 1].map(() => net.newComment(post, wide, true))
  const below = net.newComment(post, uncounted[0]!, true)
  serveReplies(net, uncounted[0]!, [below])
  serveReplies(net, uncounted[1]!, [])
  for (const each of uncounted) delete each.wire['reply_count']
  serveReplies(net, wide, uncounted)
  serveReplies(net, native, [net.newComment(post, native)])
  serveComments(net, post, comments, 'children')
}
