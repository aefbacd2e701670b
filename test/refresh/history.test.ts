import { describe, expect, it } from 'vitest'
import { openForReading } from '../../src/archive/archive.js'
import { readCoverage } from '../../src/archive/coverage.js'
import { kindOfId, readLife } from '../../src/archive/life.js'
import { sparkline } from '../../src/cli/sparkline.js'
import { crawl, type CrawlOptions } from '../../src/crawl/crawl.js'
import { rowsOf, temporaryFolder, valuesOf } from '../crawl/worlds.js'
import { author, comment, postId, serveWorld, worldOf } from './changing-api.js'

const hour = 3600e6
const start = 0x68f00000 * 1e6 + 24 * hour

/** Crawls a world at so many hours after its beginning. */
const crawlAt = (
  hours: number,
  options: Pick<CrawlOptions, 'archiveDir' | 'baseUrl'> & Partial<CrawlOptions>,
) => {
  let now = start + hours * hour
  return crawl({
    ...{ seeds: [], apiKey: 'some-key', ratePerSecond: Infinity, durability: 'normal' },
    ...{ clock: () => (now += 1000), ...options },
  })
}

describe('readLife', () => {
  it('tells counters, changes and absences in order of time', async () => {
    const world = worldOf(6, () => 0)
    const { url: baseUrl } = await serveWorld(world)
    const archiveDir = temporaryFolder()
    const post = world.posts.get(postId(2))!
    await crawlAt(0, { archiveDir, baseUrl, seeds: ['feed'] })
    Object.assign(post, { likes: 50, text: 'edited' })
    await crawlAt(24, { archiveDir, baseUrl, refresh: true })
    post.likes = 40
    await crawlAt(48, { archiveDir, baseUrl, refresh: true })
    post.state = 'gone'
    await crawlAt(72, { archiveDir, baseUrl, refresh: true })
    const database = openForReading(archiveDir)

    const life = readLife(database, 'post', post.id)

    expect(life).toMatchObject({ kind: 'post', id: post.id, sightings: 3 })
    const told = life.events.map(({ at, what }) => [
      Math.floor((at - start) / hour),
      what.kind === 'counters' ? what.counters['like_count'] : { ...what },
    ])
    expect(told).toEqual([
      [0, 2],
      [24, 50],
      [24, { kind: 'changed', field: 'text', old: 'post 2', new: 'edited' }],
      [48, 40],
      [72, { kind: 'absent', reason: 'dropped' }],
      [72, { kind: 'absent', reason: 'not_found' }],
    ])
    expect(() => readLife(database, 'post', postId(99))).toThrow('the archive holds no post')
    database.close()
  })

  it('tells when a post that was absent was seen again, though nothing about it changed', async () => {
    const world = worldOf(6, () => 0)
    const { url: baseUrl } = await serveWorld(world)
    const archiveDir = temporaryFolder()
    const post = world.posts.get(postId(2))!
    await crawlAt(0, { archiveDir, baseUrl, seeds: ['feed'] })
    for (const [day, state] of ['gone', 'there', 'there', 'tombstoned', 'there'].entries()) {
      post.state = state as typeof post.state
      world.posts.get(postId(1))!.likes = 100 + day
      await crawlAt(24 * (day + 1), { archiveDir, baseUrl, refresh: true })
    }
    const database = openForReading(archiveDir)

    const { events } = readLife(database, 'post', post.id)

    expect(events.map(({ at, what }) => [Math.floor((at - start) / hour), what])).toMatchObject([
      [0, { kind: 'counters' }],
      [24, { kind: 'absent', reason: 'dropped' }],
      [24, { kind: 'absent', reason: 'not_found' }],
      [48, { kind: 'again' }],
      [96, { kind: 'absent', reason: 'tombstoned' }],
      [120, { kind: 'again' }],
    ])
    database.close()
  })

  it('knows no time of what was asked for and never seen', async () => {
    const { url: baseUrl } = await serveWorld(worldOf(1, () => 0))
    const archiveDir = temporaryFolder()
    await crawlAt(0, { archiveDir, baseUrl, seeds: [`post:${postId(7)}`] })
    const database = openForReading(archiveDir)

    expect(readLife(database, 'post', postId(7))).toMatchObject({
      ...{ first_seen_at: null, last_seen_at: null, sightings: 0 },
      events: [{ what: { kind: 'absent', reason: 'not_found' } }],
    })
    database.close()
  })

  it('tells by its id what an id names', () => {
    expect([postId(1), postId(1).slice(2), author, 'x'].map(kindOfId)).toEqual([
      ...['post', 'comment', 'user', null],
    ])
  })
})

