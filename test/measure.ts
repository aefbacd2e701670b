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
 * How many times as long work takes with eight times as much of it, each at its best of some rounds: about
 * 8 where time is in proportion, 64 where it grows with the square. Eight small works are measured as one,
 * in turn with the large one, so that neither is too short to be measured, or done by a colder engine.
 */
export async function growth(size: number, work: (size: number) => unknown): Promise<number> {
  const eightSmall = async () => {
    for (let times = 0; times < 8; times += 1) await work(size)
  }
  let [small, large] = [Infinity, Infinity]
  for (let round = 0; round < 4; round += 1) {
    large = Math.min(large, await processorMs(() => work(size * 8)))
    small = Math.min(small, await processorMs(eightSmall))
  }
  return (large / small) * 8
}

/** Milliseconds of the processor that work takes: as many on a machine that does much else. */
async function processorMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
