import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { prepareSchema } from '../../src/archive/schema.js'
import { exportDataset, type ExportOptions } from '../../src/export/index.js'
import type { Column, Table, Value } from '../../src/model/table.js'
import { exportedColumns, exportedTables } from '../../src/model/tables.js'
import { temporaryFolder } from '../temporary-folder.js'

export { temporaryFolder }

/** A row by column names; what is left out is filled if required, else NULL. */
export type Fields = Record<string, Value>

let empty: Buffer | undefined

/** The bytes of an archive without rows; they are made once. */
function emptyArchive(): Buffer {
  if (empty !== undefined) return empty
  const database = new Database(':memory:')
  prepareSchema(database, ':memory:')
  empty = database.serialize()
  database.close()
  return empty
}

/** An archive in WAL mode with these rows, and its path. */
export function makeArchive(folder: string, rows: Record<string, Fields[]>): string {
  const path = join(folder, 'archive.sqlite')
  writeFileSync(path, emptyArchive())
  const database = new Database(path)
  for (const pragma of ['journal_mode = WAL', 'synchronous = OFF']) database.pragma(pragma)
  for (const table of exportedTables(true)) insertRows(database, table, rows[table.name] ?? [])
  database.close()
  return path
}

/** Exports an archive with these rows to a folder beside it. */
export async function exportRows(
  rows: Record<string, Fields[]>,
  options: Omit<ExportOptions, 'archivePath' | 'outDir'> = {},
): Promise<{ archivePath: string; outDir: string }> {
  const folder = temporaryFolder()
  const archivePath = makeArchive(folder, rows)
  const outDir = join(folder, 'out')
  await exportDataset({ archivePath, outDir, ...options })
  return { archivePath, outDir }
}

/** Adds rows to a table. */
export function insertRows(database: Database.Database, table: Table, rows: Fields[]): void {
  if (rows.length === 0) return
  const marks = table.columns.map(() => '?').join(', ')
  const insert = database.prepare(`INSERT INTO "${table.name}" VALUES (${marks})`)
  database.transaction(() =>
    rows.forEach((row, place) =>
      insert.run(table.columns.map((each) => row[each.name] ?? fillerFor(each, place))),
    ),
  )()
}

function fillerFor(column: Column, place: number): Value {
  if (!column.required) return null
  const [, referred] = column.references?.split('.') ?? []
  const isText = column.type === 'text' || column.type === 'json'
  return isText ? `${referred ?? column.name} ${place}` : place
}

const hostileTexts: readonly Value[] = [
  '東京の夜 — 雨',
  '🦊👨‍👩‍👧‍👦 𝔘𝔫𝔦𝔠𝔬𝔡𝔢',
  '',
  'a\u0000b\u0000',
  'line\u2028and\u2029paragraph\r\n\t"quoted", \'it\'\\',
  'שלום مرحبا \u202E',
  'e\u0301 \uFEFF \uFFFD \uFFFF',
  'long '.repeat(20_000),
  null,
]

const hostileInts: readonly Value[] = [
  9_223_372_036_854_775_807n,
  -9_223_372_036_854_775_808n,
  9_007_199_254_740_993n,
  -9_007_199_254_740_993n,
  9_007_199_254_740_991n,
  4_294_967_296n,
  -1n,
  0n,
  null,
]

const hostileTimes: readonly Value[] = [
  1_760_544_196_886_897n,
  0n,
  -1n,
  -62_135_596_800_000_001n,
  253_402_300_799_999_999n,
  1_760_544_196_000_000n,
  9_007_199_254_740_993n,
  1n,
  null,
]

const hostileReals: readonly Value[] = [0.1, -1.5e300, 5e-324, 3, 0, 1 / 3, Infinity, -0.25, null]

/** A value of the column's type, a different one for every place, nine in turn. */
export function hostileValue(column: Column, place: number): Value {
  switch (column.type) {
    case 'text':
    case 'json':
      return hostileTexts[place % 9]!
    case 'int':
      return hostileInts[place % 9]!
    case 'time':
      return hostileTimes[place % 9]!
    case 'real':
      return hostileReals[place % 9]!
    case 'bool':
      return [1, 0, null][place % 3]!
    case 'blob':
      return new Uint8Array([place])
  }
}

/** Rows with a hostile value in every cell that may hold one; keys and URLs stay readable. */
export function hostileRows(table: Table, count: number): Fields[] {
  return Array.from({ length: count }, (_, place) =>
    Object.fromEntries(
      table.columns.map((each, column) => [
        each.name,
        isPlain(table, each)
          ? fillerFor({ ...each, required: true }, place)
          : cell(each, place + column),
      ]),
    ),
  )
}

const isPlain = (table: Table, column: Column): boolean =>
  [table.key, ...(table.unique ?? [])].flat().includes(column.name) ||
  column.signed === true ||
  column.references !== undefined

function cell(column: Column, place: number): Value {
  const value = hostileValue(column, place)
  return value === null && column.required ? hostileValue(column, 0) : value
}

/** What a table holds, as the export promises it: columns, order and exact values. */
export function heldRows(archivePath: string, table: Table): Value[][] {
  const database = new Database(archivePath, { readonly: true })
  const names = exportedColumns(table).map((each) => `"${each.name}"`)
  const rows = database
    .prepare(`SELECT ${names.join()} FROM "${table.name}" ORDER BY ${table.key.join()}`)
    .raw()
    .safeIntegers()
    .all() as Value[][]
  database.close()
  return rows
}
