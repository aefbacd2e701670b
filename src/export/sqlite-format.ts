import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Row } from '../archive/snapshot.js'
import type { ExportedFile, FormatStart, FormatWriter, Outgoing, TableWriter } from './format.js'
import { toIsoTime } from './iso-time.js'
import { datasetApplicationId } from './marks.js'
import { indexSql, insertSql, tableSql } from './sqlite-schema.js'

const fileName = 'dataset.sqlite'

/** Whatever decides how the file's bytes come out is fixed here. */
const pragmas = [
  'page_size = 4096',
  "encoding = 'UTF-8'",
  'auto_vacuum = NONE',
  'journal_mode = OFF',
  'synchronous = OFF',
  'foreign_keys = OFF',
  'cache_size = -4000',
  `application_id = ${datasetApplicationId}`,
  'user_version = 1',
]

/** Starts `dataset.sqlite`: all tables in one file, times as ISO-8601 text, indexes, keys. */
export function startSqlite({ folder, tables }: FormatStart): FormatWriter {
  const path = join(folder, fileName)
  const database = new Database(path)
  for (const pragma of pragmas) database.pragma(pragma)
  database.exec('BEGIN')
  for (const each of tables) database.exec(tableSql(each, tables))
  let rows = 0
  return {
    openTable: (outgoing) =>
      Promise.resolve(tableWriter(database, outgoing, (added) => (rows += added))),
    async close(): Promise<ExportedFile[]> {
      for (const each of tables) for (const sql of indexSql(each)) database.exec(sql)
      database.exec('COMMIT')
      database.close()
      return [{ path: fileName, table: null, rows, bytes: (await stat(path)).size }]
    },
    abandon: () => Promise.resolve(void database.close()),
  }
}

function tableWriter(
  database: Database.Database,
  outgoing: Outgoing,
  onRows: (added: number) => void,
): TableWriter {
  const insert = database.prepare(insertSql(outgoing))
  const times = outgoing.columns.flatMap((each, place) => (each.type === 'time' ? [place] : []))
  return {
    writeRows(page: readonly Row[]): Promise<void> {
      for (const row of page) insert.run(withIsoTimes(row, times))
      onRows(page.length)
      return Promise.resolve()
    },
    close: () => Promise.resolve(),
  }
}

function withIsoTimes(row: Row, times: readonly number[]): Row {
  const shown = row.slice()
  for (const place of times) {
    const time = row[place]
    if (typeof time === 'bigint') shown[place] = toIsoTime(time)
  }
  return shown
}
