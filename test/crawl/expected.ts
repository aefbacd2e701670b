import type { Simulator, Truth, TruthComment, TruthPost } from '../../src/simulator/index.js'
import { noon, rowsOf, type Row } from './worlds.js'

/** How a simulator tells its objects. */
export type Shape = 'native' | 'documented'

const integer = (value: number | bigint | null): bigint | null =>
  value === null ? null : BigInt(value)

const tombstonedAt = (isGone: boolean): bigint | null => (isGone ? BigInt(noon) * 1000n : null)

/** A post as the archive holds it; of a tombstone only views and remixes are true. */
function postRow(post: TruthPost): Row {
  const unlessGone = <Told>(value: Told): Told | null => (post.tombstoned ? null : value)
  return {
    post_id: post.post_id,
    author_id: post.author_id,
    text: unlessGone(post.text),
    posted_at: BigInt(post.posted_at),
    parent_post_id: unlessGone(post.parent_post_id),
    root_post_id: unlessGone(post.root_post_id),
    tombstoned_at: tombstonedAt(post.tombstoned),
    like_count: integer(unlessGone(post.like_count)),
    dislike_count: integer(unlessGone(post.dislike_count)),
    reply_count: integer(unlessGone(post.reply_count)),
    recursive_reply_count: integer(unlessGone(post.recursive_reply_count)),
    view_count: integer(post.view_count),
    unique_view_count: integer(post.unique_view_count),
    remix_count: integer(post.remix_count),
  }
}

/** A comment as the archive holds it; the documented form tells no time of deletion and no depth count. */
function commentRow(comment: TruthComment, shape: Shape): Row {
  const unlessGone = <Told>(value: Told): Told | null => (comment.tombstoned ? null : value)
  const recursive = shape === 'native' ? comment.recursive_reply_count : null
  return {
    comment_id: comment.comment_id,
    post_id: comment.post_id,
    parent_comment_id: comment.parent_comment_id,
    depth: BigInt(comment.depth),
    author_id: comment.author_id,
    text: unlessGone(comment.text),
    posted_at: BigInt(comment.posted_at),
    tombstoned_at: tombstonedAt(comment.tombstoned && shape === 'native'),
    like_count: integer(unlessGone(comment.like_count)),
    reply_count: integer(unlessGone(comment.reply_count)),
    recursive_reply_count: integer(unlessGone(recursive)),
  }
}

/** What an archive holds of a network, or should hold. */
export interface Holdings {
  posts: Row[]
  comments: Row[]
  /** `parent > remix`. */
  remixes: string[]
  /** Who posted the posts that the walk began with: all forms tell their whole profiles. */
  authors: Row[]
}

const by =
  (key: string) =>
  (one: Row, other: Row): number =>
    String(one[key]) < String(other[key]) ? -1 : 1

/** The posts that a walk from these reaches: themselves and all remixes below them. */
export function reachedFrom(truth: Truth, starts: readonly string[]): Set<string> {
  const reached = new Set<string>()
  const waiting = [...starts]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (reached.has(id)) continue
    reached.add(id)
    for (const { parent_post_id, remix_post_id } of truth.remixes)
      if (parent_post_id === id) waiting.push(remix_post_id)
  }
  return reached
}

/** What the archive holds after a walk from these posts, and nothing else. */
export function holdingsOf(
  simulator: Simulator,
  starts: readonly string[],
  shape: Shape,
): Holdings {
  const truth = simulator.truth()
  const posts = new Map(truth.posts.map((post) => [post.post_id, post]))
  const reached = reachedFrom(truth, starts)
  const carried = carriedAlong(posts, reached)
  const held = truth.posts.filter(({ post_id }) => reached.has(post_id) || carried.has(post_id))
  const comments = truth.comments.filter(({ post_id }) => reached.has(post_id))
  return {
    posts: held.map(postRow).sort(by('post_id')),
    comments: comments.map((each) => commentRow(each, shape)).sort(by('comment_id')),
    remixes: edgesOf(posts, reached),
    authors: authorsOf(truth, starts),
  }
}

