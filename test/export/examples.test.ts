import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { crawl } from '../../src/crawl/crawl.js'
import { exportDataset, formatNames } from '../../src/export/index.js'
import { openSimulator } from '../../src/simulator/index.js'
import { pythonWith, runs } from './python.js'

const page = readFileSync(fileURLToPath(new URL('../../docs/examples.md', import.meta.url)), 'utf8')

/** A block of the page: its language, what it needs, and its code. */
interface Example {
  language: string
  needs: string[]
  code: string
}

const examples: Example[] = [...page.matchAll(/^```(\w+) ([\w ]+)\n([^]*?)^```$/gm)].map(
  ([, language, needs, code]) => ({ language: language!, needs: needs!.split(' '), code: code! }),
)

let folder: string
let dataset: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'afterfeed-examples-'))
  dataset = join(folder, 'dataset')
  const archiveDir = join(folder, 'archive')
  const simulator = await openSimulator({ posts: 60, clock: () => Date.UTC(2026, 1, 3, 12) })
  const { url: baseUrl, key: apiKey } = simulator
  const speed = { ratePerSecond: Infinity, concurrency: 8, durability: 'normal' } as const
  await crawl({ archiveDir, seeds: ['feed'], maxRequests: 150, baseUrl, apiKey, ...speed })
  await simulator.close()
  const archivePath = join(archiveDir, 'archive.sqlite')
  const what = { formats: formatNames, withLog: true, since: firstRemixAt(archivePath) }
  await exportDataset({ archivePath, outDir: dataset, ...what })
})

/** From here on there is a remix of a post that is not there: something to be missing. */
function firstRemixAt(archivePath: string): number {
  const database = new Database(archivePath, { readonly: true })
  const sql = 'SELECT min(posted_at) FROM posts JOIN remixes ON remix_post_id = post_id'
  const at = database.prepare(sql).pluck().get() as number
  database.close()
  return at
}

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The rows of the last statement of a block, read from the package's folder. */
async function runInDuckDb(code: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    await connection.run(`SET file_search_path = '${dataset}'`)
    return (await connection.runAndReadAll(code)).getRows()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

function runInSqlite(code: string): unknown[] {
  const database = new Database(join(dataset, 'dataset.sqlite'), { readonly: true })
  try {
    return database.prepare(code).all()
  } finally {
    database.close()
  }
}

/** What a program prints when it is given a script, run in the package's folder. */
const printedBy = (program: string, flag: string, code: string): string =>
  execFileSync(program, [flag, code], { cwd: dataset, encoding: 'utf8', stdio: 'pipe' })

const hasR = (packages: readonly string[]): boolean =>
  runs('Rscript', '-e', packages.map((each) => `library(${each})`).join('; '))

describe('docs/examples.md', () => {
  it('has examples for every tool it promises', () => {
    const needs = new Set(examples.map((each) => each.needs[0]))

    expect([...needs]).toEqual([
      ...['duckdb', 'pandas', 'polars', 'networkx', 'DBI', 'datasets', 'sqlite'],
    ])
    expect(page.match(/^```(?!sh$)\w/gm)!.length).toBe(examples.length)
  })

  it.skipIf(!runs('python3', '-c', ''))('has Python that can be read, run here or not', () => {
    for (const { code } of examples.filter((each) => each.language === 'python'))
      expect(() =>
        execFileSync('python3', ['-c', 'import ast, sys; ast.parse(sys.argv[1])', code], {
          stdio: 'pipe',
        }),
      ).not.toThrow()
  })

  it('counts what has gone once, and as back only what was told again since', async () => {
    const { code } = examples.find((each) => each.code.includes('AS is_back'))!
    const gone = `FROM 'data/absences.parquet' WHERE entity_kind = 'post'`

    const [counted] = await runInDuckDb(
      `SELECT sum(posts)::INT, sum(is_back)::INT FROM (${code.replace(';', '')})`,
    )

    const [[rows, posts] = []] = (await runInDuckDb(
      `SELECT count(*)::INT, count(DISTINCT entity_id)::INT ${gone}`,
    )) as [number, number][]
    expect(rows).toBeGreaterThan(posts!)
    expect(counted).toEqual([posts, 0])
  })

  for (const [place, { language, needs, code }] of examples.entries())
    it(`gives rows in example ${place + 1}, ${needs.join(' and ')}`, async ({ skip }) => {
      if (language === 'sql') {
        const rows = needs[0] === 'duckdb' ? await runInDuckDb(code) : runInSqlite(code)
        expect(rows.length).toBeGreaterThan(0)
        return
      }
      const python = language === 'python' ? pythonWith(needs) : undefined
      const program = language === 'r' && hasR(needs) ? 'Rscript' : python
      if (program === undefined) return skip(`${language} with ${needs.join(' and ')} is not here`)
      const printed = printedBy(program, language === 'r' ? '-e' : '-c', code)
      expect(printed.trim().split('\n').length).toBeGreaterThan(1)
      expect(printed).not.toMatch(/Empty DataFrame|<0 rows>|Series\(\[\]/)
    })
})
