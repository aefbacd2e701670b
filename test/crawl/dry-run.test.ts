import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { planCrawl, type CrawlPlan } from '../../src/crawl/dry-run.js'
import type { WalkLimits } from '../../src/model/walk-plan.js'
import type { Simulator } from '../../src/simulator/index.js'
import { crawlWorld, noon, openWorld, rowsOf, temporaryFolder } from './worlds.js'

const clock = (): number => noon * 1000

const planOf = (archiveDir: string, more: Partial<Parameters<typeof planCrawl>[0]> = {}) =>
  planCrawl({ archiveDir, seeds: ['feed'], clock, ...more })

const digestOf = (archiveDir: string): string =>
  createHash('sha256')
    .update(readFileSync(join(archiveDir, 'archive.sqlite')))
    .digest('hex')

const feedOnly: Partial<WalkLimits> = { only: new Set() }

/** An archive of the feed and of nothing else. */
async function feedHeld(simulator: Simulator): Promise<string> {
  const archiveDir = temporaryFolder()
  await crawlWorld(simulator, archiveDir, { limits: feedOnly })
  return archiveDir
}

describe('planCrawl on a new archive', () => {
  it('shows the seeds, and makes nothing on disk', async () => {
    const archiveDir = join(temporaryFolder(), 'new')

    const plan = await planOf(archiveDir, { seeds: ['feed', 'user:user-aaaaaaaaaaaaaaaaaaaaaaaa'] })

    expect(plan.endpoints).toEqual([
      {
        ...{ endpoint: 'get_feed', pending: 1, least_calls: 1, least_usd: 0.05 },
        ...{ expected_calls: null, expected_usd: null },
      },
      {
        ...{ endpoint: 'get_user_profile', pending: 1, least_calls: 1, least_usd: 0.05 },
        ...{ expected_calls: null, expected_usd: null },
      },
    ])
    expect(plan).toMatchObject({ pending: 2, least_calls: 2, least_usd: 0.1, spent_usd: 0 })
    expect(plan.notes.join(' ')).toContain('get_feed announces no end')
    expect(existsSync(archiveDir)).toBe(false)
  })

  it('counts the feed up to where it may go', async () => {
    const plan = await planOf(temporaryFolder(), { limits: { maxPages: { feed: 20 } } })

    expect(plan).toMatchObject({ pending: 1, least_calls: 20, least_usd: 1 })
    expect(plan.notes.join(' ')).toContain('--max-pages feed=20')
  })

  it('takes prices that are named', async () => {
    const plan = await planOf(temporaryFolder(), { prices: { perCall: { get_feed: 0.02 } } })

    expect(plan.least_usd).toBe(0.02)
  })

  it.each([
    ['what is no seed', ['nonsense']],
    ['no seed', []],
  ])('refuses %s', async (_, seeds) => {
    const planned = planOf(temporaryFolder(), { seeds })

    await expect(planned).rejects.toThrow(/seed/)
  })
})

describe('planCrawl on an archive', () => {
  it('sends nothing and changes not one byte', async () => {
    const simulator = await openWorld({ posts: 20, seed: 2 })
    const archiveDir = await feedHeld(simulator)
    const before = { digest: digestOf(archiveDir), files: readdirSync(archiveDir).sort() }
    const { calls } = simulator.calls()

    const plan = await planOf(archiveDir, { seeds: ['feed', 'leaderboard'] })

    expect(plan.pending).toBeGreaterThan(10)
    expect({ digest: digestOf(archiveDir), files: readdirSync(archiveDir).sort() }).toEqual(before)
    expect(rowsOf(archiveDir, `SELECT 1 FROM requests WHERE endpoint LIKE '%leader%'`)).toEqual([])
    expect(simulator.calls().calls).toBe(calls)
  })

  it('says what is pending under the limits that are given', async () => {
    const simulator = await openWorld({ posts: 20, seed: 2 })
    const archiveDir = await feedHeld(simulator)

    const all = await planOf(archiveDir)
    const remixes = await planOf(archiveDir, { limits: { only: new Set(['remixes']) } })
    const none = await planOf(archiveDir, { limits: feedOnly })

    expect(remixes.endpoints.map(({ endpoint }) => endpoint)).toEqual(['get_post_remix_list'])
    expect(remixes.pending + remixes.skipped).toBe(all.pending)
    expect(none).toMatchObject({ pending: 0, least_calls: 0, skipped: all.pending })
    expect(none.notes).toEqual(['Everything asked for is held: nothing would be sent.'])
  })

  it('says nothing is left of what is done', async () => {
    const simulator = await openWorld({ posts: 3, seed: 2 })
    const archiveDir = temporaryFolder()
    const report = await crawlWorld(simulator, archiveDir)

    const plan = await planOf(archiveDir)

    expect(plan).toMatchObject({ pending: 0, least_usd: 0, spent_usd: report.cost_usd })
  })

  it('refuses while another process writes', async () => {
    const simulator = await openWorld({ posts: 20, seed: 2 })
    const archiveDir = await feedHeld(simulator)

    const crawling = crawlWorld(simulator, archiveDir, { maxRequests: 30 })
    const planned = planOf(archiveDir)

    await expect(planned).rejects.toThrow(/another afterfeed process/)
    await crawling
  })
})

describe('what planCrawl expects', () => {
  const shapes = [
    { posts: 80, comments: 4 },
    { posts: 60, comments: 14, replies: 0.6, remixes: 0.2 },
    { posts: 60, comments: 2, replies: 0.2, remixes: 0.7 },
  ]
  const partial: [string, Partial<WalkLimits>][] = [
    ['the feed', feedOnly],
    ['the feed and all comments', { only: new Set(['comments']) }],
  ]
  const worlds = shapes.flatMap((shape) => [2, 3, 4].map((seed) => ({ ...shape, seed })))
  const cases = worlds.flatMap((world) => partial.map(([held]) => ({ world, held })))

  /** One walk of a world, its parts one after the other; before each what was expected of the rest. */
  async function walkInParts(world: { seed: number }) {
    const simulator = await openWorld(world)
    const archiveDir = temporaryFolder()
    const planned: { held: string; plan: CrawlPlan; sentBefore: number; costBefore: number }[] = []
    const all = { sent: 0, cost: 0 }
    for (const [held, limits] of [...partial, ['all', {}] as const]) {
      const { requests_sent, cost_usd } = await crawlWorld(simulator, archiveDir, { limits })
      all.sent += requests_sent
      all.cost += cost_usd
      const plan = await planOf(archiveDir)
      planned.push({ held, plan, sentBefore: all.sent, costBefore: all.cost })
    }
    return planned.map(({ held, plan, sentBefore, costBefore }) => ({
      ...{ held, plan, sent: all.sent - sentBefore, cost: all.cost - costBefore },
    }))
  }

  const walks = new Map<object, ReturnType<typeof walkInParts>>()

  it.each(cases)(
    'is what the rest costs, within a factor of two: $held held, $world',
    async ({ world, held }) => {
      if (!walks.has(world)) walks.set(world, walkInParts(world))
      const { plan, sent, cost } = (await walks.get(world)!).find((each) => each.held === held)!

      expect(plan.least_calls).toBeGreaterThanOrEqual(plan.pending)
      expect(plan.least_calls).toBeLessThanOrEqual(sent)
      expect(plan.expected_usd!).toBeGreaterThan(cost / 2)
      expect(plan.expected_usd!).toBeLessThan(cost * 2)
    },
  )
})
