import type { FileHandle } from 'node:fs/promises'

/** What the footer of a Parquet file tells about the whole file. */
export interface ParquetFooter {
  rows: number
  createdBy: string | null
}

/** The bytes of `FileMetaData` from the end of an open Parquet file; null if it is none. */
export async function readFooterBytes(file: FileHandle): Promise<Buffer | null> {
  const { size } = await file.stat()
  const tail = await readPart(file, size - 8, 8)
  if (tail === null || tail.toString('latin1', 4) !== 'PAR1') return null
  const length = tail.readUInt32LE(0)
  return readPart(file, size - 8 - length, length)
}

async function readPart(file: FileHandle, from: number, length: number): Promise<Buffer | null> {
  if (from < 0) return null
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from)
  return bytesRead === length ? buffer : null
}

/**
 * Reads `FileMetaData` (Thrift, compact protocol, https://github.com/apache/parquet-format):
 * field 3 is `num_rows`, field 6 is `created_by`.
 */
export function readFooter(bytes: Buffer): ParquetFooter {
  const thrift = new CompactThrift(bytes)
  const footer: ParquetFooter = { rows: 0, createdBy: null }
  thrift.readStruct((field, type) => {
    if (field === 3) footer.rows = thrift.readSigned()
    else if (field === 6) footer.createdBy = thrift.readBytes().toString('utf8')
    else thrift.skip(type)
  })
  return footer
}

const thriftType = { true: 1, false: 2, byte: 3, i64: 6, double: 7, binary: 8, list: 9, struct: 12 }

/** Walks over a value in Thrift's compact protocol. */
class CompactThrift {
  #at = 0

  constructor(readonly bytes: Buffer) {}

  readStruct(onField: (field: number, type: number) => void): void {
    let field = 0
    for (let head = this.#readByte(); head !== 0; head = this.#readByte()) {
      field = head >> 4 === 0 ? this.readSigned() : field + (head >> 4)
      onField(field, head & 15)
    }
  }

  readSigned(): number {
    const zigzag = this.#readUnsigned()
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
  }

  readBytes(): Buffer {
    const length = this.#readUnsigned()
    this.#at += length
    return this.bytes.subarray(this.#at - length, this.#at)
  }

  skip(type: number): void {
    if (type === thriftType.true || type === thriftType.false) return
    if (type === thriftType.byte) this.#at += 1
    else if (type <= thriftType.i64) this.#readUnsigned()
    else if (type === thriftType.double) this.#at += 8
    else if (type === thriftType.binary) this.readBytes()
    else if (type === thriftType.list) this.#skipList()
    else if (type === thriftType.struct) this.readStruct((_field, inner) => this.skip(inner))
    else throw new Error(`Thrift type ${type} in a Parquet footer`)
  }

  /** Booleans in a list take a byte each, unlike in a struct. */
  #skipList(): void {
    const head = this.#readByte()
    const size = head >> 4 === 15 ? this.#readUnsigned() : head >> 4
    const type = head & 15
    for (let place = 0; place < size; place += 1)
      this.skip(type <= thriftType.false ? thriftType.byte : type)
  }

  #readUnsigned(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#readByte()
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }

  #readByte(): number {
    const byte = this.bytes[this.#at]
    if (byte === undefined) throw new Error('a Parquet footer ends too early')
    this.#at += 1
    return byte
  }
}
