// A crawl of a made archive: time to its first call, and memory; each in a process of its own.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { openArchive } from '../../dist/index.js'

const script = fileURLToPath(new URL('million-crawl.js', import.meta.url))

/** Has `work` crawl an archive that `fill` has filled; it is handed a function of a crawl's options. */
export function onArchive(api, fill, work) {
  const folder = mkdtempSync(join(tmpdir(), 'afterfeed-bench-'))
  const crawl = (options) => {
    const args = [script, api.url, api.key, folder, JSON.stringify(options)]
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
  }
  try {
    openArchive(folder).close()
    const database = new Database(join(folder, 'archive.sqlite'))
    database.pragma('synchronous = off')
    fill(database)
    database.close()
    return work(crawl)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Numbers from 1 as a table of SQL; a post and its parameters of each. */
export const numbersTo = (last) =>
  `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT ${last})`
export const post = `printf('s_68ef192000008191%016x', n)`
export const params = `json_object('post_id', ${post})`

/** Posts with comments announced. */
export const postsTo = (last) => `${numbersTo(last)}
  INSERT INTO posts (post_id, reply_count, recursive_reply_count, first_seen_at, last_seen_at,
    first_response_id, last_response_id)
  SELECT ${post}, n % 40 + 1, n % 50 + 1, 0, 0, '', '' FROM numbers;`

/** What a crawl came to, in words. */
export const told = ({ seconds, peakRss }) =>
  `first call after ${seconds.toFixed(2)} s, peak ${mebibytes(peakRss)} MiB`

/** Bytes in whole MiB. */
export const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(0)
