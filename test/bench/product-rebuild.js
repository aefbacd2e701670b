// The product's side of the rebuild benchmark, in a process of its own.
import { rebuild } from '../../dist/archive/rebuild.js'

const [, , archiveDir] = process.argv
const started = process.cpuUsage()
const startedAt = performance.now()
const clock = () => Date.now() * 1000
const { entries } = await rebuild({ archiveDir, durability: 'normal', clock })
const { user, system } = process.cpuUsage(started)
const seconds = (performance.now() - startedAt) / 1000
process.stdout.write(JSON.stringify({ pages: entries, seconds, cpuSeconds: (user + system) / 1e6 }))
