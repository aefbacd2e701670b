import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import type { CrawlOptions } from '../../src/crawl/crawl.js'
import type { WalkLimits } from '../../src/model/walk-plan.js'
import {
  countOf,
  crawlWorld,
  openWorld,
  requestLines,
  rowsOf,
  sentTwice,
  strides,
  temporaryFolder,
  toldRows,
  valuesOf,
} from './worlds.js'

const small = { posts: 2, comments: 1, remixes: 0.3, seed: 3 }

/** What is the same however often a crawl was stopped on its way. */
const outcomeOf = (archiveDir: string) => ({
  told: toldRows(archiveDir),
  requests: requestLines(archiveDir),
  sentTwice: sentTwice(archiveDir),
})

/** A world, and what an undisturbed crawl of it comes to. */
async function undisturbed(world: Parameters<typeof openWorld>[0]) {
  const simulator = await openWorld(world)
  const archiveDir = temporaryFolder()
  const report = await crawlWorld(simulator, archiveDir)
  return { simulator, report, whole: outcomeOf(archiveDir) }
}

describe('crawl with maxRequests', () => {
  it('stops at exactly that many, wherever it is, and goes on to the same end', async () => {
    const simulator = await openWorld({ posts: 8, comments: 2, remixes: 0.5, seed: 2 })
    const { posts } = simulator.truth()
    const fewestOf = (id: string) => simulator.fewestRequests(`post:${id}`).requests
    const post = posts.find(({ post_id }) => fewestOf(post_id) > 9 && fewestOf(post_id) < 15)!
    const seeds = [`post:${post.post_id}`]
    const undisturbedDir = temporaryFolder()
    const report = await crawlWorld(simulator, undisturbedDir, { seeds })
    const fewest = fewestOf(post.post_id)
    const whole = outcomeOf(undisturbedDir)

    for (let most = 1; most < fewest; most += 1) {
      const archiveDir = temporaryFolder()
      const first = await crawlWorld(simulator, archiveDir, { seeds, maxRequests: most })
      const second = await crawlWorld(simulator, archiveDir, { seeds })

      expect(first).toMatchObject({
        outcome: 'budget',
        requests_sent: most,
        message: `stopped at --max-requests ${most}`,
      })
      expect(first.pending).toBeGreaterThan(0)
      expect(second).toEqual({ ...report, requests_sent: fewest - most, cost_usd: second.cost_usd })
      expect(first.cost_usd + second.cost_usd).toBeCloseTo(report.cost_usd, 6)
      expect(outcomeOf(archiveDir)).toEqual(whole)
    }
  })

  it('comes to the same end one call at a time', async () => {
    const { simulator, report, whole } = await undisturbed(small)
    const archiveDir = temporaryFolder()

    const sent: number[] = []
    for (let outcome = 'budget'; outcome === 'budget';) {
      const step = await crawlWorld(simulator, archiveDir, { maxRequests: 1 })
      sent.push(step.requests_sent)
      outcome = step.outcome
    }

    expect(sent).toEqual(Array.from({ length: report.requests_sent }, () => 1))
    expect(outcomeOf(archiveDir)).toEqual(whole)
  })

  it('is done, not stopped, where the limit is just enough', async () => {
    const simulator = await openWorld(small)
    const maxRequests = simulator.fewestRequests('feed').requests

    const report = await crawlWorld(simulator, temporaryFolder(), { maxRequests })

    expect(report).toMatchObject({ outcome: 'done', requests_sent: maxRequests, pending: 0 })
  })

  it('sends nothing at 0, and everything waits', async () => {
    const simulator = await openWorld(small)

    const report = await crawlWorld(simulator, temporaryFolder(), { maxRequests: 0 })

    expect(report).toMatchObject({ outcome: 'budget', requests_sent: 0, pending: 1 })
    expect(simulator.calls().calls).toBe(0)
  })
})

