import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { parse, type Parser } from 'csv-parse'
import type { Row } from '../archive/snapshot.js'
import type { Column, Value } from '../model/table.js'
import { toSafeText } from './csv-format.js'
import type { FileRows, FileToRead, FoundColumn } from './file-rows.js'
import { inPages, toValue } from './read-text.js'

type Record = (string | null)[]

/** A CSV file, read by csv-parse, strictly by the rules that export writes by. */
export class CsvRows implements FileRows {
  private constructor(
    readonly parser: Parser,
    readonly records: AsyncIterator<Record>,
    readonly columns: readonly FoundColumn[],
    readonly file: FileToRead,
  ) {}

  static async open(file: FileToRead): Promise<CsvRows> {
    const parser = parse({
      record_delimiter: '\r\n',
      cast: (text, { quoting }) => (text === '' && !quoting ? null : text),
    })
    // Ends the one with the other; what goes wrong is told by the parser.
    pipeline(createReadStream(file.path), parser, () => undefined)
    const records = parser[Symbol.asyncIterator]() as AsyncIterator<Record>
    const head = await records.next()
    const names = head.done === true ? [] : head.value
    return new CsvRows(
      parser,
      records,
      names.map((name) => ({ name: name ?? '' })),
      file,
    )
  }

  readPages(): AsyncGenerator<Row[]> {
    return inPages(this.#readRows())
  }

  close(): Promise<void> {
    this.parser.destroy()
    return Promise.resolve()
  }

  async *#readRows(): AsyncGenerator<Row> {
    for (let { done, value } = await this.records.next(); done !== true;) {
      yield (value as Record).map((cell, place) => this.#toCell(this.file.columns[place]!, cell))
      ;({ done, value } = await this.records.next())
    }
  }

  #toCell({ type }: Column, cell: string | null): Value {
    if (cell === null) return null
    if (!this.file.isSafe || (type !== 'text' && type !== 'json')) return toValue(type, cell)
    const text = cell.replace(/^'/, '')
    if (toSafeText(text) !== cell) throw new RangeError(`${cell.slice(0, 40)} is not made safe`)
    return text
  }
}
