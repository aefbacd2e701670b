/** Bodies are kept for later records up to this many bytes together: the oldest go first. */
const mostBytes = 32 * 2 ** 20

/**
 * Bodies of answers in WARCs by their digest as the record tells it: recorders write one that came before
 * as a `revisit` record, without its body, also where something else was asked.
 */
export class Repeats {
  private readonly bodies = new Map<string, Buffer>()
  private bytes = 0

  constructor(private readonly limit = mostBytes) {}

  keep(digest: string | null, body: Buffer): void {
    if (digest === null || this.bodies.has(digest)) return
    this.bodies.set(digest, Buffer.from(body))
    this.bytes += body.length
    for (const [oldest, { length }] of this.bodies) {
      if (this.bytes <= this.limit) return
      this.bodies.delete(oldest)
      this.bytes -= length
    }
  }

  /** The body that has this digest; undefined if none is kept. It is the youngest again. */
  bodyOf(digest: string | null): Buffer | undefined {
    const body = digest === null ? undefined : this.bodies.get(digest)
    if (body === undefined) return undefined
    this.bodies.delete(digest!)
    this.bodies.set(digest!, body)
    return body
  }
}
