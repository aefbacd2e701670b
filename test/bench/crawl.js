// CPU of a crawl against a bare loop that stores the same rows, in one run. `npm run bench` runs it.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { startLocalApi } from './local-api.js'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const run = (script, ...args) =>
  JSON.parse(execFileSync(process.execPath, [here(script), ...args], { encoding: 'utf8' }))
const median = (values) => values.toSorted((one, other) => one - other)[values.length >> 1]

const comparedTables = [
  ...['users', 'posts', 'comments', 'remixes', 'attachments', 'assets', 'cameos', 'text_facets'],
  ...['feed_entries', 'listing_items', 'requests', 'responses', 'bodies', 'sightings'],
]

/** The lines of the crawl benchmark. */
export async function benchCrawl({ posts = 500, rounds = 3 } = {}) {
  const api = await startLocalApi('--posts', String(posts), '--comments', '8')
  const folder = mkdtempSync(join(tmpdir(), 'afterfeed-bench-'))
  try {
    const { url, key } = api
    const product = []
    const bare = []
    for (let round = 0; round < rounds; round += 1) {
      product.push(run('product-crawl.js', url, key, join(folder, `product-${round}`)))
      const schema = join(folder, 'product-0', 'archive.sqlite')
      bare.push(run('bare-crawl.js', url, key, join(folder, `bare-${round}.sqlite`), schema))
    }
    const share = run('crawlee-share.js', String(product[0].pages))
    return [
      ...sizeLines(product[0], bare[0]),
      ...cpuLines(product, bare, share),
      ...rowLines(join(folder, 'product-0', 'archive.sqlite'), join(folder, 'bare-0.sqlite')),
    ]
  } finally {
    api.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function sizeLines(product, bare) {
  const size = (bare.bytes / bare.pages / 1024).toFixed(0)
  return [`crawl: ${product.pages} pages (bare loop: ${bare.pages}) of ${size} KB on average`]
}

function cpuLines(product, bare, share) {
  const perThousand = (runs) =>
    median(runs.map(({ cpuSeconds, pages }) => (cpuSeconds / pages) * 1000))
  const ours = perThousand(product)
  const theirs = perThousand(bare)
  const crawlee = (share.cpuSeconds / product[0].pages) * 1000
  return [
    `crawl: ${ours.toFixed(2)} CPU s per 1,000 pages; bare undici + better-sqlite3 loop ${theirs.toFixed(2)}; ratio ${(ours / theirs).toFixed(2)} (limit 2.0, goal 1.3)`,
    `crawl: Crawlee's own share ${crawlee.toFixed(2)} CPU s per 1,000 pages, ${((crawlee / ours) * 100).toFixed(0)} % of it`,
  ]
}

function rowLines(productPath, barePath) {
  const counts = (path) => {
    const database = new Database(path, { readonly: true })
    const all = comparedTables.map((name) =>
      database.prepare(`SELECT count(*) FROM ${name}`).pluck().get(),
    )
    database.close()
    return all
  }
  const bare = counts(barePath)
  const different = counts(productPath)
    .map((count, index) => [comparedTables[index], count, bare[index]])
    .filter(([, ours, theirs]) => ours !== theirs)
  return [
    different.length === 0
      ? `crawl: both stored the same number of rows in ${comparedTables.length} tables`
      : `crawl: rows differ: ${different.map(([name, ours, theirs]) => `${name} ${ours}/${theirs}`).join(', ')}`,
  ]
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const line of await benchCrawl()) process.stdout.write(`${line}\n`)
