import { dirname } from 'node:path'
import type Database from 'better-sqlite3'
import type { Column, Table, Value } from '../model/table.js'
import { openForReading } from './archive.js'
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
  const database = openForReading(dirname(path))
  try {
    database.pragma('cache_size = -4000')
    database.exec('BEGIN')
    // A deferred transaction takes its view with the first read.
    database.prepare('SELECT count(*) FROM sqlite_schema').get()
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
