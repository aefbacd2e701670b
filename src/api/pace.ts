import PQueue from 'p-queue'

/** How fast calls may go. */
export interface PaceOptions {
  /** Calls a second, in every window of a second; Infinity: no limit. */
  ratePerSecond: number
  concurrency: number
}

/** Paces calls: a sliding window, so that no two bursts touch. */
export class Pace {
  private readonly queue: PQueue
  private readonly waiting = new Set<() => void>()

  constructor({ ratePerSecond, concurrency }: PaceOptions) {
    this.queue = new PQueue({ concurrency, ...windowOf(ratePerSecond) })
  }

  /** Runs a call when its turn comes. @returns undefined for one that was dropped before */
  async run<Result>(call: () => Promise<Result>): Promise<Result | undefined> {
    return new Promise((resolve, reject) => {
      const drop = () => resolve(undefined)
      this.waiting.add(drop)
      const start = () => {
        this.waiting.delete(drop)
        return call()
      }
      this.queue.add(start).then(resolve, reject)
    })
  }

  /** Drops what waits for its turn; what is under way goes on. */
  end(): void {
    this.queue.clear()
    for (const drop of this.waiting) drop()
    this.waiting.clear()
  }
}

/** A rate as p-queue wants it: so many starts in so many milliseconds. */
function windowOf(ratePerSecond: number): object {
  if (!Number.isFinite(ratePerSecond)) return {}
  return Number.isInteger(ratePerSecond)
    ? { interval: 1000, intervalCap: ratePerSecond, strict: true }
    : { interval: Math.ceil(1000 / ratePerSecond), intervalCap: 1, strict: true }
}
