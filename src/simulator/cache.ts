/** Keeps what was used last: at most twice `size` entries. */
export class RecentCache<Value> {
  private young = new Map<number, Value>()
  private old = new Map<number, Value>()

  constructor(private readonly size: number) {}

  /** The kept value, or a new one. */
  get(key: number, make: () => Value): Value {
    const found = this.young.get(key)
    if (found !== undefined) return found
    const value = this.old.get(key) ?? make()
    if (this.young.size >= this.size) {
      this.old = this.young
      this.young = new Map()
    }
    this.young.set(key, value)
    return value
  }

  /** Forgets everything. */
  clear(): void {
    this.young.clear()
    this.old.clear()
  }
}
