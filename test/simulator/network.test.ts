import { afterEach, describe, expect, it } from 'vitest'
import { openSimulator } from '../../src/simulator/index.js'
import type { Simulator, SimulatorOptions } from '../../src/simulator/index.js'
import { scramble, unscramble } from '../../src/simulator/random.js'
import { asker } from './walker.js'
import type { Json } from './walker.js'
import { heldBytes } from '../measure.js'

const noon = Date.UTC(2026, 1, 3, 12)
const opened: Simulator[] = []

async function open(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await openSimulator({ posts: 30, clock: () => noon, ...options })
  opened.push(simulator)
  return simulator
}

afterEach(async () => {
  for (const simulator of opened.splice(0)) await simulator.close()
})

async function allPages(
  simulator: Simulator,
  endpoint: string,
  params: Record<string, string> = {},
): Promise<Json[]> {
  const ask = asker(simulator)
  const pages: Json[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const page = await ask(endpoint, cursor === '' ? params : { ...params, cursor })
    pages.push(page)
    cursor = ((page.children ?? page) as { cursor: string | null }).cursor
  }
  return pages
}

const itemsOf = (pages: Json[]): Json[] =>
  pages.flatMap((page) => ((page.children ?? page) as { items: Json[] }).items)

describe('a seed', () => {
  it('gives the same bytes again, and another seed others', async () => {
    const bytes = async (simulator: Simulator): Promise<string> => {
      const { url, key } = simulator
      const headers = { authorization: `Bearer ${key}` }
      const text = await (await fetch(`${url}/api/v1/sora2/get_feed`, { headers })).text()
      return text.replaceAll(url, 'http://host')
    }

    const [one, same, other] = [await open({ seed: 9 }), await open({ seed: 9 }), await open()]

    expect(await bytes(one)).toBe(await bytes(same))
    expect(one.truth()).toEqual(same.truth())
    expect(await bytes(other)).not.toBe(await bytes(one))
  })

  it('gives ids whose form is known', async () => {
    const { posts, comments, users } = (await open()).truth()

    for (const { post_id, posted_at } of posts) {
      expect(post_id).toMatch(/^s_[0-9a-f]{12}8191[89ab][0-9a-f]{15}$/)
      expect(parseInt(post_id.slice(2, 10), 16)).toBe(Math.floor(posted_at / 1e6))
    }
    for (const { comment_id } of comments) {
      expect(comment_id).toMatch(/^[0-9a-f]{12}8191[89ab][0-9a-f]{15}$/)
    }
    for (const { user_id, username } of users) {
      expect(user_id).toMatch(/^(user-[0-9A-Za-z]{24}|ch_[0-9a-f]{32})$/)
      expect(username).toMatch(/^[a-z0-9._-]{3,24}$/)
    }
    const ids = [...posts.map((each) => each.post_id), ...comments.map((each) => each.comment_id)]
    expect(new Set(ids).size).toBe(ids.length)
    expect(new Set(users.map(({ username }) => username)).size).toBe(users.length)
  })
})

describe('scramble', () => {
  it('is undone by unscramble', () => {
    for (const value of [0, 1, 2, 77, 65_536, 2_147_483_648, 4_294_967_295]) {
      expect(unscramble(scramble(value))).toBe(value)
    }
  })
})

