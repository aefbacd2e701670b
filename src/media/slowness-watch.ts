import { trouble } from './trouble.js'

/** What a stream is held to. */
export interface SlownessLimits {
  /** A stream slower than this, while it is waited for, is ended. */
  leastBytesPerSecond: number
  idleTimeoutMs: number
}

/** Less than this says little of how fast a stream is. */
const leastToTellMs = 2000

/** Ends a stream that keeps the program waiting for next to nothing. */
export class SlownessWatch {
  private waitedMs = 0
  private bytes = 0
  private since = performance.now()
  private readonly all = { waitedMs: 0, bytes: 0 }

  constructor(private readonly limits: SlownessLimits) {}

  /** Bytes came after a wait. */
  came(bytes: number): void {
    const { leastBytesPerSecond, idleTimeoutMs } = this.limits
    const waitedMs = performance.now() - this.since
    this.waitedMs += waitedMs
    this.bytes += bytes
    this.all.waitedMs += waitedMs
    this.all.bytes += bytes
    if (this.waitedMs < idleTimeoutMs) return
    const rate = (this.bytes / this.waitedMs) * 1000
    if (rate < leastBytesPerSecond)
      throw trouble('again', 'stalled', `only ${rate.toFixed(0)} bytes a second came`)
    this.waitedMs = 0
    this.bytes = 0
  }

  /** A file that comes too slowly to be whole in time gives way to others; `left` is in microseconds. */
  requireInTime(bytes: number, left: number): void {
    const { waitedMs, bytes: came } = this.all
    if (waitedMs < leastToTellMs) return
    const rate = (came / waitedMs) * 1000
    if (left > 0 && (bytes / rate) * 1e6 <= left) return
    const problem = `at ${rate.toFixed(0)} bytes a second it would come too late`
    throw trouble('slow', 'too_late', problem, { rate })
  }

  /** The next bytes are waited for. */
  waits(): void {
    this.since = performance.now()
  }
}
