import {
  Field,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  type Data,
} from 'apache-arrow'
import type { Row } from '../../archive/snapshot.js'
import type { Column, Value } from '../../model/table.js'
import { columnBuilder } from '../column-builder.js'
import type { ListColumn } from '../format.js'
import type { RowBatch } from '../parquet-parts.js'
import type { Thread } from './read-threads.js'

/** Cells of a batch, those of its lists included; a longer thread is a batch of its own. */
const cellsPerBatch = 180_000

/** Bytes of text at which a batch ends. */
const textPerBatch = 16 * 1024 * 1024

/** Gathers posts with their lists into Arrow batches. */
export class ThreadBatch implements RowBatch<Thread> {
  readonly #schema: Schema
  readonly #types: readonly List<Struct>[]
  #threads: Thread[] = []
  #cells = 0
  #text = 0

  constructor(
    readonly columns: readonly Column[],
    readonly lists: readonly ListColumn[],
  ) {
    this.#types = lists.map(typeOf)
    const fields = lists.map(({ name }, place) => new Field(name, this.#types[place]!, false))
    this.#schema = new Schema([...fieldsOf(columns), ...fields])
  }

  get rows(): number {
    return this.#threads.length
  }

  get isFull(): boolean {
    return this.#cells >= cellsPerBatch || this.#text >= textPerBatch
  }

  add(thread: Thread): void {
    this.#threads.push(thread)
    this.#weigh([thread.post])
    for (const rows of thread.lists) this.#weigh(rows)
  }

  take(): Uint8Array {
    return tableToIPC(new Table([new RecordBatch(this.#schema, this.#toData())]), 'stream')
  }

  #weigh(rows: readonly Row[]): void {
    for (const row of rows) {
      this.#cells += row.length
      for (const cell of row) if (typeof cell === 'string') this.#text += cell.length
    }
  }

  /**
   * What was gathered as Arrow's columns. The lists are emptied, for a thread may be large, and whoever
   * handed them on holds them until it is written.
   */
  #toData(): Data<Struct> {
    const threads = this.#threads
    this.#threads = []
    this.#cells = this.#text = 0
    const posts = threads.map(({ post }) => post)
    const children = [
      ...toColumns(this.columns, posts),
      ...this.lists.map(({ columns }, place) => {
        const rows = threads.map(({ lists }) => lists[place]!)
        return toList(this.#types[place]!, columns, rows)
      }),
    ]
    for (const { lists } of threads) for (const rows of lists) rows.length = 0
    const type = new Struct(this.#schema.fields)
    return makeData({ type, length: threads.length, nullCount: 0, children })
  }
}

const fieldsOf = (columns: readonly Column[]): Field[] =>
  columns.map((each) => new Field(each.name, columnBuilder(each, 0).type, !each.required))

/** Its items are called as Parquet's specification wants it, which not all readers do without. */
const typeOf = ({ columns }: ListColumn): List<Struct> =>
  new List(new Field('element', new Struct(fieldsOf(columns)), false))

function toColumns(columns: readonly Column[], rows: readonly Row[]): Data[] {
  return columns.map((column, place) => {
    const builder = columnBuilder(column, rows.length)
    for (const [row, cells] of rows.entries()) builder.set(row, cells[place] as Value)
    return builder.read(rows.length)
  })
}

/** The lists of all rows one behind the other, and where each ends. */
function toList(
  type: List<Struct>,
  columns: readonly Column[],
  lists: readonly (readonly Row[])[],
): Data<List<Struct>> {
  const rows = lists.flat()
  const valueOffsets = new Int32Array(lists.length + 1)
  for (const [place, each] of lists.entries())
    valueOffsets[place + 1] = valueOffsets[place]! + each.length
  const child = makeData({
    type: type.children[0]!.type,
    length: rows.length,
    nullCount: 0,
    children: toColumns(columns, rows),
  })
  return makeData({ type, length: lists.length, nullCount: 0, valueOffsets, child })
}
