import { ValueScan } from './value-scan.js'
import { Unsound, type Bytes } from './piece.js'

const nothing = Buffer.alloc(0)
const newline = 0x0a
const mark = Buffer.from([0xef, 0xbb, 0xbf])

const mostBlanks = 2 ** 20

/** The end of the bytes, where a byte is asked for. */
export const end = -1

/** A stretch of bytes; NULL if it is longer than allowed: it was read over, not kept. */
export type Stretch = Buffer | null

/** Reads a stream of bytes by values and by lines; it holds no more than one of them. */
export class ByteReader {
  private chunk: Buffer = nothing
  private at = 0
  private readonly waiting: Buffer[] = []
  private readonly source: AsyncIterator<Uint8Array>
  /** How the source broke off, where bytes that came before it were still to be read. */
  private breach: { error: unknown } | null = null

  constructor(bytes: Bytes) {
    this.source = bytes[Symbol.asyncIterator]()
  }

  /** At least `count` bytes from here on, or all that are left; they stay to be read. */
  async ahead(count: number): Promise<Buffer> {
    while (this.chunk.length - this.at < count) {
      const rest = this.chunk.subarray(this.at)
      if (!(await this.moreBehind(() => true))) {
        this.chunk = rest
        this.at = 0
        break
      }
      this.chunk = Buffer.concat([rest, this.chunk.subarray(this.at)])
      this.at = 0
    }
    return this.chunk.subarray(this.at)
  }

  /** Reads over a byte order mark, if there is one. */
  async skipMark(): Promise<void> {
    const first = await this.ahead(mark.length)
    if (first.subarray(0, mark.length).equals(mark)) this.at += mark.length
  }

  /** Reads over blanks. @returns the byte that follows, not read yet; `end` at the end */
  async nextByte(): Promise<number> {
    for (;;) {
      while (this.at < this.chunk.length) {
        const byte = this.chunk[this.at]!
        if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte
        this.at += 1
      }
      if (!(await this.more())) return end
    }
  }

  /** True if nothing but blanks is left; nothing is read over. */
  async isOver(): Promise<boolean> {
    for (let count = 64; count <= mostBlanks; count *= 4) {
      const next = await this.ahead(count)
      if (next.toString('latin1').trim() !== '') return false
      if (next.length < count) return true
    }
    return false
  }

  /** Reads over one byte that was looked at. */
  skipByte(): void {
    this.at += 1
  }

  /** Puts bytes back, to be read next. */
  putBack(bytes: Buffer): void {
    this.waiting.push(this.chunk.subarray(this.at))
    this.chunk = bytes
    this.at = 0
  }

  /** Reads up to the end of the line, which is none of it; undefined at the end. */
  async line(limit: number): Promise<Stretch | undefined> {
    if (this.at >= this.chunk.length && !(await this.more())) return undefined
    const kept = new Kept(limit)
    for (;;) {
      const found = this.chunk.indexOf(newline, this.at)
      kept.add(this.chunk.subarray(this.at, found < 0 ? this.chunk.length : found))
      this.at = found < 0 ? this.chunk.length : found + 1
      if (found >= 0 || !(await this.moreBehind(() => kept.isWhole()))) return kept.stretch()
    }
  }

  /**
   * Reads the JSON value that begins here, by its brackets and quotes alone; undefined if the bytes end
   * inside it.
   */
  async value(limit: number): Promise<Stretch | undefined> {
    const scan = new ValueScan()
    const kept = new Kept(limit)
    for (;;) {
      const found = scan.endIn(this.chunk, this.at)
      kept.add(this.chunk.subarray(this.at, found < 0 ? this.chunk.length : found))
      this.at = found < 0 ? this.chunk.length : found
      if (found >= 0) return kept.stretch()
      if (!(await this.more())) return scan.mayEndHere ? kept.stretch() : undefined
    }
  }

  /** Everything from here on, as a stream. */
  async *rest(): AsyncGenerator<Buffer> {
    do {
      const chunk = this.chunk.subarray(this.at)
      this.at = this.chunk.length
      if (chunk.length > 0) yield chunk
    } while (await this.more())
  }

  /** @throws whatever broke the source off, once what came before was read */
  check(): void {
    if (this.breach !== null) throw this.breach.error
  }

  /** Ends the stream, wherever reading stands. */
  async close(): Promise<void> {
    await this.source.return?.()
  }

  /** The same, but where a sound source breaks off behind something that counts, that is read first. */
  private async moreBehind(counts: () => boolean): Promise<boolean> {
    try {
      return await this.more()
    } catch (error) {
      if (error instanceof Unsound || !counts()) throw error
      this.breach = { error }
      return false
    }
  }

  private async more(): Promise<boolean> {
    for (;;) {
      const put = this.waiting.pop()
      if (put === undefined) break
      if (put.length === 0) continue
      this.chunk = put
      this.at = 0
      return true
    }
    this.check()
    for (;;) {
      const { value, done } = await this.source.next()
      if (done === true) return false
      if (value.length === 0) continue
      this.chunk = Buffer.isBuffer(value)
        ? value
        : Buffer.from(value.buffer, value.byteOffset, value.length)
      this.at = 0
      return true
    }
  }
}

/** True for bytes that hold one whole value, by their brackets. */
export function isWhole(bytes: Buffer): boolean {
  const found = new ValueScan().endIn(bytes, 0)
  return found > 0 && bytes.subarray(found).toString('latin1').trim() === ''
}

/** Parts of a stretch, as long as they are not too long together. */
class Kept {
  private parts: Buffer[] = []
  private size = 0

  constructor(private readonly limit: number) {}

  add(part: Buffer): void {
    this.size += part.length
    if (this.size > this.limit) this.parts = []
    else if (part.length > 0) this.parts.push(part)
  }

  stretch(): Stretch {
    if (this.size > this.limit) return null
    return this.parts.length === 1 ? this.parts[0]! : Buffer.concat(this.parts)
  }

  isWhole(): boolean {
    const stretch = this.stretch()
    return stretch !== null && isWhole(stretch)
  }
}
