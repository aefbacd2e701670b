import { Field, makeData, RecordBatch, Schema, Struct, Table, tableToIPC } from 'apache-arrow'
import type { Row } from '../archive/snapshot.js'
import type { Column } from '../model/table.js'
import { columnBuilder, type ColumnBuilder } from './column-builder.js'

/** Cells in a batch, so that wide and narrow tables need about the same memory. */
const cellsPerBatch = 180_000

/** Bytes of text at which a batch ends early. */
const textBytesPerBatch = 32 * 1024 * 1024

/** Rows in a batch of a table with that many columns. */
export const rowsPerBatch = (columns: number): number => Math.floor(cellsPerBatch / columns)

/** Gathers rows into Arrow batches; its memory is used again for every batch. */
export class BatchBuilder {
  readonly #builders: readonly ColumnBuilder[]
  readonly #schema: Schema
  readonly #capacity: number
  #rows = 0

  constructor(columns: readonly Column[]) {
    this.#capacity = rowsPerBatch(columns.length)
    this.#builders = columns.map((each) => columnBuilder(each, this.#capacity))
    this.#schema = new Schema(
      columns.map(
        (each, place) => new Field(each.name, this.#builders[place]!.type, !each.required),
      ),
    )
  }

  get rows(): number {
    return this.#rows
  }

  /** No row fits any more; `take` first. */
  get isFull(): boolean {
    return this.#rows === this.#capacity || this.#textBytes() >= textBytesPerBatch
  }

  add(row: Row): void {
    for (let place = 0; place < this.#builders.length; place += 1)
      this.#builders[place]!.set(this.#rows, row[place]!)
    this.#rows += 1
  }

  get schema(): Schema {
    return this.#schema
  }

  /** What was gathered, as an Arrow IPC stream of one batch; starts the next batch. */
  take(): Uint8Array {
    return this.use((batch) => tableToIPC(new Table([batch]), 'stream'))
  }

  /** Hands on what was gathered, valid until this returns; starts the next batch. */
  use<Result>(take: (batch: RecordBatch) => Result): Result {
    const children = this.#builders.map((each) => each.read(this.#rows))
    const type = new Struct(this.#schema.fields)
    const cells = makeData({ type, length: this.#rows, nullCount: 0, children })
    const result = take(new RecordBatch(this.#schema, cells))
    for (const each of this.#builders) each.clear()
    this.#rows = 0
    return result
  }

  #textBytes(): number {
    let bytes = 0
    for (const each of this.#builders) bytes += each.textBytes
    return bytes
  }
}
