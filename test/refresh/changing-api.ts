import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A comment of the changing world. */
export interface WorldComment {
  id: string
  text: string
  replies: WorldComment[]
}

/** A post of the changing world; what is `gone` answers 404. */
export interface WorldPost {
  id: string
  text: string
  likes: number
  comments: WorldComment[]
  remixes: string[]
  state: 'there' | 'gone' | 'tombstoned'
}

/** A small social network that a test changes between two passes. */
export interface World {
  posts: Map<string, WorldPost>
  /** Ids in the order of the feed. */
  feed: string[]
  /** Ids of the one author's posts, the newest first. */
  ofUser: string[]
}

export const author = 'user-000000000000000000000001'
const epoch = 0x68f00000
const hex = (n: number): string =>
  (epoch + n * 60).toString(16) + '00008191' + String(n).padStart(16, '0')
export const postId = (n: number): string => `s_${hex(n)}`
export const comment = (n: number, replies: WorldComment[] = []): WorldComment => ({
  ...{ id: hex(5000 + n), text: `comment ${n}`, replies },
})

/** A world of so many posts; the number of comments on each is given. */
export function worldOf(count: number, commentsOf: (n: number) => number): World {
  const posts = new Map<string, WorldPost>()
  for (let n = 1; n <= count; n += 1) {
    const comments = Array.from({ length: commentsOf(n) }, (_, i) => comment(n * 100 + i))
    const id = postId(n)
    posts.set(id, { id, text: `post ${n}`, likes: n, comments, remixes: [], state: 'there' })
  }
  const ids = [...posts.keys()]
  return { posts, feed: [...ids], ofUser: [...ids].reverse() }
}

const countAll = (comments: readonly WorldComment[]): number =>
  comments.reduce((sum, each) => sum + 1 + countAll(each.replies), 0)

function postJson(post: WorldPost, parent: string | null): object {
  const isDead = post.state === 'tombstoned'
  return {
    ...{
      id: post.id,
      shared_by: isDead ? 'anonymous' : author,
      source: 'sy',
      posted_to_public: true,
    },
    text: isDead ? 'This post has been deleted' : post.text,
    posted_at: parseInt(post.id.slice(2, 10), 16),
    updated_at: parseInt(post.id.slice(2, 10), 16),
    ...{ like_count: isDead ? 0 : post.likes, view_count: post.likes * 10, attachments: [] },
    reply_count: isDead ? 0 : post.comments.length,
    recursive_reply_count: isDead ? 0 : countAll(post.comments),
    ...{ remix_count: post.remixes.length, tombstoned_at: isDead ? 1790000000 : null },
    ...(parent ? { parent_post_id: parent, parent_path: [parent], root_post_id: parent } : {}),
  }
}

const profile = {
  user_id: author,
  username: 'ada',
  verified: false,
  created_at: epoch,
  updated_at: epoch,
}

const commentJson = ({ id, text, replies }: WorldComment): object => ({
  ...{ id, shared_by: author, source: 'project_y', text, posted_at: parseInt(id.slice(0, 8), 16) },
  ...{ reply_count: replies.length, recursive_reply_count: countAll(replies), attachments: [] },
})

interface Paged {
  items: object[]
  cursor: string | null
}

function pageOf(items: readonly object[], cursor: string, size: number): Paged {
  const start = Number(cursor || 0)
  const end = start + size
  return { items: items.slice(start, end), cursor: end < items.length ? String(end) : null }
}

function findComment(world: World, id: string): WorldComment | undefined {
  const pending = [...world.posts.values()].flatMap(({ comments }) => comments)
  for (let each = pending.pop(); each; each = pending.pop()) {
    if (each.id === id) return each
    pending.push(...each.replies)
  }
  return undefined
}

const wrapped = (post: object): object => ({ post, profile })

/** What the API answers; NULL: 404. */
function answer(world: World, endpoint: string, query: URLSearchParams): unknown {
  const cursor = query.get('cursor') ?? ''
  const post = world.posts.get(query.get('post_id') ?? '')
  const shown = (ids: readonly string[]) =>
    ids.flatMap((id) => {
      const each = world.posts.get(id)!
      return each.state === 'gone' ? [] : [wrapped(postJson(each, null))]
    })
  switch (endpoint) {
    case 'get_feed':
      return pageOf(shown(world.feed), cursor, 5)
    case 'get_user_profile':
      return { profile: { ...profile, post_count: world.ofUser.length } }
    case 'get_user_posts':
      return pageOf(shown(world.ofUser), cursor, 5)
    case 'get_post_detail':
      return post && post.state !== 'gone' ? wrapped(postJson(post, null)) : null
    case 'get_post_comments':
      return { children: pageOf(post!.comments.map(commentJson).map(wrapped), cursor, 10) }
    case 'get_comment_replies': {
      const replies = findComment(world, query.get('comment_id')!)!.replies
      return { children: pageOf(replies.map(commentJson).map(wrapped), cursor, 10) }
    }
    case 'get_post_remix_list': {
      const remixes = post!.remixes.map((id) => wrapped(postJson(world.posts.get(id)!, post!.id)))
      return pageOf(remixes, cursor, 10)
    }
    default:
      return null
  }
}

/** Serves the world; gives what was asked since the last look. */
export async function serveWorld(
  world: World,
  isRefused: (endpoint: string, params: URLSearchParams) => boolean = () => false,
): Promise<{ url: string; asked: () => string[] }> {
  let asked: string[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const endpoint = url.pathname.split('/').at(-1)!
    asked.push(`${endpoint} ${[...url.searchParams.values()].join(' ')}`.trim())
    if (isRefused(endpoint, url.searchParams)) {
      response.writeHead(400, { 'content-type': 'application/json' })
      return void response.end('{"detail":{"code":400,"message":"Request failed."}}')
    }
    const data = answer(world, endpoint, url.searchParams)
    const body =
      data === null
        ? { detail: { code: 404, message: 'Not found' } }
        : { code: 200, router: url.pathname, params: Object.fromEntries(url.searchParams), data }
    response.writeHead(data === null ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => {
      const before = asked
      asked = []
      return before.sort()
    },
  }
}
