import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream'
import { openDatabaseFile } from '../../archive/database-file.js'
import { parse } from 'csv-parse'
import { tables } from '../../model/tables.js'
import { toSafeText } from '../csv-format.js'
import type { FileRows, TableFormat } from '../file-rows.js'
import { ArrowRows } from '../read-arrow.js'
import { ParquetRows } from '../read-parquet.js'

/** A text in a row, by the table and column that it is of. */
export interface CellText {
  table: string
  column: string
  text: string
}

/** Takes the texts of a row; all else in it is left out. */
export type TakeRow = (row: number, texts: readonly CellText[]) => void

/** Reads every row of a file; `table` is the one that its path names. */
export type ReadFile = (path: string, table: string, take: TakeRow) => Promise<void>

/** How each format that holds tables is read again. */
const byFormat: Record<TableFormat | 'sqlite', ReadFile> = {
  parquet: (...all) => asRows((path) => ParquetRows.open(path))(...all),
  sqlite: readSqlite,
  csv: readCsv,
  ndjson: readNdjson,
  arrow: (...all) => asRows((path) => ArrowRows.open(path))(...all),
}

/** The same, by the ending of a file, which is the name of its format. */
export const readers: Readonly<Record<string, ReadFile>> = byFormat

const tableNames: ReadonlySet<string> = new Set(tables.map((each) => each.name))

function toTexts(table: string, names: readonly string[], values: readonly unknown[]): CellText[] {
  const texts: CellText[] = []
  const add = (of: string, column: string, value: unknown): void => {
    if (typeof value === 'string') texts.push({ table: of, column, text: value })
    else if (value instanceof Uint8Array)
      texts.push({ table: of, column, text: Buffer.from(value).toString('latin1') })
    else if (Array.isArray(value)) for (const each of value) add(of, column, each)
    else if (typeof value === 'object' && value !== null && !(value instanceof Date))
      for (const [name, inner] of Object.entries(value))
        add(tableNames.has(column) ? column : of, name, inner)
  }
  names.forEach((name, place) => add(table, name, values[place]))
  return texts
}

/** Formats that tell their columns themselves. */
const asRows =
  (open: (path: string) => Promise<FileRows>): ReadFile =>
  async (path, table, take) => {
    const file = await open(path)
    const names = file.columns.map((each) => each.name)
    let rows = 0
    try {
      for await (const page of file.readPages())
        for (const row of page) take((rows += 1), toTexts(table, names, row))
    } finally {
      await file.close()
    }
  }

function readSqlite(path: string, _table: string, take: TakeRow): Promise<void> {
  const database = openDatabaseFile(path, { readonly: true })
  try {
    const names = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck()
    for (const table of names.all() as string[]) {
      const select = database.prepare(`SELECT * FROM "${table.replaceAll('"', '""')}"`)
      const columns = select.columns().map((each) => each.name)
      let rows = 0
      for (const row of select.raw().iterate() as IterableIterator<unknown[]>)
        take((rows += 1), toTexts(table, columns, row))
    }
  } finally {
    database.close()
  }
  return Promise.resolve()
}

async function readNdjson(path: string, table: string, take: TakeRow): Promise<void> {
  let rows = 0
  for await (const line of readLines(path)) {
    if (line === '') continue
    const row = JSON.parse(line) as Record<string, unknown>
    take((rows += 1), toTexts(table, Object.keys(row), Object.values(row)))
  }
}

/** The lines of a file, which is closed also where they are not read to the end. */
export async function* readLines(path: string): AsyncGenerator<string> {
  const input = createReadStream(path)
  try {
    yield* createInterface({ input, crlfDelay: Infinity })
  } finally {
    input.destroy()
  }
}

/** What was made harmless for spreadsheets, as it is in the other formats. */
const unsafe = (text: string): string =>
  text.startsWith("'") && toSafeText(text.slice(1)) === text ? text.slice(1) : text

/** Text stands in quotes; numbers, true, false and NULL do not, and are no text. */
const isNoText = /^(?:-?[\d.]+(?:e[+-]?\d+)?|true|false|-?INF|)$/

async function readCsv(path: string, table: string, take: TakeRow): Promise<void> {
  const parser = parse({
    record_delimiter: '\r\n',
    cast: (text, { quoting }) => (quoting || !isNoText.test(text) ? unsafe(text) : null),
  })
  // Ends the one with the other; what goes wrong is told by the parser.
  pipeline(createReadStream(path), parser, () => undefined)
  let names: string[] | null = null
  let rows = 0
  for await (const fields of parser as AsyncIterable<(string | null)[]>)
    if (names === null) names = fields.map(String)
    else take((rows += 1), toTexts(table, names, fields))
}
