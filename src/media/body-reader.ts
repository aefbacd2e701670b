import type { Readable } from 'node:stream'
import { NetworkError } from './trouble.js'

/** So many bytes wait at most; then the stream does. */
const mostWaiting = 512 * 1024

/**
 * Reads a stream as it comes: what came before it broke is not lost, as it would be to a loop that
 * waits for chunks.
 */
export class BodyReader {
  private readonly waiting: Buffer[] = []
  private bytes = 0
  private end: { error: Error | null } | null = null
  private wake: (() => void) | null = null

  constructor(private readonly body: Readable) {
    body.on('data', (chunk: Buffer) => this.take(chunk))
    body.on('end', () => this.finish(null))
    body.on('error', (error) => this.finish(new NetworkError(error)))
    body.on('close', () => this.finish(new Error('the stream was closed')))
  }

  /**
   * The next bytes; NULL at the end.
   * @throws what the stream broke with, after all that came before
   */
  async next(): Promise<Buffer | null> {
    while (this.waiting.length === 0 && this.end === null)
      await new Promise<void>((resolve) => (this.wake = resolve))
    const chunk = this.waiting.shift()
    if (chunk !== undefined) return this.give(chunk)
    if (this.end!.error !== null) throw this.end!.error
    return null
  }

  /** Lets the rest go. */
  drop(): void {
    this.body.destroy()
  }

  private take(chunk: Buffer): void {
    this.waiting.push(chunk)
    this.bytes += chunk.length
    if (this.bytes > mostWaiting) this.body.pause()
    this.wake?.()
  }

  private give(chunk: Buffer): Buffer {
    this.bytes -= chunk.length
    if (this.bytes <= mostWaiting / 2 && this.body.isPaused()) this.body.resume()
    return chunk
  }

  private finish(error: Error | null): void {
    this.end ??= { error }
    this.wake?.()
  }
}
