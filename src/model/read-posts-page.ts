import { forgottenItemOf } from './forgotten-mark.js'
import { isCommentId, isPostId, postIdOfPermalink } from './ids.js'
import { cutOfCursor, findList, hasMoreOf, readCursor, toStretch } from './read-list.js'
import { tellEdge, type CommentPlace } from './read-parents.js'
import { readWrapped } from './read-post.js'
import type { PageReader, Params } from './page.js'
import { isWire, Reading, type Path, type Wire, under } from './reading.js'

/** Which list of posts a page belongs to. */
export type PostList = 'feed' | 'remixes' | 'user' | 'appearances'

const listPlaces: Record<PostList, readonly (readonly string[])[]> = {
  feed: [['items']],
  user: [['items']],
  appearances: [['items']],
  remixes: [
    ['items'],
    ['children', 'items'],
    ['post', 'remix_posts', 'items'],
    ['remix_posts', 'items'],
  ],
}

/** Reads a page of posts, wrapped or bare (`data-shapes` 3.1, 3.11, 3.13). */
export const readPostList =
  (list: PostList): PageReader =>
  (data, params) => {
    const reading = new Reading()
    const found = findList(reading, data, listPlaces[list])
    const subject = subjectPost(params)
    const feed = params['cut'] ?? cutOfCursor(params['cursor']) ?? cutOfCursor(found.cursor)
    const itemIds: string[] = []
    found.items.forEach((item, position) => {
      const read = readWrapped(reading, item, under(found.path, position))
      if (read === null) return noteForgotten(item, itemIds)
      itemIds.push(read.id)
      reading.subjects.push({ kind: read.kind, id: read.id })
      if (list === 'feed' && read.kind === 'post')
        reading.tell('feed_entries', {
          ...{ position, feed, post_id: read.id },
          reposter_user_id: read.reposter,
        })
      if (list === 'remixes' && !read.namesParent && subject !== null && isPostId(read.id))
        tellEdge(reading, subject, read.id, 'remix_list')
    })
    reading.listing = toStretch(itemIds, found)
    if (isWire(data) && isWire(data['post']) && list === 'remixes') readTop(reading, data)
    return reading.toPage()
  }

/** The post asked about: by its id, or by its address. */
const subjectPost = (params: Params): string | null => {
  const { post_id, post_url } = params
  if (isPostId(post_id)) return post_id
  return post_url === undefined ? null : postIdOfPermalink(post_url)
}

/** Reads a page of comments on a post: wrapped tree nodes or TikHub's flat ones (3.10). */
export const readComments: PageReader = (data, params) =>
  readTree(data, (top) => {
    const postId = isPostId(params['post_id']) ? params['post_id'] : top
    return isPostId(postId) ? { post_id: postId, parent_comment_id: null, depth: 1 } : {}
  })

/** Reads a page of replies to a comment, in either form (3.10). */
export const readReplies: PageReader = (data, params) =>
  readTree(data, (top) => {
    const commentId = isCommentId(params['comment_id']) ? params['comment_id'] : top
    return isCommentId(commentId) ? { parent_comment_id: commentId } : {}
  })

function readTree(data: unknown, placeUnder: (top: string | null) => CommentPlace) {
  const reading = new Reading()
  const top = isWire(data) && 'post' in data ? readTop(reading, data) : null
  const found = findList(reading, data, [['children', 'items'], ['items']])
  const itemIds = readNodes(reading, found.items, found.path, placeUnder(top))
  reading.listing = toStretch(itemIds, found)
  return reading.toPage()
}

/** The object that the answer is about, repeated above its children. */
function readTop(reading: Reading, data: Wire): string | null {
  const read = data['post'] === null ? null : readWrapped(reading, data, null)
  reading.aboutId = read?.id ?? null
  return read?.id ?? null
}

/** Reads a post with its author, and the comments inlined under it if there are any (3.2, 3.10). */
export const readPostDetail: PageReader = (data) => {
  const reading = new Reading()
  const read = readWrapped(reading, data, null)
  if (read === null) return reading.toPage()
  reading.aboutId = read.id
  reading.subjects.push({ kind: read.kind, id: read.id })
  if (isWire(data)) {
    readInlined(reading, data, { id: read.id, path: null })
    const post = isWire(data['post']) ? data['post'] : data
    tellInlinedRemixes(reading, post, isWire(data['post']) ? under(null, 'post') : null, read.id)
  }
  return reading.toPage()
}