describe('crawl with budgetUsd', () => {
  it.each([0.05, 0.17, 1, 1.999])('never spends more than %d dollars', async (budgetUsd) => {
    const simulator = await openWorld({ posts: 15, seed: 2 })
    const archiveDir = temporaryFolder()

    const report = await crawlWorld(simulator, archiveDir, { budgetUsd, concurrency: 8 })

    const affordable = Math.floor(budgetUsd / 0.05 + 1e-9)
    const sql = `SELECT total(cost_usd) FROM responses WHERE billed <> 'no'`
    expect(report).toMatchObject({
      outcome: 'budget',
      requests_sent: affordable,
      message: expect.stringMatching(`^stopped at --budget ${budgetUsd}: `) as string,
    })
    expect(countOf(archiveDir, sql)).toBeCloseTo(affordable * 0.05, 6)
    expect(simulator.calls().billed_usd).toBeLessThanOrEqual(budgetUsd)
    expect(report.cost_usd).toBeCloseTo(affordable * 0.05, 6)
  })

  it.each([1, 8])(
    'spends all of it where calls turn out unbilled, %d at a time',
    async (concurrency) => {
      const simulator = await openWorld({ posts: 15, seed: 2, faults: '400=0.4,slow=0.3:5' })
      const archiveDir = temporaryFolder()

      const report = await crawlWorld(simulator, archiveDir, { budgetUsd: 1, concurrency })

      const sql = `SELECT count(*) FROM responses WHERE billed = 'yes'`
      expect(report).toMatchObject({ outcome: 'budget', cost_usd: 1 })
      expect(countOf(archiveDir, sql)).toBe(20)
      expect(simulator.calls().billed_usd).toBeCloseTo(1, 6)
    },
  )

  it('counts calls that may have been billed in full', async () => {
    const simulator = await openWorld({ posts: 15, seed: 2, faults: 'lost=0.3,503=0.1' })
    const archiveDir = temporaryFolder()

    const report = await crawlWorld(simulator, archiveDir, { budgetUsd: 2, concurrency: 8 })

    const sql = `SELECT total(cost_usd) FROM responses WHERE billed <> 'no'`
    expect(report.outcome).toBe('budget')
    expect(countOf(archiveDir, sql)).toBeCloseTo(report.cost_usd, 6)
    expect(report.cost_usd).toBeLessThanOrEqual(2 + 1e-9)
    expect(simulator.calls().billed_usd).toBeLessThanOrEqual(2)
  })
})

/** The middle of the times at which the posts of the feed were posted. */
async function middleOf(world: Parameters<typeof openWorld>[0]): Promise<number> {
  const simulator = await openWorld(world)
  const times = simulator.truth().posts.map(({ posted_at }) => posted_at)
  return times.sort((one, other) => one - other)[times.length >> 1]!
}

