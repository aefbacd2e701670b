import { open, type FileHandle } from 'node:fs/promises'
import { parquetMetadataAsync, parquetRead, type AsyncBuffer, type FileMetaData } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import type { Row } from '../archive/snapshot.js'
import type { Value } from '../model/table.js'
import type { FileRows, FoundColumn } from './file-rows.js'
import { bufferOf } from './parquet-footer.js'

/** A Parquet file, read by another implementation than the one that wrote it. */
export class ParquetRows implements FileRows {
  private constructor(
    readonly file: FileHandle,
    readonly buffer: AsyncBuffer,
    readonly metadata: FileMetaData,
  ) {}

  /** @throws Error if it is no Parquet file */
  static async open(path: string): Promise<ParquetRows> {
    const file = await open(path)
    try {
      const buffer = await bufferOf(file)
      return new ParquetRows(file, buffer, await parquetMetadataAsync(buffer))
    } catch (error) {
      await file.close()
      throw error
    }
  }

  get rows(): number {
    return Number(this.metadata.num_rows)
  }

  get columns(): readonly FoundColumn[] {
    return this.metadata.schema.slice(1).map((each) => ({
      name: each.name,
      type: typeNames[each.logical_type?.type ?? each.type ?? ''] ?? 'unknown',
      required: each.repetition_type === 'REQUIRED',
    }))
  }

  /** Some of its columns hold lists. */
  get hasLists(): boolean {
    return this.metadata.schema.slice(1).some(({ num_children: children = 0 }) => children > 0)
  }

  /** The rows of one row group after the other, in the archive's values (times in microseconds). */
  async *readPages(): AsyncGenerator<Row[]> {
    let start = 0
    for (const group of this.metadata.row_groups) {
      const end = start + Number(group.num_rows)
      yield await this.#readRows(start, end)
      start = end
    }
  }

  close(): Promise<void> {
    return this.file.close()
  }

  async #readRows(rowStart: number, rowEnd: number): Promise<Row[]> {
    let rows: Row[] = []
    await parquetRead({
      ...{ file: this.buffer, metadata: this.metadata, compressors, rowStart, rowEnd },
      parsers,
      onComplete: (read) => (rows = read.map((row) => (row as unknown[]).map(toValue))),
    })
    return rows
  }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Values as they are stored: times in microseconds, texts with a U+FEFF at their start. */
const parsers = {
  timestampFromMicroseconds: (micros: bigint) => micros,
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && decoder.decode(bytes),
}

/** How Parquet's types are called in the list of tables. */
const typeNames: Readonly<Record<string, string>> = {
  STRING: 'text',
  INT64: 'int',
  TIMESTAMP: 'time',
  BOOLEAN: 'bool',
  DOUBLE: 'real',
}

const toValue = (value: unknown): Value =>
  typeof value === 'boolean' ? (value ? 1n : 0n) : ((value ?? null) as Value)
