import { Column } from './column.js'
import type { Waiting } from './order.js'
import { uses, type Use } from './wanted.js'

/** What the turns of files depend on, by the numbers of the files. */
export class TurnColumns {
  private readonly deadlines = new Column(Float64Array)
  private readonly sizes = new Column(Float64Array)
  private readonly kinds = new Column(Uint8Array)

  /** Notes a file, or what is different about it. */
  set(number: number, { deadline, bytes, use }: Waiting): void {
    this.setDeadline(number, deadline)
    this.setBytes(number, bytes)
    this.kinds.set(number, uses.indexOf(use))
  }

  setDeadline(number: number, deadline: number | null): void {
    this.deadlines.set(number, deadline ?? Infinity)
  }

  setBytes(number: number, bytes: number): void {
    this.sizes.set(number, bytes)
  }

  /** A file, made when it is asked for. */
  at(number: number): Waiting {
    return {
      deadline: this.deadline(number),
      use: this.use(number),
      bytes: this.sizes.at(number),
    }
  }

  deadline(number: number): number | null {
    const deadline = this.deadlines.at(number)
    return deadline === Infinity ? null : deadline
  }

  use(number: number): Use {
    return uses[this.kinds.at(number)]!
  }

  bytes(number: number): number {
    return this.sizes.at(number)
  }

  /**
   * Sorts numbers of files in place: the soonest deadline first; of one deadline what can be played,
   * then thumbnails, then the rest, small ones first. Those that are alike stay as they are.
   */
  sort(numbers: number[]): number[] {
    const { deadlines, kinds, sizes } = this
    return numbers.sort(
      (one, other) =>
        compare(deadlines.at(one), deadlines.at(other)) ||
        kinds.at(one) - kinds.at(other) ||
        sizes.at(one) - sizes.at(other),
    )
  }
}

const compare = (one: number, other: number): number => (one < other ? -1 : one > other ? 1 : 0)
