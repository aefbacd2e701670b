import { groupTimes, seen, stamps, type Column, type Table } from '../model/table.js'

const kept = new Set([...groupTimes, ...seen, ...stamps].map((each) => each.name))

/** The columns that answers tell: all but the key and what the archive keeps of its own. */
export const toldColumns = (table: Table): Column[] =>
  table.columns.filter((each) => !table.key.includes(each.name) && !kept.has(each.name))

/** Sets of columns as bit masks, by their place among the columns that answers tell; archives keep them. */
export class ToldMask {
  private readonly bits: ReadonlyMap<string, number>

  constructor(columns: readonly Column[]) {
    this.bits = new Map(columns.map(({ name }, index) => [name, 2 ** index]))
  }

  /** The mask of the columns named; names that are no such columns count for nothing. */
  maskOf(names: Iterable<string>): number {
    let mask = 0
    for (const name of names) mask += this.bits.get(name) ?? 0
    return mask
  }

  /** True if every column of a mask is in another. */
  isWithin(mask: number, other: number): boolean {
    for (const bit of this.bits.values()) if (has(mask, bit) && !has(other, bit)) return false
    return true
  }

  /** The columns in a mask. */
  namesIn(mask: number): string[] {
    const names: string[] = []
    for (const [name, bit] of this.bits) if (has(mask, bit)) names.push(name)
    return names
  }
}

const has = (mask: number, bit: number): boolean => Math.floor(mask / bit) % 2 === 1
