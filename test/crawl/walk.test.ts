import { describe, expect, it } from 'vitest'
import type { Simulator } from '../../src/simulator/index.js'
import { holdingsIn, holdingsOf, reachedFrom, type Shape } from './expected.js'
import { countOf, crawlWorld, openWorld, rowsOf, temporaryFolder, valuesOf } from './worlds.js'

const shapes: readonly Shape[] = ['native', 'documented']
const ways = ['absent', 'present', 'wrong'] as const
const worlds = [1, 2, 3].flatMap((seed) =>
  shapes.flatMap((shape) => ways.map((hasMore) => ({ seed, shape, hasMore }))),
)

const idsInFeed = (simulator: Simulator): string[] =>
  simulator
    .truth()
    .posts.filter(({ in_feed }) => in_feed)
    .map(({ post_id }) => post_id)

/** The seed that names the post with most remixes; its thread is the widest. */
function widestPost(simulator: Simulator): string {
  const { posts } = simulator.truth()
  return posts.reduce((best, post) => (post.remix_count > best.remix_count ? post : best)).post_id
}

/** What was asked of a simulator. */
function sentTo(simulator: Simulator) {
  const { calls, repeated, by_endpoint } = simulator.calls()
  return { calls, repeated, by_endpoint }
}

/** The least that can be asked of it to hold all from a seed. */
function fewestTo(simulator: Simulator, seed: string): ReturnType<typeof sentTo> {
  const { requests, by_endpoint } = simulator.fewestRequests(seed)
  return { calls: requests, repeated: 0, by_endpoint }
}

describe('crawl from the feed', () => {
  it.each(worlds)(
    'holds all there is after the fewest calls: network $seed, $shape, has_more $hasMore',
    async ({ seed, shape, hasMore }) => {
      const simulator = await openWorld({ posts: 12, comments: 3, seed, shape, hasMore })
      const archiveDir = temporaryFolder()
      const starts = idsInFeed(simulator)

      const report = await crawlWorld(simulator, archiveDir)

      expect(holdingsIn(archiveDir, starts)).toEqual(holdingsOf(simulator, starts, shape))
      const fewest = fewestTo(simulator, 'feed')
      expect(sentTo(simulator)).toEqual(fewest)
      expect(report).toMatchObject({
        outcome: 'done',
        requests_sent: fewest.calls,
        pending: 0,
        failed: 0,
        skipped: 0,
      })
    },
  )

  it('keeps counts above 2^53 exact', async () => {
    const simulator = await openWorld({ posts: 40, seed: 1 })
    const archiveDir = temporaryFolder()
    const huge = simulator
      .truth()
      .posts.filter(({ view_count }) => typeof view_count === 'bigint')
      .map(({ post_id, view_count }) => ({ post_id, view_count }))

    await crawlWorld(simulator, archiveDir, { limits: { only: new Set(['remixes']) } })

    const sql = 'SELECT post_id, view_count FROM posts WHERE view_count > 9007199254740992'
    const held = rowsOf(archiveDir, sql)
    expect(huge.length).toBeGreaterThan(0)
    expect(new Map(held.map((row) => [row['post_id'], row['view_count']]))).toEqual(
      new Map(huge.map((post) => [post.post_id, post.view_count])),
    )
  })

  it('says which post stood in the feed', async () => {
    const simulator = await openWorld({ posts: 40, seed: 2 })
    const archiveDir = temporaryFolder()

    await crawlWorld(simulator, archiveDir, { limits: { only: new Set() } })

    const held = valuesOf(archiveDir, 'SELECT post_id FROM feed_entries ORDER BY post_id')
    expect(held).toEqual(idsInFeed(simulator).sort())
  })

  it('says how each list ended', async () => {
    const simulator = await openWorld({ posts: 20, seed: 3 })
    const archiveDir = temporaryFolder()

    await crawlWorld(simulator, archiveDir)

    const { by_endpoint } = simulator.fewestRequests('feed')
    const sql = 'SELECT endpoint, sum(pages) AS pages FROM listings GROUP BY endpoint'
    const pages = rowsOf(archiveDir, sql).map((row) => [row['endpoint'], Number(row['pages'])])
    expect(Object.fromEntries(pages)).toEqual(by_endpoint)
    expect(valuesOf(archiveDir, 'SELECT DISTINCT end_reason FROM listings')).toEqual(['end'])
    expect(rowsOf(archiveDir, 'SELECT * FROM anomalies')).toEqual([])
  })

  it('tells what was deleted', async () => {
    const simulator = await openWorld({ posts: 30, seed: 1 })
    const archiveDir = temporaryFolder()
    const { posts, comments } = simulator.truth()

    await crawlWorld(simulator, archiveDir)

    const gone = [
      ...comments.filter((each) => each.tombstoned && each.reached).map((each) => each.comment_id),
      ...posts.filter((each) => each.tombstoned).map((each) => each.post_id),
    ]
    const held = `SELECT DISTINCT entity_id FROM absences WHERE reason = 'tombstoned'`
    expect(gone.length).toBeGreaterThan(1)
    expect(new Set(valuesOf(archiveDir, held))).toEqual(new Set(gone))
  })
})

