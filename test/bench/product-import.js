// The product's side of the import benchmark, in a process of its own.
import { importFiles } from '../../dist/import/index.js'

const [, , archiveDir, file] = process.argv
const started = process.cpuUsage()
const startedAt = performance.now()
const { pages } = await importFiles({ archiveDir, files: [file], durability: 'normal' })
const { user, system } = process.cpuUsage(started)
const seconds = (performance.now() - startedAt) / 1000
// Kilobytes on Linux and macOS alike, as libuv gives it.
const peakRss = process.resourceUsage().maxRSS * 1024
process.stdout.write(JSON.stringify({ pages, seconds, peakRss, cpuSeconds: (user + system) / 1e6 }))
