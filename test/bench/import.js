// Rate of `import` of a dump, an envelope a line, against a bare loop that reads, parses, hashes, compresses
// and writes the same rows; and its memory as the dump grows tenfold. Each run has a process of its own.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { startLocalApi } from './local-api.js'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const run = (script, ...args) =>
  JSON.parse(execFileSync(process.execPath, [here(script), ...args], { encoding: 'utf8' }))
const median = (values) => values.toSorted((one, other) => one - other)[values.length >> 1]
const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(0)

/** The lines of the import benchmark. */
export async function benchImport({ posts = 600, rounds = 3, factor = 10 } = {}) {
  const api = await startLocalApi('--posts', String(posts), '--comments', '8')
  const folder = mkdtempSync(join(tmpdir(), 'afterfeed-bench-'))
  const place = (name) => join(folder, name)
  try {
    run('product-crawl.js', api.url, api.key, place('crawled'))
    const source = place('crawled/archive.sqlite')
    run('import-dump.js', source, place('dump.ndjson'))
    const ours = []
    const bare = []
    for (let round = 0; round < rounds; round += 1) {
      ours.push(run('product-import.js', place(`ours-${round}`), place('dump.ndjson')))
      bare.push(run('bare-import.js', source, place(`bare-${round}.sqlite`), place('dump.ndjson')))
    }
    const steps = run('import-steps.js', place('steps'), place('dump.ndjson'))
    run('import-dump.js', source, place('large.ndjson'), String(factor))
    const large = run('product-import.js', place('large'), place('large.ndjson'))
    return [
      ...rateLines(ours, bare),
      ...rowLines(place('ours-0/archive.sqlite'), place('bare-0.sqlite')),
      stepLine(steps),
      ...memoryLines(
        ours.at(-1),
        large,
        statSync(place('dump.ndjson')),
        statSync(place('large.ndjson')),
      ),
    ]
  } finally {
    api.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function rateLines(ours, bare) {
  const rate = (runs) => median(runs.map(({ pages, cpuSeconds }) => pages / cpuSeconds))
  const [product, yardstick] = [rate(ours), rate(bare)]
  return [
    `import: ${ours[0].pages} answers, ${product.toFixed(0)} per CPU second; bare loop that reads, parses, hashes, compresses and writes the same rows ${yardstick.toFixed(0)}; ratio ${(product / yardstick).toFixed(2)} (goal 0.8)`,
  ]
}

const comparedTables = [
  ...['posts', 'comments', 'users', 'remixes', 'attachments', 'assets', 'cameos'],
  ...['text_facets', 'sightings', 'bodies'],
]

/** The bare loop knows not every shape: it may write a little less than the product, never more. */
function rowLines(ours, bare) {
  const [product, yardstick] = [ours, bare].map((path) => {
    const database = new Database(path, { readonly: true })
    const counts = comparedTables.map((name) =>
      database.prepare(`SELECT count(*) FROM ${name}`).pluck().get(),
    )
    return counts.reduce((sum, each) => sum + each, 0)
  })
  return [
    `import: ${product} rows in ${comparedTables.length} tables; the bare loop wrote ${yardstick} (${((yardstick / product - 1) * 100).toFixed(1)} %)`,
  ]
}

function stepLine({ total, ...steps }) {
  const known = Object.values(steps).reduce((sum, each) => sum + each, 0)
  const shares = Object.entries({ ...steps, other: total - known })
    .map(([name, ms]) => `${name} ${((ms / total) * 100).toFixed(0)} %`)
    .join(', ')
  return `import: of its time ${shares}`
}

function memoryLines(small, large, smallFile, largeFile) {
  const growth = (large.peakRss / small.peakRss - 1) * 100
  return [
    `import: peak ${megabytes(small.peakRss)} MiB with a dump of ${megabytes(smallFile.size)} MiB, ${megabytes(large.peakRss)} MiB with one of ${megabytes(largeFile.size)} MiB: ${growth.toFixed(0)} % more (limit 20 %)`,
  ]
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const line of await benchImport()) process.stdout.write(`${line}\n`)
