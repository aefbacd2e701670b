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

  constructor({ ratePerSecond, concurrency }: PaceOptions) {
    this.queue = new PQueue({ concurrency, ...windowOf(ratePerSecond) })
  }

  /** Runs a call when its turn comes. */
  async run<Result>(call: () => Promise<Result>): Promise<Result> {
    return this.queue.add(call)
  }
}

/** A rate as p-queue wants it: so many starts in so many milliseconds. */
function windowOf(ratePerSecond: number): object {
  if (!Number.isFinite(ratePerSecond)) return {}
  return Number.isInteger(ratePerSecond)
    ? { interval: 1000, intervalCap: ratePerSecond, strict: true }
    : { interval: Math.ceil(1000 / ratePerSecond), intervalCap: 1, strict: true }
}
