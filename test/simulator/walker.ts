/** A naive walk over HTTP that knows the rule of issue 2 and nothing of the project's readers. */

/** An object as it came. */
export type Json = Record<string, unknown>

/** Post or comment in an answer. */
export interface Item {
  post: Json & { id: string }
  profile: Json
}

/** What the walk found. */
export interface Found {
  posts: Map<string, Item>
  comments: Map<string, Item>
  edges: Set<string>
  requests: number
  byEndpoint: Record<string, number>
}

/** Asks one endpoint and gives what is under `data`. */
export type Ask = (endpoint: string, params: Record<string, string>) => Promise<Json>

/** Asks a simulator; throws where the answer is no success. */
export function asker({ url, key }: { url: string; key: string }): Ask {
  return async (endpoint, params) => {
    const query = new URLSearchParams(params).toString()
    const response = await fetch(`${url}/api/v1/sora2/${endpoint}?${query}`, {
      headers: { authorization: `Bearer ${key}` },
    })
    const text = await response.text()
    if (response.status !== 200) throw new Error(`${endpoint} ${response.status}: ${text}`)
    return (JSON.parse(text) as { data: Json }).data
  }
}

interface List {
  items: Item[]
  cursor: string | null
}

/** Walks from the feed to every leaf. */
export async function walk(ask: Ask): Promise<Found> {
  const found: Found = {
    posts: new Map(),
    comments: new Map(),
    edges: new Set(),
    requests: 0,
    byEndpoint: {},
  }

  const all = async (endpoint: string, params: Record<string, string>): Promise<Item[]> => {
    const items: Item[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      found.requests++
      found.byEndpoint[endpoint] = (found.byEndpoint[endpoint] ?? 0) + 1
      const answer = await ask(endpoint, cursor === '' ? params : { ...params, cursor })
      const list = (answer.children ?? answer) as List
      items.push(...list.items)
      cursor = list.cursor
    }
    return items
  }
  const announces = ({ post }: Item): boolean =>
    post.tombstoned_at !== null || post.reply_count !== 0 || post.recursive_reply_count !== 0
  const visitComment = async (item: Item): Promise<void> => {
    if (found.comments.has(item.post.id)) return
    found.comments.set(item.post.id, item)
    if (!announces(item)) return
    for (const reply of await all('get_comment_replies', { comment_id: item.post.id })) {
      await visitComment(reply)
    }
  }
  const visitPost = async (item: Item): Promise<void> => {
    const { id } = item.post
    if (found.posts.has(id)) return
    found.posts.set(id, item)
    if (announces(item)) {
      for (const comment of await all('get_post_comments', { post_id: id })) {
        await visitComment(comment)
      }
    }
    if (item.post.remix_count === 0) return
    for (const remix of await all('get_post_remix_list', { post_id: id })) {
      found.edges.add(`${id} ${remix.post.id}`)
      await visitPost(remix)
    }
  }

  for (const item of await all('get_feed', {})) await visitPost(item)
  return found
}
