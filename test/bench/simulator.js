// Whether the local API could be the bottleneck: its pages a second against the crawl's.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { Pool } from 'undici'
import { startLocalApi } from './local-api.js'

/** The lines of the simulator benchmark: a crawl, then the same requests again without saving. */
export async function benchSimulator({ posts = 400 } = {}) {
  const api = await startLocalApi('--posts', String(posts), '--comments', '8')
  const folder = mkdtempSync(join(tmpdir(), 'afterfeed-bench-'))
  try {
    const script = fileURLToPath(new URL('product-crawl.js', import.meta.url))
    const archive = join(folder, 'archive')
    const args = [script, api.url, api.key, archive]
    const { pages, seconds } = JSON.parse(
      execFileSync(process.execPath, args, { encoding: 'utf8' }),
    )
    const asked = requestsOf(archive)
    const bare = asked.length / (await secondsToAsk(api, asked))
    const crawl = pages / seconds
    return [
      `simulator: ${bare.toFixed(0)} pages a second to a client that only reads, ${crawl.toFixed(0)} to the crawl; ratio ${(bare / crawl).toFixed(1)} (at least 3)`,
    ]
  } finally {
    api.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function requestsOf(archive) {
  const database = new Database(join(archive, 'archive.sqlite'), { readonly: true })
  const rows = database.prepare('SELECT endpoint, params FROM requests').all()
  database.close()
  return rows.map(
    ({ endpoint, params }) =>
      `/api/v1/sora2/${endpoint}?${new URLSearchParams(JSON.parse(params)).toString()}`,
  )
}

async function secondsToAsk({ url, key }, paths) {
  const pool = new Pool(url, { connections: 8 })
  const headers = { authorization: `Bearer ${key}` }
  const pending = [...paths]
  const startedAt = performance.now()
  const worker = async () => {
    for (let path = pending.pop(); path; path = pending.pop())
      await (await pool.request({ method: 'GET', path, headers })).body.arrayBuffer()
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  await pool.close()
  return (performance.now() - startedAt) / 1000
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const line of await benchSimulator()) process.stdout.write(`${line}\n`)
