// Memory of a crawl as its archive grows tenfold: peak of the resident set, in fresh processes.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startLocalApi } from './local-api.js'

const script = fileURLToPath(new URL('product-crawl.js', import.meta.url))

/** The lines of the memory benchmark: a crawl of some 20,000 rows and one of some 200,000. */
export async function benchMemory({ small = 460, factor = 10 } = {}) {
  const runs = []
  for (const posts of [small, small * factor]) runs.push(await crawlOf(posts))
  const [one, ten] = runs
  const growth = (ten.peakRss / one.peakRss - 1) * 100
  return [
    ...runs.map(
      ({ rows, pages, peakRss }) =>
        `memory: crawl of ${pages} pages, ${rows} rows: peak ${(peakRss / 2 ** 20).toFixed(0)} MiB`,
    ),
    `memory: ${(ten.rows / one.rows).toFixed(1)} times the rows, ${growth.toFixed(1)} % more memory (limit 15 %)`,
  ]
}

async function crawlOf(posts) {
  const api = await startLocalApi('--posts', String(posts), '--comments', '8')
  const folder = mkdtempSync(join(tmpdir(), 'afterfeed-bench-'))
  try {
    const args = [script, api.url, api.key, join(folder, 'archive')]
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
  } finally {
    api.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const line of await benchMemory()) process.stdout.write(`${line}\n`)
