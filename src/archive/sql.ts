import type { Value } from '../model/table.js'

/** A name as SQL wants it; names come from our own list of tables only. */
export const quoted = (name: string): string => `"${name}"`

/** `"a", "b"`. */
export const columnList = (names: readonly string[]): string => names.map(quoted).join(', ')

/** `?, ?`. */
export const placeholders = (names: readonly unknown[]): string => names.map(() => '?').join(', ')

/** `INSERT … VALUES (?, …)`, with what to do on conflict in `verb` (`INSERT`, `INSERT OR IGNORE`). */
export const insertSql = (table: string, names: readonly string[], verb = 'INSERT'): string =>
  `${verb} INTO ${quoted(table)} (${columnList(names)}) VALUES (${placeholders(names)})`

/** `"a" = ? AND "b" = ?`. */
export const equals = (names: readonly string[], joint = ' AND '): string =>
  names.map((name) => `${quoted(name)} = ?`).join(joint)

/** A cell read with safe integers: bigint only where a number would not be exact. */
export const fromSql = (cell: Value): Value =>
  typeof cell === 'bigint' && Number.isSafeInteger(Number(cell)) ? Number(cell) : cell

/** The cells of a row that was read with safe integers, likewise. */
export const rowFromSql = (row: Readonly<Record<string, Value>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, fromSql(cell)]))