describe('crawl with limits', () => {
  const world = { posts: 14, comments: 2, remixes: 0.6, seed: 3, hasMore: 'present' } as const
  const cases: { reason: string; toLimits: (middle: number) => Partial<WalkLimits> }[] = [
    { reason: 'max_pages', toLimits: () => ({ maxPages: { feed: 1 } }) },
    { reason: 'max_pages', toLimits: () => ({ maxPages: { comments: 0, remixes: 0 } }) },
    { reason: 'max_depth', toLimits: () => ({ maxDepth: { remixes: 1, replies: 1 } }) },
    { reason: 'max_depth', toLimits: () => ({ maxDepth: { replies: 0 } }) },
    { reason: 'since', toLimits: (middle) => ({ since: middle }) },
    { reason: 'until', toLimits: (middle) => ({ until: middle }) },
    { reason: 'only', toLimits: () => ({ only: new Set(['comments']) }) },
    { reason: 'only', toLimits: () => ({ only: new Set(['remixes', 'replies']) }) },
  ]

  it.each(cases)(
    'skips for $reason, says so, and takes exactly that up without it ($#)',
    async ({ reason, toLimits }) => {
      const { simulator, report, whole } = await undisturbed(world)
      const archiveDir = temporaryFolder()
      const limits = toLimits(await middleOf(world))

      const limited = await crawlWorld(simulator, archiveDir, { limits })
      const again = await crawlWorld(simulator, archiveDir, { limits })
      const skipped = `SELECT DISTINCT reason FROM requests WHERE state = 'skipped'`
      const reasons = valuesOf(archiveDir, skipped)
      const free = await crawlWorld(simulator, archiveDir)

      expect(limited).toMatchObject({ outcome: 'done', pending: 0, failed: 0 })
      expect(limited.skipped).toBeGreaterThan(0)
      expect(limited.requests_sent).toBeLessThan(report.requests_sent)
      expect(reasons).toEqual([reason])
      expect(again).toEqual({
        ...limited,
        requests_sent: 0,
        cost_usd: 0,
        message: 'everything asked for is held',
      })
      expect(limited.requests_sent + free.requests_sent).toBe(report.requests_sent)
      expect(free).toMatchObject({ outcome: 'done', pending: 0, skipped: 0 })
      expect(outcomeOf(archiveDir)).toEqual(whole)
    },
  )

  it('asks for one page of the feed only', async () => {
    const simulator = await openWorld(world)

    await crawlWorld(simulator, temporaryFolder(), { limits: { maxPages: { feed: 1 } } })

    expect(simulator.fewestRequests('feed').by_endpoint.get_feed).toBeGreaterThan(1)
    expect(simulator.calls().by_endpoint['get_feed']).toBe(1)
  })

  it('asks for remixes and replies of one level only', async () => {
    const simulator = await openWorld(world)
    const archiveDir = temporaryFolder()

    await crawlWorld(simulator, archiveDir, {
      seeds: simulator
        .truth()
        .posts.flatMap((post) =>
          post.depth === 0 && !post.tombstoned ? [`post:${post.post_id}`] : [],
        ),
      limits: { maxDepth: { remixes: 1, replies: 1 } },
    })

    const { posts } = simulator.truth()
    const depths = new Map(posts.map(({ post_id, depth }) => [post_id, depth]))
    const held = valuesOf(archiveDir, 'SELECT post_id FROM posts').map((id) =>
      depths.get(String(id)),
    )
    const comments = valuesOf(archiveDir, 'SELECT DISTINCT depth FROM comments ORDER BY depth')
    expect(new Set(held)).toEqual(new Set([0, 1]))
    expect(Math.max(...depths.values())).toBeGreaterThan(1)
    expect(comments).toEqual([1n, 2n])
  })

  it('takes up what was too deep, once a seed leads there by a shorter way', async () => {
    const simulator = await openWorld(world)
    const archiveDir = temporaryFolder()
    const { posts } = simulator.truth()
    const parents = new Map(posts.map((post) => [post.post_id, post.parent_post_id]))
    const deep = posts.find(({ depth, tombstoned }) => depth === 2 && !tombstoned)!.post_id
    const remix = parents.get(deep)!
    const limits = { maxDepth: { remixes: 1 } }
    const seeds = [`post:${parents.get(remix)!}`]
    await crawlWorld(simulator, archiveDir, { seeds, limits })
    const sql = `SELECT state, reason, depth FROM requests WHERE request_key = ?`
    const key = `get_post_remix_list {"post_id":"${remix}"}`
    const before = rowsOf(archiveDir, sql, key)

    await crawlWorld(simulator, archiveDir, { seeds: [...seeds, `post:${remix}`], limits })

    expect(before).toEqual([{ state: 'skipped', reason: 'max_depth', depth: 2n }])
    expect(rowsOf(archiveDir, sql, key)).toEqual([{ state: 'done', reason: null, depth: 1n }])
    expect(countOf(archiveDir, 'SELECT count(*) FROM posts WHERE post_id = ?', deep)).toBe(1)
    expect(simulator.calls().repeated).toBe(0)
  })

  it('walks the threads of the posts in between only', async () => {
    const simulator = await openWorld(world)
    const archiveDir = temporaryFolder()
    const since = await middleOf(world)

    await crawlWorld(simulator, archiveDir, { limits: { since } })

    const early = `SELECT count(*) FROM comments JOIN posts USING (post_id)
      WHERE posts.posted_at < ${since}`
    const late = early.replace('<', '>=')
    expect(countOf(archiveDir, early)).toBe(0)
    expect(countOf(archiveDir, late)).toBeGreaterThan(0)
  })
})

