import {
  Bool,
  Float64,
  Int64,
  makeData,
  TimestampMicrosecond,
  Utf8,
  type Data,
  type DataType,
} from 'apache-arrow'
import type { Column, Value } from '../model/table.js'
import { Bits } from './bits.js'

/** Gathers the cells of one column in Arrow's own layout, for a fixed number of rows. */
export interface ColumnBuilder {
  readonly type: DataType
  /** Sets a cell; rows come in order, each once. */
  set(row: number, value: Value): void
  /** The first `rows` cells as Arrow data, valid until the next `clear`. */
  read(rows: number): Data
  clear(): void
  /** Bytes of text held. */
  readonly textBytes: number
}

/** An empty builder for a column. */
export function columnBuilder(column: Column, rows: number): ColumnBuilder {
  switch (column.type) {
    case 'text':
    case 'json':
      return new TextBuilder(column, rows)
    case 'int':
      return new Int64Builder(column, rows, new Int64())
    case 'time':
      return new Int64Builder(column, rows, new TimestampMicrosecond('UTC'))
    case 'bool':
      return new BoolBuilder(column, rows)
    case 'real':
      return new RealBuilder(column, rows)
    case 'blob':
      throw new Error(`column ${column.name} holds bytes, which no export takes`)
  }
}

abstract class NullableBuilder implements ColumnBuilder {
  abstract readonly type: DataType
  protected readonly known: Bits

  constructor(
    protected readonly column: Column,
    rows: number,
  ) {
    this.known = new Bits(rows)
  }

  get textBytes(): number {
    return 0
  }

  set(row: number, value: Value): void {
    if (value === null) {
      if (this.column.required) throw new Error(`column ${this.column.name} is never NULL, but is`)
      this.setNull(row)
    } else {
      this.known.set(row)
      this.setKnown(row, value)
    }
  }

  clear(): void {
    this.known.clear()
  }

  abstract read(rows: number): Data
  protected abstract setKnown(row: number, value: Exclude<Value, null>): void

  protected abstract setNull(row: number): void

  protected nulls(rows: number): { length: number; nullCount: number; nullBitmap?: Uint8Array } {
    const nullCount = rows - this.known.ones
    return nullCount === 0
      ? { length: rows, nullCount }
      : { length: rows, nullCount, nullBitmap: this.known.read(rows) }
  }

  protected unexpected(value: Value): Error {
    const shown = value instanceof Uint8Array ? 'bytes' : `${typeof value} ${value}`
    return new Error(`column ${this.column.name} is ${this.column.type}, but holds ${shown}`)
  }
}

class TextBuilder extends NullableBuilder {
  readonly type = new Utf8()
  readonly #offsets: Int32Array
  #bytes = Buffer.allocUnsafeSlow(64 * 1024)
  #length = 0

  constructor(column: Column, rows: number) {
    super(column, rows)
    this.#offsets = new Int32Array(rows + 1)
  }

  override get textBytes(): number {
    return this.#length
  }

  override clear(): void {
    super.clear()
    this.#length = 0
  }

  read(rows: number): Data {
    return makeData({
      type: this.type,
      ...this.nulls(rows),
      valueOffsets: this.#offsets.subarray(0, rows + 1),
      data: this.#bytes.subarray(0, this.#length),
    })
  }

  protected setKnown(row: number, value: Exclude<Value, null>): void {
    if (typeof value !== 'string') throw this.unexpected(value)
    this.#makeRoom(value.length * 3)
    this.#length += this.#bytes.write(value, this.#length, 'utf8')
    this.#offsets[row + 1] = this.#length
  }

  protected setNull(row: number): void {
    this.#offsets[row + 1] = this.#length
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }
}

class Int64Builder extends NullableBuilder {
  readonly #values: BigInt64Array

  constructor(
    column: Column,
    rows: number,
    readonly type: Int64 | TimestampMicrosecond,
  ) {
    super(column, rows)
    this.#values = new BigInt64Array(rows)
  }

  override clear(): void {
    super.clear()
    this.#values.fill(0n)
  }

  read(rows: number): Data {
    const { type } = this
    const cells = { ...this.nulls(rows), data: this.#values.subarray(0, rows) }
    return type instanceof Int64 ? makeData({ type, ...cells }) : makeData({ type, ...cells })
  }

  protected setNull(): void {}

  protected setKnown(row: number, value: Exclude<Value, null>): void {
    if (typeof value !== 'bigint') throw this.unexpected(value)
    this.#values[row] = value
  }
}

class RealBuilder extends NullableBuilder {
  readonly type = new Float64()
  readonly #values: Float64Array

  constructor(column: Column, rows: number) {
    super(column, rows)
    this.#values = new Float64Array(rows)
  }

  override clear(): void {
    super.clear()
    this.#values.fill(0)
  }

  read(rows: number): Data {
    return makeData({
      type: this.type,
      ...this.nulls(rows),
      data: this.#values.subarray(0, rows),
    })
  }

  protected setNull(): void {}

  protected setKnown(row: number, value: Exclude<Value, null>): void {
    if (typeof value !== 'number') throw this.unexpected(value)
    this.#values[row] = value
  }
}

class BoolBuilder extends NullableBuilder {
  readonly type = new Bool()
  readonly #trues: Bits

  constructor(column: Column, rows: number) {
    super(column, rows)
    this.#trues = new Bits(rows)
  }

  override clear(): void {
    super.clear()
    this.#trues.clear()
  }

  read(rows: number): Data {
    return makeData({ type: this.type, ...this.nulls(rows), data: this.#trues.read(rows) })
  }

  protected setNull(): void {}

  protected setKnown(row: number, value: Exclude<Value, null>): void {
    if (value !== 0n && value !== 1n) throw this.unexpected(value)
    if (value === 1n) this.#trues.set(row)
  }
}
