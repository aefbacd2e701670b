import { stringify, type Options } from 'csv-stringify/sync'
import type { Row } from '../archive/snapshot.js'
import type { Column, Value } from '../model/table.js'
import type { WriteFormat } from './format.js'
import { toIsoTime } from './iso-time.js'
import { toRealText } from './real-text.js'
import { writeTableFile } from './table-file.js'

/**
 * RFC 4180. Text and times stand in quotes, numbers, `true` and `false` do not, NULL is nothing
 * between two commas: so NULL and empty text are told apart.
 */
const options: Options = {
  record_delimiter: 'windows',
  quoted_string: true,
  cast: {
    bigint: (value) => value.toString(),
    number: (value) => toRealText(value),
    boolean: (value) => (value ? 'true' : 'false'),
  },
}

/** What spreadsheets take for a formula, and the sign that is put before it. */
const startOfFormula = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20']/

/** A text that no spreadsheet takes for a formula; one `'` less at its start is the text itself. */
export const toSafeText = (text: string): string => (startOfFormula.test(text) ? `'${text}` : text)

type Cell = string | number | bigint | boolean | null

function toCell({ type }: Column, value: Value, isSafe: boolean): Cell {
  if (value === null) return null
  if (type === 'time') return toIsoTime(value as bigint)
  if (type === 'bool') return value === 1n
  if (type === 'int' || type === 'real') return value as bigint | number
  return isSafe ? toSafeText(value as string) : (value as string)
}

/** Writes `csv/<table>.csv`: UTF-8, a line of names, lines that end with CR LF. */
export const writeCsv: WriteFormat = async ({ tables: [outgoing] }, desk) => {
  const { table, columns } = outgoing!
  const toLine = (row: Row) =>
    row.map((value, place) => toCell(columns[place]!, value, desk.options.csvSafe))
  const text = {
    head: () => Buffer.from(stringify([columns.map((each) => each.name)], options)),
    rows: (page: readonly Row[]) => Buffer.from(stringify(page.map(toLine), options)),
    tail: () => Buffer.alloc(0),
  }
  const file = { path: `csv/${table.name}.csv`, format: 'csv' as const, outgoing: outgoing! }
  return [await writeTableFile(file, text, desk)]
}
