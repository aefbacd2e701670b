import { createReadStream } from 'node:fs'
import { parse as parseLossless } from 'lossless-json'
import type { Row } from '../archive/snapshot.js'
import type { Column, Value } from '../model/table.js'
import type { FileRows, FileToRead, FoundColumn } from './file-rows.js'
import { inPages, toValue } from './read-text.js'

type Line = Readonly<Record<string, unknown>>

/** An NDJSON file, read line by line by `JSON.parse`, by lossless-json where it could round. */
export class NdjsonRows implements FileRows {
  private constructor(
    readonly lines: AsyncGenerator<Line>,
    readonly first: Line | null,
    readonly file: FileToRead,
  ) {}

  static async open(file: FileToRead): Promise<NdjsonRows> {
    const lines = readLines(file.path)
    const first = await lines.next()
    return new NdjsonRows(lines, first.done === true ? null : first.value, file)
  }

  /** Those of the first line; a file without one tells none. */
  get columns(): readonly FoundColumn[] {
    return this.first === null
      ? this.file.columns.map(({ name }) => ({ name }))
      : Object.keys(this.first).map((name) => ({ name }))
  }

  readPages(): AsyncGenerator<Row[]> {
    return inPages(this.#readRows())
  }

  async close(): Promise<void> {
    await this.lines.return(undefined)
  }

  async *#readRows(): AsyncGenerator<Row> {
    if (this.first !== null) yield this.#toRow(this.first)
    for await (const line of this.lines) yield this.#toRow(line)
  }

  #toRow(line: Line): Row {
    const { columns } = this.file
    const names = Object.keys(line)
    if (names.length !== columns.length || columns.some(({ name }, at) => name !== names[at]))
      throw new Error(`a line has other columns: ${names.join(' ').slice(0, 200)}`)
    return columns.map((each) => toCell(each, line[each.name]))
  }
}

/** How the values of each type stand in JSON; infinities are text. */
const isAsWritten: Readonly<Record<Column['type'], (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  json: (value) => typeof value === 'string',
  time: (value) => typeof value === 'string',
  int: (value) => typeof value === 'number' || typeof value === 'bigint',
  real: (value) => ['number', 'bigint'].includes(typeof value) || /INF$/.test(String(value)),
  bool: (value) => typeof value === 'boolean',
  blob: () => false,
}

function toCell({ name, type }: Column, value: unknown): Value {
  if (value === null) return null
  if (!isAsWritten[type](value))
    throw new Error(`${name} is ${type}, but ${JSON.stringify(value)} stands there`)
  if (type === 'real' && typeof value === 'bigint') return Number(value)
  return toValue(type, String(value))
}

async function* readLines(path: string): AsyncGenerator<Line> {
  let rest = ''
  const pieces: AsyncIterable<string> = createReadStream(path, { encoding: 'utf8' })
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop()!
    for (const line of lines) yield parseLine(line)
  }
  if (rest !== '') throw new Error('the last line has no end')
}

function parseLine(line: string): Line {
  const rounded = JSON.parse(line) as unknown
  if (typeof rounded !== 'object' || rounded === null) throw new Error('a line holds no object')
  if (!Object.values(rounded).some(isRounded)) return rounded as Line
  return parseLossless(line, undefined, { parseNumber: toNumber }) as Line
}

/** True for a number that may have had more digits. */
const isRounded = (value: unknown): boolean =>
  Number.isInteger(value) && !Number.isSafeInteger(value)

const toNumber = (digits: string): number | bigint =>
  /^-?\d+$/.test(digits) ? BigInt(digits) : Number(digits)
