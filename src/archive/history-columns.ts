import { assetKey } from '../model/signed-url.js'
import type { Column, Group, Table, Value } from '../model/table.js'
import { toComparable } from './history.js'
import { ToldMask, toldColumns } from './told-mask.js'

/** The groups of columns that have a time of their own, in the order of their columns. */
export const groups: readonly Group[] = ['summary', 'full', 'counters']

/** What one answer tells of a row, in the order of the columns; undefined where it tells nothing. */
export type ToldCells = readonly (Value | undefined)[]

/** The columns of a table with a history: which of a telling are fields, which counters, and when each group was told. */
export class HistoryColumns {
  /** All that answers tell but the key. */
  readonly all: readonly Column[]
  /** Sets of them as bit masks. */
  readonly mask: ToldMask

  constructor(table: Table) {
    this.all = toldColumns(table)
    this.mask = new ToldMask(this.all)
  }

  maskOf(told: ToldCells): number {
    return this.mask.maskOf(
      this.all.filter((_, index) => told[index] !== undefined).map(({ name }) => name),
    )
  }

  /** The columns in a mask, fields and counters apart. */
  split(mask: number): { fields: string[]; counters: string[] } {
    const names = new Set(this.mask.namesIn(mask))
    const told = this.all.filter(({ name }) => names.has(name))
    return {
      fields: told.filter(isField).map(({ name }) => name),
      counters: told.filter(isCounter).map(({ name }) => name),
    }
  }

  /** What a held row says in its fields, as histories compare it. */
  comparables(cells: readonly Value[]): Map<string, string | null> {
    const entries = this.all.map(
      (column, index) => [column.name, comparable(column, cells[index] ?? null)] as const,
    )
    return new Map(entries.filter((_, index) => isField(this.all[index]!)))
  }

  /** The fields that are told, as histories compare them. */
  toldFields(told: ToldCells): Map<string, string | null> {
    const fields = new Map<string, string | null>()
    this.all.forEach((column, index) => {
      const value = told[index]
      if (value !== undefined && isField(column)) fields.set(column.name, comparable(column, value))
    })
    return fields
  }

  /** The counters that are told, as histories compare them. */
  toldCounters(told: ToldCells): Map<string, string> {
    return new Map(
      Object.entries(this.counters(told)).map(([name, value]) => [name, String(value)]),
    )
  }

  /** The counters that are told. */
  counters(told: ToldCells): Record<string, Value> {
    const counters: Record<string, Value> = {}
    this.all.forEach((column, index) => {
      const value = told[index]
      if (value !== undefined && isCounter(column)) counters[column.name] = value
    })
    return counters
  }

  hasCounters(told: ToldCells): boolean {
    return told.some((value, index) => value !== undefined && isCounter(this.all[index]!))
  }

  /** True if a column is told whose cell is made of all tellings, not the newest. */
  hasMerged(told: ToldCells): boolean {
    return told.some((value, index) => value !== undefined && this.all[index]!.merge !== undefined)
  }

  /** When each group was told last, after one more telling; NULL: never. */
  groupTimes(held: readonly (number | null)[], told: ToldCells, at: number): (number | null)[] {
    return groups.map((group, index) => {
      const isTold = told.some((value, i) => value !== undefined && this.all[i]!.group === group)
      const before = held[index] ?? null
      return isTold && (before === null || at > before) ? at : before
    })
  }
}

/** A column that counts: its changes are kept as observations. */
export const isCounter = (column: Column): boolean => column.group === 'counters'

/** A column whose changes are kept as revisions. */
const isField = (column: Column): boolean => !isCounter(column) && !column.restless

/** A cell as histories compare it: a file is the same, however often its link is signed. */
export const comparable = (column: Column, value: Value): string | null =>
  column.signed && typeof value === 'string' ? assetKey(value) : toComparable(value)

/** A cell after one more telling. */
export function merged(column: Column, before: Value, value: Value): Value {
  if (column.merge === 'earliest' && typeof before === 'number' && typeof value === 'number')
    return Math.min(before, value)
  return value
}
