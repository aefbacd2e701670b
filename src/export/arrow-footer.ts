import type { FileHandle } from 'node:fs/promises'

/** `ARROW1` at both ends of a file; at its start two bytes are filled up. */
const magic = Buffer.from('ARROW1')
const headLength = 8

/** The footer's length, and the magic word again. */
const tailLength = 4 + magic.length

/** The number of the field of the footer's flatbuffer that lists the record batches. */
const recordBatches = 3

/** A block in that list: its offset, the length of its description, filled up, and of its body. */
const blockLength = 24

/** A record batch in a file. */
interface Block {
  offset: number
  describing: number
  body: number
}

/**
 * The footer of an Arrow IPC file, with the schema and the places of the record batches: with it a
 * file of any size is read one batch at a time.
 * Source: https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format
 */
export class ArrowFooter {
  private constructor(
    readonly bytes: Buffer,
    /** Where the list of record batches is in it; NULL if there is none. */
    readonly list: number | null,
  ) {}

  /** @throws Error if it is no Arrow file */
  static async read(file: FileHandle): Promise<ArrowFooter> {
    const { size } = await file.stat()
    const tail = await readBytes(file, Math.max(0, size - tailLength), tailLength)
    const length = tail.readInt32LE(0)
    const isArrow = tail.subarray(4).equals(magic) && length > 0
    if (!isArrow || length > size - tailLength - headLength) throw new Error('no Arrow file')
    const bytes = await readBytes(file, size - tailLength - length, length)
    return new ArrowFooter(bytes, listIn(bytes, recordBatches))
  }

  /** How many record batches there are. */
  get batches(): number {
    return this.list === null ? 0 : this.bytes.readUInt32LE(this.list)
  }

  /** A file of one batch of a file, or of none, with the same schema. */
  async readBatch(file: FileHandle, place: number | null): Promise<Buffer> {
    const footer = Buffer.from(this.bytes)
    if (this.list !== null) footer.writeUInt32LE(place === null ? 0 : 1, this.list)
    const batch = place === null ? Buffer.alloc(0) : await this.#moveBatch(file, place, footer)
    const head = Buffer.concat([magic], headLength)
    const length = Buffer.alloc(4)
    length.writeInt32LE(footer.length)
    return Buffer.concat([head, batch, footer, length, magic])
  }

  /** The bytes of a batch; a footer tells from now on that it is the first, behind the head. */
  async #moveBatch(file: FileHandle, place: number, footer: Buffer): Promise<Buffer> {
    const { offset, describing, body } = this.#blockAt(place)
    const first = this.list! + 4
    footer.writeBigInt64LE(BigInt(headLength), first)
    footer.writeInt32LE(describing, first + 8)
    footer.writeBigInt64LE(BigInt(body), first + 16)
    return readBytes(file, offset, describing + body)
  }

  #blockAt(place: number): Block {
    const block = this.list! + 4 + place * blockLength
    return {
      offset: Number(this.bytes.readBigInt64LE(block)),
      describing: this.bytes.readInt32LE(block + 8),
      body: Number(this.bytes.readBigInt64LE(block + 16)),
    }
  }
}

async function readBytes(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await file.read(bytes, 0, length, from)
  if (bytesRead < length) throw new Error('it ends too early')
  return bytes
}

/** Where the list of a field of a flatbuffer begins; NULL if the field is left out. */
function listIn(bytes: Buffer, field: number): number | null {
  const table = bytes.readUInt32LE(0)
  const fields = table - bytes.readInt32LE(table)
  const entry = 4 + field * 2
  const offset = entry < bytes.readUInt16LE(fields) ? bytes.readUInt16LE(fields + entry) : 0
  return offset === 0 ? null : table + offset + bytes.readUInt32LE(table + offset)
}
