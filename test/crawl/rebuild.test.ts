import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { derivedTables, rebuild } from '../../src/archive/rebuild.js'
import { openForReading } from '../../src/archive/archive.js'
import { importFiles } from '../../src/index.js'
import { openHostileApi } from '../hostile/server.js'
import { crawl } from '../../src/crawl/crawl.js'
import { crawlWorld, openWorld, strides, temporaryFolder } from './worlds.js'

const drafts = new URL('../pages/drafts.json', import.meta.url)

/** Every row of every derived table, and how many there are. */
function dumpOf(archiveDir: string): Record<string, unknown[]> {
  const database = new Database(join(archiveDir, 'archive.sqlite'), { readonly: true })
  const dump = derivedTables.map(({ name, key }) => {
    const order = key.map((column) => `"${column}"`).join(', ')
    const sql = `SELECT * FROM "${name}" ORDER BY ${order}`
    return [name, database.prepare(sql).safeIntegers().all()] as const
  })
  database.close()
  return Object.fromEntries(dump)
}

const countsOf = (dump: Record<string, unknown[]>): Record<string, number> =>
  Object.fromEntries(Object.entries(dump).map(([name, rows]) => [name, rows.length]))

const clock = () => Date.UTC(2026, 10, 21) * 1000

async function expectSame(archiveDir: string): Promise<void> {
  const before = dumpOf(archiveDir)

  const report = await rebuild({ archiveDir, clock })

  const after = dumpOf(archiveDir)
  expect(report.outcome).toBe('done')
  expect(countsOf(after)).toEqual(countsOf(before))
  expect(after).toEqual(before)
}

/** A crawled archive whose rebuild was stopped after the first entries. */
async function stoppedRebuild() {
  const simulator = await openWorld({ posts: 40, comments: 3 })
  const archiveDir = temporaryFolder()
  await crawlWorld(simulator, archiveDir)
  const before = dumpOf(archiveDir)
  const controller = new AbortController()
  const onProgress = () => controller.abort()
  const stopped = await rebuild({ archiveDir, clock, onProgress, signal: controller.signal })
  return { simulator, archiveDir, before, stopped }
}

describe('rebuild', () => {
  it('fills every derived table with the same rows after a crawl through every hostility', async () => {
    const api = await openHostileApi({ seed: 7 })
    const archiveDir = temporaryFolder()
    await crawl({
      ...{ archiveDir, seeds: ['feed', `user:${api.someUser.id}`] },
      ...{ baseUrl: api.url, apiKey: api.key, ratePerSecond: Infinity, concurrency: 8 },
      durability: 'normal',
    })
    const asked = api.requests.length

    await expectSame(archiveDir)

    expect(api.requests).toHaveLength(asked)
    await api.close()
  })

  it('fills them with the same rows after faults, failures, second tries, and an import before', async () => {
    const faults = '400=0.2,503=0.2,404=0.05,empty200=0.05,broken=0.2,circle=0.3'
    const simulator = await openWorld({ posts: 12, comments: 3, faults, seed: 4 })
    const archiveDir = temporaryFolder()
    const dump = join(temporaryFolder(), 'drafts.json')
    const { body } = JSON.parse(readFileSync(drafts, 'utf8')) as { body: object }
    writeFileSync(dump, JSON.stringify(body))
    await importFiles({ archiveDir, files: [dump] })
    const first = await crawlWorld(simulator, archiveDir, { clock: strides() })
    const second = await crawlWorld(simulator, archiveDir, { clock: strides(), retryFailed: true })

    expect(first.failed).toBeGreaterThan(0)
    expect(second.requests_sent).toBeGreaterThan(0)
    await expectSame(archiveDir)
  })

  it('makes good what was taken from the tables, or put into them', async () => {
    const simulator = await openWorld({ posts: 6, comments: 2 })
    const archiveDir = temporaryFolder()
    await crawlWorld(simulator, archiveDir)
    const before = dumpOf(archiveDir)
    const database = new Database(join(archiveDir, 'archive.sqlite'))
    for (const { name } of derivedTables) database.exec(`DELETE FROM "${name}"`)
    database.exec(`INSERT INTO text_facets (owner_kind, owner_id, position, first_seen_at,
      last_seen_at, first_response_id, last_response_id) VALUES ('post', 's_x', 0, 1, 1, 'r', 'r')`)
    database.close()

    await rebuild({ archiveDir, clock })

    expect(dumpOf(archiveDir)).toEqual(before)
  })

  it('is finished by the next crawl, if it was stopped, before anything is asked', async () => {
    const { simulator, archiveDir, before } = await stoppedRebuild()

    const stopped = await crawlWorld(simulator, archiveDir, { signal: AbortSignal.abort() })
    expect(stopped).toMatchObject({ outcome: 'interrupted', requests_sent: 0 })
    expect(() => openForReading(archiveDir)).toThrow(/rebuild/)

    const report = await crawlWorld(simulator, archiveDir)
    expect(report).toMatchObject({ outcome: 'done', requests_sent: 0 })
    expect(dumpOf(archiveDir)).toEqual(before)
  })

  it('goes on where it was stopped; until then nobody takes the tables for whole', async () => {
    const { archiveDir, before, stopped } = await stoppedRebuild()

    expect(stopped).toMatchObject({ outcome: 'interrupted', entries: 100 })
    expect(() => openForReading(archiveDir)).toThrow(/Run `afterfeed rebuild` to finish it/)

    const copy = temporaryFolder()
    cpSync(archiveDir, copy, { recursive: true })
    const rest = await rebuild({ archiveDir: copy, clock })

    expect(rest).toMatchObject({ outcome: 'done', entries: stopped.total - 100 })
    expect(dumpOf(copy)).toEqual(before)
    openForReading(copy).close()
  })

  it('hears a signal while it empties tables, and the next goes on with the rest', async () => {
    const simulator = await openWorld({ posts: 6, comments: 2 })
    const archiveDir = temporaryFolder()
    await crawlWorld(simulator, archiveDir)
    const before = dumpOf(archiveDir)
    const controller = new AbortController()
    setImmediate(() => controller.abort())

    const stopped = await rebuild({ archiveDir, clock, signal: controller.signal })
    const half = countsOf(dumpOf(archiveDir))
    const read = () => openForReading(archiveDir)

    expect(stopped).toMatchObject({ outcome: 'interrupted', entries: 0 })
    expect(half).toEqual({ ...countsOf(before), users: 0 })
    expect(read).toThrow(/Run `afterfeed rebuild` to finish it/)
    expect(await rebuild({ archiveDir, clock })).toMatchObject({ outcome: 'done' })
    expect(dumpOf(archiveDir)).toEqual(before)
  })

  it('empties nothing where it is stopped before it begins', async () => {
    const simulator = await openWorld({ posts: 2, comments: 1 })
    const archiveDir = temporaryFolder()
    await crawlWorld(simulator, archiveDir)
    const before = dumpOf(archiveDir)

    const stopped = await rebuild({ archiveDir, clock, signal: AbortSignal.abort() })

    expect(stopped).toMatchObject({ outcome: 'interrupted', entries: 0 })
    expect(dumpOf(archiveDir)).toEqual(before)
    openForReading(archiveDir).close()
  })

  it('refuses a folder without an archive, and makes none', async () => {
    await expect(rebuild({ archiveDir: temporaryFolder(), clock })).rejects.toThrow(
      /there is no archive at/,
    )
  })
})
