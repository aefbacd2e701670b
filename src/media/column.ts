type Numbers = Float64Array | Uint32Array | Uint8Array

const firstLength = 1024

/** Numbers by place, 0 where none was set: a few bytes for each of millions, where an object takes hundreds. */
export class Column {
  private numbers: Numbers

  constructor(private readonly kind: { new (length: number): Numbers }) {
    this.numbers = new kind(firstLength)
  }

  /** The number at a place. */
  at(place: number): number {
    return this.numbers[place] ?? 0
  }

  /** Sets the number at a place; there is room for any. */
  set(place: number, value: number): void {
    if (place >= this.numbers.length) this.widen(place + 1)
    this.numbers[place] = value
  }

  private widen(least: number): void {
    const former = this.numbers
    this.numbers = new this.kind(Math.max(least, Math.ceil(former.length * 1.5)))
    this.numbers.set(former)
  }
}
