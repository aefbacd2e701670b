import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { orders } from '../../src/model/order.js'
import {
  crawlWorld,
  noon,
  openWorld,
  requestLines,
  rowsOf,
  sentTwice,
  temporaryFolder,
  toldRows,
  valuesOf,
} from './worlds.js'

const world = { posts: 20, comments: 4, replies: 0.5, seed: 2 }

const outcomeOf = (archiveDir: string) => ({
  told: toldRows(archiveDir),
  requests: requestLines(archiveDir),
  sentTwice: sentTwice(archiveDir),
})

const pending = (archiveDir: string) =>
  rowsOf(
    archiveDir,
    `SELECT request_key, priority FROM requests WHERE state = 'pending' ORDER BY request_id`,
  )

/** The steps asked for, in the order of the calls. */
const stepsAsked = (archiveDir: string): string[] =>
  valuesOf(archiveDir, 'SELECT endpoint FROM responses ORDER BY sent_at, response_id').map(String)

describe('crawl with order', () => {
  it.each(orders)('holds the same in the end: %s', async (order) => {
    const simulator = await openWorld(world)
    const plain = temporaryFolder()
    const ordered = temporaryFolder()
    await crawlWorld(simulator, plain)

    const report = await crawlWorld(simulator, ordered, { order })

    expect(report).toMatchObject({ outcome: 'done', pending: 0 })
    expect(outcomeOf(ordered)).toEqual(outcomeOf(plain))
  })

  it('holds the same in the end where every run has another order', async () => {
    const simulator = await openWorld(world)
    const plain = temporaryFolder()
    const archiveDir = temporaryFolder()
    await crawlWorld(simulator, plain)

    for (const order of orders) await crawlWorld(simulator, archiveDir, { order, maxRequests: 12 })
    const report = await crawlWorld(simulator, archiveDir, {
      order: 'yield',
      weights: { posts: 9 },
    })

    expect(report).toMatchObject({ outcome: 'done', pending: 0 })
    expect(outcomeOf(archiveDir)).toEqual(outcomeOf(plain))
  })

  it.each(orders)(
    'gives what is pending the same place anew as when it was planned: %s',
    async (order) => {
      const simulator = await openWorld(world)
      const archiveDir = temporaryFolder()
      const other = order === 'breadth' ? 'depth' : 'breadth'
      await crawlWorld(simulator, archiveDir, { order, maxRequests: 40 })
      const before = pending(archiveDir)

      await crawlWorld(simulator, archiveDir, { order: other, maxRequests: 0 })
      const between = pending(archiveDir)
      await crawlWorld(simulator, archiveDir, { order, maxRequests: 0 })

      expect(before.length).toBeGreaterThan(9)
      expect(between).not.toEqual(before)
      expect(pending(archiveDir)).toEqual(before)
    },
  )

  it('follows other weights at once', async () => {
    const simulator = await openWorld(world)
    const archiveDir = temporaryFolder()
    await crawlWorld(simulator, archiveDir, { order: 'yield', maxRequests: 2, concurrency: 1 })

    await crawlWorld(simulator, archiveDir, {
      ...{ order: 'yield', maxRequests: 8, concurrency: 1 },
      weights: { posts: 0, users: 0, comments: 0, remixes: 1 },
    })

    expect(stepsAsked(archiveDir).slice(-3)).toEqual(Array(3).fill('get_post_remix_list'))
  })

  it('finishes a thread before the next, one call at a time', async () => {
    const simulator = await openWorld({ ...world, posts: 12 })
    const archiveDir = temporaryFolder()

    await crawlWorld(simulator, archiveDir, { concurrency: 1 })

    const threads = rowsOf(
      archiveDir,
      `SELECT coalesce(thread, request_id) AS thread FROM responses JOIN requests USING (request_id)
       WHERE requests.endpoint IN ('get_post_comments', 'get_comment_replies') ORDER BY sent_at`,
    ).map(({ thread }) => thread)
    const begun = threads.filter((thread, place) => thread !== threads[place - 1])
    expect(begun.length).toBeGreaterThan(5)
    expect(begun).toEqual([...new Set(begun)])
  })

  it('looks at nothing that waits where the rules are those of the last crawl', async () => {
    const simulator = await openWorld(world)
    const archiveDir = temporaryFolder()
    await crawlWorld(simulator, archiveDir, { maxRequests: 10 })
    const database = new Database(join(archiveDir, 'archive.sqlite'))
    database.exec(`UPDATE requests SET priority = 7 WHERE state = 'pending'`)
    database.close()

    await crawlWorld(simulator, archiveDir, { maxRequests: 0 })
    const same = new Set(pending(archiveDir).map(({ priority }) => priority))
    await crawlWorld(simulator, archiveDir, { maxRequests: 0, order: 'depth' })

    expect([...same]).toEqual([7n])
    expect(pending(archiveDir).every(({ priority }) => Number(priority) < 0)).toBe(true)
  })

  it.each([1, 2, 3, 4, 5, 6])(
    'notes the order together with the places, broken off at look %i',
    async (look) => {
      const simulator = await openWorld(world)
      const archiveDir = temporaryFolder()
      await crawlWorld(simulator, archiveDir, { order: 'breadth', maxRequests: 10 })
      let looks = 0
      const clock = (): number => {
        if ((looks += 1) === look) throw new Error('no clock')
        return noon * 1000
      }

      const broken = crawlWorld(simulator, archiveDir, { order: 'depth', maxRequests: 0, clock })
      await broken.catch(() => undefined)

      const [config] = valuesOf(archiveDir, 'SELECT config FROM runs ORDER BY run_id DESC LIMIT 1')
      const { order } = JSON.parse(String(config)) as { order: string }
      const isPlaced = pending(archiveDir).map(({ priority }) => Number(priority) < 0)
      expect(new Set(isPlaced)).toEqual(new Set([order === 'depth']))
    },
  )
})
