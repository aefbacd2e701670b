// The product's side of the crawl benchmark, in a process of its own.
import { crawl } from '../../dist/index.js'

const [, , baseUrl, apiKey, archiveDir] = process.argv
const started = process.cpuUsage()
const report = await crawl({
  ...{ archiveDir, seeds: ['feed'], baseUrl, apiKey, ratePerSecond: Infinity },
  ...{ concurrency: 4, durability: 'normal' },
})
const { user, system } = process.cpuUsage(started)
const rss = process.memoryUsage().rss
process.stdout.write(
  JSON.stringify({ pages: report.requests_sent, cpuSeconds: (user + system) / 1e6, rss, outcome: report.outcome }),
)
