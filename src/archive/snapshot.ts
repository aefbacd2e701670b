import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import { ArchiveError } from '../model/errors.js'
import type { Column, Table, Value } from '../model/table.js'
import { readVersion, schemaVersion } from './schema.js'
import { quoted } from './sql.js'

/** The cells of one row, in the order of the columns asked for. */
export type Row = Value[]

/** The statement that reads a table's columns in the order of its key. */
export const readSql = (table: Table, columns: readonly Column[]): string =>
  `SELECT ${columns.map((each) => quoted(each.name)).join(', ')} FROM ${quoted(table.name)} ` +
  `ORDER BY ${table.key.map(quoted).join(', ')}`

/**
 * A view of the whole archive at one instant: a second, read-only connection inside one read
 * transaction. Another process may go on writing; nothing it writes shows here.
 */
export class Snapshot {
  readonly #database: Database.Database

  /** @throws ArchiveError if there is no archive, or none that this program can read. */
  constructor(path: string) {
    this.#database = openReadOnly(path)
  }

  /** How many rows a table has. */
  countRows(table: Table): number {
    const count = this.#database.prepare(`SELECT count(*) FROM ${quoted(table.name)}`)
    return count.pluck().get() as number
  }

  /**
   * The rows of a table in the order of its key, one at a time. Whole numbers come as bigint, so
   * none of SQLite's 64 bits is lost; real numbers come as number.
   */
  readRows(table: Table, columns: readonly Column[]): IterableIterator<Row> {
    const statement = this.#database.prepare<[], Row>(readSql(table, columns))
    return statement.raw().safeIntegers().iterate() as IterableIterator<Row>
  }

  close(): void {
    this.#database.close()
  }
}

function openReadOnly(path: string): Database.Database {
  if (!existsSync(path))
    throw new ArchiveError(
      `there is no archive at ${path}; name the right --archive, or fill one with crawl or import`,
    )
  const database = new Database(path, { readonly: true, fileMustExist: true })
  try {
    database.pragma('cache_size = -4000')
    database.exec('BEGIN')
    requireSchema(database, path)
    return database
  } catch (error) {
    database.close()
    throw isNoDatabase(error) ? new ArchiveError(`${path} is not an SQLite file`) : error
  }
}

function requireSchema(database: Database.Database, path: string): void {
  const version = readVersion(database, path)
  if (version === 0) throw new ArchiveError(`${path} is empty; fill it with crawl or import`)
  if (version !== schemaVersion)
    throw new ArchiveError(
      `${path} has the older schema version ${version}; any crawl or import brings it up to date`,
    )
}

const isNoDatabase = (error: unknown): boolean =>
  error instanceof Database.SqliteError && error.code === 'SQLITE_NOTADB'