/** The remixes that the post at `path` carries along are the beginning of its list of them. */
function tellInlinedRemixes(reading: Reading, post: Wire, path: Path, subject: string): void {
  const came = post['remix_posts']
  const remixes: Wire = isWire(came) ? came : { items: came }
  if (!Array.isArray(remixes['items']) || remixes['items'].length === 0) return
  const itemIds: string[] = []
  for (const item of remixes['items'] as unknown[]) {
    const id =
      isWire(item) && isWire(item['post']) ? item['post']['id'] : isWire(item) && item['id']
    if (!isPostId(id)) noteForgotten(item, itemIds)
    else {
      itemIds.push(id)
      reading.subjects.push({ kind: 'post', id })
    }
  }
  const endpoint = 'get_post_remix_list'
  const { cursor, problem } = readCursor(reading, remixes, {}, under(path, 'remix_posts'))
  const stretch = { item_ids: itemIds, cursor, has_more: null, ...(problem ? { problem } : {}) }
  reading.inlined.push({ endpoint, subject, ...stretch })
}

/** A list inside another answer, bare or in the object that holds it; NULL if it tells of none. */
function inlinedIn(
  reading: Reading,
  came: unknown,
  path: Path,
): { holder: Wire; items: unknown[]; at: Path } | null {
  if (came === undefined || came === null) return null
  if (Array.isArray(came)) return { holder: {}, items: came, at: path }
  const items = isWire(came) ? came['items'] : came
  const at = isWire(came) ? under(path, 'items') : path
  if (isWire(came) && Array.isArray(items)) return { holder: came, items, at }
  if (items !== undefined && items !== null) reading.note(at, 'expected a list of items', items)
  return null
}

interface PendingNodes {
  items: unknown[]
  path: Path
  place: CommentPlace
  ids: string[]
}

/**
 * Reads tree nodes and all that is inlined below them, level by level (no recursion, so any depth).
 * @returns the ids of the nodes themselves
 */
function readNodes(reading: Reading, items: unknown[], path: Path, place: CommentPlace): string[] {
  const first: PendingNodes = { items, path, place, ids: [] }
  const pending = [first]
  for (let level = pending.pop(); level !== undefined; level = pending.pop()) {
    const { ids } = level
    level.items.forEach((item, index) => {
      const here = under(level.path, index)
      const read = readWrapped(reading, item, here, level.place)
      if (read === null) {
        noteForgotten(item, ids)
        const below = repliesToForgotten(reading, item, here)
        if (below) pending.push({ ...below, place: placeBelowForgotten(level.place), ids: [] })
        return
      }
      ids.push(read.id)
      reading.subjects.push({ kind: read.kind, id: read.id })
      const below = isWire(item) ? childrenOf(reading, item, { id: read.id, path: here }) : null
      if (below) pending.push({ ...below, place: placeBelow(level.place, read.id) })
    })
  }
  return first.ids
}

/** What is forgotten keeps its place in its list. */
function noteForgotten(item: unknown, ids: string[]): void {
  const forgotten = forgottenItemOf(item)
  if (forgotten !== null) ids.push(forgotten)
}

/** The replies to a comment that is forgotten. */
function repliesToForgotten(
  reading: Reading,
  item: unknown,
  path: Path,
): Pick<PendingNodes, 'items' | 'path'> | null {
  const children = isWire(item) && forgottenItemOf(item) !== null ? item['children'] : null
  const found = inlinedIn(reading, children, under(path, 'children'))
  return found === null ? null : { items: found.items, path: found.at }
}

const placeBelowForgotten = ({ post_id, depth }: CommentPlace): CommentPlace => ({
  ...(post_id === undefined ? {} : { post_id }),
  ...(depth === undefined ? {} : { depth: depth + 1 }),
})

const placeBelow = (place: CommentPlace, id: string): CommentPlace =>
  isPostId(id)
    ? { post_id: id, parent_comment_id: null, depth: 1 }
    : {
        ...(place.post_id === undefined ? {} : { post_id: place.post_id }),
        parent_comment_id: id,
        ...(place.depth === undefined ? {} : { depth: place.depth + 1 }),
      }

/** Children inside a node; an empty list without a cursor tells nothing (`max_depth=1`, 3.10). */
function childrenOf(
  reading: Reading,
  node: Wire,
  { id, path }: { id: string; path: Path },
): Omit<PendingNodes, 'place'> | null {
  const here = under(path, 'children')
  const found = inlinedIn(reading, node['children'], here)
  if (found === null) return null
  const { items, holder: children, at } = found
  const { cursor, problem } = readCursor(reading, children, node, here)
  if (items.length === 0 && cursor === null) return null
  const ids: string[] = []
  reading.inlined.push({
    endpoint: isPostId(id) ? 'get_post_comments' : 'get_comment_replies',
    subject: id,
    item_ids: ids,
    cursor,
    has_more: hasMoreOf(children),
    ...(problem ? { problem } : {}),
  })
  return { items, path: at, ids }
}

function readInlined(reading: Reading, node: Wire, at: { id: string; path: Path }): void {
  const below = childrenOf(reading, node, at)
  if (below === null) return
  const ids = readNodes(reading, below.items, below.path, placeBelow({}, at.id))
  for (const id of ids) below.ids.push(id)
}
