import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { crawl, type CrawlOptions, type CrawlReport } from '../../src/index.js'

export { temporaryFolder } from '../temporary-folder.js'

/** Crawls without pace and without waiting. */
export const crawlAt = (
  url: string,
  archiveDir: string,
  more: Partial<CrawlOptions> = {},
): Promise<CrawlReport> =>
  crawl({
    ...{ archiveDir, seeds: ['feed'], baseUrl: url, apiKey: 'key-of-the-tests' },
    ...{ ratePerSecond: Infinity, retryBaseMs: 1, concurrency: 4, durability: 'normal' },
    ...more,
  })

/** What an archive answers to a question: rows, or the cells of a single column. */
export function ask(archiveDir: string, sql: string): unknown[] {
  const database = new Database(join(archiveDir, 'archive.sqlite'), { readonly: true })
  try {
    const statement = database.prepare(sql)
    return statement.reader && statement.columns().length === 1
      ? statement.pluck().all()
      : statement.all()
  } finally {
    database.close()
  }
}

/** One number. */
export const countOf = (archiveDir: string, sql: string): number => Number(ask(archiveDir, sql)[0])

/** Every file below a folder. */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())

/** Every byte below an archive folder, the bodies unpacked too, as text. */
export function everythingIn(archiveDir: string): string {
  const files = filesIn(archiveDir).map((path) => readFileSync(path))
  const bodies = ask(archiveDir, 'SELECT body FROM bodies') as Buffer[]
  return Buffer.concat([...files, ...bodies.map((body) => gunzipSync(body))]).toString('latin1')
}

/** The last line of what a program printed, read as JSON. */
export const resultOf = (stdout: string): Record<string, unknown> =>
  JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>
