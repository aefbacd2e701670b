import type { Row } from '../archive/snapshot.js'
import type { ColumnType, Value } from '../model/table.js'
import { fromIsoTime } from './iso-time.js'

/** Rows that are handed on at once. */
export const rowsPerPage = 256

/** Rows, some at a time. */
export async function* inPages(rows: AsyncIterable<Row>): AsyncGenerator<Row[]> {
  let page: Row[] = []
  for await (const row of rows) {
    page.push(row)
    if (page.length < rowsPerPage) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}

const infinities: Readonly<Record<string, number>> = { INF: Infinity, '-INF': -Infinity }

/** The value of a text; what is written in another way than export does is not taken. */
const fromText: Readonly<Record<ColumnType, (text: string) => Value>> = {
  text: (text) => text,
  json: (text) => text,
  int: (text) => exactly(text, BigInt(/^-?\d+$/.test(text) ? text : 0)),
  real: (text) => infinities[text] ?? exactly(text, Number(text)),
  bool: (text) => ({ true: 1n, false: 0n })[text] ?? unknown(text),
  time: fromIsoTime,
  blob: (text) => unknown(text),
}

/** @throws RangeError if a value is not written as this text */
function exactly<T extends number | bigint>(text: string, value: T): T {
  return String(value) === text ? value : unknown(text)
}

function unknown(text: string): never {
  throw new RangeError(`${JSON.stringify(text.slice(0, 40))} is no value as export writes it`)
}

/**
 * The archive's value for a text of a file.
 * @throws RangeError for a text that export does not write for this type
 */
export const toValue = (type: ColumnType, text: string): Value => fromText[type](text)
