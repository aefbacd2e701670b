import type { Value } from '../model/table.js'
import { compareStamps, type Stamp } from './stamp.js'

/**
 * A row merged column by column: each cell is the newest one told. `told` are the columns that the
 * newest answer told; `older` are those it left out, with the stamp of the answer that told them last.
 */
export interface StampedRow {
  values: Record<string, Value>
  newest: Stamp
  told: ReadonlySet<string>
  older: Readonly<Record<string, readonly [number, string]>>
}

/**
 * Merges one more telling into a row, whatever order tellings come in. Columns that it tells weakly give
 * way to any that told them in earnest, however old.
 * @returns the row as it is after it; the same object if nothing in it changes
 */
export function mergeTelling(
  row: StampedRow | undefined,
  told: Record<string, Value>,
  stamp: Stamp,
  weak: readonly string[] = [],
): StampedRow {
  if (weak.length === 0) return mergeEarnest(row, told, stamp)
  const isWeak = ([name]: [string, Value]) => weak.includes(name)
  const earnest = Object.entries(told).filter((each) => !isWeak(each))
  const merged = mergeEarnest(row, Object.fromEntries(earnest), stamp)
  const before = { at: stamp.at - beforeAllTimes, responseId: stamp.responseId }
  return mergeOlder(merged, Object.fromEntries(Object.entries(told).filter(isWeak)), before)
}

/** Microseconds; further than any two answers lie apart. */
const beforeAllTimes = 4e15

function mergeEarnest(
  row: StampedRow | undefined,
  told: Record<string, Value>,
  stamp: Stamp,
): StampedRow {
  const columns = Object.keys(told)
  if (row === undefined) return { values: told, newest: stamp, told: new Set(columns), older: {} }
  if (compareStamps(stamp, row.newest) > 0) return mergeNewer(row, told, stamp)
  return mergeOlder(row, told, stamp)
}

function mergeNewer(row: StampedRow, told: Record<string, Value>, stamp: Stamp): StampedRow {
  const columns = new Set(Object.keys(told))
  const older: Record<string, readonly [number, string]> = {}
  for (const [column, at] of Object.entries(row.older)) if (!columns.has(column)) older[column] = at
  for (const column of row.told)
    if (!columns.has(column)) older[column] = [row.newest.at, row.newest.responseId]
  return { values: { ...row.values, ...told }, newest: stamp, told: columns, older }
}

function mergeOlder(row: StampedRow, told: Record<string, Value>, stamp: Stamp): StampedRow {
  const values = { ...row.values }
  const older = { ...row.older }
  let isChanged = false
  for (const [column, value] of Object.entries(told)) {
    if (row.told.has(column)) continue
    const known = older[column]
    if (known && compareStamps(stamp, { at: known[0], responseId: known[1] }) <= 0) continue
    values[column] = value
    older[column] = [stamp.at, stamp.responseId]
    isChanged = true
  }
  return isChanged ? { ...row, values, older } : row
}
