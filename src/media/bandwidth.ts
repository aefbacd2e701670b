/**
 * Shares a number of bytes a second among all streams: each waits its turn after what it received.
 * Times in milliseconds, in steps that the machine's clock does not disturb.
 */
export class Bandwidth {
  /** When what was received so far is paid off. */
  private paidAt = -Infinity

  constructor(
    private readonly bytesPerSecond: number,
    private readonly stepsMs: () => number = () => performance.now(),
  ) {}

  /** Notes bytes that came. @returns how long to wait before more are taken */
  take(bytes: number): number {
    if (this.bytesPerSecond === Infinity) return 0
    const now = this.stepsMs()
    // A pause may be made up for by a burst of a quarter of a second, no more.
    this.paidAt = Math.max(this.paidAt, now - burstMs) + (bytes / this.bytesPerSecond) * 1000
    return Math.max(0, this.paidAt - now)
  }
}

const burstMs = 250