describe('presence', () => {
  it('tells what is gone from what came back', async () => {
    const world = worldOf(6, () => 0)
    const { url: baseUrl } = await serveWorld(world)
    const archiveDir = temporaryFolder()
    await crawlAt(0, { archiveDir, baseUrl, seeds: ['feed'] })
    for (const n of [1, 2]) world.posts.get(postId(n))!.state = 'gone'
    await crawlAt(24, { archiveDir, baseUrl, refresh: true })
    world.posts.get(postId(2))!.state = 'there'
    await crawlAt(48, { archiveDir, baseUrl, refresh: true })

    const sql = 'SELECT entity_id, reason, is_back FROM presence ORDER BY entity_id'
    expect(rowsOf(archiveDir, sql)).toEqual([
      { entity_id: postId(1), reason: 'not_found', is_back: 0n },
      { entity_id: postId(2), reason: 'not_found', is_back: 1n },
    ])
  })
})

describe('a second look', () => {
  it('asks once, after a while, for posts that were young when they were first seen', async () => {
    const world = worldOf(4, () => 0)
    const api = await serveWorld(world)
    const archiveDir = temporaryFolder()
    const options = { archiveDir, baseUrl: api.url, extras: ['second_look' as const] }
    await crawlAt(0, { ...options, seeds: ['feed'] })
    const early = api.asked()
    world.posts.get(postId(3))!.state = 'gone'

    await crawlAt(30, options)
    const later = api.asked()
    await crawlAt(60, options)

    expect(early).toEqual(['get_feed'])
    expect(later).toEqual([1, 2, 3, 4].map((n) => `get_post_detail ${postId(n)}`))
    expect(api.asked()).toEqual([])
    expect(valuesOf(archiveDir, 'SELECT entity_id FROM absences')).toEqual([postId(3)])
  })

  it('leaves posts alone that were old, and those seen again meanwhile', async () => {
    const world = worldOf(4, () => 0)
    const api = await serveWorld(world)
    const archiveDir = temporaryFolder()
    const options = { archiveDir, baseUrl: api.url, extras: ['second_look' as const] }
    await crawlAt(72, { ...options, seeds: ['feed'] })
    await crawlAt(200, options)

    expect(api.asked()).toEqual(['get_feed'])
  })
})

function differencesOf(archiveDir: string) {
  const database = openForReading(archiveDir)
  try {
    return readCoverage(database).differences
  } finally {
    database.close()
  }
}

