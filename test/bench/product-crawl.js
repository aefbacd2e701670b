// The product's side of the crawl benchmarks, in a process of its own.
import Database from 'better-sqlite3'
import { crawl } from '../../dist/index.js'

const [, , baseUrl, apiKey, archiveDir] = process.argv
const started = process.cpuUsage()
const startedAt = performance.now()
const report = await crawl({
  ...{ archiveDir, seeds: ['feed'], baseUrl, apiKey, ratePerSecond: Infinity },
  ...{ concurrency: 4, durability: 'normal' },
})
const seconds = (performance.now() - startedAt) / 1000
const { user, system } = process.cpuUsage(started)
// Kilobytes on Linux and macOS alike, as libuv gives it.
const peakRss = process.resourceUsage().maxRSS * 1024

const database = new Database(`${archiveDir}/archive.sqlite`, { readonly: true })
const tables = ['users', 'posts', 'comments', 'remixes', 'attachments', 'assets', 'cameos']
const rows = [...tables, 'text_facets', 'feed_entries', 'observations'].reduce(
  (sum, name) => sum + database.prepare(`SELECT count(*) FROM ${name}`).pluck().get(),
  0,
)
process.stdout.write(
  JSON.stringify({
    pages: report.requests_sent,
    ...{ rows, peakRss, seconds, cpuSeconds: (user + system) / 1e6 },
  }),
)
