import { setImmediate } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import type { Table } from '../model/table.js'
import { tables } from '../model/tables.js'
import { openDatabaseFile } from './database-file.js'
import { createLooseSchema } from './schema.js'
import type { Selection } from './selection.js'
import type { Row, Snapshot } from './snapshot.js'
import { columnList, insertSql, quoted } from './sql.js'

/** What becomes of a row before it is copied; `isBlank` for what stays without its words. */
export type RewriteRow = (row: Row, isBlank: boolean) => Row

/** Where the copy goes, and what it is made of. */
export interface SelectedCopy {
  snapshot: Snapshot
  selection: Selection
  /** Path of an `archive.sqlite` that does not exist. */
  path: string
  rewriterOf: (table: Table) => RewriteRow
  signal?: AbortSignal | undefined
}

const rowsPerStep = 2000

/**
 * Copies the rows that are taken, rewritten, into an archive of their own: what reads that one cannot
 * read what was left out. Answers and bookkeeping are no part of it. Memory stays flat.
 */
export async function copySelected(copy: SelectedCopy): Promise<void> {
  const database = openDatabaseFile(copy.path)
  try {
    for (const pragma of ['journal_mode = OFF', 'synchronous = OFF', 'cache_size = -64000'])
      database.pragma(pragma)
    createLooseSchema(database)
    database.exec('BEGIN')
    for (const table of tables as readonly Table[])
      if (table.exported !== 'never') await copyTable(copy, database, table)
    database.exec('COMMIT')
  } finally {
    database.close()
  }
}

async function copyTable(
  { snapshot, selection, rewriterOf, signal }: SelectedCopy,
  database: Database.Database,
  table: Table,
): Promise<void> {
  const names = table.columns.map((each) => each.name)
  const condition = selection.conditionOf(table)
  const rows = snapshot.database.prepare<[], Row>(
    `SELECT ${columnList(names)}, ${selection.blankOf(table)} FROM ${quoted(table.name)}
     ${condition === null ? '' : `WHERE ${condition}`} ORDER BY ${columnList(table.key)}`,
  )
  const insert = database.prepare(insertSql(table.name, names))
  const rewrite = rewriterOf(table)
  let done = 0
  for (const row of rows.raw().safeIntegers().iterate() as IterableIterator<Row>) {
    const isBlank = row.pop() === 1n
    insert.run(rewrite(row, isBlank))
    if ((done += 1) % rowsPerStep !== 0) continue
    await setImmediate()
    signal?.throwIfAborted()
  }
}
