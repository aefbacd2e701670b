import type { Row } from '../model/page.js'
import type { Value } from '../model/table.js'
import { tableOf, type TableName } from '../model/tables.js'

/** All that one page tells of one row: the key columns and every column told. */
export interface MergedRow {
  table: TableName
  values: Record<string, Value>
}

/**
 * Joins what one page tells several times over: one row each. A full object goes before a summary;
 * among equals the first in the page; what the stronger one leaves out, the other fills in.
 */
export function mergePageRows(rows: readonly Row[]): MergedRow[] {
  const merged = new Map<string, MergedRow & { partial: boolean }>()
  for (const { table, values, partial = false } of rows) {
    const key = rowKey(table, values)
    const known = merged.get(key)
    if (known === undefined) merged.set(key, { table, values, partial })
    else if (known.partial && !partial) {
      known.values = { ...known.values, ...values }
      known.partial = false
    } else known.values = { ...values, ...joinStrongest(table, known.values, values) }
  }
  return [...merged.values()]
}

function rowKey(table: TableName, values: Record<string, Value>): string {
  let key: string = table
  for (const name of tableOf(table).key) key += `\u0000${String(values[name])}`
  return key
}

/** Two tellings of one edge in one page: the strongest evidence stays. */
function joinStrongest(
  table: TableName,
  known: Record<string, Value>,
  values: Record<string, Value>,
): Record<string, Value> {
  if (table !== 'remixes') return known
  const { strength = [] } = tableOf(table).columns.find((each) => each.name === 'told_by')!
  const stronger = [known, values].sort(
    (one, other) =>
      strength.indexOf(String(one['told_by'])) - strength.indexOf(String(other['told_by'])),
  )[0]!
  return { ...known, told_by: stronger['told_by'] ?? null }
}
