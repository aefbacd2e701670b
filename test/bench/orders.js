// What each order of asking holds once a part of the money is spent. `npm run bench -- orders` runs it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { crawl, defaultWeights, openSimulator, orders } from '../../dist/index.js'

const shares = [0.1, 0.25, 0.5]
const kinds = ['posts', 'comments', 'remixes', 'users']

/** Networks of two shapes: short threads with many remixes, and long threads with few. */
const shapes = {
  'short threads': { posts: 150, comments: 4, replies: 0.4, remixes: 0.4 },
  'long threads': { posts: 60, comments: 14, replies: 0.6, remixes: 0.2 },
}

/** The lines of the benchmark of orders. */
export async function benchOrders({ seeds = [1, 2, 3, 4, 5] } = {}) {
  const lines = []
  for (const [name, shape] of Object.entries(shapes)) {
    const runs = []
    for (const seed of seeds) runs.push(...(await runsOf({ ...shape, seed })))
    lines.push(...tableOf(name, runs, seeds.length), ...verdictsOf(name, runs))
  }
  return lines
}

/** Every order on one network, at every share of the full cost. */
async function runsOf(network) {
  const api = await openSimulator({ ...network, clock: () => Date.UTC(2026, 1, 3, 12) })
  try {
    const full = api.fewestRequests('feed').requests
    const runs = []
    for (const order of orders) runs.push(...(await runsOfOrder(api, { order, full, network })))
    return runs
  } finally {
    await api.close()
  }
}

async function runsOfOrder(api, { order, full, network }) {
  const folder = mkdtempSync(join(tmpdir(), 'afterfeed-orders-'))
  try {
    const runs = []
    let sent = 0
    for (const share of shares) {
      const maxRequests = Math.round(full * share) - sent
      const report = await crawl({
        ...{ archiveDir: folder, seeds: ['feed'], baseUrl: api.url, apiKey: api.key },
        ...{ order, maxRequests, ratePerSecond: Infinity, durability: 'normal' },
      })
      sent += report.requests_sent
      runs.push({ order, share, seed: network.seed, sent, ...heldIn(folder) })
    }
    return runs
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What an archive holds: rows by kind, weighted rows, and threads of which nothing is missing. */
function heldIn(folder) {
  const database = new Database(join(folder, 'archive.sqlite'), { readonly: true })
  const count = (sql) => database.prepare(sql).pluck().get()
  const rows = Object.fromEntries(
    kinds.map((kind) => [kind, count(`SELECT count(*) FROM ${kind}`)]),
  )
  const weighted = Object.entries(defaultWeights).reduce(
    (sum, [table, weight]) => sum + weight * count(`SELECT count(*) FROM ${table}`),
    0,
  )
  const threads = count(
    `SELECT count(*) FROM coverage WHERE announced_comments > 0
       AND held_comments >= announced_comments AND held_replies >= announced_replies`,
  )
  database.close()
  return { ...rows, weighted, threads }
}

function tableOf(name, runs, networks) {
  const columns = [...kinds, 'weighted', 'threads']
  const line = (cells) => `orders:   ${cells.map((cell) => String(cell).padStart(9)).join('')}`
  return [
    `orders: ${name}, ${networks} networks, mean of what is held at a share of the full cost`,
    line(['order', 'cost', ...columns]),
    ...shares.flatMap((share) =>
      orders.map((order) => {
        const held = runs.filter((run) => run.order === order && run.share === share)
        const mean = (column) => held.reduce((sum, run) => sum + run[column], 0) / held.length
        return line([
          order,
          `${share * 100} %`,
          ...columns.map((column) => mean(column).toFixed(0)),
        ])
      }),
    ),
  ]
}

/** Network by network and share by share, not only on average. */
function verdictsOf(name, runs) {
  const of = (order, { seed, share }) =>
    runs.find((run) => run.order === order && run.seed === seed && run.share === share)
  const places = runs.filter(({ order }) => order === 'breadth')
  const behind = places.filter((place) => of('yield', place).weighted < place.weighted)
  const notLeading = places.filter((place) =>
    orders.some((order) => of(order, place).threads > of('thread', place).threads),
  )
  const where = (list) =>
    list.map(({ seed, share }) => `seed ${seed} at ${share * 100} %`).join(', ')
  const verdict = (promise, broken) =>
    `orders: ${name}: ${promise}: ${broken.length === 0 ? `yes, in all ${places.length} places` : `NO: ${where(broken)}`}`
  return [
    verdict('yield is never behind breadth in weighted rows', behind),
    verdict('thread leads in complete threads', notLeading),
  ]
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const line of await benchOrders()) process.stdout.write(`${line}\n`)
