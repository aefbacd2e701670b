import type { Item, Page } from './listings.js'
import { commentCursor, remixCursor } from './listings.js'
import type { Comment, Network, Post } from './network.js'
import { commentItem, leaves, serveComments } from './threads.js'
import { listingName } from './truth.js'

interface PlannedPage {
  /** New items in this page, or the first page's items again. */
  items: number | 'again'
  /** The cursor beside them: null, not there, "", or one of this name. */
  next: string | null | undefined
  hasMore?: boolean
}

interface Plan {
  /** What the counter announces; null: there is no counter. */
  announced: number | null
  pages: PlannedPage[]
  /** How many of the pages the rule asks for, where it is not all of them. */
  needed?: number
  odd?: 'circle' | 'endless'
}

const page = (items: number | 'again', next?: string | null, hasMore?: boolean): PlannedPage =>
  hasMore === undefined ? { items, next } : { items, next, hasMore }

const endless = (items: number | 'again'): PlannedPage[] => [
  page(10, 'e0'),
  ...Array.from({ length: 40 }, (_, i) => page(items, `e${i + 1}`)),
  page(items, null),
]

export const plans: Record<string, Plan> = {
  nullCursor: { announced: 23, pages: [page(10, 'a', true), page(10, 'b', true), page(3, null)] },
  absentCursor: { announced: 12, pages: [page(10, 'a'), page(2, undefined)] },
  emptyCursor: { announced: 12, pages: [page(10, 'a'), page(2, '')] },
  emptyPage: { announced: 14, pages: [page(10, 'a'), page(0, 'b'), page(4, null)] },
  twoEmptyPages: {
    announced: 14,
    pages: [page(10, 'a'), page(0, 'b'), page(0, 'c'), page(4, null)],
  },
  emptyPageFirst: { announced: 4, pages: [page(0, 'a'), page(4, null)] },
  twoPagesAgain: {
    announced: 13,
    pages: [page(10, 'a'), page('again', 'b'), page('again', 'c'), page(3, null)],
  },
  shortPages: { announced: 9, pages: [page(3, 'a'), page(1, 'b'), page(5, null)] },
  moreThanAnnounced: { announced: 5, pages: [page(5, 'a'), page(2, null)] },
  lessThanAnnounced: { announced: 7, pages: [page(4, 'a'), page(1, null)] },
  notCounted: { announced: null, pages: [page(10, 'a'), page(2, null)] },
  notCountedAndEmpty: { announced: null, pages: [page(0, null)] },
  falseTooEarly: { announced: 14, pages: [page(10, 'a', false), page(4, null, false)] },
  falseTooEarlyWithRepeats: {
    announced: 14,
    pages: [page(10, 'a', false), page('again', 'b', false), page(4, null)],
  },
  falseAndNotCounted: { announced: null, pages: [page(10, 'a', false), page(3, null)] },
  falseAndReached: { announced: 10, pages: [page(10, 'a', false), page(0, null)], needed: 1 },
  falseAndReachedLater: {
    announced: 14,
    pages: [page(10, 'a', true), page(4, 'b', false), page(0, null)],
    needed: 2,
  },
  falseAndExceeded: { announced: 9, pages: [page(10, 'a', false), page(0, null)], needed: 1 },
  trueWithoutCursor: { announced: 14, pages: [page(10, null, true)] },
  circle: {
    announced: 99,
    pages: [page(10, 'a'), page(10, 'b'), page(10, 'a')],
    odd: 'circle',
  },
  circleOfOne: { announced: 99, pages: [page(10, 'a'), page(10, 'a')], odd: 'circle' },
  endlessRepeats: { announced: 99, pages: endless('again'), needed: 4, odd: 'endless' },
  endlessEmpty: { announced: 99, pages: endless(0), needed: 4, odd: 'endless' },
}

const newItems = ({ pages }: Plan): number =>
  pages.reduce((sum, { items }) => sum + (items === 'again' ? 0 : items), 0)

