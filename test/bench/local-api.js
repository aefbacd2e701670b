// The local API as a process of its own, for benchmarks.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Starts it with these flags; gives its address, its key, and how to end it. */
export async function startLocalApi(...flags) {
  const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
  const child = spawn(process.execPath, [main, 'simulate', '--json', '--quiet', ...flags])
  for await (const line of createInterface({ input: child.stdout }))
    return { ...JSON.parse(line), stop: () => child.kill() }
  throw new Error('the local API did not start')
}
