import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { openDatabaseFile } from '../archive/database-file.js'
import type { Row } from '../archive/snapshot.js'
import { insertSql } from '../archive/sql.js'
import { readDigest } from './file-digest.js'
import type { Desk, Outgoing, WriteFormat } from './format.js'
import { toIsoTime } from './iso-time.js'
import { datasetApplicationId, sqliteName } from './marks.js'
import { indexSql, tableSql } from './sqlite-schema.js'

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

/** Writes `dataset.sqlite`: all tables in one file, times as ISO-8601 text, indexes, keys. */
export const writeSqlite: WriteFormat = async ({ tables }, desk) => {
  const path = join(desk.folder, sqliteName)
  const database = openDatabaseFile(path)
  let rows = 0
  try {
    for (const pragma of pragmas) database.pragma(pragma)
    database.exec('BEGIN')
    for (const each of tables) database.exec(tableSql(each, tables))
    for (const each of tables) rows += await insertRows(database, each, desk)
    for (const each of tables) await addIndexes(database, each, desk)
    database.exec('COMMIT')
  } finally {
    database.close()
  }
  return [{ path: sqliteName, table: null, format: 'sqlite', rows, ...(await readDigest(path)) }]
}

/** One at a time: in a large table each takes long. */
async function addIndexes(
  database: Database.Database,
  outgoing: Outgoing,
  desk: Desk,
): Promise<void> {
  const indexes = indexSql(outgoing)
  for (const [rows, sql] of indexes.entries()) {
    const table = outgoing.table.name
    await desk.step({ table, step: 'index', rows: rows + 1, totalRows: indexes.length })
    database.exec(sql)
  }
}

async function insertRows(
  database: Database.Database,
  outgoing: Outgoing,
  desk: Desk,
): Promise<number> {
  const names = outgoing.columns.map((each) => each.name)
  const insert = database.prepare(insertSql(outgoing.table.name, names))
  const times = outgoing.columns.flatMap((each, place) => (each.type === 'time' ? [place] : []))
  let rows = 0
  for await (const page of desk.readPages(outgoing)) {
    for (const row of page) insert.run(withIsoTimes(row, times))
    rows += page.length
  }
  return rows
}

function withIsoTimes(row: Row, times: readonly number[]): Row {
  const shown = row.slice()
  for (const place of times) {
    const time = row[place]
    if (typeof time === 'bigint') shown[place] = toIsoTime(time)
  }
  return shown
}
