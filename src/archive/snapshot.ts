import { dirname } from 'node:path'
import type Database from 'better-sqlite3'
import type { Column, Table, Value } from '../model/table.js'
import { openForReading } from './archive.js'
import { chooseRows, conditionOf, type Cut } from './cut.js'
import { columnList, placeholders, quoted } from './sql.js'

/** The cells of one row, in the order of the columns asked for. */
export type Row = Value[]

/** Rows of a table whose time is in one month, or (`from` NULL) in none that has a name. */
export interface Slice {
  /** `2025-10`; NULL for rows without a time, or before 1970. */
  month: string | null
  column: string
  /** Microseconds, `to` not included. */
  from: number
  to: number
  rows: number
}

/** The rows of a table that are not among the former ones, which were noted before. */
export interface NewRows {
  isNew: true
  rows: number
}

/** The first instant that has no four-digit year any more. */
const endOfYears = Date.UTC(10_000, 0) * 1000

/** The statement that reads a table's columns in the order of its key. */
export const readSql = (
  table: Table,
  columns: readonly Column[],
  condition: string | null = null,
): string =>
  `SELECT ${columnList(columns.map(({ name }) => name))} FROM ${quoted(table.name)} ` +
  (condition === null ? '' : `WHERE ${condition} `) +
  `ORDER BY ${columnList(table.key)}`

/**
 * A view of the whole archive at one instant: a second, read-only connection inside one read
 * transaction. Another process may go on writing; nothing it writes shows here.
 */
export class Snapshot {
  readonly database: Database.Database
  #cut: Cut = {}
  #rewritten: Database.Statement | undefined

  /** @throws ArchiveError if there is no archive, or none that this program can read. */
  constructor(path: string) {
    this.database = openReadOnly(path)
  }

  /** Leaves out of all that is read from now on what is not in the cut. */
  cutTo(cut: Cut): void {
    if (cut === this.#cut) return
    chooseRows(this.database, cut)
    this.#cut = cut
  }

  /** The condition that a row of a table is in the cut; NULL if all are. */
  conditionOf(table: Table): string | null {
    return conditionOf(table, this.#cut)
  }

  /** How many rows a table has. */
  countRows(table: Table): number {
    const condition = this.conditionOf(table)
    const where = condition === null ? '' : ` WHERE ${condition}`
    const count = this.database.prepare(`SELECT count(*) FROM ${quoted(table.name)}${where}`)
    return count.pluck().get() as number
  }

  /** A table's rows by the month of a column, the months in order, rows without one at the end. */
  readSlices(table: Table, column: string): Slice[] {
    const condition = this.conditionOf(table)
    const name = quoted(column)
    const months = this.database
      .prepare<[], { month: string | null; rows: number }>(
        `SELECT CASE WHEN ${name} >= 0 AND ${name} < ${endOfYears}
                THEN strftime('%Y-%m', ${name} / 1000000, 'unixepoch') END AS month,
                count(*) AS rows
         FROM ${quoted(table.name)} ${condition === null ? '' : `WHERE ${condition}`}
         GROUP BY 1 ORDER BY month IS NULL, month`,
      )
      .all()
    return months.map(({ month, rows }) => ({ ...boundsOf(month), month, column, rows }))
  }

  /**
   * The rows of a table in the order of its key, one at a time. Whole numbers come as bigint, so
   * none of SQLite's 64 bits is lost; real numbers come as number.
   */
  readRows(
    table: Table,
    columns: readonly Column[],
    slice: Slice | NewRows | null = null,
  ): IterableIterator<Row> {
    const part = slice === null ? null : 'isNew' in slice ? isNew(table) : conditionOfSlice(slice)
    const conditions = [this.conditionOf(table), part]
    const condition = conditions.filter((each) => each !== null).join(' AND ') || null
    const statement = this.database.prepare<[], Row>(readSql(table, columns, condition))
    return statement.raw().safeIntegers().iterate() as IterableIterator<Row>
  }

  /** Notes rows of an earlier export, so that the new ones can be told from them. */
  noteFormer(table: Table, columns: readonly Column[]): (rows: readonly Row[]) => void {
    const former = `temp.${quoted(`former ${table.name}`)}`
    const names = columnList(columns.map(({ name }) => name))
    this.database.exec(
      `CREATE TEMP TABLE ${former} (${names}, PRIMARY KEY (${columnList(table.key)}))`,
    )
    const insert = this.database.prepare(`INSERT INTO ${former} VALUES (${placeholders(columns)})`)
    return (rows) => {
      for (const row of rows) insert.run(row)
    }
  }

  /** How many rows are new; NULL if a former one is not in the table any more, or is another one. */
  countNew(table: Table, columns: readonly Column[]): number | null {
    const former = `temp.${quoted(`former ${table.name}`)}`
    const names = columnList(columns.map(({ name }) => name))
    const condition = this.conditionOf(table)
    const where = condition === null ? '' : `WHERE ${condition}`
    const lost = this.database
      .prepare(
        `SELECT 1 FROM (SELECT ${names} FROM ${former}
         EXCEPT SELECT ${names} FROM main.${quoted(table.name)} ${where}) LIMIT 1`,
      )
      .get()
    if (lost !== undefined) return null
    const before = this.database.prepare(`SELECT count(*) FROM ${former}`).pluck().get() as number
    return this.countRows(table) - before
  }

  /** When the newest answer came, in microseconds; NULL if none did. */
  newestAnswerAt(): bigint | null {
    const newest = this.database.prepare('SELECT max(received_at) FROM responses')
    return newest.pluck().safeIntegers().get() as bigint | null
  }

  /** The digest with which an answer came whose kept body was rewritten since; NULL for any other. */
  rewrittenFrom(responseId: string): string | null {
    const sql = 'SELECT original_sha256 FROM rewritten WHERE response_id = ?'
    this.#rewritten ??= this.database.prepare(sql).pluck()
    return (this.#rewritten.get(responseId) as string | undefined) ?? null
  }

  close(): void {
    this.database.close()
  }
}

function isNew(table: Table): string {
  const former = `temp.${quoted(`former ${table.name}`)}`
  const same = table.key.map(
    (each) => `former.${quoted(each)} = ${quoted(table.name)}.${quoted(each)}`,
  )
  return `NOT EXISTS (SELECT 1 FROM ${former} AS former WHERE ${same.join(' AND ')})`
}

function boundsOf(month: string | null): Pick<Slice, 'from' | 'to'> {
  if (month === null) return { from: 0, to: endOfYears }
  const [year, number] = month.split('-').map(Number) as [number, number]
  const start = (of: number) => new Date(0).setUTCFullYear(year, of, 1) * 1000
  return { from: start(number - 1), to: start(number) }
}

function conditionOfSlice({ month, column, from, to }: Slice): string {
  const name = quoted(column)
  return month === null
    ? `(${name} IS NULL OR ${name} < ${from} OR ${name} >= ${to})`
    : `${name} >= ${from} AND ${name} < ${to}`
}

/**
 * Tells whether anybody wrote to an archive between two moments: several snapshots that were taken
 * between them show the same instant if nobody did.
 */
export class CommitWatch {
  readonly #database: Database.Database

  constructor(path: string) {
    this.#database = openForReading(dirname(path))
  }

  /** A number that is another one after every commit of anybody. */
  look(): number {
    return this.#database.pragma('data_version', { simple: true }) as number
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
