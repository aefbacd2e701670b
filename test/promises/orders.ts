import type Database from 'better-sqlite3'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { defaultWeights } from '../../src/model/order.js'
import { run } from '../cli/program.js'
import { openFaultyApi } from '../faults/fault-api.js'
import { departures, look, wholeTruth } from '../faults/whole.js'
import { gentle } from '../hostile/scenario.js'
import type { Truth } from '../hostile/truth.js'
import { crawlAt, temporaryFolder } from './runs.js'

const orders = ['thread', 'breadth', 'depth', 'yield'] as const
const quiet = { seed: 1, share: 0, slowShare: 0, kinds: [], lasting: new Map() }
const world = { ...gentle, feedPosts: 60, threads: true, remixes: true, jitterMs: 1 }

async function openWorld() {
  const api = await openFaultyApi({ world, plan: quiet })
  onTestFinished(() => api.close())
  return api
}

/** Rows held, as much worth as the weights say. */
function weightedRows(db: Database.Database): number {
  return Object.entries(defaultWeights).reduce((sum, [table, weight]) => {
    const rows = db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number
    return sum + rows * weight
  }, 0)
}

/** Posts of which every comment and reply is held. */
function completeThreads(db: Database.Database, { comments }: Truth): number {
  const held = new Set(db.prepare('SELECT comment_id FROM comments').pluck().all())
  const isWhole = new Map<string, boolean>()
  for (const [id, { post_id }] of comments) {
    const post = String(post_id)
    isWhole.set(post, (isWhole.get(post) ?? true) && held.has(id))
  }
  return [...isWhole.values()].filter(Boolean).length
}

/** What an order comes to for a share of the full cost. */
async function heldAfter(order: (typeof orders)[number], share: number) {
  const api = await openWorld()
  const archiveDir = temporaryFolder()
  const maxRequests = Math.floor(api.truth.fewest * share)
  const options = { apiKey: api.key, order, maxRequests, concurrency: 1 }
  await crawlAt(api.url, archiveDir, options)
  return look(archiveDir, (db) => ({
    rows: weightedRows(db),
    threads: completeThreads(db, api.truth),
  }))
}

/** Part 6: order. */
export function orderPromises(): void {
  it.each(orders)('comes to the same end in the same number of calls: %s', async (order) => {
    const api = await openWorld()
    const archiveDir = temporaryFolder()

    await crawlAt(api.url, archiveDir, { apiKey: api.key, order, maxRequests: 30 })
    const report = await crawlAt(api.url, archiveDir, { apiKey: api.key, order })

    expect(report).toMatchObject({ outcome: 'done', pending: 0 })
    expect(api.books).toHaveLength(api.truth.fewest)
    expect(look(archiveDir, (db) => departures(db, wholeTruth(api)))).toEqual([])
  })

  it.each([0.1, 0.25, 0.5])('keeps what each order is for at %d of the cost', async (share) => {
    const [thread, breadth, depth, most] = await Promise.all(
      orders.map((order) => heldAfter(order, share)),
    )

    expect(most!.rows).toBeGreaterThanOrEqual(breadth!.rows)
    const others = [breadth!, depth!, most!].map(({ threads }) => threads)
    expect(thread!.threads).toBeGreaterThanOrEqual(Math.max(...others))
  })

  it('knows four orders', async () => {
    const archive = join(temporaryFolder(), 'archive')

    const { code, stderr } = await run(
      ['crawl', 'feed', '--archive', archive, '--order', 'chaos'],
      { key: 'key-of-the-tests' },
    )

    expect(code).toBe(2)
    for (const order of orders) expect(stderr).toContain(order)
  })
}
