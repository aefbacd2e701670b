import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { rebuild } from '../../src/archive/rebuild.js'
import { crawl, type CrawlOptions, type CrawlReport } from '../../src/crawl/crawl.js'
import { rowsOf, temporaryFolder, valuesOf } from '../crawl/worlds.js'
import { author, comment, postId, serveWorld, worldOf, type World } from './changing-api.js'

let day = 0

/** Crawls the world; each run a day after the last. */
function crawlOf(
  url: string,
  archiveDir: string,
  more: Partial<CrawlOptions> = {},
): Promise<CrawlReport> {
  day += 1
  let now = Date.UTC(2026, 0, 1) * 1000 + day * 86_400e6
  const clock = () => (now += 2_000_000)
  return crawl({
    ...{ archiveDir, seeds: [], baseUrl: url, apiKey: 'some-key', ratePerSecond: Infinity, clock },
    ...{ concurrency: 4, retryBaseMs: 1, durability: 'normal' },
    ...more,
  })
}

const post = (world: World, n: number) => world.posts.get(postId(n))!

/** When a post was posted, in microseconds. */
const timeOf = (id: string): number => parseInt(id.slice(2, 10), 16) * 1e6

/** A first pass over the feed of such a world. */
async function crawled(count: number, commentsOf: (n: number) => number) {
  const world = worldOf(count, commentsOf)
  const api = await serveWorld(world)
  const archiveDir = temporaryFolder()
  await crawlOf(api.url, archiveDir, { seeds: ['feed'] })
  api.asked()
  return { world, api, archiveDir }
}

const dump = (archiveDir: string) =>
  ['listings', 'listing_items', 'absences', 'observations', 'posts', 'comments'].map((table) =>
    rowsOf(archiveDir, `SELECT * FROM ${table} ORDER BY 1, 2`),
  )

