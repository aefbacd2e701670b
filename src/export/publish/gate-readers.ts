import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { RecordBatchReader } from 'apache-arrow'
import Database from 'better-sqlite3'
import { ParquetRows } from '../read-parquet.js'

/** Takes a row: the texts in it by column, all else left out. */
export type TakeRow = (table: string, row: number, texts: ReadonlyMap<string, string>) => void

/** Reads every row of a file; `table` is the one that its path names. */
export type ReadFile = (path: string, table: string, take: TakeRow) => Promise<void>

/** How each format is read again, by the ending of a file. */
export const readers: Readonly<Record<string, ReadFile>> = {
  parquet: readParquet,
  sqlite: readSqlite,
  csv: readCsv,
  ndjson: readNdjson,
  arrow: readArrow,
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

async function readParquet(path: string, table: string, take: TakeRow): Promise<void> {
  const file = await ParquetRows.open(path)
  const names = file.columns.map((each) => each.name)
  let rows = 0
  try {
    for await (const group of file.readGroups())
      for (const row of group) take(table, (rows += 1), toTexts(names, row))
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

async function readArrow(path: string, table: string, take: TakeRow): Promise<void> {
  let rows = 0
  for await (const batch of await RecordBatchReader.from(createReadStream(path))) {
    const names = batch.schema.fields.map((each) => each.name)
    for (const row of batch)
      take(
        table,
        (rows += 1),
        toTexts(
          names,
          names.map((name) => row?.[name] as unknown),
        ),
      )
  }
}

/** What was made harmless for spreadsheets, as it is in the other formats. */
const unsafe = (text: string | null): string | null =>
  text !== null && /^'[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20']/.test(text) ? text.slice(1) : text

async function readCsv(path: string, table: string, take: TakeRow): Promise<void> {
  let names: string[] | null = null
  let rows = 0
  for await (const fields of csvRows(path)) {
    if (names === null) names = fields.map(String)
    else take(table, (rows += 1), toTexts(names, fields.map(unsafe)))
  }
}

/** Rows of CSV as it is written here: text in quotes, numbers without. */
async function* csvRows(path: string): AsyncGenerator<(string | null)[]> {
  let rest = ''
  for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
    rest += chunk
    for (;;) {
      const end = endOfRow(rest)
      if (end < 0) break
      yield fieldsOf(rest.slice(0, end))
      rest = rest.slice(end + 2)
    }
  }
}

function endOfRow(text: string): number {
  let isQuoted = false
  for (let place = 0; place < text.length - 1; place += 1) {
    const sign = text.charCodeAt(place)
    if (sign === 0x22) isQuoted = !isQuoted
    else if (!isQuoted && sign === 0x0d && text.charCodeAt(place + 1) === 0x0a) return place
  }
  return -1
}

/** Text is in quotes; numbers, true, false and NULL are no text. */
const fieldsOf = (row: string): (string | null)[] =>
  [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, bare = '']) => {
    if (quoted !== undefined) return quoted.replaceAll('""', '"')
    return /^(?:-?[\d.]+(?:e[+-]?\d+)?|true|false|-?INF|)$/.test(bare) ? null : bare
  })
