import { join } from 'node:path'
import Database from 'better-sqlite3'
import { onTestFinished } from 'vitest'
import { crawl, type CrawlOptions, type CrawlReport } from '../../src/crawl/crawl.js'
import type { Table, Value } from '../../src/model/table.js'
import { groupTimes, seen, stamps } from '../../src/model/table.js'
import { tables } from '../../src/model/tables.js'
import { openSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/index.js'

export { temporaryFolder } from '../temporary-folder.js'

/** The instant at which every simulator here answers: equal calls, equal objects. */
export const noon = Date.UTC(2026, 1, 3, 12)

/** A simulator that closes when the test ends. */
export async function openWorld(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await openSimulator({ clock: () => noon, ...options })
  onTestFinished(() => simulator.close())
  return simulator
}

/** The options of a crawl of a simulator: no pace, no waiting. */
export const crawlOf = (
  { url, key }: Simulator,
  archiveDir: string,
  more: Partial<CrawlOptions> = {},
): CrawlOptions => ({
  archiveDir,
  seeds: ['feed'],
  baseUrl: url,
  apiKey: key,
  ratePerSecond: Infinity,
  concurrency: 8,
  timeoutMs: 10_000,
  retryBaseMs: 1,
  durability: 'normal',
  ...more,
})

/** Crawls a simulator. */
export const crawlWorld = (
  simulator: Simulator,
  archiveDir: string,
  more: Partial<CrawlOptions> = {},
): Promise<CrawlReport> => crawl(crawlOf(simulator, archiveDir, more))

/** A clock by which every look takes two seconds: what is to wait for a second waits no time. */
export function strides(): () => number {
  let now = noon * 1000
  return () => (now += 2_000_000)
}

/** A row as SQLite gives it; whole numbers are bigint. */
export type Row = Record<string, Value>

/** What an archive answers to a question. */
export function rowsOf(archiveDir: string, sql: string, ...cells: Value[]): Row[] {
  const database = new Database(join(archiveDir, 'archive.sqlite'), { readonly: true })
  try {
    return database
      .prepare(sql)
      .safeIntegers()
      .all(...cells) as Row[]
  } finally {
    database.close()
  }
}

/** The first column of every row. */
export const valuesOf = (archiveDir: string, sql: string, ...cells: Value[]): Value[] =>
  rowsOf(archiveDir, sql, ...cells).map((row) => Object.values(row)[0] ?? null)

/** One number. */
export const countOf = (archiveDir: string, sql: string, ...cells: Value[]): number =>
  Number(valuesOf(archiveDir, sql, ...cells)[0])

const timesOfRuns = new Set([...groupTimes, ...seen, ...stamps].map(({ name }) => name))

/**
 * Everything told, table by table, without what depends on when it was asked and by which answer it
 * came: two crawls of one world hold the same.
 */
export function toldRows(archiveDir: string): Record<string, string[]> {
  const wanted: readonly Table[] = tables.filter(({ kind }) =>
    ['entity', 'edge', 'entry'].includes(kind),
  )
  return Object.fromEntries(
    wanted.map((table) => {
      const names = table.columns
        .map(({ name }) => name)
        .filter((name) => !timesOfRuns.has(name) && name !== 'response_id')
      const rows = rowsOf(archiveDir, `SELECT ${names.join(', ')} FROM ${table.name}`)
      return [table.name, rows.map(lineOf).sort()]
    }),
  )
}

/** A row as one line. */
export const lineOf = (row: Row): string =>
  JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))

/** Every request of the frontier with its state, as lines. */
export const requestLines = (archiveDir: string): string[] =>
  rowsOf(
    archiveDir,
    'SELECT request_key, page, state, reason FROM requests ORDER BY request_key',
  ).map(lineOf)

/** How often each request was sent, where it is not once. */
export const sentTwice = (archiveDir: string): Value[] =>
  valuesOf(
    archiveDir,
    `SELECT request_key FROM responses JOIN requests USING (request_id)
     GROUP BY request_id HAVING count(*) <> 1`,
  )