function plannedPages({ pages }: Plan, items: Item[], cursor: (name: string) => string): Page[] {
  let used = 0
  let first: Item[] = []
  return pages.map((planned) => {
    const count = planned.items === 'again' ? 0 : planned.items
    const own = items.slice(used, (used += count))
    if (first.length === 0) first = own
    const { next, hasMore } = planned
    return {
      items: planned.items === 'again' ? first : own,
      ...(next === undefined ? {} : { cursor: next ? cursor(next) : next }),
      ...(hasMore === undefined ? {} : { hasMore }),
    }
  })
}

function servePlan(net: Network, endpoint: string, subject: string, plan: Plan, pages: Page[]) {
  net.serve(endpoint, subject, pages, plan.needed)
  if (plan.odd) net.truth.oddEnds.set(listingName(endpoint, subject), plan.odd)
}

function count(target: Post | Comment, { announced }: Plan): void {
  if (announced === null) {
    delete target.wire['reply_count']
    delete target.wire['recursive_reply_count']
    return
  }
  target.wire['reply_count'] = announced
  target.wire['recursive_reply_count'] = announced
}

function commentsThatEnd(net: Network, plan: Plan): Post {
  const post = net.newPost()
  const items = leaves(net, post, newItems(plan)).map((comment) => commentItem(net, comment))
  count(post, plan)
  const pages = plannedPages(plan, items, (name) => commentCursor(post.id, name))
  const shaped = pages.map((each): Page => ({ ...each, shape: 'tree', top: net.wrap(post) }))
  servePlan(net, 'get_post_comments', post.id, plan, shaped)
  return post
}

function repliesThatEnd(net: Network, post: Post, plan: Plan): Comment {
  const comment = net.newComment(post)
  const replies = Array.from({ length: newItems(plan) }, () => net.newComment(post, comment))
  count(comment, plan)
  const items = replies.map((reply) => commentItem(net, reply))
  const pages = plannedPages(plan, items, (name) => commentCursor(comment.id, name))
  const shaped = pages.map((each): Page => ({ ...each, shape: 'children' }))
  servePlan(net, 'get_comment_replies', comment.id, plan, shaped)
  return comment
}

function remixesThatEnd(net: Network, plan: Plan): Post {
  const post = net.newPost()
  const items = Array.from({ length: newItems(plan) }, () => net.wrap(net.newPost(post)))
  post.wire['remix_count'] = plan.announced
  const pages = plannedPages(plan, items, (name) => remixCursor(post.id, name))
  servePlan(net, 'get_post_remix_list', post.id, plan, pages)
  return post
}

/** Reply counter 0, recursive counter 3: only both at 0 announce nothing. */
function onlyDeepOnesCounted(net: Network): Post {
  const post = net.newPost()
  post.wire['recursive_reply_count'] = 3
  net.serve('get_post_comments', post.id, [{ items: [], cursor: null, shape: 'children' }])
  return post
}

/** The cursor at the top instead of in `children`, and the items outside of them. */
function cursorElsewhere(net: Network, shape: 'topCursor' | 'nullAndTop' | 'items'): Post {
  const post = net.newPost()
  serveComments(net, post, leaves(net, post, 14), shape)
  return post
}

/** Every way a listing can end, for comments, replies and remix lists; gives the feed's posts. */
export function endScene(net: Network): Post[] {
  const each = Object.values(plans)
  const threads = net.newPost()
  const comments = each.map((plan) => repliesThatEnd(net, threads, plan))
  serveComments(net, threads, comments, 'tree')
  return [
    threads,
    onlyDeepOnesCounted(net),
    ...(['topCursor', 'nullAndTop', 'items'] as const).map((shape) => cursorElsewhere(net, shape)),
    ...each.map((plan) => commentsThatEnd(net, plan)),
    ...each.map((plan) => remixesThatEnd(net, plan)),
  ]
}
