import type { HostileApi } from './server.js'

interface Page {
  items: Item[]
  cursor?: string | null
  has_more?: boolean
}

interface Person extends Record<string, unknown> {
  user_id: string
  created_at: number
}

/** What is looked at of an item, in whichever form it comes: wrapped or flat, post or comment. */
export interface Item extends Record<string, unknown> {
  id: string
  post?: Item
  profile?: Person
  parent_post?: Item
  parent_post_id?: string | null
  parent_path?: string[] | null
  children?: Partial<Page>
  attachments?: object[]
}

/** What an answer holds: a list, or a post with the list below it. */
export interface Held extends Page {
  post?: Item
  profile?: Person
  children?: Page
}

/** A walker as plain as can be, one request after the other, that follows the rule to the letter. */
export interface NaiveWalk {
  posts: Set<string>
  /** `post parent depth` */
  comments: Map<string, string>
  remixes: Set<string>
  sent: number
  /** The last that was told of each, tombstones and summaries apart. */
  toldPosts: Map<string, Item>
  toldComments: Map<string, Item>
  toldUsers: Map<string, Person>
}

const isPost = (id: unknown): id is string => /^s_[0-9a-f]{32}$/.test(String(id))
const isComment = (id: unknown): id is string => /^[0-9a-f]{32}$/.test(String(id))
const isCount = (count: unknown): count is number => typeof count === 'number' && count >= 0
const isZero = (replies: unknown, below: unknown): boolean =>
  replies === 0 && (below === 0 || below === undefined || below === null)

export async function naiveWalk(api: Pick<HostileApi, 'url' | 'key'>): Promise<NaiveWalk> {
  const found: NaiveWalk = {
    posts: new Set(),
    comments: new Map(),
    remixes: new Set(),
    sent: 0,
    toldPosts: new Map(),
    toldComments: new Map(),
    toldUsers: new Map(),
  }
  const walked = new Set<string>()
  const work: (() => Promise<void>)[] = []

  async function list(
    endpoint: string,
    params: Record<string, string>,
    announced: unknown,
    see: (item: Item) => string | undefined,
  ): Promise<void> {
    const asked = new Set([''])
    const held = new Set<string>()
    let dry = 0
    for (let cursor = ''; ;) {
      const query = new URLSearchParams(cursor ? { ...params, cursor } : params)
      const answer = await fetch(`${api.url}/api/v1/sora2/${endpoint}?${query}`, {
        headers: { authorization: `Bearer ${api.key}` },
      })
      found.sent++
      if (!answer.ok) return
      const { data } = (await answer.json()) as { data: Held }
      const box = data.children ?? data
      if (data.post) note(data.post, data.profile)
      const before = held.size
      for (const item of box.items) {
        const id = see(item)
        if (id) held.add(id)
      }
      dry = held.size > before ? 0 : dry + 1
      const next: string = (box.cursor ?? data.cursor) || ''
      const enough = isCount(announced) && held.size >= announced
      const over = (box.has_more ?? data.has_more) === false && enough
      if (!next || asked.has(next) || dry === 3 || over) return
      asked.add(next)
      cursor = next
    }
  }

  function once(endpoint: string, params: Record<string, string>, then: () => Promise<void>): void {
    const key = endpoint + JSON.stringify(params)
    if (!walked.has(key)) work.push(then)
    walked.add(key)
  }

  function note(post: Item, profile: Person | undefined): void {
    const told = isPost(post.id) ? found.toldPosts : found.toldComments
    if (!post.tombstoned_at) told.set(post.id, post)
    const people = [profile, ...(Array.isArray(post.cameo_profiles) ? post.cameo_profiles : [])]
    for (const each of people) {
      if (each?.created_at > 0) found.toldUsers.set(each.user_id, each)
    }
    const { parent_post: above } = post
    if (above) note(above.post ?? above, above.profile)
  }

  function noteParents(post: Item): void {
    found.posts.add(post.id)
    const path = Array.isArray(post.parent_path) ? post.parent_path : []
    if (path.length === 0 && isPost(post.parent_post_id)) path.push(post.parent_post_id)
    path.forEach((up: string, i: number) => found.remixes.add(`${up}>${path[i - 1] ?? post.id}`))
    const wrapper = post.parent_post?.post
    if (isPost(wrapper?.id)) noteParents(wrapper)
  }

  function seePost(item: Item, subject?: string): string | undefined {
    const post = item?.post ?? item
    if (!isPost(post?.id)) return undefined
    note(post, item.profile)
    noteParents(post)
    if (subject && !post.parent_post_id) found.remixes.add(`${subject}>${post.id}`)
    const params = { post_id: post.id }
    if (!isZero(post.reply_count, post.recursive_reply_count)) {
      once('comments', params, () =>
        list('get_post_comments', params, post.reply_count, (each) =>
          seeComment(each, post.id, null, 1),
        ),
      )
    }
    if (post.remix_count !== 0) {
      once('remixes', params, () =>
        list('get_post_remix_list', params, post.remix_count, (each) => seePost(each, post.id)),
      )
    }
    return post.id
  }

  function seeComment(item: Item, post: string, parent: string | null, depth: number) {
    const comment = item?.post ?? item
    const id: unknown = comment?.id
    if (!isComment(id)) return undefined
    note(comment, item.profile)
    found.comments.set(id, `${post} ${parent} ${depth}`)
    const inlined = item.children?.items ?? []
    for (const reply of inlined) seeComment(reply, post, id, depth + 1)
    const dead = typeof comment.tombstoned_at === 'number'
    const count: unknown = dead ? undefined : comment.reply_count
    const whole = count === inlined.length && !item.children?.cursor
    if (isZero(count, comment.recursive_reply_count) || (inlined.length > 0 && whole)) return id
    const params = { comment_id: id }
    once('replies', params, () =>
      list('get_comment_replies', params, count, (each) => seeComment(each, post, id, depth + 1)),
    )
    return id
  }

  await list('get_feed', {}, undefined, (item) => seePost(item))
  while (work.length > 0) await work.shift()!()
  return found
}
