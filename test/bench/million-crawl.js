// A crawl of a few calls, in a process of its own: when the first call was over, the peak of memory, and
// what the walk had to wait at most for the ordering beside it, of which `isWhole` waits for the end.
import { setTimeout as sleep } from 'node:timers/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { crawl } from '../../dist/index.js'

const [, , baseUrl, apiKey, archiveDir, given] = process.argv
const { isWhole = false, ...options } = JSON.parse(given)
const startedAt = performance.now()
const sinceStart = () => (performance.now() - startedAt) / 1000
const isOrdered = ({ runs }) => (runs.last('crawl').config.orderedTo ?? null) === null
const waits = monitorEventLoopDelay({ resolution: 1 })
let seconds = null
let orderedSeconds = null
await crawl({
  ...{ archiveDir, seeds: [], baseUrl, apiKey, ratePerSecond: Infinity, maxRequests: 20 },
  ...options,
  onProgress: ({ requestsSent }) => {
    if (requestsSent > 0) seconds ??= sinceStart()
  },
  beside: async ({ archive }) => {
    waits.enable()
    while (isWhole && !isOrdered(archive)) await sleep(20)
    if (isOrdered(archive)) orderedSeconds = sinceStart()
    waits.disable()
  },
})
// Kilobytes on Linux and macOS alike, as libuv gives it.
const peakRss = process.resourceUsage().maxRSS * 1024
const longestWaitMs = waits.max / 1e6
process.stdout.write(JSON.stringify({ seconds, orderedSeconds, longestWaitMs, peakRss }))
