import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Column, Table } from '../model/table.js'
import { ParquetRows } from './read-parquet.js'

/** A table and those of its columns that are in a package. */
export interface PackagedTable {
  table: Table
  columns: readonly Column[]
}

const quoted = (names: readonly string[]): string => names.map((each) => `"${each}"`).join(', ')

/**
 * The rows of Parquet files in a temporary SQLite file, where they can be compared with others. No
 * constraint holds there: what is wrong in them is to be found, not refused.
 */
export class ReadBack {
  private constructor(
    readonly folder: string,
    readonly database: Database.Database,
  ) {}

  static async open(): Promise<ReadBack> {
    const folder = await mkdtemp(join(tmpdir(), 'afterfeed-verify-'))
    const database = new Database(join(folder, 'read.sqlite'))
    for (const pragma of ['journal_mode = OFF', 'synchronous = OFF']) database.pragma(pragma)
    return new ReadBack(folder, database)
  }

  get path(): string {
    return this.database.name
  }

  /** Adds an empty table. */
  addTable({ table, columns }: PackagedTable): void {
    this.database.exec(`CREATE TABLE "${table.name}" (${quoted(columns.map((each) => each.name))})`)
  }

  /** Adds the rows of a file; tells after each row group how many there were so far. */
  async *addRows({ table, columns }: PackagedTable, path: string): AsyncGenerator<number> {
    const marks = columns.map(() => '?').join(', ')
    const insert = this.database.prepare(`INSERT INTO "${table.name}" VALUES (${marks})`)
    const file = await ParquetRows.open(path)
    let rows = 0
    try {
      for await (const group of file.readGroups()) {
        this.database.transaction(() => {
          for (const row of group) insert.run(row)
        })()
        rows += group.length
        yield rows
      }
    } finally {
      await file.close()
    }
  }

  async close(): Promise<void> {
    this.database.close()
    await rm(this.folder, { recursive: true, force: true })
  }
}
