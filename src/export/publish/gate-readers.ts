import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'
import { parse } from 'csv-parse'
import { toSafeText } from '../csv-format.js'
import type { FileRows } from '../file-rows.js'
import { ArrowRows } from '../read-arrow.js'
import { ParquetRows } from '../read-parquet.js'

/** Takes a row: the texts in it by column, all else left out. */
export type TakeRow = (table: string, row: number, texts: ReadonlyMap<string, string>) => void

/** Reads every row of a file; `table` is the one that its path names. */
export type ReadFile = (path: string, table: string, take: TakeRow) => Promise<void>

/** How each format is read again, by the ending of a file. */
export const readers: Readonly<Record<string, ReadFile>> = {
  parquet: (...all) => asRows((path) => ParquetRows.open(path))(...all),
  sqlite: readSqlite,
  csv: readCsv,
  ndjson: readNdjson,
  arrow: (...all) => asRows((path) => ArrowRows.open(path))(...all),
}

const toTexts = (names: readonly string[], values: readonly unknown[]): Map<string, string> =>
  new Map(
    names.flatMap((name, place) => {
      const value = values[place]
      if (typeof value === 'string') return [[name, value] as const]
      return value instanceof Uint8Array
        ? [[name, Buffer.from(value).toString('latin1')] as const]
        : []
    }),
  )

/** Formats that tell their columns themselves. */
const asRows =
  (open: (path: string) => Promise<FileRows>): ReadFile =>
  async (path, table, take) => {
    const file = await open(path)
    const names = file.columns.map((each) => each.name)
    let rows = 0
    try {
      for await (const page of file.readPages())
        for (const row of page) take(table, (rows += 1), toTexts(names, row))
    } finally {
      await file.close()
    }
  }

function readSqlite(path: string, _table: string, take: TakeRow): Promise<void> {
  const database = new Database(path, { readonly: true })
  try {
    const names = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck()
    for (const table of names.all() as string[]) {
      const select = database.prepare(`SELECT * FROM "${table.replaceAll('"', '""')}"`)
      const columns = select.columns().map((each) => each.name)
      let rows = 0
      for (const row of select.raw().iterate() as IterableIterator<unknown[]>)
        take(table, (rows += 1), toTexts(columns, row))
    }
  } finally {
    database.close()
  }
  return Promise.resolve()
}

async function readNdjson(path: string, table: string, take: TakeRow): Promise<void> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity })
  let rows = 0
  for await (const line of lines) {
    if (line === '') continue
    const row = JSON.parse(line) as Record<string, unknown>
    take(table, (rows += 1), toTexts(Object.keys(row), Object.values(row)))
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
  createReadStream(path)
    .on('error', (error) => parser.destroy(error))
    .pipe(parser)
  let names: string[] | null = null
  let rows = 0
  for await (const fields of parser as AsyncIterable<(string | null)[]>)
    if (names === null) names = fields.map(String)
    else take(table, (rows += 1), toTexts(names, fields))
}
