/** Less than this tells nothing of how fast files come. */
const leastBytes = 256 * 1024
const halfLifeMicros = 30e6

/**
 * Measures how fast files come, all streams together, while at least one of them is under way. What
 * was long ago counts less. Times in microseconds.
 */
export class RateMeter {
  private bytes = 0
  private micros = 0
  private underWay = 0
  private since = 0

  /** A stream begins. */
  begin(now: number): void {
    if (this.underWay === 0) this.since = now
    this.underWay += 1
  }

  /** Bytes came. */
  add(bytes: number, now: number): void {
    this.pass(now)
    this.bytes += bytes
  }

  /** A stream is over. */
  end(now: number): void {
    this.pass(now)
    this.underWay = Math.max(0, this.underWay - 1)
  }

  /** Bytes a second; Infinity while too little is known. */
  rate(): number {
    return this.bytes < leastBytes || this.micros < 1000
      ? Infinity
      : (this.bytes / this.micros) * 1e6
  }

  private pass(now: number): void {
    const passed = Math.max(0, now - this.since)
    if (passed === 0 || this.underWay === 0) return
    const kept = 0.5 ** (passed / halfLifeMicros)
    this.bytes *= kept
    this.micros = this.micros * kept + passed
    this.since = now
  }
}
