import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSimulator } from '../../src/simulator/index.js'
import type { Simulator, Truth } from '../../src/simulator/index.js'
import { asker, walk } from './walker.js'
import type { Found, Item } from './walker.js'

const noon = Date.UTC(2026, 1, 3, 12)

describe('truth', () => {
  let simulator: Simulator
  let truth: Truth
  let found: Found

  beforeAll(async () => {
    simulator = await openSimulator({ posts: 40, clock: () => noon, seed: 7 })
    truth = simulator.truth()
    found = await walk(asker(simulator))
  })
  afterAll(() => simulator.close())

  it('is what a naive walk over HTTP finds: every post with its values', () => {
    const reached = truth.posts.filter((post) => post.reached)
    const expected = reached.map((post) => ({
      id: post.post_id,
      shared_by: post.author_id ?? 'anonymous',
      text: post.text,
      posted_at: post.posted_at,
      parent_post_id: post.tombstoned ? null : post.parent_post_id,
      root_post_id: post.tombstoned ? null : post.root_post_id,
      path_length: post.tombstoned ? 0 : post.depth,
      tombstoned: post.tombstoned,
      counters: [
        post.like_count,
        post.dislike_count,
        Number(post.view_count),
        post.unique_view_count,
        post.reply_count,
        post.recursive_reply_count,
        post.remix_count,
      ],
      cameos: post.cameo_user_ids,
    }))

    expect(byId([...found.posts.values()].map(asTruth))).toEqual(byId(expected))
  })

  it('is what a naive walk finds: every comment where it hangs', () => {
    const expected = truth.comments
      .filter((comment) => comment.reached)
      .map((comment) => ({
        id: comment.comment_id,
        text: comment.text,
        author: comment.author_id ?? 'anonymous',
        parent: comment.parent_comment_id ?? comment.post_id,
        post: comment.post_id,
        depth: comment.depth,
        counters: [comment.like_count, comment.reply_count, comment.recursive_reply_count],
        videos: comment.has_video ? 1 : 0,
      }))

    const actual = [...found.comments.values()].map(({ post }) => {
      const path = post.parent_path as string[]
      return {
        id: post.id,
        text: post.text,
        author: post.shared_by,
        parent: post.parent_post_id,
        post: path.find((id) => id.startsWith('s_')),
        depth: path.findIndex((id) => id.startsWith('s_')) + 1,
        counters: [post.like_count, post.reply_count, post.recursive_reply_count],
        videos: (post.attachments as unknown[]).length,
      }
    })
    expect(byId(actual)).toEqual(byId(expected))
  })

  it('holds the remix edges of the lists', () => {
    const seen = new Set(found.posts.keys())
    const expected = truth.remixes
      .filter(({ parent_post_id }) => seen.has(parent_post_id))
      .map(({ parent_post_id, remix_post_id }) => `${parent_post_id} ${remix_post_id}`)

    expect([...found.edges].sort()).toEqual(expected.sort())
  })

  it('leaves out of reach only originals that are tombstones', () => {
    const unreached = truth.posts.filter((post) => !post.reached)

    expect(unreached.every((post) => post.tombstoned && post.depth === 0)).toBe(true)
    expect(unreached.length).toBeGreaterThan(0)
  })

  it('knows the fewest requests of that walk', () => {
    expect(truth.fewest_requests).toEqual({
      requests: found.requests,
      by_endpoint: found.byEndpoint,
    })
    expect(simulator.calls()).toMatchObject({ calls: found.requests, repeated: 0 })
  })

  it('holds what makes crawling hard', () => {
    const texts = [...truth.posts, ...truth.comments].map(({ text }) => text)

    expect(Math.max(...truth.comments.map(({ depth }) => depth))).toBeGreaterThanOrEqual(4)
    expect(Math.max(...truth.posts.map(({ depth }) => depth))).toBeGreaterThanOrEqual(4)
    expect(texts).toContain('')
    expect(texts.some((text) => text.includes('\u2028'))).toBe(true)
    expect(texts.some((text) => text.includes('\n'))).toBe(true)
    expect(texts.some((text) => /\p{Script=Han}/u.test(text))).toBe(true)
    expect(texts.some((text) => /\p{Script=Arabic}/u.test(text))).toBe(true)
    expect(truth.posts.some(({ view_count }) => typeof view_count === 'bigint')).toBe(true)
    expect(truth.comments.some((each) => each.tombstoned && hasChildren(truth, each))).toBe(true)
    expect(truth.comments.some(({ author_id, tombstoned }) => !author_id && !tombstoned)).toBe(true)
    expect(truth.posts.some((post) => post.tombstoned && post.depth > 0)).toBe(true)
    expect(truth.posts.some((post) => post.in_feed && post.depth > 0)).toBe(true)
  })

  it('can be asked for over HTTP, integers above 2^53 exact', async () => {
    const text = await (await fetch(`${simulator.url}/__simulator/truth`)).text()

    const huge = truth.posts.find((post) => typeof post.view_count === 'bigint')
    expect(text).toContain(`"view_count":${huge?.view_count}`)
    expect(JSON.parse(text)).toMatchObject({ fewest_requests: truth.fewest_requests })
  })

  it('tells the fewest requests of a post and of a person too', async () => {
    const post = truth.posts.find(({ recursive_reply_count }) => recursive_reply_count === 0)
    const url = `${simulator.url}/__simulator/fewest_requests?seed=user:${truth.users[0]?.user_id}`

    const ofUser = (await (await fetch(url)).json()) as { requests: number }
    expect(ofUser.requests).toBeGreaterThan(2)
    expect(simulator.fewestRequests(`post:${post?.post_id}`)).toMatchObject({
      by_endpoint: { get_post_detail: 1 },
    })
  })
})

const hasChildren = (truth: Truth, { comment_id }: { comment_id: string }): boolean =>
  truth.comments.some((each) => each.parent_comment_id === comment_id)

function byId<Each extends { id: string }>(list: Each[]): Each[] {
  return list.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

const asTruth = ({ post }: Item) => ({
  id: post.id,
  shared_by: post.shared_by,
  text: post.text,
  posted_at: Math.round(Number(post.posted_at) * 1e6),
  parent_post_id: post.parent_post_id,
  root_post_id: post.root_post_id,
  path_length: ((post.parent_path as string[] | null) ?? []).length,
  tombstoned: post.tombstoned_at !== null,
  counters: [
    post.like_count,
    post.dislike_count,
    post.view_count,
    post.unique_view_count,
    post.reply_count,
    post.recursive_reply_count,
    post.remix_count,
  ],
  cameos: ((post.cameo_profiles as { user_id: string }[] | null) ?? []).map(
    ({ user_id }) => user_id,
  ),
})
