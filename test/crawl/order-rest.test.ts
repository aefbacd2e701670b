import fc from 'fast-check'
import { cpSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openArchive } from '../../src/archive/archive.js'
import { applyRules } from '../../src/crawl/apply-rules.js'
import type { SharedRun } from '../../src/crawl/beside.js'
import { orderedAtOnce, orderNext } from '../../src/crawl/order-rest.js'
import { orders, type Ordering } from '../../src/model/order.js'
import { noLimits } from '../../src/model/walk-plan.js'
import { copyArchive } from '../faults/killed-crawl.js'
import { crawlWorld, openWorld, rowsOf, temporaryFolder, valuesOf } from './worlds.js'

const world = { posts: 20, comments: 4, replies: 0.5, seed: 2 }

/** A frontier of some hundred requests. */
async function frontier(): Promise<string> {
  const simulator = await openWorld(world)
  const archiveDir = temporaryFolder()
  await crawlWorld(simulator, archiveDir, { maxRequests: 40 })
  return archiveDir
}

const copyOf = (archiveDir: string): string => {
  const copy = temporaryFolder()
  cpSync(archiveDir, copy, { recursive: true })
  return copy
}

const placesIn = (archiveDir: string) =>
  rowsOf(
    archiveDir,
    `SELECT request_id, priority FROM requests WHERE state <> 'done' ORDER BY request_id`,
  )

/** The same frontier brought into an order at once. */
function placesAtOnce(archiveDir: string, ordering: Ordering) {
  const copy = copyOf(archiveDir)
  const archive = openArchive(copy)
  archive.frontier.order.follow(ordering)
  archive.frontier.order.place(0, Infinity)
  archive.close()
  return placesIn(copy)
}

/** The beginning of a run in an order, killed after some stretches; `stretches` of so many requests. */
function beginRun(
  archiveDir: string,
  { ordering, count, stretches }: { ordering: Ordering; count: number; stretches: number },
): void {
  const archive = openArchive(archiveDir, { durability: 'normal' })
  const config = { ...ordering }
  const rules = { limits: noLimits, ordering, config, isRetried: false, atOnce: count }
  let placed = applyRules(archive, rules)
  const log = { command: 'crawl', seeds: [], version: '0', startedAt: 0 }
  const runId = archive.runs.begin({ ...log, config: { ...config, orderedTo: placed } })
  for (let stretch = 0; placed !== null && stretch < stretches; stretch += 1)
    placed = orderNext(archive, runId, { after: placed, count })
  archive.close()
}

const run = fc.record({
  ordering: fc.constantFrom<Ordering>(
    ...orders.map((order) => ({ order })),
    { order: 'yield', weights: { posts: 9 } },
    { order: 'yield', weights: { comments: 0 } },
  ),
  count: fc.integer({ min: 1, max: 60 }),
  stretches: fc.integer({ min: 0, max: 5 }),
})

/** Puts requests that failed before all others: they keep a place in the order, and nobody asks them. */
function lengthen(archiveDir: string, length: number): void {
  openArchive(archiveDir).close()
  const database = new Database(join(archiveDir, 'archive.sqlite'))
  database.exec(`
    WITH RECURSIVE numbers (n) AS (
      SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT ${length})
    INSERT INTO requests (request_id, endpoint, params, request_key, pass, priority, page, depth,
      state, attempts, created_at)
    SELECT n, 'get_post_comments', '{}', 'a ' || n, 1, 0, 1, 0, 'failed', 1, 0 FROM numbers`)
  database.close()
}

/** A long frontier, planned in the order `breadth`. */
async function longFrontier(length = orderedAtOnce + 12_000) {
  const simulator = await openWorld(world)
  const archiveDir = temporaryFolder()
  lengthen(archiveDir, length)
  await crawlWorld(simulator, archiveDir, { order: 'breadth', maxRequests: 10, concurrency: 1 })
  return { simulator, archiveDir }
}

/** How far the last crawl brought the frontier into its order. */
const orderedTo = (archiveDir: string): number | null => {
  const [config] = valuesOf(archiveDir, 'SELECT config FROM runs ORDER BY run_id DESC LIMIT 1')
  return (JSON.parse(String(config)) as { orderedTo: number | null }).orderedTo
}

const orderedNow = ({ archive }: SharedRun): number | null =>
  archive.runs.last('crawl')!.config['orderedTo'] as number | null

/** Waits until a run has ordered more than it did before its first call, or all. */
async function untilOrdered(shared: SharedRun, isEnough: (placed: number | null) => boolean) {
  while (!isEnough(orderedNow(shared))) await nextTurn()
}

const isPartly = (placed: number | null): boolean => placed === null || placed > orderedAtOnce
const isWhole = (placed: number | null): boolean => placed === null

