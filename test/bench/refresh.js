// How a refresh starts on an archive of a million posts: time to the first call, and memory.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { openArchive } from '../../dist/index.js'
import { startLocalApi } from './local-api.js'

const script = fileURLToPath(new URL('million-crawl.js', import.meta.url))

/** The lines of the benchmark of refresh passes. */
export async function benchRefresh({ many = 1_000_000, few = 1_000 } = {}) {
  const api = await startLocalApi('--posts', '20')
  try {
    const [small, large] = [few, many].map((posts) => startsOn(api, posts))
    const growth = (large.peakRss - small.peakRss) / 2 ** 20
    const told = ({ seconds, peakRss }) =>
      `first call after ${seconds.toFixed(2)} s, peak ${(peakRss / 2 ** 20).toFixed(0)} MiB`
    return [
      `refresh: ${few} posts held: ${told(small)}`,
      `refresh: ${many} posts held: ${told(large)} (limit 2 s; ${growth.toFixed(0)} MiB more)`,
    ]
  } finally {
    api.stop()
  }
}

function startsOn(api, posts) {
  const folder = mkdtempSync(join(tmpdir(), 'afterfeed-bench-'))
  try {
    fill(folder, posts)
    const args = [script, api.url, api.key, folder, JSON.stringify({ refresh: true })]
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Posts of a first pass over the feed, with the lists of their comments walked to the end. */
function fill(folder, posts) {
  openArchive(folder).close()
  const database = new Database(join(folder, 'archive.sqlite'))
  database.pragma('synchronous = off')
  const numbers = `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT ${posts})`
  const post = `printf('s_68ef192000008191%016x', n)`
  const params = `json_object('post_id', ${post})`
  database.exec(`
    INSERT INTO passes (pass, started_at, ended_at, seeds) VALUES (1, 0, 1, '["feed"]');
    ${numbers} INSERT INTO posts (post_id, reply_count, recursive_reply_count, first_seen_at,
      last_seen_at, first_response_id, last_response_id)
    SELECT ${post}, n % 40 + 1, n % 50 + 1, 0, 0, '', '' FROM numbers;
    ${numbers} INSERT INTO listings (listing_key, endpoint, subject, pass, pages, items, stale_pages,
      known_run, announced, ended_at, end_reason)
    SELECT '1 get_post_comments ' || ${post}, 'get_post_comments', ${post}, 1, 1, 1, 0, 0, n % 40 + 1,
      1, 'end' FROM numbers;
    ${numbers} INSERT INTO requests (request_id, endpoint, params, request_key, pass, listing_key,
      priority, page, depth, state, attempts, created_at, finished_at)
    SELECT n, 'get_post_comments', ${params}, 'get_post_comments ' || ${params}, 1,
      '1 get_post_comments ' || ${post}, 0, 1, 0, 'done', 1, 0, 1 FROM numbers;
  `)
  database.close()
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const line of await benchRefresh()) process.stdout.write(`${line}\n`)
