import { open, type FileHandle } from 'node:fs/promises'
import {
  Precision,
  tableFromIPC,
  TimeUnit,
  Type,
  type Batch,
  type DataType,
  type Table,
} from '@uwdata/flechette'
import type { Row } from '../archive/snapshot.js'
import type { Value } from '../model/table.js'
import { ArrowFooter } from './arrow-footer.js'
import type { FileRows, FoundColumn } from './file-rows.js'

/** An Arrow IPC file, read by flechette, one record batch after the other. */
export class ArrowRows implements FileRows {
  private constructor(
    readonly file: FileHandle,
    readonly footer: ArrowFooter,
    readonly columns: readonly FoundColumn[],
  ) {}

  /** @throws Error if it is no Arrow file */
  static async open(path: string): Promise<ArrowRows> {
    const file = await open(path)
    try {
      const footer = await ArrowFooter.read(file)
      const { schema } = tableFromIPC(await footer.readBatch(file, null))
      const columns = schema.fields.map(({ name, type, nullable }) => ({
        ...{ name, type: nameOf(type), required: !nullable },
      }))
      return new ArrowRows(file, footer, columns)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async *readPages(): AsyncGenerator<Row[]> {
    for (let place = 0; place < this.footer.batches; place += 1)
      yield toRows(tableFromIPC(await this.footer.readBatch(this.file, place)))
  }

  close(): Promise<void> {
    return this.file.close()
  }
}

/** How a type is called in the list of tables. */
function nameOf(type: DataType): string {
  if (type.typeId === Type.Utf8) return 'text'
  if (type.typeId === Type.Bool) return 'bool'
  if (type.typeId === Type.Float && type.precision === Precision.DOUBLE) return 'real'
  if (type.typeId === Type.Int && type.bitWidth === 64 && type.signed) return 'int'
  const isTime = type.typeId === Type.Timestamp && type.unit === TimeUnit.MICROSECOND
  return isTime && type.timezone === 'UTC' ? 'time' : 'unknown'
}

function toRows(table: Table): Row[] {
  const columns = table.schema.fields.map((_, place) => toCells(table.getChildAt(place).data[0]))
  return Array.from({ length: table.numRows }, (_, row) => columns.map((cellAt) => cellAt(row)))
}

/**
 * What reads the cells of a column, as they are stored: flechette would make milliseconds of times,
 * and takes U+FEFF off the start of texts.
 */
function toCells(batch: Batch<unknown> | undefined): (row: number) => Value {
  if (batch === undefined) return () => null
  const valueAt = toValues(batch)
  return (row) => (batch.nullCount > 0 && !batch.isValid(row) ? null : valueAt(row))
}

function toValues(batch: Batch<unknown>): (row: number) => Value {
  const { type, values, offsets } = batch
  if (type.typeId === Type.Bool) return (row) => (batch.value(row) === true ? 1n : 0n)
  if (type.typeId !== Type.Utf8) return (row) => (values as BigInt64Array | Float64Array)[row]!
  const text = Buffer.from(values!.buffer, values!.byteOffset, values!.byteLength)
  return (row) => text.toString('utf8', Number(offsets![row]), Number(offsets![row + 1]))
}
