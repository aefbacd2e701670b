// How a refresh starts on an archive of a million posts: time to the first call, and memory.
import { fileURLToPath } from 'node:url'
import { mebibytes, numbersTo, onArchive, params, post, postsTo, told } from './first-call.js'
import { startLocalApi } from './local-api.js'

/** The lines of the benchmark of refresh passes. */
export async function benchRefresh({ many = 1_000_000, few = 1_000 } = {}) {
  const api = await startLocalApi('--posts', '20')
  try {
    const [small, large] = [few, many].map((posts) =>
      onArchive(
        api,
        (database) => fill(database, posts),
        (crawl) => crawl({ refresh: true }),
      ),
    )
    const growth = mebibytes(large.peakRss - small.peakRss)
    return [
      `refresh: ${few} posts held: ${told(small)}`,
      `refresh: ${many} posts held: ${told(large)} (limit 2 s; ${growth} MiB more)`,
    ]
  } finally {
    api.stop()
  }
}

/** Posts of a first pass over the feed, with the lists of their comments walked to the end. */
const fill = (database, posts) =>
  database.exec(`
    INSERT INTO passes (pass, started_at, ended_at, seeds) VALUES (1, 0, 1, '["feed"]');
    ${postsTo(posts)}
    ${numbersTo(posts)} INSERT INTO listings (listing_key, endpoint, subject, pass, pages, items,
      stale_pages, known_run, announced, ended_at, end_reason)
    SELECT '1 get_post_comments ' || ${post}, 'get_post_comments', ${post}, 1, 1, 1, 0, 0, n % 40 + 1,
      1, 'end' FROM numbers;
    ${numbersTo(posts)} INSERT INTO requests (request_id, endpoint, params, request_key, pass,
      listing_key, priority, page, depth, state, attempts, created_at, finished_at)
    SELECT n, 'get_post_comments', ${params}, 'get_post_comments ' || ${params}, 1,
      '1 get_post_comments ' || ${post}, 0, 1, 0, 'done', 1, 0, 1 FROM numbers;
  `)

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const line of await benchRefresh()) process.stdout.write(`${line}\n`)
