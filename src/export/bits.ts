const bytesForBits = (bits: number): number => (bits + 7) >> 3

/** One bit a row, least significant first, as Arrow wants it. */
export class Bits {
  readonly #bytes: Uint8Array
  ones = 0

  constructor(rows: number) {
    this.#bytes = new Uint8Array(bytesForBits(rows))
  }

  set(row: number): void {
    this.#bytes[row >> 3]! |= 1 << (row & 7)
    this.ones += 1
  }

  read(rows: number): Uint8Array {
    return this.#bytes.subarray(0, bytesForBits(rows))
  }

  clear(): void {
    this.#bytes.fill(0)
    this.ones = 0
  }
}