describe('crawl from a post', () => {
  const address = (id: string) => `https://sora.chatgpt.com/p/${id}`
  const forms = [
    { form: 'its id', toSeed: (id: string) => `post:${id}` },
    { form: 'its address behind post:', toSeed: (id: string) => `post:${address(id)}` },
    { form: 'its address alone', toSeed: address },
  ]
  const cases = shapes.flatMap((shape) => forms.map((form) => ({ shape, ...form })))

  it.each(cases)('holds its whole thread, named by $form, $shape', async ({ shape, toSeed }) => {
    const simulator = await openWorld({ posts: 25, seed: 2, shape, hasMore: 'present' })
    const archiveDir = temporaryFolder()
    const post = widestPost(simulator)

    const report = await crawlWorld(simulator, archiveDir, { seeds: [toSeed(post)] })

    expect(reachedFrom(simulator.truth(), [post]).size).toBeGreaterThan(1)
    expect(holdingsIn(archiveDir, [post])).toEqual(holdingsOf(simulator, [post], shape))
    expect(sentTo(simulator)).toEqual(fewestTo(simulator, `post:${post}`))
    expect(report.outcome).toBe('done')
  })

  it('tells a deleted post', async () => {
    const simulator = await openWorld({ posts: 60, seed: 1 })
    const archiveDir = temporaryFolder()
    const post = simulator.truth().posts.find(({ tombstoned }) => tombstoned)!

    const report = await crawlWorld(simulator, archiveDir, { seeds: [`post:${post.post_id}`] })

    const { post_id } = post
    const held = `SELECT author_id, text, tombstoned_at IS NULL AS isAlive FROM posts
      WHERE post_id = ?`
    expect(report.outcome).toBe('done')
    expect(rowsOf(archiveDir, held, post_id)).toEqual([
      { author_id: null, text: null, isAlive: 0n },
    ])
    const told = `SELECT DISTINCT entity_kind, entity_id, reason FROM absences WHERE entity_id = ?`
    expect(rowsOf(archiveDir, told, post_id)).toEqual([
      { entity_kind: 'post', entity_id: post_id, reason: 'tombstoned' },
    ])
    expect(simulator.calls().calls).toBe(simulator.fewestRequests(`post:${post_id}`).requests)
  })
})

describe('crawl from a user', () => {
  it.each(shapes)('holds the profile and the threads of every post, %s', async (shape) => {
    const simulator = await openWorld({ posts: 40, users: 12, seed: 1, shape })
    const archiveDir = temporaryFolder()
    const { users, posts } = simulator.truth()
    const postsOf = (id: string) => posts.filter(({ author_id }) => author_id === id)
    const user = users.find(
      ({ user_id, post_count }) => post_count > 3 && postsOf(user_id).length === post_count,
    )!
    const starts = postsOf(user.user_id).map(({ post_id }) => post_id)

    const report = await crawlWorld(simulator, archiveDir, { seeds: [`user:${user.user_id}`] })

    expect(holdingsIn(archiveDir, starts)).toEqual(holdingsOf(simulator, starts, shape))
    expect(sentTo(simulator)).toEqual(fewestTo(simulator, `user:${user.user_id}`))
    expect(report.outcome).toBe('done')
  })
})

describe('crawl of what is held', () => {
  const everySeed = (simulator: Simulator) => [
    ['feed'],
    [`post:${widestPost(simulator)}`],
    [`user:${simulator.truth().users[0]!.user_id}`],
    [],
  ]

  it('sends nothing for the seed of a complete archive, and says so', async () => {
    const simulator = await openWorld({ posts: 12 })
    for (const seeds of everySeed(simulator).slice(0, 3)) {
      const archiveDir = temporaryFolder()
      const first = await crawlWorld(simulator, archiveDir, { seeds })
      const { calls } = simulator.calls()

      const second = await crawlWorld(simulator, archiveDir, { seeds })

      expect(simulator.calls().calls).toBe(calls)
      expect(second).toEqual({
        ...first,
        requests_sent: 0,
        cost_usd: 0,
        message: 'everything asked for is held',
      })
    }
  })

  it('goes on without a seed, and without a key where nothing is to be asked', async () => {
    const simulator = await openWorld({ posts: 12 })
    const archiveDir = temporaryFolder()
    await crawlWorld(simulator, archiveDir)

    const report = await crawlWorld(simulator, archiveDir, { seeds: [], apiKey: '' })

    expect(report).toMatchObject({ outcome: 'done', requests_sent: 0 })
    expect(report.message).toBe('everything asked for is held')
  })

  it('asks no detail of a post that the feed told', async () => {
    const simulator = await openWorld({ posts: 12 })
    const archiveDir = temporaryFolder()
    await crawlWorld(simulator, archiveDir)
    const { calls } = simulator.calls()

    const seeds = idsInFeed(simulator).map((id) => `post:${id}`)
    const report = await crawlWorld(simulator, archiveDir, { seeds })

    const { posts } = simulator.truth()
    const deleted = posts.filter(({ in_feed, tombstoned }) => in_feed && tombstoned).length
    expect(report.outcome).toBe('done')
    expect(simulator.calls().calls - calls).toBe(deleted)
    expect(countOf(archiveDir, 'SELECT count(*) FROM runs')).toBe(2)
  })
})
