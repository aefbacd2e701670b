import PQueue from 'p-queue'
import type { RateClass } from '../model/endpoint.js'
import { longestTimerMs } from './clock.js'

/** How fast calls may go. */
export interface PaceOptions {
  /** Calls a second of the reading endpoints, in every window of a second; Infinity: no limit. */
  ratePerSecond: number
  /** Calls under way at a time, in each class. */
  concurrency: number
}

/** Calls a second that TikHub allows at most where it allows less than elsewhere (`tikhub-api` section 5). */
const slowClasses: Partial<Record<RateClass, number>> = { task_status: 1, uploads: 1, account: 1 }

/**
 * Paces calls, each class of endpoints for itself. A class that was asked too fast rests; after that
 * it goes slower, and comes back to its full pace with calls that go well.
 */
export class Pace {
  private readonly classes = new Map<RateClass, ClassPace>()

  constructor(private readonly options: PaceOptions) {}

  /** Runs a call when its turn comes. @returns undefined for one that was dropped before */
  run<Result>(rateClass: RateClass, call: () => Promise<Result>): Promise<Result | undefined> {
    return this.of(rateClass).run(call)
  }

  /** Lets a class rest, and go slower after that; what waits for its turn is dropped. Times in microseconds. */
  rest(rateClass: RateClass, until: number, now: number): void {
    this.of(rateClass).rest(until, now)
  }

  /** Notes a call that went well. */
  goWell(rateClass: RateClass): void {
    this.of(rateClass).goWell()
  }

  /** How often in a row a class had to rest without a call that went well. */
  restsInARow(rateClass: RateClass): number {
    return this.of(rateClass).restsInARow
  }

  /** The classes that rest, or have as many waiting as can go soon: more would keep others waiting. */
  busy(now: number): RateClass[] {
    return [...this.classes].flatMap(([name, each]) =>
      each.restUntil > now || each.isCrowded ? [name] : [],
    )
  }

  /** Drops what waits for its turn; what is under way goes on. */
  end(): void {
    for (const each of this.classes.values()) each.drop()
  }

  private of(rateClass: RateClass): ClassPace {
    const known = this.classes.get(rateClass)
    if (known !== undefined) return known
    const { ratePerSecond, concurrency } = this.options
    const rate = Math.min(ratePerSecond, slowClasses[rateClass] ?? Infinity)
    const made = new ClassPace(rate, concurrency)
    this.classes.set(rateClass, made)
    return made
  }
}

/** A class goes at least at this share of its rate. */
const slowest = 32

/** Calls that have to go well before a class goes twice as fast again. */
const callsToRecover = 10

/** The pace of one class: a sliding window, so that no two bursts touch. */
class ClassPace {
  restUntil = 0
  restsInARow = 0
  private queue: PQueue
  private readonly waiting = new Map<() => Promise<void>, () => void>()
  /** A call takes the place of so many. */
  private slowness = 1
  private wentWell = 0
  /** The latest time by the machine's clock at which a call began, or the watch looked. */
  private wallMs = Date.now()
  private watch: NodeJS.Timeout | undefined

  constructor(
    private readonly ratePerSecond: number,
    private readonly concurrency: number,
  ) {
    this.queue = this.newQueue()
  }

  private newQueue(): PQueue {
    return new PQueue({ concurrency: this.concurrency, ...windowOf(this.ratePerSecond) })
  }

  async run<Result>(call: () => Promise<Result>): Promise<Result | undefined> {
    return new Promise((resolve, reject) => {
      const start = async () => {
        this.waiting.delete(start)
        this.wallMs = Math.max(this.wallMs, Date.now())
        await call().then(resolve, reject)
      }
      this.waiting.set(start, () => resolve(undefined))
      this.enqueue(start)
      this.keepWatch()
    })
  }

  private enqueue(start: () => Promise<void>): void {
    for (let place = 1; place < this.slowness; place += 1) void this.queue.add(nothing)
    void this.queue.add(start)
  }

  /**
   * p-queue goes by the machine's clock: where that is set back, what waits would wait as long. A
   * queue that has yet to begin knows no time that was.
   */
  private keepWatch(): void {
    this.watch ??= setInterval(() => {
      const isSetBack = Date.now() < this.wallMs
      this.wallMs = Date.now()
      if (isSetBack && !this.queue.isPaused) this.beginAnew()
      if (this.waiting.size > 0) return
      clearInterval(this.watch)
      this.watch = undefined
    }, watchEveryMs).unref()
  }

  private beginAnew(): void {
    this.queue.clear()
    this.queue = this.newQueue()
    // It knows nothing of the calls of the last second.
    this.queue.pause()
    const { queue } = this
    setTimeout(() => queue.start(), secondMs)
    for (const start of this.waiting.keys()) this.enqueue(start)
  }

  /** Of several calls that were under way when the pace was too fast, only the first counts. */
  rest(until: number, now: number): void {
    if (this.restUntil <= now) {
      this.restsInARow += 1
      if (Number.isFinite(this.ratePerSecond)) this.slowness = Math.min(this.slowness * 2, slowest)
    }
    this.wentWell = 0
    this.restUntil = Math.max(this.restUntil, until)
    this.drop()
  }

  goWell(): void {
    this.restsInARow = 0
    this.wentWell += 1
    if (this.wentWell < callsToRecover) return
    this.wentWell = 0
    this.slowness = Math.max(1, this.slowness / 2)
  }

  /** A slow class needs one that waits; a quick one as many as may be under way. */
  get isCrowded(): boolean {
    const isSlow = this.slowness > 1 || this.ratePerSecond <= 1
    return this.waiting.size >= (isSlow ? 1 : this.concurrency)
  }

  drop(): void {
    this.queue.clear()
    for (const drop of this.waiting.values()) drop()
    this.waiting.clear()
    clearInterval(this.watch)
    this.watch = undefined
  }
}

const watchEveryMs = 1000

const nothing = async (): Promise<void> => undefined

/** A second as the API counts it: calls do not take the same time to get there. */
const secondMs = 1030

/** A rate as p-queue wants it: so many starts in so many milliseconds. */
function windowOf(ratePerSecond: number): object {
  if (!Number.isFinite(ratePerSecond)) return {}
  if (Number.isInteger(ratePerSecond))
    return { interval: secondMs, intervalCap: ratePerSecond, strict: true }
  const interval = Math.min(Math.ceil(secondMs / ratePerSecond), longestTimerMs)
  return { interval, intervalCap: 1, strict: true }
}
