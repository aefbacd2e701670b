/** Lists of numbers, one an owner, in two arrays. */
export class Adjacency {
  private constructor(
    private readonly start: Int32Array,
    private readonly items: Int32Array,
  ) {}

  /** Gathers (owner, item) pairs; an owner's items keep the order of the pairs. */
  static of(owners: number, pairs: readonly (readonly [number, number])[]): Adjacency {
    const start = new Int32Array(owners + 1)
    for (const [owner] of pairs) start[owner + 1] = (start[owner + 1] ?? 0) + 1
    for (let at = 0; at < owners; at++) start[at + 1] = (start[at + 1] ?? 0) + (start[at] ?? 0)
    const free = start.slice()
    const items = new Int32Array(pairs.length)
    for (const [owner, item] of pairs) {
      const place = free[owner] ?? 0
      items[place] = item
      free[owner] = place + 1
    }
    return new Adjacency(start, items)
  }

  /** Items of an owner. */
  get(owner: number): Int32Array {
    return this.items.subarray(this.start[owner] ?? 0, this.start[owner + 1] ?? 0)
  }

  /** How many items an owner has. */
  count(owner: number): number {
    return (this.start[owner + 1] ?? 0) - (this.start[owner] ?? 0)
  }
}
