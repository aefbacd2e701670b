// The bare loop: undici, SHA-256, a file each; 6 at a time, nothing else.
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { Agent, request } from 'undici'

const [url, folder, count, bytes] = process.argv.slice(2)
const dispatcher = new Agent({ connections: 6 })
let next = 0

async function stream() {
  while (next < Number(count)) {
    const n = next++
    const { body } = await request(`${url}/file/${n}/${bytes}`, { dispatcher })
    const hash = createHash('sha256')
    const file = await open(join(folder, String(n)), 'w')
    for await (const chunk of body) {
      hash.update(chunk)
      await file.write(chunk)
    }
    hash.digest('hex')
    await file.close()
  }
}

const startedAt = performance.now()
await Promise.all(Array.from({ length: 6 }, stream))
const ms = performance.now() - startedAt
const peakRss = process.resourceUsage().maxRSS * 1024
process.stdout.write(JSON.stringify({ bytes: count * bytes, ms, peakRss }))
process.exit(0)
