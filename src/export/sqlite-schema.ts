import { columnList } from '../archive/sql.js'
import type { Column, ColumnType } from '../model/table.js'
import type { PackagedTable } from './format.js'

/** How each type is declared in `dataset.sqlite`; a time is ISO-8601 text. */
const sqlTypes: Record<ColumnType, string> = {
  text: 'TEXT',
  int: 'INTEGER',
  real: 'REAL',
  bool: 'INTEGER',
  time: 'TEXT',
  json: 'TEXT',
  blob: 'BLOB',
}

/** The statement that makes a table, with foreign keys to those of `tables` that are exported too. */
export function tableSql(
  { table, columns }: PackagedTable,
  tables: readonly PackagedTable[],
): string {
  const lines = [
    ...columns.map(columnSql),
    `PRIMARY KEY (${columnList(table.key)})`,
    ...columns.flatMap((each) => foreignKeySql(each, tables)),
  ]
  return `CREATE TABLE "${table.name}" (\n  ${lines.join(',\n  ')}\n)`
}

const columnSql = (column: Column): string =>
  `"${column.name}" ${sqlTypes[column.type]}${column.required ? ' NOT NULL' : ''}`

function foreignKeySql(column: Column, tables: readonly PackagedTable[]): string[] {
  const [target, field] = column.references?.split('.') ?? []
  if (!target || !field || !tables.some((each) => each.table.name === target)) return []
  return [`FOREIGN KEY ("${column.name}") REFERENCES "${target}" ("${field}")`]
}

/** The statements that make a table's indexes, of those whose columns are all exported. */
export function indexSql({ table, columns }: PackagedTable): string[] {
  const names = columns.map((each) => each.name)
  const isExported = (index: readonly string[]): boolean =>
    index.every((each) => names.includes(each))
  const create = (what: string) => (index: readonly string[]) =>
    `CREATE ${what} "${table.name}_by_${index.join('_')}" ON "${table.name}" (${columnList(index)})`
  return [
    ...(table.unique ?? []).filter(isExported).map(create('UNIQUE INDEX')),
    ...(table.indexes ?? []).filter(isExported).map(create('INDEX')),
  ]
}