describe('ordering a frontier in stretches', () => {
  it('comes to the same places as at once, however often it is killed and the order changes', async () => {
    const archiveDir = await frontier()

    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 4 }), (runs) => {
        const copy = copyOf(archiveDir)
        for (const each of runs) beginRun(copy, each)
        const { ordering, count } = runs.at(-1)!
        beginRun(copy, { ordering, count, stretches: Infinity })

        expect(placesIn(copy)).toEqual(placesAtOnce(archiveDir, ordering))
      }),
      { numRuns: 40, seed: 3 },
    )
  })

  it('goes on where a killed run stopped, and begins anew for another order', async () => {
    const archiveDir = await frontier()
    const last = Number(valuesOf(archiveDir, 'SELECT max(request_id) FROM requests')[0])
    const depth: Ordering = { order: 'depth' }

    beginRun(archiveDir, { ordering: depth, count: 5, stretches: 2 })
    const first = orderedTo(archiveDir)
    beginRun(archiveDir, { ordering: depth, count: 5, stretches: 1 })
    const second = orderedTo(archiveDir)
    beginRun(archiveDir, { ordering: { order: 'yield' }, count: 5, stretches: 0 })
    const other = orderedTo(archiveDir)
    beginRun(archiveDir, { ordering: { order: 'yield' }, count: last, stretches: 0 })

    expect([first, second, other, orderedTo(archiveDir)]).toEqual([15, 25, 5, null])
  })
})

describe('a crawl with another order of a long frontier', () => {
  it.each(orders.filter((order) => order !== 'breadth'))(
    'brings it into order beside the walk, and what the walk adds too: %s',
    async (order) => {
      const { simulator, archiveDir } = await longFrontier()

      const report = await crawlWorld(simulator, archiveDir, {
        ...{ order, maxRequests: 30, concurrency: 2 },
        beside: (shared) => untilOrdered(shared, isWhole),
      })

      expect(report).toMatchObject({ outcome: 'budget', requests_sent: 30 })
      expect(orderedTo(archiveDir)).toBeNull()
      expect(placesIn(archiveDir)).toEqual(placesAtOnce(archiveDir, { order }))
    },
  )

  it('gives what follows from a call that was under way meanwhile its place too', async () => {
    const { archiveDir } = await longFrontier()
    const slow = await openWorld({ ...world, faults: 'slow=1:1000' })

    await crawlWorld(slow, archiveDir, {
      ...{ order: 'thread', maxRequests: 12, concurrency: 12 },
      beside: (shared) => untilOrdered(shared, isWhole),
    })

    expect(orderedTo(archiveDir)).toBeNull()
    expect(placesIn(archiveDir)).toEqual(placesAtOnce(archiveDir, { order: 'thread' }))
  })

  it('does not wait for the order: its first call goes before all is in place', async () => {
    const { simulator, archiveDir } = await longFrontier()
    const { calls } = simulator.calls()
    const seen: (number | null)[] = []

    await crawlWorld(simulator, archiveDir, {
      ...{ order: 'depth', maxRequests: 1 },
      beside: async (shared) => {
        seen.push(orderedNow(shared))
        while (simulator.calls().calls === calls) await nextTurn()
      },
    })

    expect(seen).toEqual([orderedAtOnce])
  })

  it('notes how far it came where it is interrupted, and goes on from there', async () => {
    const { simulator, archiveDir } = await longFrontier()
    const stop = new AbortController()

    const report = await crawlWorld(simulator, archiveDir, {
      ...{ order: 'depth', signal: stop.signal },
      beside: async (shared) => {
        await untilOrdered(shared, isPartly)
        stop.abort()
      },
    })
    const partly = orderedTo(archiveDir)
    await crawlWorld(simulator, archiveDir, { order: 'depth', maxRequests: 0 })

    expect(report.outcome).toBe('interrupted')
    expect(partly).toBeGreaterThan(orderedAtOnce)
    expect(orderedTo(archiveDir)).toBeNull()
    expect(placesIn(archiveDir)).toEqual(placesAtOnce(archiveDir, { order: 'depth' }))
  })

  it('is brought into order by the runs after one that was killed', async () => {
    const { simulator, archiveDir } = await longFrontier()
    const killed = temporaryFolder()

    await crawlWorld(simulator, archiveDir, {
      ...{ order: 'yield', maxRequests: 5 },
      beside: async (shared) => {
        await untilOrdered(shared, isPartly)
        copyArchive(archiveDir, killed)
      },
    })
    const partly = orderedTo(killed)
    await crawlWorld(simulator, killed, { order: 'yield', maxRequests: 0 })

    expect(partly).toBeGreaterThan(orderedAtOnce)
    expect(orderedTo(killed)).toBeNull()
    expect(placesIn(killed)).toEqual(placesAtOnce(killed, { order: 'yield' }))
  })

  it('ends with the walk, however much is not yet in place', async () => {
    const { simulator, archiveDir } = await longFrontier(150_000)

    const report = await crawlWorld(simulator, archiveDir, { order: 'depth', maxRequests: 0 })

    expect(report.outcome).toBe('budget')
    expect(orderedTo(archiveDir)).toBeGreaterThanOrEqual(orderedAtOnce)
  })
})
