import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openForReading } from '../../src/archive/archive.js'
import { readStatus } from '../../src/archive/status.js'
import { importFiles } from '../../src/import/index.js'
import { countOf, crawlWorld, noon, openWorld, temporaryFolder } from './worlds.js'

const spentSql = `SELECT total(cost_usd) FROM responses WHERE billed <> 'no'`

describe('crawl with budgetTotalUsd', () => {
  it('stops there however many runs it takes, and says so', async () => {
    const simulator = await openWorld({ posts: 15, seed: 2 })
    const archiveDir = temporaryFolder()
    const options = { budgetTotalUsd: 1, maxRequests: 7, concurrency: 8 }

    const sent: number[] = []
    let message = ''
    for (let run = 0; run < 4; run += 1) {
      const report = await crawlWorld(simulator, archiveDir, options)
      sent.push(report.requests_sent)
      message = report.message
    }

    expect(sent).toEqual([7, 7, 6, 0])
    expect(message).toMatch(/^stopped at --budget-total 1: .*Raise it to go on$/)
    expect(simulator.calls().billed_usd).toBeCloseTo(1, 9)
  })

  it('counts calls in full of which no answer was seen', async () => {
    const simulator = await openWorld({ posts: 15, seed: 2 })
    const archiveDir = temporaryFolder()
    const controller = new AbortController()
    const silent = createServer(() => controller.abort())
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const baseUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    await crawlWorld(simulator, archiveDir, { baseUrl, signal: controller.signal })
    silent.closeAllConnections()
    silent.close()

    const report = await crawlWorld(simulator, archiveDir, { budgetTotalUsd: 0.5 })

    expect(report).toMatchObject({ outcome: 'budget', requests_sent: 9 })
    expect(countOf(archiveDir, spentSql)).toBeCloseTo(0.5, 9)
  })

  it('is beside the budget of a run: the smaller one stops', async () => {
    const simulator = await openWorld({ posts: 15, seed: 2 })
    const archiveDir = temporaryFolder()

    const first = await crawlWorld(simulator, archiveDir, { budgetUsd: 0.3, budgetTotalUsd: 0.5 })
    const second = await crawlWorld(simulator, archiveDir, { budgetUsd: 0.3, budgetTotalUsd: 0.5 })

    expect([first, second].map(({ requests_sent }) => requests_sent)).toEqual([6, 4])
    expect(first.message).toContain('--budget 0.3')
    expect(second.message).toContain('--budget-total 0.5')
  })
})

describe('crawl with prices', () => {
  it('keeps in the ledger what each call cost, tiers included', async () => {
    const simulator = await openWorld({ posts: 15, seed: 2 })
    const archiveDir = temporaryFolder()
    const prices = { perCall: { get_feed: 0.2 }, tiers: [{ from: 10, off: 0.5 }] }

    const first = await crawlWorld(simulator, archiveDir, {
      ...{ prices, maxRequests: 11, concurrency: 1, clock: () => noon * 1000 },
      limits: { maxPages: { feed: 1 } },
    })

    expect(first.cost_usd).toBeCloseTo(0.2 + 9 * 0.05 + 0.025, 9)
    expect(countOf(archiveDir, spentSql)).toBeCloseTo(first.cost_usd, 9)
  })
})

describe('readStatus', () => {
  const boughtTables = [
    ...(['users', 'posts', 'comments', 'remixes', 'attachments', 'generations'] as const),
    ...(['assets', 'cameos', 'follows', 'text_facets', 'tasks'] as const),
  ]

  it('tells calls by endpoint, and dollars for a thousand rows that were bought', async () => {
    const simulator = await openWorld({ posts: 15, seed: 2 })
    const archiveDir = temporaryFolder()
    const report = await crawlWorld(simulator, archiveDir, { maxRequests: 20 })

    const database = openForReading(archiveDir)
    const { money, rows } = readStatus(database, noon * 1000)
    database.close()

    const newRows = boughtTables.reduce((sum, name) => sum + rows[name], 0)
    expect(money.new_rows).toBe(newRows)
    expect(money.usd_per_1000_new_rows).toBeCloseTo((report.cost_usd / newRows) * 1000, 9)
    expect(
      Object.fromEntries(money.by_endpoint.map(({ endpoint, calls }) => [endpoint, calls])),
    ).toEqual(simulator.calls().by_endpoint)
  })

  it('does not count rows that were imported', async () => {
    const simulator = await openWorld({ posts: 15, seed: 2 })
    const archiveDir = temporaryFolder()
    const file = join(temporaryFolder(), 'drafts.json')
    const { body } = JSON.parse(readFileSync('test/pages/drafts.json', 'utf8')) as { body: unknown }
    writeFileSync(file, JSON.stringify(body))
    await importFiles({ archiveDir, files: [file] })

    const before = openForReading(archiveDir)
    const { money: imported, rows: importedRows } = readStatus(before, noon * 1000)
    const heldBefore = boughtTables.reduce((sum, name) => sum + importedRows[name], 0)
    before.close()
    await crawlWorld(simulator, archiveDir, { maxRequests: 1 })
    const after = openForReading(archiveDir)
    const { money, rows } = readStatus(after, noon * 1000)
    after.close()

    expect(imported).toMatchObject({ calls: 0, new_rows: 0, usd_per_1000_new_rows: null })
    expect(money.new_rows).toBeGreaterThan(15)
    expect(rows.generations).toBeGreaterThan(0)
    expect(money.new_rows).toBe(
      boughtTables.reduce((sum, name) => sum + rows[name], 0) - heldBefore,
    )
  })
})
