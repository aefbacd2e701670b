import { entityTables } from './entity-tables.js'
import { historyTables } from './history-tables.js'
import { logTables } from './log-tables.js'
import type { Profile } from './profiles.js'
import type { Column, Table } from './table.js'

/**
 * Every table of the archive, in one list. SQLite's schema, the upserts, Parquet, CSV and the data
 * dictionary are all read from here; a new table or column is a new entry.
 */
export const tables = [...entityTables, ...historyTables, ...logTables] as const

/** Name of a table. */
export type TableName = (typeof tables)[number]['name']

/** Name of a table that an export may take. */
export type ExportedTableName = Exclude<(typeof tables)[number], { exported: 'never' }>['name']

const byName = new Map<string, Table>(tables.map((each) => [each.name, each]))

/** The table of that name; an unknown name is a bug. */
export function tableOf(name: TableName): Table {
  const table = byName.get(name)
  if (!table) throw new Error(`no table ${name}`)
  return table
}

/** What of the columns that may leave is in each profile. */
const isColumnIn: Record<Profile, (column: Column) => boolean> = {
  full: () => true,
  research: ({ publish }) => publish !== undefined,
  ids: ({ publish, ids }) => publish !== undefined && ids === true,
}

/** The columns of a table that leave in an export: never the viewer's and the archive's own. */
export const exportedColumns = (table: Table, profile: Profile = 'full'): Column[] =>
  table.columns.filter((each) => !each.viewer && !each.internal && isColumnIn[profile](each))

const hasIdsAsKey = (table: Table): boolean => {
  const ids = exportedColumns(table, 'ids').map((each) => each.name)
  return table.key.every((each) => ids.includes(each))
}

/** What of the tables that may leave is in each profile. */
const isTableIn: Record<Profile, (table: Table) => boolean> = {
  full: () => true,
  research: (table) => !table.private,
  ids: (table) => !table.private && hasIdsAsKey(table),
}

/** The tables that an export takes, in order; `ids` those whose key is made of ids. */
export const exportedTables = (withLog: boolean, profile: Profile = 'full'): Table[] =>
  tables.filter(
    (each: Table) =>
      (each.exported === 'always' || (withLog && each.exported === 'with-log')) &&
      isTableIn[profile](each),
  )
