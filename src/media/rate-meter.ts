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

  /** Bytes of a stream came. */
  add(bytes: number, now: number): void {
    this.pass(now)
    this.bytes += bytes
  }

  /** A stream that began is over. */
  end(now: number): void {
    this.pass(now)
    this.underWay -= 1
  }

  /** Bytes a second; Infinity while too little is known. */
  rate(): number {
    return this.bytes < leastBytes ? Infinity : (this.bytes / this.micros) * 1e6
  }

  /** A clock that is set back tells no time. */
  private pass(now: number): void {
    const passed = Math.max(0, now - this.since)
    const kept = 0.5 ** (passed / halfLifeMicros)
    this.bytes *= kept
    this.micros = this.micros * kept + passed
    this.since = now
  }
}
