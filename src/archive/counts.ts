import type Database from 'better-sqlite3'
import { tables, type TableName } from '../model/tables.js'
import { quoted } from './sql.js'

/** Rows of every table. */
export type RowCounts = Record<TableName, number>

/** Counts the rows of some tables; SQLite goes through all of them for it. */
export function countRowsOf<Name extends string>(
  database: Database.Database,
  names: readonly Name[],
): Record<Name, number> {
  const count = (name: Name) =>
    database
      .prepare(`SELECT count(*) FROM ${quoted(name)}`)
      .pluck()
      .get() as number
  return Object.fromEntries(names.map((name) => [name, count(name)])) as Record<Name, number>
}

/** Counts the rows of every table. */
export const countRows = (database: Database.Database): RowCounts =>
  countRowsOf(
    database,
    tables.map(({ name }) => name),
  )