describe('lists', () => {
  it('have cursors of the known forms', async () => {
    const simulator = await open({ posts: 60 })
    const { posts, users } = simulator.truth()
    const post_id = posts.toSorted((a, b) => b.reply_count - a.reply_count)[0]?.post_id ?? ''
    const original = posts.toSorted((a, b) => b.remix_count - a.remix_count)[0]?.post_id ?? ''
    const user_id = users.toSorted((a, b) => b.follower_count - a.follower_count)[0]?.user_id ?? ''
    const cursorOf = async (endpoint: string, params: Record<string, string>) => {
      const [page] = await allPages(simulator, endpoint, params)
      const { cursor } = (page?.children ?? page) as { cursor: string }
      return JSON.parse(Buffer.from(cursor, 'base64').toString()) as Json
    }

    expect(await cursorOf('get_feed', {})).toMatchObject({ cut: 'nf2_top_7d', limit: 15 })
    expect(await cursorOf('get_post_comments', { post_id })).toEqual({
      post_id: post_id.slice(2),
      created_at: expect.any(Number),
    })
    expect(await cursorOf('get_post_remix_list', { post_id: original })).toEqual({
      last_post_id: expect.stringMatching(/^s_/),
    })
    expect(await cursorOf('get_user_followers', { user_id })).toMatchObject({ user_id })
    expect(await cursorOf('get_cameo_leaderboard', {})).toMatchObject({ limit: 10 })
  })

  it('have short pages and empty pages with a cursor, unless told otherwise', async () => {
    const sizes = async (options: Partial<SimulatorOptions>): Promise<number[]> => {
      const pages = await allPages(await open({ posts: 900, ...options }), 'get_feed')
      return pages.slice(0, -1).map(({ items }) => (items as Json[]).length)
    }

    const uneven = await sizes({})
    expect(uneven).toContain(0)
    expect(uneven).toContain(15)
    expect(uneven.some((size) => size > 0 && size < 15)).toBe(true)
    expect(new Set(await sizes({ unevenPages: false }))).toEqual(new Set([15]))
  })

  it('of persons agree with their counters, both ways', async () => {
    const simulator = await open({ posts: 150 })
    const { users } = simulator.truth()
    const someone = users.slice(0, 12)
    expect(someone).toHaveLength(12)

    for (const user of someone) {
      const params = { user_id: user.user_id }
      const count = async (endpoint: string) =>
        itemsOf(await allPages(simulator, endpoint, params)).length
      expect({
        follower_count: await count('get_user_followers'),
        following_count: await count('get_user_following'),
        post_count: await count('get_user_posts'),
        cameo_count: await count('get_user_cameo_appearances'),
      }).toEqual({
        follower_count: user.follower_count,
        following_count: user.following_count,
        post_count: user.post_count,
        cameo_count: user.cameo_count,
      })
    }
    expect(Math.max(...users.map((user) => user.follower_count))).toBeGreaterThan(50)
  })

  it('repeat items of the feed when it shifts', async () => {
    const pages = await allPages(await open({ feedShift: 5, unevenPages: false }), 'get_feed')

    const ids = itemsOf(pages).map(({ post }) => (post as Json).id)
    expect(ids.length - new Set(ids).size).toBe(5 * (pages.length - 1))
  })

  it.each([
    ['absent', [undefined, undefined]],
    ['present', [true, false]],
    ['wrong', [false, true]],
  ] as const)('tell has_more: %s', async (hasMore, expected) => {
    const pages = await allPages(await open({ hasMore }), 'get_feed')

    expect([pages[0]?.has_more, pages.at(-1)?.has_more]).toEqual(expected)
    expect('has_more' in (pages[0] ?? {})).toBe(hasMore !== 'absent')
  })

  it('go on with old items when they are endless; three such pages are counted', async () => {
    const simulator = await open({ faults: 'endless=1', unevenPages: false })
    const ask = asker(simulator)

    const cursors: string[] = []
    const fresh: number[] = []
    const seen = new Set<unknown>()
    for (let turn = 0; turn < 9; turn++) {
      const cursor = cursors.at(-1)
      const page = await ask('get_feed', cursor === undefined ? {} : { cursor })
      const ids = itemsOf([page]).map(({ post }) => (post as Json).id)
      fresh.push(ids.filter((id) => !seen.has(id)).length)
      ids.forEach((id) => seen.add(id))
      cursors.push(String(page.cursor))
    }

    const pages = fresh.filter((count) => count > 0).length
    expect(new Set(cursors).size).toBe(9)
    expect(fresh.slice(pages)).toEqual(Array(9 - pages).fill(0))
    expect(simulator.fewestRequests().by_endpoint.get_feed).toBe(pages + 3)
  })

  it('lead back to page two when they are circles', async () => {
    const simulator = await open({ faults: 'circle=1', unevenPages: false })
    const ask = asker(simulator)

    const cursors: string[] = []
    while (new Set(cursors).size === cursors.length) {
      const cursor = cursors.at(-1)
      cursors.push(String((await ask('get_feed', cursor ? { cursor } : {})).cursor))
    }

    expect(cursors.at(-1)).toBe(cursors[0])
    expect(simulator.fewestRequests().by_endpoint.get_feed).toBe(cursors.length)
  })

  it('hold an unreadable item more where they are broken', async () => {
    const plain = itemsOf(await allPages(await open(), 'get_feed'))
    const pages = await allPages(await open({ faults: 'broken=1' }), 'get_feed')

    const isRead = ({ post }: Json): boolean => typeof (post as Json).id === 'string'
    const broken = itemsOf(pages).filter((item) => !isRead(item))
    expect(broken.length).toBe(pages.length)
    expect(itemsOf(pages).filter(isRead).length).toBe(plain.length)
  })

  it('of search hold who matches', async () => {
    const simulator = await open()
    const { items } = await asker(simulator)('search_users', { username: 'OWL' })

    const names = (items as { profile: Json; token: string }[]).map(({ profile }) => profile)
    expect(names.length).toBeGreaterThan(0)
    expect(names.every(({ username }) => String(username).includes('owl'))).toBe(true)
  })
})

describe('texts', () => {
  it('mention people at places counted in code points', async () => {
    const pages = await allPages(await open({ posts: 300 }), 'get_feed')

    const mentions = itemsOf(pages).flatMap(({ post }) => {
      const { text, text_facets } = post as {
        text: string
        text_facets: { start: number; end: number; profile: { username: string } }[]
      }
      return text_facets.map(({ start, end, profile }) => ({
        slice: [...text].slice(start, end).join(''),
        name: `@${profile.username}`,
        isAfterAstral: /\p{Extended_Pictographic}/u.test([...text].slice(0, start).join('')),
      }))
    })

    expect(mentions.every(({ slice, name }) => slice === name)).toBe(true)
    expect(mentions.some(({ isAfterAstral }) => isAfterAstral)).toBe(true)
  })
})

describe('size', () => {
  it('200,000 comments take little memory', async () => {
    const before = heldBytes()
    const simulator = await open({ posts: 9000, comments: 18, replies: 0.3, remixes: 0.3 })

    expect((heldBytes() - before) / 1e6).toBeLessThan(200)
    expect(simulator.truth().comments.length).toBeGreaterThan(200_000)
  })
})
