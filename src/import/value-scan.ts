const quote = 0x22
const escape = 0x5c

/** What a byte outside of strings does to the nesting. */
const turns = new Int8Array(256)
turns[0x7b] = 1
turns[0x5b] = 1
turns[0x7d] = -1
turns[0x5d] = -1

/** Bytes that end a number or a word. */
const ends = new Uint8Array(256)
for (const byte of [0x20, 0x09, 0x0a, 0x0d, 0x2c, 0x5d, 0x7d]) ends[byte] = 1

/** Finds where a JSON value ends, chunk by chunk, by brackets and quotes; nothing is parsed. */
export class ValueScan {
  private depth = 0
  private isString = false
  private isEscaped = false
  private isWord = false

  /** True if a value that the bytes end with is whole: a number or a word. */
  get mayEndHere(): boolean {
    return this.isWord && this.depth === 0 && !this.isString
  }

  /** Where the value ends, if it ends in this chunk; else -1, and the next chunk goes on. */
  endIn(bytes: Buffer, from: number): number {
    const { length } = bytes
    let at = from
    while (at < length) {
      if (this.isString) {
        at = this.endOfString(bytes, at)
        if (!this.isString && this.depth === 0) return at
        continue
      }
      const byte = bytes[at]!
      const turn = turns[byte]!
      if (byte === quote) this.isString = true
      else if (this.depth === 0 && turn <= 0) {
        if (ends[byte] === 1) return at
        this.isWord = true
      } else if (turn !== 0) {
        this.depth += turn
        if (this.depth === 0) return at + 1
      }
      at += 1
    }
    return -1
  }

  /** Goes on inside a string. @returns the place behind its end, or behind the chunk */
  private endOfString(bytes: Buffer, from: number): number {
    const { length } = bytes
    let at = from
    if (this.isEscaped && at < length) {
      this.isEscaped = false
      at += 1
    }
    while (at < length) {
      const byte = bytes[at]!
      at += 1
      if (byte === quote) {
        this.isString = false
        return at
      }
      if (byte !== escape) continue
      if (at === length) this.isEscaped = true
      at += 1
    }
    return length
  }
}