/** Every object carries its parent, which carries its own; a tombstone names none. */
function carriedAlong(posts: Map<string, TruthPost>, reached: Set<string>): Set<string> {
  const carried = new Set<string>()
  for (const id of reached)
    for (let post = parentOf(posts, id); post !== undefined; post = parentOf(posts, post.post_id))
      carried.add(post.post_id)
  return carried
}

function parentOf(posts: Map<string, TruthPost>, id: string): TruthPost | undefined {
  const post = posts.get(id)
  return post === undefined || post.tombstoned ? undefined : posts.get(post.parent_post_id ?? '')
}

/** Told by the path of a living remix up to the root, or by the list of its parent. */
function edgesOf(posts: Map<string, TruthPost>, reached: Set<string>): string[] {
  const edges = new Set<string>()
  for (const id of reached) {
    const post = posts.get(id)!
    if (post.parent_post_id === null) continue
    if (post.tombstoned && reached.has(post.parent_post_id))
      edges.add(`${post.parent_post_id} > ${id}`)
    if (post.tombstoned) continue
    for (let child = post; child.parent_post_id !== null;) {
      edges.add(`${child.parent_post_id} > ${child.post_id}`)
      child = posts.get(child.parent_post_id)!
    }
  }
  return [...edges].sort()
}

const userColumns = [
  ...['user_id', 'username', 'display_name', 'owner_user_id'],
  ...['follower_count', 'following_count', 'post_count', 'cameo_count'],
] as const

function authorsOf(truth: Truth, starts: readonly string[]): Row[] {
  const ids = new Set(
    truth.posts.filter(({ post_id }) => starts.includes(post_id)).map(({ author_id }) => author_id),
  )
  return truth.users
    .filter(({ user_id }) => ids.has(user_id))
    .map((user) =>
      Object.fromEntries(
        userColumns.map((name) => {
          const value = user[name]
          return [name, typeof value === 'number' ? BigInt(value) : value]
        }),
      ),
    )
    .sort(by('user_id'))
}

/** What an archive holds; the authors of these posts among its users. */
export function holdingsIn(archiveDir: string, starts: readonly string[]): Holdings {
  const postColumns = Object.keys(postRow(anyPost))
  const commentColumns = Object.keys(commentRow(anyComment, 'native'))
  const all = (columns: readonly string[], table: string) =>
    rowsOf(archiveDir, `SELECT ${columns.join(', ')} FROM ${table} ORDER BY ${columns[0]!}`)
  const posts = all(postColumns, 'posts')
  const ids = new Set(
    posts
      .filter(({ post_id }) => starts.includes(String(post_id)))
      .map(({ author_id }) => author_id),
  )
  return {
    posts,
    comments: all(commentColumns, 'comments'),
    remixes: rowsOf(archiveDir, 'SELECT parent_post_id, remix_post_id FROM remixes')
      .map((row) => `${String(row['parent_post_id'])} > ${String(row['remix_post_id'])}`)
      .sort(),
    authors: all(userColumns, 'users').filter(({ user_id }) => ids.has(user_id!)),
  }
}

const anyPost: TruthPost = {
  ...{ post_id: '', author_id: null, text: '', posted_at: 0, parent_post_id: null },
  ...{ root_post_id: null, depth: 0, tombstoned: false, in_feed: false, reached: false },
  ...{ cameo_user_ids: [], like_count: 0, dislike_count: 0, reply_count: 0 },
  ...{ recursive_reply_count: 0, view_count: 0, unique_view_count: 0, remix_count: 0 },
  ...{ share_count: 0, repost_count: 0 },
}

const anyComment: TruthComment = {
  ...{ comment_id: '', post_id: '', parent_comment_id: null, depth: 1, author_id: null },
  ...{ text: '', posted_at: 0, tombstoned: false, has_video: false, reached: false },
  ...{ like_count: 0, reply_count: 0, recursive_reply_count: 0 },
}
