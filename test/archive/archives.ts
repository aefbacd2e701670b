import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { onTestFinished } from 'vitest'
import { openArchive, type Archive } from '../../src/archive/archive.js'
import { archivePathIn } from '../../src/archive/archive-file.js'
import { saveImportedPage, type Taken } from '../../src/archive/save-imported-page.js'
import type { Page, Params } from '../../src/model/page.js'
import { readPage } from '../../src/model/read-page.js'
import type { Table, Value } from '../../src/model/table.js'
import { tables } from '../../src/model/tables.js'
import { temporaryFolder } from '../temporary-folder.js'

export { temporaryFolder }

/** A new archive in a folder of its own; it is closed when the test ends. */
export function newArchive(): Archive {
  const archive = openArchive(temporaryFolder(), { durability: 'normal' })
  onTestFinished(() => archive.close())
  return archive
}

/** Runs `work` on a new archive that is gone afterwards: for the many of a property test. */
export function onNewArchive<Result>(work: (archive: Archive) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'afterfeed-archive-'))
  const archive = openArchive(folder, { durability: 'normal' })
  try {
    return work(archive)
  } finally {
    archive.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Columns that version 4 of the schema added. */
export const addedSince3 = [
  ...['users.view_count', 'users.character_count', 'observations.character_count'],
  ...['attachments.style', 'generations.style', 'tasks.failure_reason'],
]

/** Versions of the schema whose tables and indexes lie here word for word; those files stay as they are. */
export const frozenVersions = [4, 5] as const

/** A version of the schema that lies here. */
export type FrozenVersion = (typeof frozenVersions)[number]

/** An empty database with the tables and indexes that a version of the schema made. */
export function openVersion(version: FrozenVersion, path = ':memory:'): Database.Database {
  const database = new Database(path)
  database.exec(readFileSync(new URL(`schema-${version}.sql`, import.meta.url), 'utf8'))
  return database
}

/** Makes an archive one of an earlier version: it knows nothing of what came since. */
export function toVersion(dir: string, version: FrozenVersion): void {
  const path = archivePathIn(dir)
  renameSync(path, `${path}.newer`)
  const database = openVersion(version, path)
  database.exec(`ATTACH '${path}.newer' AS newer`)
  const sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
  for (const table of database.prepare<[], string>(sql).pluck().all()) {
    const columns = database.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table)
    const names = columns.map((name) => `"${String(name)}"`).join(', ')
    database.exec(`INSERT INTO "${table}" (${names}) SELECT ${names} FROM newer."${table}"`)
  }
  const id = database.pragma('newer.application_id', { simple: true }) as number
  database.pragma(`application_id = ${id}`)
  database.pragma(`user_version = ${version}`)
  database.close()
  rmSync(`${path}.newer`)
}

/** Makes an archive one of version 3: it knows nothing of these columns. */
export function toVersion3(dir: string): void {
  toVersion(dir, 4)
  const database = new Database(archivePathIn(dir))
  for (const place of addedSince3) {
    const [table, column] = place.split('.')
    database.exec(`ALTER TABLE ${table} DROP COLUMN ${column}`)
  }
  database.pragma('user_version = 3')
  database.close()
}

const emptyPage: Page = {
  rows: [],
  absences: [],
  anomalies: [],
  listing: null,
  inlined: [],
  subjects: [],
  about_id: null,
}

/** A page that tells these and nothing else. */
export const pageOf = (parts: Partial<Page>): Page => ({ ...emptyPage, ...parts })

/** An answer as an import brings it. */
export interface Answer {
  endpoint: string
  params: Params
  body: string
  receivedAt: number
}

/** Imports an answer as `importFiles` does: read, and saved in one transaction. */
export function importAnswer(archive: Archive, answer: Answer): Taken {
  const { page } = readPage(answer.endpoint, answer.params, answer.body)
  return saveImportedPage(archive, {
    ...answer,
    page,
    runId: () => 1,
    clock: 'envelope',
    origin: 'test',
    upstreamRequestId: null,
    isList: true,
  })
}

/** Every row of a table in the order of its key, whole numbers exact. */
export function rowsOf(database: Database.Database, table: string): Record<string, Value>[] {
  const { key } = (tables as readonly Table[]).find(({ name }) => name === table)!
  const sql = `SELECT * FROM "${table}" ORDER BY ${key.map((name) => `"${name}"`).join(', ')}`
  return database.prepare(sql).safeIntegers().all() as Record<string, Value>[]
}

/** Chosen columns of every row of a table. */
export const columnsOf = (
  database: Database.Database,
  table: string,
  names: readonly string[],
): (Value | undefined)[][] => rowsOf(database, table).map((row) => names.map((name) => row[name]))

/** Names of the tables that a rebuild fills. */
export const derivedTables = (tables as readonly Table[])
  .filter(({ derived }) => derived)
  .map(({ name }) => name)

/** What the derived tables hold, as text: byte for byte the same where they hold the same. */
export function dumpDerived(database: Database.Database): string {
  const lines = derivedTables.flatMap((table) =>
    rowsOf(database, table).map((row) => `${table} ${toLine(row)}`),
  )
  return lines.join('\n')
}

const toLine = (row: Record<string, Value>): string =>
  JSON.stringify(row, (_, cell: unknown) => (typeof cell === 'bigint' ? `${cell}n` : cell))
