import { join } from 'node:path'
import Database from 'better-sqlite3'
import { readSql, type Row } from '../archive/snapshot.js'
import { columnList, insertSql, quoted } from '../archive/sql.js'
import { makeRoom, removeRoom } from '../archive/temporary-room.js'
import type { FileRows } from './file-rows.js'
import type { PackagedTable } from './format.js'
import { inChunks } from './pages.js'
import { rowsPerPage } from './read-text.js'

/**
 * The rows of a package's files in a temporary SQLite file, where keys can be checked and rows come
 * in the order of their key. No constraint holds there: what is wrong in them is to be found, not
 * refused.
 */
export class ReadBack {
  private constructor(
    readonly folder: string,
    readonly database: Database.Database,
  ) {}

  static async open(): Promise<ReadBack> {
    const folder = await makeRoom('afterfeed-verify-')
    try {
      const database = new Database(join(folder, 'read.sqlite'))
      for (const pragma of ['journal_mode = OFF', 'synchronous = OFF']) database.pragma(pragma)
      return new ReadBack(folder, database)
    } catch (error) {
      await removeRoom(folder)
      throw error
    }
  }

  /** Makes a table empty; a type is declared only where SQLite would change values without it. */
  addTable({ table, columns }: PackagedTable): void {
    const declared = columns.map(
      ({ name, type }) => quoted(name) + (type === 'real' ? ' REAL' : ''),
    )
    this.database.exec(`DROP TABLE IF EXISTS ${quoted(table.name)}`)
    this.database.exec(`CREATE TABLE ${quoted(table.name)} (${declared.join(', ')})`)
  }

  /** Adds the rows of a file; tells again and again how many there were so far. */
  async *addRows({ table, columns }: PackagedTable, file: FileRows): AsyncGenerator<number> {
    const names = columns.map((each) => each.name)
    const insert = this.database.prepare(insertSql(table.name, names))
    let rows = 0
    for await (const page of file.readPages()) {
      this.database.transaction(() => {
        for (const row of page) insert.run(row)
      })()
      rows += page.length
      yield rows
    }
  }

  /** Makes a table that has all its rows quick to read in the order of its key. */
  sortTable({ table: { name, key } }: PackagedTable): void {
    const index = quoted(`${name} by key`)
    this.database.exec(`CREATE INDEX ${index} ON ${quoted(name)} (${columnList(key)})`)
  }

  /** The rows of a table in the order of its key. */
  readRows({ table, columns }: PackagedTable): IterableIterator<Row> {
    const statement = this.database.prepare<[], Row>(readSql(table, columns))
    return statement.raw().safeIntegers().iterate() as IterableIterator<Row>
  }

  /** The same, some at a time. */
  readPages(each: PackagedTable): Iterable<Row[]> {
    return inChunks(this.readRows(each), rowsPerPage)
  }

  async close(): Promise<void> {
    this.database.close()
    await removeRoom(this.folder)
  }
}
