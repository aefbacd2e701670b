// A crawl of a few calls, in a process of its own: when the first call was over, and the peak of memory.
import { crawl } from '../../dist/index.js'

const [, , baseUrl, apiKey, archiveDir, options] = process.argv
const startedAt = performance.now()
let seconds = null
await crawl({
  ...{ archiveDir, seeds: [], baseUrl, apiKey, ratePerSecond: Infinity, maxRequests: 20 },
  ...JSON.parse(options),
  onProgress: ({ requestsSent }) => {
    if (requestsSent > 0) seconds ??= (performance.now() - startedAt) / 1000
  },
})
// Kilobytes on Linux and macOS alike, as libuv gives it.
const peakRss = process.resourceUsage().maxRSS * 1024
process.stdout.write(JSON.stringify({ seconds, peakRss }))
