import type Database from 'better-sqlite3'
import { ArchiveError } from '../model/errors.js'
import type { Column, Table } from '../model/table.js'
import { tables } from '../model/tables.js'
import { columnList } from './sql.js'
import { views } from './views.js'

/** Marks the file as ours (`PRAGMA application_id`): "feed" in ASCII. */
const applicationId = 0x66656564

/** Version of the schema (`PRAGMA user_version`). */
export const schemaVersion = 1

/** What leads from each version to the next: the entry at index 0 leads from 1 to 2. */
const migrations: readonly ((database: Database.Database) => void)[] = []

const sqlTypes = {
  text: 'TEXT',
  int: 'INTEGER',
  real: 'REAL',
  bool: 'INTEGER',
  time: 'INTEGER',
  json: 'TEXT',
  blob: 'BLOB',
} as const

const columnSql = (column: Column): string =>
  `"${column.name}" ${sqlTypes[column.type]}${column.required ? ' NOT NULL' : ''}`

/** The statements that make a table and its indexes, as the one list of tables describes it. */
export function tableSql(table: Table): string[] {
  const key = `PRIMARY KEY (${columnList(table.key)})`
  const columns = [...table.columns.map(columnSql), key]
  const indexSql = (index: readonly string[], verb: string) =>
    `${verb} "${table.name}_by_${index.join('_')}" ON "${table.name}" (${columnList(index)})`
  return [
    `CREATE TABLE "${table.name}" (\n  ${columns.join(',\n  ')}\n)`,
    ...(table.indexes ?? []).map((index) => indexSql(index, 'CREATE INDEX')),
    ...(table.unique ?? []).map((index) => indexSql(index, 'CREATE UNIQUE INDEX')),
  ]
}

function createSchema(database: Database.Database): void {
  for (const table of tables) for (const statement of tableSql(table)) database.exec(statement)
  for (const view of views) database.exec(view)
  database.pragma(`application_id = ${applicationId}`)
  database.pragma(`user_version = ${schemaVersion}`)
}

/**
 * Brings an open database to this program's schema, in one transaction.
 * @throws ArchiveError if the file is another program's, or newer than this program.
 */
export function prepareSchema(database: Database.Database, path: string): void {
  const version = readVersion(database, path)
  if (version === schemaVersion) return
  database.transaction(() => {
    if (version === 0) createSchema(database)
    else for (let from = version; from < schemaVersion; from += 1) migrations[from - 1]!(database)
    database.pragma(`user_version = ${schemaVersion}`)
  })()
}

/**
 * The schema version of an open database; 0 for an empty file.
 * @throws ArchiveError if the file is another program's, or newer than this program.
 */
export function readVersion(database: Database.Database, path: string): number {
  const version = database.pragma('user_version', { simple: true }) as number
  const id = database.pragma('application_id', { simple: true }) as number
  const isEmpty = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
  if (isEmpty) return 0
  if (id !== applicationId)
    throw new ArchiveError(`${path} is an SQLite file of another program; name another --archive`)
  if (version > schemaVersion)
    throw new ArchiveError(
      `${path} has schema version ${version}; this program knows up to ${schemaVersion}. ` +
        'Install a newer afterfeed; nothing was changed.',
    )
  return version
}
