import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes of memory that are held now, without what waits to be collected. */
export function heldBytes(): number {
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/**
 * How many times as long work takes with eight times as much of it, at its best of three: about 8 where
 * time is in proportion, 64 where it grows with the square.
 */
export async function growth(size: number, work: (size: number) => unknown): Promise<number> {
  const best = async (times: number): Promise<number> => {
    const run = () => processorMs(() => work(size * times))
    return Math.min(await run(), await run(), await run())
  }
  return (await best(8)) / (await best(1))
}

/** Milliseconds of the processor that work takes: as many on a machine that does much else. */
async function processorMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
