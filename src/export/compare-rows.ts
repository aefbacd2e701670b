import type { Row } from '../archive/snapshot.js'
import type { PackagedTable } from './format.js'

/** What rows are compared with. */
export interface Truth {
  /** How it is called in a finding. */
  name: string
  /** The rows that there should be, in the order of the key. */
  readRows(each: PackagedTable): IterableIterator<Row>
}

/** Rows, some at a time. */
export type RowPages = AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>

/** What came of a comparison. */
export interface Comparison {
  /** How many rows there are. */
  rows: number
  /** Where they differ first; NULL if they do not. */
  difference: string | null
}

/**
 * Compares rows with those that there should be, one by one and every value; reads all of them, also
 * behind a difference.
 */
export async function compareRows(
  each: PackagedTable,
  pages: RowPages,
  { truth, onRows }: { truth: Truth | null; onRows: (rows: number) => Promise<void> },
): Promise<Comparison> {
  const wanted = truth?.readRows(each) ?? null
  let rows = 0
  let difference: string | null = null
  try {
    for await (const page of pages) {
      for (const row of page) {
        rows += 1
        difference ??= wanted && findDifference(each, rows, { found: row, wanted: nextOf(wanted) })
      }
      await onRows(rows)
    }
    const missing = wanted === null || difference !== null ? null : nextOf(wanted)
    if (missing !== null) difference = `row ${rows + 1} is missing: ${keyOf(each, missing)}`
  } finally {
    wanted?.return?.()
  }
  return { rows, difference }
}

function nextOf(rows: Iterator<Row>): Row | null {
  const { done, value } = rows.next()
  return done === true ? null : value
}

function findDifference(
  each: PackagedTable,
  place: number,
  { found, wanted }: { found: Row; wanted: Row | null },
): string | null {
  const key = keyOf(each, found)
  if (wanted === null) return `row ${place} is too many: ${key}`
  const column = each.columns.find((_, at) => found[at] !== wanted[at])
  if (column === undefined) return null
  const right = keyOf(each, wanted)
  return key === right
    ? `${column.name} of row ${place}: ${key}`
    : `row ${place} is ${key}, and should be ${right}`
}

const keyOf = ({ table, columns }: PackagedTable, row: Row): string =>
  table.key.map((name) => String(row[columns.findIndex((each) => each.name === name)])).join(' ')
