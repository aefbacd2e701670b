// How a crawl starts where a million requests are waiting: time to the first call, and memory.
import { fileURLToPath } from 'node:url'
import { mebibytes, numbersTo, onArchive, params, post, postsTo, told } from './first-call.js'
import { startLocalApi } from './local-api.js'

/** The lines of the benchmark of long frontiers. */
export async function benchMillion({ many = 1_000_000, few = 1_000 } = {}) {
  const api = await startLocalApi('--posts', '20')
  try {
    const [short, long] = [few, many].map((pending) => startsOn(api, pending))
    const { whole } = long
    const growth = mebibytes(long.same.peakRss - short.same.peakRss)
    return [
      `million: ${few} pending, rules as before: ${told(short.same)}`,
      `million: ${many} pending, rules as before: ${told(long.same)} (limit 2 s; ${growth} MiB more)`,
      `million: ${many} pending, other limits: ${told(long.limits)} (limit 2 s)`,
      `million: ${many} pending, another order: ${told(long.order)} (limit 2 s)`,
      `million: ${many} pending, the same order, which is not whole yet: ${told(long.again)} (limit 2 s)`,
      `million: ${many} pending, other limits and another order: ${told(whole)} (limit 2 s); all in ` +
        `order after ${whole.orderedSeconds.toFixed(1)} s, the walk waiting ` +
        `${whole.longestWaitMs.toFixed(0)} ms at most`,
    ]
  } finally {
    api.stop()
  }
}

/** Runs one after the other on an archive with so many pending requests. */
const startsOn = (api, pending) =>
  onArchive(
    api,
    (database) => fill(database, pending),
    (crawl) => {
      const limits = { maxPages: { comments: 100 } }
      crawl({})
      return {
        same: crawl({}),
        limits: crawl({ limits }),
        order: crawl({ limits, order: 'yield' }),
        again: crawl({ limits, order: 'yield' }),
        whole: crawl({ order: 'depth', isWhole: true }),
      }
    },
  )

/** Posts and the lists of their comments, all waiting. */
const fill = (database, pending) =>
  database.exec(`
    INSERT INTO passes (pass, started_at, seeds) VALUES (1, 0, '[]');
    ${postsTo(pending)}
    ${numbersTo(pending)} INSERT INTO requests (request_id, endpoint, params, request_key, pass,
      listing_key, priority, page, depth, state, attempts, created_at)
    SELECT n, 'get_post_comments', ${params}, 'get_post_comments ' || ${params}, 1,
      '1 get_post_comments ' || ${post}, 0, 1, 0, 'pending', 0, 0 FROM numbers;
  `)

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const line of await benchMillion()) process.stdout.write(`${line}\n`)
