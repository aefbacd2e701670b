// All benchmarks, one after the other: `npm run bench`, or `npm run bench -- crawl export`.
const benchmarks = {
  crawl: async () => (await import('./crawl.js')).benchCrawl(),
  orders: async () => (await import('./orders.js')).benchOrders(),
  import: async () => (await import('./import.js')).benchImport(),
  memory: async () => (await import('./memory.js')).benchMemory(),
  million: async () => (await import('./million.js')).benchMillion(),
  rebuild: async () => (await import('./rebuild.js')).benchRebuild(),
  refresh: async () => (await import('./refresh.js')).benchRefresh(),
  simulator: async () => (await import('./simulator.js')).benchSimulator(),
  media: async () => (await import('./media.js')).benchMedia(),
  export: async () => (await import('./export.js')).benchExport(),
}

const asked = process.argv.slice(2)
for (const [name, run] of Object.entries(benchmarks)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  for (const line of await run()) process.stdout.write(`${line}\n`)
}
