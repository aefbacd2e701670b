// How a crawl starts where a million requests are waiting: time to the first call, and memory.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { openArchive } from '../../dist/index.js'
import { startLocalApi } from './local-api.js'

const script = fileURLToPath(new URL('million-crawl.js', import.meta.url))

/** The lines of the benchmark of long frontiers. */
export async function benchMillion({ many = 1_000_000, few = 1_000 } = {}) {
  const api = await startLocalApi('--posts', '20')
  try {
    const [short, long] = [few, many].map((pending) => startsOn(api, pending))
    const growth = (long.same.peakRss - short.same.peakRss) / 2 ** 20
    const told = ({ seconds, peakRss }) =>
      `first call after ${seconds.toFixed(2)} s, peak ${(peakRss / 2 ** 20).toFixed(0)} MiB`
    return [
      `million: ${few} pending, rules as before: ${told(short.same)}`,
      `million: ${many} pending, rules as before: ${told(long.same)} (limit 2 s; ${growth.toFixed(0)} MiB more)`,
      `million: ${many} pending, other limits: ${told(long.limits)}`,
      `million: ${many} pending, another order: ${told(long.order)}`,
    ]
  } finally {
    api.stop()
  }
}

/** Runs one after the other on an archive with so many pending requests, each in a fresh process. */
function startsOn(api, pending) {
  const folder = mkdtempSync(join(tmpdir(), 'afterfeed-bench-'))
  const run = (options) =>
    JSON.parse(
      execFileSync(process.execPath, [script, api.url, api.key, folder, JSON.stringify(options)], {
        encoding: 'utf8',
      }),
    )
  try {
    fill(folder, pending)
    const limits = { maxPages: { comments: 100 } }
    run({})
    return { same: run({}), limits: run({ limits }), order: run({ limits, order: 'yield' }) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Posts and the lists of their comments, all waiting. */
function fill(folder, pending) {
  openArchive(folder).close()
  const database = new Database(join(folder, 'archive.sqlite'))
  database.pragma('synchronous = off')
  const numbers = `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT ${pending})`
  const post = `printf('s_68ef192000008191%016x', n)`
  const params = `json_object('post_id', ${post})`
  database.exec(`
    INSERT INTO passes (pass, started_at, seeds) VALUES (1, 0, '[]');
    ${numbers} INSERT INTO posts (post_id, reply_count, recursive_reply_count, first_seen_at,
      last_seen_at, first_response_id, last_response_id)
    SELECT ${post}, n % 40 + 1, n % 50 + 1, 0, 0, '', '' FROM numbers;
    ${numbers} INSERT INTO requests (request_id, endpoint, params, request_key, pass, listing_key,
      priority, page, depth, state, attempts, created_at)
    SELECT n, 'get_post_comments', ${params}, 'get_post_comments ' || ${params}, 1,
      '1 get_post_comments ' || ${post}, 0, 1, 0, 'pending', 0, 0 FROM numbers;
  `)
  database.close()
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const line of await benchMillion()) process.stdout.write(`${line}\n`)
