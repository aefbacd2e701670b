import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { planCrawl } from '../../src/crawl/dry-run.js'
import { crawlWorld, openWorld, rowsOf, temporaryFolder, valuesOf } from './worlds.js'

const world = { posts: 14, comments: 2, remixes: 0.5, seed: 6 }

const callsOf = (archiveDir: string, endpoint: string): string[] =>
  valuesOf(archiveDir, 'SELECT params FROM responses WHERE endpoint = ?', endpoint) as string[]

describe('crawl with extra steps', () => {
  it('takes none of them unless asked to', async () => {
    const simulator = await openWorld(world)
    const archiveDir = temporaryFolder()

    await crawlWorld(simulator, archiveDir)

    const paths = ['get_user_profile', 'get_post_detail', 'get_user_followers']
    expect(paths.flatMap((endpoint) => callsOf(archiveDir, endpoint))).toEqual([])
  })

  it('profiles: asks once for every author of whom only a summary is held, and not for their posts', async () => {
    const simulator = await openWorld({ ...world, shape: 'documented' })
    const archiveDir = temporaryFolder()
    await crawlWorld(simulator, archiveDir)
    const authors = `SELECT DISTINCT author_id FROM (SELECT author_id FROM posts UNION SELECT author_id FROM comments)
      WHERE author_id IS NOT NULL`
    const missing = valuesOf(
      archiveDir,
      `SELECT author_id FROM (${authors}) WHERE author_id NOT IN
         (SELECT user_id FROM users WHERE full_at IS NOT NULL) ORDER BY author_id`,
    )

    const report = await crawlWorld(simulator, archiveDir, { seeds: [], extras: ['profiles'] })
    const again = await crawlWorld(simulator, archiveDir, { seeds: [], extras: ['profiles'] })

    const asked = callsOf(archiveDir, 'get_user_profile').map(
      (params) => (JSON.parse(params) as { user_id: string }).user_id,
    )
    expect(missing.length).toBeGreaterThan(3)
    expect(asked.sort()).toEqual(missing)
    expect(report).toMatchObject({ outcome: 'done', requests_sent: missing.length })
    expect(again.requests_sent).toBe(0)
    expect(callsOf(archiveDir, 'get_user_posts')).toEqual([])
  })

  it('ancestors: asks for the posts that remixes name and nobody showed, up to the first', async () => {
    const simulator = await openWorld({ ...world, remixes: 0.8 })
    const { posts } = simulator.truth()
    const deep = posts.find(({ parent_post_id }) =>
      posts.some((each) => each.post_id === parent_post_id && each.parent_post_id),
    )!
    const archiveDir = temporaryFolder()
    const limits = { only: new Set<string>() }

    const seeds = [`post:${deep.post_id}`]
    await crawlWorld(simulator, archiveDir, { seeds, limits, extras: ['ancestors'] })

    const missing = `SELECT parent_post_id FROM remixes WHERE parent_post_id NOT IN
      (SELECT post_id FROM posts WHERE full_at IS NOT NULL OR tombstoned_at IS NOT NULL)`
    expect(valuesOf(archiveDir, missing)).toEqual([])
    expect(callsOf(archiveDir, 'get_post_detail').length).toBeGreaterThan(1)
    expect(callsOf(archiveDir, 'get_post_remix_list')).toEqual([])
  })

  it('ancestors: asks for none that is held already', async () => {
    const simulator = await openWorld({ ...world, remixes: 0.8 })
    const archiveDir = temporaryFolder()
    await crawlWorld(simulator, archiveDir)
    const held = `SELECT DISTINCT parent_post_id FROM remixes WHERE parent_post_id IN
      (SELECT post_id FROM posts WHERE full_at IS NOT NULL)`
    const parents = valuesOf(archiveDir, held)

    await crawlWorld(simulator, archiveDir, { extras: ['ancestors'] })

    const asked = valuesOf(
      archiveDir,
      `SELECT json_extract(params, '$.post_id') FROM requests WHERE endpoint = 'get_post_detail'`,
    )
    expect(parents.length).toBeGreaterThan(0)
    expect(asked.filter((each) => parents.includes(each))).toEqual([])
  })

  it('followers, appearances: asks for the lists that announce somebody', async () => {
    const simulator = await openWorld(world)
    const archiveDir = temporaryFolder()
    const extras = ['followers', 'appearances'] as const

    await crawlWorld(simulator, archiveDir, { extras })

    expect(callsOf(archiveDir, 'get_user_followers').length).toBeGreaterThan(0)
    expect(callsOf(archiveDir, 'get_user_cameo_appearances').length).toBeGreaterThan(0)
    expect(rowsOf(archiveDir, 'SELECT * FROM follows').length).toBeGreaterThan(10)
    const announced = `SELECT count(*) FROM requests JOIN users ON user_id = json_extract(params, '$.user_id')
      WHERE endpoint = 'get_user_followers' AND follower_count = 0`
    expect(valuesOf(archiveDir, announced)).toEqual([0n])
  })

  it('shows in a dry run what they come to', async () => {
    const simulator = await openWorld({ ...world, shape: 'documented' })
    const archiveDir = temporaryFolder()
    await crawlWorld(simulator, archiveDir)
    const clock = () => 1

    const without = await planCrawl({ archiveDir, seeds: [], clock })
    const plan = await planCrawl({ archiveDir, seeds: [], extras: ['profiles'], clock })
    const report = await crawlWorld(simulator, archiveDir, { seeds: [], extras: ['profiles'] })

    expect(without.pending).toBe(0)
    expect(plan.pending).toBe(report.requests_sent)
  })

  it('stops where it is interrupted while it plans, however much is to be planned', async () => {
    const simulator = await openWorld({ posts: 1 })
    const archiveDir = temporaryFolder()
    await crawlWorld(simulator, archiveDir)
    const database = new Database(join(archiveDir, 'archive.sqlite'))
    database.exec(`
      WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 5000)
      INSERT INTO posts (post_id, author_id, first_seen_at, last_seen_at, first_response_id,
        last_response_id)
      SELECT 's_' || n, 'user-' || n, 0, 0, '', '' FROM numbers`)
    database.close()
    const stop = new AbortController()

    const report = await crawlWorld(simulator, archiveDir, {
      ...{ extras: ['profiles'], signal: stop.signal },
      beside: async () => stop.abort(),
    })

    expect(report).toMatchObject({ outcome: 'interrupted', requests_sent: 0, pending: 1000 })
  })
})