describe('crawl --refresh', () => {
  it('asks only for the feed where no counter changed', async () => {
    const { api, archiveDir } = await crawled(12, (n) => n % 3)

    const report = await crawlOf(api.url, archiveDir, { refresh: true })

    expect(api.asked()).toEqual(['get_feed', 'get_feed 10', 'get_feed 5'])
    expect(report).toMatchObject({ outcome: 'done', requests_sent: 3, posts: 12 })
    expect(valuesOf(archiveDir, 'SELECT pass FROM passes ORDER BY pass')).toEqual([1n, 2n])
  })

  it('asks behind a post only for the lists whose counters changed, and finds what is new', async () => {
    const { world, api, archiveDir } = await crawled(10, () => 2)
    post(world, 3).comments.push(comment(1), comment(2))
    post(world, 4).comments[0]!.replies.push(comment(3))
    post(world, 5).likes = 999

    await crawlOf(api.url, archiveDir, { refresh: true })

    expect(api.asked()).toEqual([
      `get_comment_replies ${post(world, 4).comments[0]!.id}`,
      ...['get_feed', 'get_feed 5'],
      `get_post_comments ${postId(3)}`,
      `get_post_comments ${postId(4)}`,
    ])
    expect(valuesOf(archiveDir, 'SELECT count(*) FROM comments')).toEqual([23n])
    const likes = `SELECT like_count FROM observations WHERE entity_id = ? ORDER BY observed_at`
    expect(valuesOf(archiveDir, likes, postId(5))).toEqual([5n, 999n])
  })

  it('asks once for a post that the list no longer shows, and tells gone from dropped', async () => {
    const { world, api, archiveDir } = await crawled(10, () => 0)
    post(world, 2).state = 'gone'
    world.feed = world.feed.filter((id) => id !== postId(7)).reverse()

    await crawlOf(api.url, archiveDir, { refresh: true })
    const asked = api.asked()
    await crawlOf(api.url, archiveDir, { refresh: true })

    expect(asked).toEqual([
      ...['get_feed', 'get_feed 5'],
      ...[`get_post_detail ${postId(2)}`, `get_post_detail ${postId(7)}`],
    ])
    expect(api.asked()).toEqual(['get_feed', 'get_feed 5'])
    const absences = `SELECT entity_id, reason FROM absences ORDER BY entity_id, reason`
    expect(rowsOf(archiveDir, absences)).toEqual([
      { entity_id: postId(2), reason: 'dropped' },
      { entity_id: postId(2), reason: 'not_found' },
      { entity_id: postId(7), reason: 'dropped' },
    ])
    expect(valuesOf(archiveDir, 'SELECT count(*) FROM posts')).toEqual([10n])
  })

  it('misses too what a pass showed that was not whole', async () => {
    const world = worldOf(11, () => 0)
    world.feed = world.feed.slice(0, 10)
    const api = await serveWorld(world)
    const archiveDir = temporaryFolder()
    await crawlOf(api.url, archiveDir, { seeds: ['feed'] })
    const limits = { maxPages: { feed: 1 }, recheckMissing: false }
    world.feed.unshift(postId(11))
    await crawlOf(api.url, archiveDir, { refresh: true, limits })

    world.feed = world.feed.slice(1, 6)
    await crawlOf(api.url, archiveDir, { refresh: true, limits })

    const dropped = `SELECT entity_id FROM absences WHERE reason = 'dropped' ORDER BY entity_id`
    expect(valuesOf(archiveDir, dropped)).toEqual([6, 7, 8, 9, 10, 11].map(postId))
  })

  it('asks for none of them where that is not wanted', async () => {
    const { world, api, archiveDir } = await crawled(10, () => 0)
    post(world, 2).state = 'gone'

    await crawlOf(api.url, archiveDir, { refresh: true, limits: { recheckMissing: false } })

    expect(api.asked()).toEqual(['get_feed', 'get_feed 5'])
    expect(valuesOf(archiveDir, 'SELECT reason FROM absences')).toEqual(['dropped'])
  })

  it('keeps what a tombstone took away, and sees a post that comes back', async () => {
    const { world, api, archiveDir } = await crawled(6, () => 1)
    post(world, 1).state = 'tombstoned'
    await crawlOf(api.url, archiveDir, { refresh: true })
    post(world, 1).state = 'there'
    post(world, 1).text = 'back again'
    await crawlOf(api.url, archiveDir, { refresh: true })

    const row = `SELECT text, author_id, tombstoned_at IS NOT NULL AS dead FROM posts WHERE post_id = ?`
    expect(rowsOf(archiveDir, row, postId(1))).toEqual([
      { text: 'back again', author_id: author, dead: 1n },
    ])
    const seen = `SELECT last_seen_at > max(observed_at) AS back FROM absences JOIN posts ON post_id = entity_id`
    expect(valuesOf(archiveDir, seen)).toEqual([1n])
  })

  it('goes on with a pass that was stopped, and begins the next only after it', async () => {
    const { world, api, archiveDir } = await crawled(12, () => 1)
    for (const n of [1, 2, 3, 4]) post(world, n).comments.push(comment(10 + n))

    const stopped = await crawlOf(api.url, archiveDir, { refresh: true, maxRequests: 4 })
    const first = api.asked()
    const rest = await crawlOf(api.url, archiveDir, { refresh: true })

    expect([stopped.outcome, rest.outcome]).toEqual(['budget', 'done'])
    const all = [...first, ...api.asked()]
    expect(new Set(all).size).toBe(all.length)
    expect(all).toHaveLength(7)
    expect(valuesOf(archiveDir, 'SELECT max(pass) FROM passes')).toEqual([2n])
  })

  it('ends a newest-first list at a run of known items, not at the first, and only above no hole', async () => {
    const world = worldOf(40, () => 0)
    const api = await serveWorld(world)
    const archiveDir = temporaryFolder()
    const seeds = [`user:${author}`]
    const limits = { knownRun: 8 }
    await crawlOf(api.url, archiveDir, { seeds, limits })
    api.asked()

    await crawlOf(api.url, archiveDir, { refresh: true, limits })
    const second = api.asked()
    await crawlOf(api.url, archiveDir, { refresh: true, limits: { knownRun: 12 } })
    const third = api.asked()
    await crawlOf(api.url, archiveDir, { refresh: true, limits: { knownRun: 0 } })
    const whole = api.asked()

    const pages = (asked: string[]) =>
      asked.filter((each) => each.startsWith('get_user_posts')).length
    // What the second pass did not come to is known by the first.
    expect([second, third, whole].map(pages)).toEqual([2, 3, 8])
    const ends = `SELECT pass, end_reason FROM listings WHERE endpoint = 'get_user_posts' ORDER BY pass`
    expect(rowsOf(archiveDir, ends)).toEqual([
      { pass: 1n, end_reason: 'end' },
      { pass: 2n, end_reason: 'known_items' },
      { pass: 3n, end_reason: 'known_items' },
      { pass: 4n, end_reason: 'end' },
    ])
    expect(rowsOf(archiveDir, 'SELECT * FROM absences')).toEqual([])
  })

  it('walks a profile whole that does not show the newest first, whatever it knows of it', async () => {
    const world = worldOf(21, () => 0)
    world.ofUser = world.ofUser.reverse().slice(0, 20)
    const api = await serveWorld(world)
    const archiveDir = temporaryFolder()
    const limits = { knownRun: 4 }
    await crawlOf(api.url, archiveDir, { seeds: [`user:${author}`], limits })
    world.ofUser.push(postId(21))

    const report = await crawlOf(api.url, archiveDir, { refresh: true, limits })

    expect(report).toMatchObject({ outcome: 'done', posts: 21 })
  })

  it('walks through the hole that a pass cut short left', async () => {
    const world = worldOf(40, () => 0)
    const api = await serveWorld(world)
    const archiveDir = temporaryFolder()
    const limits = { knownRun: 8 }
    await crawlOf(api.url, archiveDir, {
      seeds: [`user:${author}`],
      limits: { ...limits, maxPages: { posts: 2 } },
    })
    api.asked()

    await crawlOf(api.url, archiveDir, { refresh: true, limits })

    expect(valuesOf(archiveDir, 'SELECT count(*) FROM posts')).toEqual([40n])
  })

  const lists = [
    { seed: 'feed', step: 'feed' },
    { seed: `user:${author}`, step: 'posts' },
  ]

  /** Passes over one list of forty posts, each cut; what is asked from then on is new. */
  async function cutPasses(seed: string, cuts: readonly Record<string, number>[]) {
    const api = await serveWorld(worldOf(40, () => 0))
    const archiveDir = temporaryFolder()
    for (const [index, maxPages] of cuts.entries())
      await crawlOf(api.url, archiveDir, {
        seeds: [seed],
        refresh: index > 0,
        limits: { maxPages },
      })
    return { api, archiveDir, asked: api.asked() }
  }

  it.each(lists)('asks once for what several passes left of $seed', async ({ seed, step }) => {
    const { api, archiveDir } = await cutPasses(seed, [{ [step]: 2 }, { [step]: 2 }, { [step]: 2 }])

    const report = await crawlOf(api.url, archiveDir)
    const asked = api.asked()
    const again = await crawlOf(api.url, archiveDir)

    expect(report).toMatchObject({ outcome: 'done', requests_sent: 6, posts: 40, skipped: 0 })
    expect(new Set(asked).size).toBe(6)
    expect(again).toMatchObject({ outcome: 'done', requests_sent: 0, pending: 0 })
  })

  it.each([
    // The pages that runs over two passes were cut at, those wanted then, and what that costs. A pass
    // that may go further than the one before goes no further at first, or it would go on with that one.
    { cuts: [5, 2], wanted: 7, pages: 5, posts: 35 },
    { cuts: [2, 2, 5], wanted: 7, pages: 2, posts: 35 },
    { cuts: [2, 2, 5], wanted: 4, pages: 0, posts: 25 },
    { cuts: [5, 2], wanted: 4, pages: 2, posts: 25 },
  ])('goes on where the last pass left off: $cuts, $wanted', async (way) => {
    const cuts = way.cuts.map((feed) => ({ feed }))
    const { api, archiveDir, asked: before } = await cutPasses('feed', cuts)

    const report = await crawlOf(api.url, archiveDir, {
      limits: { maxPages: { feed: way.wanted } },
    })

    const asked = api.asked()
    expect(report).toMatchObject({ outcome: 'done', requests_sent: way.pages, posts: way.posts })
    expect(new Set(asked).size).toBe(asked.length)
    expect(valuesOf(archiveDir, 'SELECT max(pass) FROM passes')).toEqual([2n])
    expect(before).toHaveLength(7)
  })

  it('asks once for lists that several passes left out whole', async () => {
    const world = worldOf(6, () => 2)
    const api = await serveWorld(world)
    const archiveDir = temporaryFolder()
    const limits = { only: new Set(['remixes']) }
    await crawlOf(api.url, archiveDir, { seeds: ['feed'], limits })
    await crawlOf(api.url, archiveDir, { refresh: true, limits })
    api.asked()

    const report = await crawlOf(api.url, archiveDir)

    expect(api.asked()).toEqual([...world.posts.keys()].map((id) => `get_post_comments ${id}`))
    expect(report).toMatchObject({ outcome: 'done', comments: 12, skipped: 0 })
  })

  it.each([
    { what: 'further pages', left: { maxPages: { remixes: 1 } }, cursors: [' 10', ' 20'] },
    { what: 'the list', left: { until: timeOf(postId(2)) }, cursors: ['', ' 10', ' 20'] },
  ])('asks in an earlier pass for $what that the last one leaves out as too deep', async (way) => {
    const world = worldOf(24, () => 0)
    post(world, 1).remixes = [postId(2)]
    post(world, 2).remixes = Array.from({ length: 22 }, (_, n) => postId(n + 3))
    const api = await serveWorld(world)
    const archiveDir = temporaryFolder()
    const limits = way.left
    await crawlOf(api.url, archiveDir, { seeds: [`post:${postId(2)}`], limits })
    await crawlOf(api.url, archiveDir, { seeds: [`post:${postId(1)}`], refresh: true, limits })
    api.asked()

    await crawlOf(api.url, archiveDir, { limits: { maxDepth: { remixes: 1 } } })

    const list = `get_post_remix_list ${postId(2)}`
    expect(api.asked()).toEqual(way.cursors.map((cursor) => list + cursor))
    const edges = 'SELECT count(*) FROM remixes WHERE parent_post_id = ?'
    expect(valuesOf(archiveDir, edges, postId(2))).toEqual([22n])
  })

  it('asks for nothing that a pass left out of a list that a later one walked to its end', async () => {
    const world = worldOf(40, () => 0)
    const api = await serveWorld(world)
    const archiveDir = temporaryFolder()
    const limits = { maxPages: { feed: 2 } }
    await crawlOf(api.url, archiveDir, { seeds: ['feed'], limits })
    world.feed = world.feed.slice(0, 8)
    await crawlOf(api.url, archiveDir, { refresh: true, limits })
    api.asked()

    const report = await crawlOf(api.url, archiveDir)

    expect(api.asked()).toEqual([])
    expect(report).toMatchObject({ outcome: 'done', pending: 0, skipped: 0 })
  })

  it('goes on in the pass before where the list of the last one cannot be followed', async () => {
    const { api, archiveDir } = await cutPasses('feed', [{ feed: 2 }, { feed: 2 }])
    const database = new Database(join(archiveDir, 'archive.sqlite'))
    database.exec(
      `UPDATE listings SET ended_at = 1, end_reason = 'cursor_unreadable' WHERE pass = 2;
       DELETE FROM requests WHERE pass = 2 AND state = 'skipped'`,
    )
    database.close()

    const report = await crawlOf(api.url, archiveDir)

    expect(report).toMatchObject({ outcome: 'done', requests_sent: 6, posts: 40 })
  })

  it('goes on in the pass before where the last one failed', async () => {
    let isBroken = false
    const api = await serveWorld(
      worldOf(40, () => 0),
      (endpoint, params) =>
        isBroken && endpoint === 'get_user_posts' && params.get('cursor') === '5',
    )
    const archiveDir = temporaryFolder()
    const limits = { maxPages: { posts: 2 } }
    await crawlOf(api.url, archiveDir, { seeds: [`user:${author}`], limits })
    isBroken = true
    const second = await crawlOf(api.url, archiveDir, { refresh: true, limits })

    const report = await crawlOf(api.url, archiveDir)

    expect(second).toMatchObject({ outcome: 'failures', failed: 1 })
    expect(report).toMatchObject({ requests_sent: 6, posts: 40 })
  })

  it('has nothing failed any more, and nothing to pay for again, where a later pass brought it', async () => {
    const world = worldOf(6, (n) => (n === 2 ? 25 : 1))
    let isBroken = true
    const api = await serveWorld(
      world,
      (endpoint, params) =>
        isBroken &&
        ((endpoint === 'get_post_comments' &&
          (params.get('post_id') === postId(3) || params.get('cursor') === '10')) ||
          endpoint === 'get_user_profile'),
    )
    const archiveDir = temporaryFolder()
    const seeds = ['feed', `user:${author}`]
    const first = await crawlOf(api.url, archiveDir, { seeds })
    isBroken = false

    const second = await crawlOf(api.url, archiveDir, { refresh: true })
    api.asked()
    const retried = await crawlOf(api.url, archiveDir, { retryFailed: true })

    expect(first).toMatchObject({ outcome: 'failures', failed: 3 })
    expect(second).toMatchObject({ outcome: 'done', failed: 0, comments: 30 })
    expect(retried).toMatchObject({ outcome: 'done', requests_sent: 0 })
    expect(api.asked()).toEqual([])
    const settled = `SELECT count(*) FROM requests WHERE reason = 'later_pass' AND state = 'done'`
    expect(valuesOf(archiveDir, settled)).toEqual([3n])
  })

  it.each([
    // What failed on page 3 is asked for again where the pass after it came less far, else not.
    { cut: 2, wanted: {}, failed: 1, sent: 6, posts: 40 },
    { cut: 5, wanted: { feed: 5 }, failed: 1, sent: 0, posts: 25 },
    { cut: 9, wanted: {}, failed: 0, sent: 0, posts: 40 },
  ])('keeps what failed until a later pass has walked its list: to page $cut', async (way) => {
    let isBroken = true
    const api = await serveWorld(
      worldOf(40, () => 0),
      (endpoint, params) => isBroken && endpoint === 'get_feed' && params.get('cursor') === '10',
    )
    const archiveDir = temporaryFolder()
    await crawlOf(api.url, archiveDir, { seeds: ['feed'] })
    isBroken = false
    const limits = { maxPages: { feed: way.cut } }

    const second = await crawlOf(api.url, archiveDir, { refresh: true, limits })
    const retried = await crawlOf(api.url, archiveDir, {
      ...{ retryFailed: true, limits: { maxPages: way.wanted } },
    })

    expect(second).toMatchObject({ failed: way.failed })
    expect(retried).toMatchObject({ failed: 0, posts: way.posts, requests_sent: way.sent })
  })

  it('is the same after a rebuild', async () => {
    const { world, api, archiveDir } = await crawled(12, (n) => n % 4)
    post(world, 3).comments.push(comment(1, [comment(2)]))
    post(world, 5).state = 'gone'
    post(world, 6).state = 'tombstoned'
    await crawlOf(api.url, archiveDir, { refresh: true, seeds: ['feed', `user:${author}`] })
    await crawlOf(api.url, archiveDir, { refresh: true, limits: { knownRun: 3 } })
    const before = dump(archiveDir)

    await rebuild({ archiveDir, clock: () => 1 })

    expect(dump(archiveDir)).toEqual(before)
  })
})
