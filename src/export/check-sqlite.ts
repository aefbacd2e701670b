import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { openDatabaseFile } from '../archive/database-file.js'
import { readSql, type Row } from '../archive/snapshot.js'
import type { PackagedTable } from './format.js'
import { fromIsoTime } from './iso-time.js'
import type { TablesCheck } from './check-tables.js'
import type { PackageCheck } from './package-check.js'
import { inChunks } from './pages.js'
import { rowsPerPage } from './read-text.js'
import { sqliteName } from './marks.js'
import { indexSql, tableSql } from './sqlite-schema.js'

/** Checks `dataset.sqlite`, where the package has it: the file, its tables, and every value. */
export async function checkSqlite(check: PackageCheck, tables: TablesCheck): Promise<void> {
  const resource = check.manifest.resources.find((each) => each.path === sqliteName)
  const path = join(check.folder, sqliteName)
  if (resource === undefined || !existsSync(path)) return
  try {
    const database = openDatabaseFile(path, { readonly: true })
    try {
      await checkWhole(check, database)
      let rows = 0
      for (const each of check.tables)
        rows += await tables.compareRows(each, {
          name: sqliteName,
          pages: readRows(database, each),
        })
      if (rows !== resource.rows)
        check.find('counts', `${sqliteName} holds ${rows} rows, not ${resource.rows}`)
    } finally {
      database.close()
    }
  } catch (error) {
    check.findUnreadable(sqliteName, error)
  }
}

/** Checks that the file is whole, has the tables and indexes it should, and its references. */
async function checkWhole(check: PackageCheck, database: Database.Database): Promise<void> {
  const { tables } = check
  await check.step({ check: sqliteName, done: 0, total: 2 })
  for (const each of database.pragma('integrity_check(5)') as Record<string, string>[])
    if (each['integrity_check'] !== 'ok')
      check.find('files', `${sqliteName}: ${each['integrity_check']}`)
  const found = database
    .prepare<[], string>('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL')
    .pluck()
    .all()
  const wanted = tables.flatMap((each) => [tableSql(each, tables), ...indexSql(each)])
  for (const sql of wanted.filter((each) => !found.includes(each)))
    check.find('schema', `${sqliteName} has not: ${oneLine(sql)}`)
  for (const sql of found.filter((each) => !wanted.includes(each)))
    check.find('schema', `${sqliteName} should not have: ${oneLine(sql)}`)
  await check.step({ check: `references in ${sqliteName}`, done: 1, total: 2 })
  const lost = database.prepare('SELECT count(*) FROM pragma_foreign_key_check').pluck().get()
  if (lost !== 0) check.find('references', `${lost} rows of ${sqliteName} refer to nothing`)
}

const oneLine = (sql: string): string => sql.replace(/\s+/g, ' ').slice(0, 120)

/** The rows of a table of `dataset.sqlite` in the order of its key, in the archive's values. */
function readRows(database: Database.Database, { table, columns }: PackagedTable): Iterable<Row[]> {
  const statement = database.prepare<[], Row>(readSql(table, columns)).raw().safeIntegers()
  const times = columns.flatMap(({ type }, place) => (type === 'time' ? [place] : []))
  return inChunks(inMicros(statement.iterate(), times), rowsPerPage)
}

function* inMicros(rows: Iterable<Row>, times: readonly number[]): Generator<Row> {
  for (const row of rows) {
    for (const place of times) {
      const time = row[place]
      if (typeof time === 'string') row[place] = fromIsoTime(time)
    }
    yield row
  }
}
