// Rate of `rebuild` against a bare loop that decompresses, parses and writes the same rows, in one run.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startLocalApi } from './local-api.js'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const run = (script, ...args) =>
  JSON.parse(execFileSync(process.execPath, [here(script), ...args], { encoding: 'utf8' }))
const median = (values) => values.toSorted((one, other) => one - other)[values.length >> 1]

/** The lines of the rebuild benchmark. */
export async function benchRebuild({ posts = 500, rounds = 5 } = {}) {
  const api = await startLocalApi('--posts', String(posts), '--comments', '8')
  const folder = mkdtempSync(join(tmpdir(), 'afterfeed-bench-'))
  const archive = join(folder, 'archive')
  try {
    run('product-crawl.js', api.url, api.key, archive)
    const ours = []
    const bare = []
    for (let round = 0; round < rounds; round += 1) {
      ours.push(run('product-rebuild.js', archive))
      const target = join(folder, `bare-${round}.sqlite`)
      bare.push(run('bare-rebuild.js', join(archive, 'archive.sqlite'), target))
    }
    const rate = (runs) => median(runs.map(({ pages, cpuSeconds }) => pages / cpuSeconds))
    const [product, yardstick] = [rate(ours), rate(bare)]
    return [
      `rebuild: ${product.toFixed(0)} answers per CPU second; bare loop that decompresses, parses and writes the same rows ${yardstick.toFixed(0)}; ratio ${(product / yardstick).toFixed(2)} (goal 0.8)`,
    ]
  } finally {
    api.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const line of await benchRebuild()) process.stdout.write(`${line}\n`)
