// What Crawlee's task loop costs by itself: the product's walk over requests that ask nothing.
import { FrontierManager } from '../../dist/crawl/frontier-manager.js'
import { walk } from '../../dist/crawl/walk.js'

const count = Number(process.argv[2])
let next = 1
const frontier = {
  hasPending: () => next <= count,
  ready: () => (next <= count ? [{ requestId: next, endpoint: 'get_feed' }] : []),
}
const manager = new FrontierManager({
  ...{ frontier, clock: () => 0, mayGo: () => true },
  ...{ hasAnswered: () => true, busy: () => [] },
})
const started = process.cpuUsage()
await walk({
  manager,
  concurrency: 4,
  ask: async () => {
    next += 1
    await new Promise((resolve) => setImmediate(resolve))
  },
})
const { user, system } = process.cpuUsage(started)
process.stdout.write(JSON.stringify({ cpuSeconds: (user + system) / 1e6 }))
