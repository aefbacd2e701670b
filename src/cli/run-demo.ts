import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rm, writeFile, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openForReading } from '../archive/archive.js'
import { archivePathIn } from '../archive/archive-file.js'
import { readStatus } from '../archive/status.js'
import { crawl } from '../crawl/crawl.js'
import { exportDataset } from '../export/index.js'
import { importFiles } from '../import/index.js'
import { InputError } from '../model/errors.js'
import { toProgress } from './crawl-words.js'
import type { DemoFlags } from './demo.js'
import { readSettings, type Settings } from './settings.js'
import { dollars, printResult, toColumns, withProgress } from './terminal.js'

const marker = '.afterfeed-demo'

/**
 * The whole way in one go: local API → crawl → import → export.
 * @throws InputError if the folder holds something else, or the walk did not come to its end
 */
export async function runDemo(flags: DemoFlags, signal: AbortSignal): Promise<void> {
  const startedAt = Date.now()
  const settings = await readSettings(flags, process.env)
  const places = await prepareFolders(flags)
  const crawled = await crawlLocalApi(flags, { settings, archiveDir: places.archive, signal })
  const dump = fileURLToPath(new URL('../../config/demo-drafts.json', import.meta.url))
  const imported = await importFiles({ archiveDir: places.archive, files: [dump] })
  const exported = await exportDataset({
    archivePath: archivePathIn(places.archive),
    outDir: places.dataset,
    signal,
  })
  const seconds = (Date.now() - startedAt) / 1000
  const counts = countsOf(places.archive)
  const result = { seconds, crawled, imported: imported.pages, rows: counts, ...places }
  printResult(flags, { ...result, files: exported.files }, describe(result))
}

interface Places {
  archive: string
  dataset: string
}

async function prepareFolders({ out, archive }: DemoFlags): Promise<Places> {
  const named = [
    { flag: '--out', dir: out },
    ...(archive === undefined ? [] : [{ flag: '--archive', dir: archive }]),
  ]
  for (const { flag, dir } of named)
    if (existsSync(dir) && !existsSync(join(dir, marker)))
      throw new InputError(`${dir} exists and is no former demo; name another folder with ${flag}`)
  for (const { dir } of named) await rm(resolve(dir), { recursive: true, force: true })
  for (const { dir } of named) {
    await mkdir(dir, { recursive: true })
    await writeFile(join(dir, marker), 'Made by `afterfeed demo`, and replaced by the next one.\n')
  }
  return { archive: archive ?? join(out, 'archive'), dataset: join(out, 'dataset') }
}

async function crawlLocalApi(
  flags: DemoFlags,
  walk: { settings: Settings; archiveDir: string; signal: AbortSignal },
) {
  const { settings, archiveDir, signal } = walk
  const api = await startLocalApi(flags)
  try {
    const report = await withProgress('crawl', flags, (show) =>
      crawl({
        archiveDir,
        seeds: ['feed'],
        baseUrl: api.url,
        apiKey: api.key,
        ratePerSecond: Infinity,
        concurrency: 4,
        durability: flags.config === undefined ? 'normal' : settings.durability,
        order: settings.order,
        weights: settings.weights,
        signal,
        onProgress: (progress) => show(toProgress(progress)),
      }),
    )
    if (report.outcome !== 'done') throw new InputError(`the demo's crawl ended: ${report.message}`)
    return { calls: report.requests_sent, cost_usd: report.cost_usd }
  } finally {
    api.process.kill()
  }
}

interface LocalApi {
  url: string
  key: string
  process: ChildProcess
}

/** Starts the local API as a process of its own, as a user would in a second shell. */
async function startLocalApi({ posts, seed }: DemoFlags): Promise<LocalApi> {
  const main = fileURLToPath(new URL('./main.js', import.meta.url))
  const args = [
    main,
    'simulate',
    '--json',
    '--quiet',
    '--posts',
    String(posts),
    '--seed',
    String(seed),
  ]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    const { url, key } = JSON.parse(line) as { url: string; key: string }
    return { url, key, process: child }
  }
  throw new Error('the local API did not start')
}

function countsOf(archiveDir: string): Record<string, number> {
  const database = openForReading(archiveDir)
  try {
    const { rows } = readStatus(database, Date.now() * 1000)
    return Object.fromEntries(Object.entries(rows).filter(([, count]) => count > 0))
  } finally {
    database.close()
  }
}

const shownTables = [
  ...['posts', 'comments', 'remixes', 'users', 'attachments', 'assets'],
  ...['generations', 'feed_entries', 'observations', 'responses'],
]

function describe(result: {
  seconds: number
  crawled: { calls: number; cost_usd: number }
  imported: number
  rows: Record<string, number>
  archive: string
  dataset: string
}): string {
  const { seconds, crawled, rows, archive, dataset } = result
  const shown = shownTables.map((name) => [name, rows[name] ?? 0] as const)
  return `Done in ${seconds.toFixed(1)} s: ${crawled.calls} calls to the local API (they would have cost ${dollars(crawled.cost_usd)}), ${result.imported} imported answer.

${toColumns(shown)}

The archive   ${archivePathIn(archive)}
The dataset   ${dataset}/data/*.parquet and ${dataset}/dataset.sqlite

To try next (duckdb and sqlite3 are programs of their own):
  npx afterfeed status --coverage --archive ${archive}
  duckdb -c "SELECT strftime(posted_at, '%Y-%m-%d') AS day, count(*) FROM '${dataset}/data/posts.parquet' GROUP BY 1 ORDER BY 1"
  duckdb -c "SELECT depth, count(*) FROM '${dataset}/data/comments.parquet' GROUP BY 1 ORDER BY 1"
  sqlite3 ${dataset}/dataset.sqlite "SELECT parent_post_id, count(*) FROM remixes GROUP BY 1 ORDER BY 2 DESC LIMIT 5"`
}
