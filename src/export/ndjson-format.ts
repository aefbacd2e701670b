import type { Row } from '../archive/snapshot.js'
import { toJsonLine } from '../model/json-line.js'
import type { Column, ColumnType, Value } from '../model/table.js'
import type { WriteFormat } from './format.js'
import { toIsoTime } from './iso-time.js'
import { toRealText } from './real-text.js'
import { writeTableFile } from './table-file.js'

const toNumberText = (value: number): string =>
  Number.isFinite(value) ? String(value) : `"${toRealText(value)}"`

/** A whole number keeps all its digits, also above 2^53. */
const toJson: Record<ColumnType, (value: Exclude<Value, null>) => string> = {
  text: (value) => toJsonLine(value),
  json: (value) => toJsonLine(value),
  int: (value) => (value as bigint).toString(),
  real: (value) => toNumberText(value as number),
  bool: (value) => (value === 1n ? 'true' : 'false'),
  time: (value) => `"${toIsoTime(value as bigint)}"`,
  blob: () => 'null',
}

/** Turns rows into JSON objects on one line, every column in them, NULL included. */
export function toJsonObject(columns: readonly Column[]): (row: Row) => string {
  const starts = columns.map(
    ({ name }, place) => `${place === 0 ? '{' : ','}${JSON.stringify(name)}:`,
  )
  const converters = columns.map(({ type }) => toJson[type])
  return (row) => {
    let line = ''
    for (let place = 0; place < row.length; place += 1) {
      const value = row[place]!
      line += starts[place]! + (value === null ? 'null' : converters[place]!(value))
    }
    return `${line}}`
  }
}

/** Writes `ndjson/<table>.ndjson`: UTF-8, one object a line with every column, NULL included. */
export const writeNdjson: WriteFormat = async ({ tables: [outgoing] }, desk) => {
  const { table, columns } = outgoing!
  const toObject = toJsonObject(columns)
  const text = {
    head: () => Buffer.alloc(0),
    rows: (page: readonly Row[]) => Buffer.from(page.map((row) => `${toObject(row)}\n`).join('')),
    tail: () => Buffer.alloc(0),
  }
  const path = `ndjson/${table.name}.ndjson`
  return [await writeTableFile({ path, format: 'ndjson', outgoing: outgoing! }, text, desk)]
}
