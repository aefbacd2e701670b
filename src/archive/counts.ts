import type Database from 'better-sqlite3'
import { tables, type TableName } from '../model/tables.js'

/** Rows of every table. */
export type RowCounts = Record<TableName, number>

/** Counts the rows of every table. */
export function countRows(database: Database.Database): RowCounts {
  const counts = tables.map(
    ({ name }) =>
      [name, database.prepare(`SELECT count(*) FROM "${name}"`).pluck().get() as number] as const,
  )
  return Object.fromEntries(counts) as RowCounts
}