describe('readCoverage', () => {
  it('sums what is announced and held, and says why they differ', async () => {
    const world = worldOf(8, (n) => n % 3)
    const { url: baseUrl } = await serveWorld(world)
    const archiveDir = temporaryFolder()
    const limits = { only: new Set(['comments']) }
    world.posts.get(postId(2))!.comments[0]!.replies.push(comment(1), comment(2))
    world.posts.get(postId(6))!.remixes = [postId(1)]
    await crawlAt(0, { archiveDir, baseUrl, seeds: ['feed'], limits })
    const database = openForReading(archiveDir)

    const { sums, differences, feed, feed_missed_at_least } = readCoverage(database)

    expect(sums).toEqual([
      { what: 'comments and replies', posts: 6, announced: 11, held: 9 },
      { what: 'remixes', posts: 1, announced: 1, held: 0 },
    ])
    expect(differences).toEqual([
      {
        ...{ what: 'comments and replies', posts: 1, missing: 2 },
        difference: 'not asked by choice: only',
      },
      { what: 'remixes', difference: 'not asked by choice: only', posts: 1, missing: 1 },
    ])
    expect(feed).toEqual([{ pass: 1, pages: 2, posts: 8, new_per_page: [5, 3] }])
    expect(feed_missed_at_least).toBeNull()
    database.close()
  })

  it('tells replies that wait from those that no list shows, and both from those not asked for', async () => {
    const world = worldOf(4, () => 2)
    for (const { comments } of world.posts.values()) comments[0]!.replies.push(comment(1))
    const { url: baseUrl } = await serveWorld(world)
    const archiveDir = temporaryFolder()
    const stopped = { maxRequests: 5, order: 'breadth' as const, concurrency: 1 }

    await crawlAt(0, { archiveDir, baseUrl, seeds: ['feed'], ...stopped })
    const early = differencesOf(archiveDir)
    for (const { comments } of world.posts.values()) comments[0]!.replies.pop()
    await crawlAt(1, { archiveDir, baseUrl })

    const what = 'comments and replies'
    expect(early).toEqual([{ what, difference: 'unfinished', posts: 4, missing: 4 }])
    expect(differencesOf(archiveDir)).toEqual([
      { what, difference: 'announced, but not in the list', posts: 4, missing: 4 },
    ])
  })

  it('calls nothing deleted that came back, nor left out what a later pass walked', async () => {
    const world = worldOf(2, () => 1)
    const [back, gone] = [world.posts.get(postId(1))!, world.posts.get(postId(2))!]
    const { url: baseUrl } = await serveWorld(world)
    const archiveDir = temporaryFolder()
    const limits = { only: new Set(['remixes']) }
    await crawlAt(0, { archiveDir, baseUrl, seeds: ['feed'], limits })
    back.state = 'tombstoned'
    gone.state = 'gone'
    await crawlAt(24, { archiveDir, baseUrl, refresh: true, limits })
    const dead = differencesOf(archiveDir)
    back.state = 'there'
    await crawlAt(48, { archiveDir, baseUrl, refresh: true })
    back.comments.push(comment(1))
    await crawlAt(72, { archiveDir, baseUrl, refresh: true, maxRequests: 1 })

    const what = 'comments and replies'
    expect(dead).toEqual([{ what, difference: 'deleted', posts: 2, missing: 2 }])
    expect(differencesOf(archiveDir)).toEqual([
      { what, difference: 'counter newer than the walk', posts: 1, missing: 1 },
    ])
  })

  it('draws the curve of the feed by what the feed showed before, whoever else told of a post', async () => {
    const world = worldOf(8, () => 0)
    const { url: baseUrl } = await serveWorld(world)
    const archiveDir = temporaryFolder()
    await crawlAt(0, { archiveDir, baseUrl, seeds: [`post:${postId(2)}`, `post:${postId(7)}`] })
    await crawlAt(1, { archiveDir, baseUrl, seeds: ['feed'] })
    await crawlAt(24, { archiveDir, baseUrl, refresh: true, seeds: ['feed'] })
    const database = openForReading(archiveDir)

    expect(readCoverage(database).feed).toEqual([
      { pass: 1, pages: 2, posts: 8, new_per_page: [5, 3] },
      { pass: 2, pages: 2, posts: 8, new_per_page: [0, 0] },
    ])
    database.close()
  })

  it('counts no post as missed that any pass has shown', async () => {
    const world = worldOf(20, () => 0)
    const { url: baseUrl } = await serveWorld(world)
    const archiveDir = temporaryFolder()
    const ids = [...world.posts.keys()]
    const again = { archiveDir, baseUrl, refresh: true, limits: { recheckMissing: false } }
    await crawlAt(0, { archiveDir, baseUrl, seeds: ['feed'] })
    world.feed = ids.slice(0, 10)
    await crawlAt(24, again)
    world.feed = ids.slice(5, 15)
    await crawlAt(48, again)
    const database = openForReading(archiveDir)

    expect(readCoverage(database).feed_missed_at_least).toBe(0)
    database.close()
  })

  it('tells from the overlap of two passes how many posts of the feed were missed at least', async () => {
    const world = worldOf(20, () => 0)
    const { url: baseUrl } = await serveWorld(world)
    const archiveDir = temporaryFolder()
    const ids = [...world.posts.keys()]
    world.feed = ids.slice(0, 10)
    await crawlAt(0, { archiveDir, baseUrl, seeds: ['feed'] })
    world.feed = ids.slice(5, 15)
    await crawlAt(24, { archiveDir, baseUrl, refresh: true, limits: { recheckMissing: false } })
    const database = openForReading(archiveDir)

    // 10 and 10 posts, 5 shared: 10 · 10 / 5 = 20 there, 15 held.
    expect(readCoverage(database)).toMatchObject({
      feed_missed_at_least: 5,
      feed: [
        { pass: 1, posts: 10, new_per_page: [5, 5] },
        { pass: 2, posts: 10, new_per_page: [0, 5] },
      ],
    })
    database.close()
  })
})

describe('sparkline', () => {
  it.each([
    [[1, 2, 3], '▁▅█'],
    [[5, 5], '▁▁'],
    [[], ''],
    [[0, 100, 0], '▁█▁'],
  ])('draws %j', (values, line) => {
    expect(sparkline(values)).toBe(line)
  })

  it('is never wider than a line', () => {
    expect([...sparkline(Array.from({ length: 5000 }, (_, index) => index))]).toHaveLength(60)
  })
})