describe('crawl with retryFailed', () => {
  it('tries nothing again that its limits leave out', async () => {
    const simulator = await openWorld({ posts: 8, seed: 2 })
    const archiveDir = temporaryFolder()
    const limits = { only: new Set(['comments', 'replies']) }
    await crawlWorld(simulator, archiveDir, { limits: { only: new Set() } })
    const database = new Database(join(archiveDir, 'archive.sqlite'))
    database.exec(`UPDATE requests SET state = 'failed' WHERE endpoint = 'get_post_remix_list'`)
    database.close()
    await crawlWorld(simulator, archiveDir, { limits })

    await crawlWorld(simulator, archiveDir, { limits, retryFailed: true })

    const sql = `SELECT DISTINCT state, reason FROM requests WHERE endpoint = 'get_post_remix_list'`
    expect(rowsOf(archiveDir, sql)).toEqual([{ state: 'skipped', reason: 'only' }])
    expect(simulator.calls().by_endpoint).not.toHaveProperty('get_post_remix_list')
  })
})

describe('crawl that is interrupted', () => {
  /** A signal that comes once so many calls are sent. */
  const abortAfter = (calls: number): Pick<CrawlOptions, 'signal' | 'onProgress' | 'clock'> => {
    const controller = new AbortController()
    return {
      signal: controller.signal,
      // A clock that strides lets progress be told after every call.
      clock: strides(),
      onProgress: ({ requestsSent }) => {
        if (requestsSent >= calls) controller.abort()
      },
    }
  }

  it.each([1, 7, 20, 41])('saves what is under way after %i calls, and goes on', async (calls) => {
    const { simulator, report, whole } = await undisturbed({ posts: 8, seed: 2 })
    const archiveDir = temporaryFolder()

    const first = await crawlWorld(simulator, archiveDir, abortAfter(calls))
    const settled = `SELECT count(*) FROM responses JOIN requests USING (request_id)
      WHERE outcome = 'page' AND state = 'done'`
    const held = countOf(archiveDir, settled)
    const check = valuesOf(archiveDir, 'PRAGMA integrity_check')
    const runs = rowsOf(archiveDir, 'SELECT outcome FROM runs')
    const second = await crawlWorld(simulator, archiveDir)

    expect(first).toMatchObject({ outcome: 'interrupted', message: 'interrupted', failed: 0 })
    expect(first.pending).toBeGreaterThan(0)
    expect(first.requests_sent).toBeLessThan(calls + 8)
    expect(held).toBe(first.requests_sent)
    expect(check).toEqual(['ok'])
    expect(runs).toEqual([{ outcome: 'interrupted' }])
    expect(first.requests_sent + second.requests_sent).toBe(report.requests_sent)
    expect(second.outcome).toBe('done')
    expect(outcomeOf(archiveDir)).toEqual(whole)
  })

  it('does not wait for an answer that does not come, and counts it as possibly billed', async () => {
    const simulator = await openWorld(small)
    const archiveDir = temporaryFolder()
    const controller = new AbortController()
    const silent = createServer(() => controller.abort())
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const baseUrl = `http://127.0.0.1:${port}`

    const { signal } = controller
    const report = await crawlWorld(simulator, archiveDir, { baseUrl, signal, timeoutMs: 60_000 })
    silent.closeAllConnections()
    silent.close()
    const calls = rowsOf(archiveDir, 'SELECT status, outcome, billed, cost_usd FROM responses')
    const waiting = rowsOf(archiveDir, 'SELECT state, attempts, error FROM requests')
    const next = await crawlWorld(simulator, archiveDir)

    expect(report).toMatchObject({ outcome: 'interrupted', requests_sent: 1, cost_usd: 0.05 })
    expect(calls).toEqual([{ status: null, outcome: null, billed: 'unknown', cost_usd: 0.05 }])
    expect(waiting).toEqual([{ state: 'pending', attempts: 0n, error: null }])
    expect(next).toMatchObject({
      outcome: 'done',
      requests_sent: simulator.fewestRequests('feed').requests,
    })
  })

  it('sends nothing where the signal came before', async () => {
    const simulator = await openWorld(small)

    const report = await crawlWorld(simulator, temporaryFolder(), { signal: AbortSignal.abort() })

    expect(report).toMatchObject({ outcome: 'interrupted', requests_sent: 0, pending: 1 })
    expect(simulator.calls().calls).toBe(0)
  })
})
