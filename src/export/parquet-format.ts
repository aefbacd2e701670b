import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Row } from '../archive/snapshot.js'
import { BatchBuilder, rowsPerBatch } from './batch-builder.js'
import type { ExportedFile, FormatStart, FormatWriter, Outgoing, TableWriter } from './format.js'
import { startEncoder, type ParquetEncoder } from './parquet-encoder.js'
import { ParquetFile } from './parquet-file.js'

/** Starts `data/<table>.parquet`: one file a table, true types, zstd, in the order of the key. */
export async function startParquet({ folder }: FormatStart): Promise<FormatWriter> {
  await mkdir(join(folder, 'data'))
  return new ParquetFolder(folder, await startEncoder())
}

class ParquetFolder implements FormatWriter {
  readonly #files: ExportedFile[] = []
  #file: ParquetFile | null = null

  constructor(
    readonly folder: string,
    readonly encoder: ParquetEncoder,
  ) {}

  async openTable({ table, columns }: Outgoing): Promise<TableWriter> {
    const path = `data/${table.name}.parquet`
    const rowsPerGroup = rowsPerBatch(columns.length)
    const file = await ParquetFile.open(this.encoder, join(this.folder, path), rowsPerGroup)
    this.#file = file
    return new ParquetTable(file, new BatchBuilder(columns), (rows, bytes) => {
      this.#file = null
      this.#files.push({ path, table: table.name, rows, bytes })
    })
  }

  async close(): Promise<ExportedFile[]> {
    await this.encoder.end()
    return this.#files
  }

  async abandon(): Promise<void> {
    await this.#file?.abandon()
    await this.encoder.end()
  }
}

class ParquetTable implements TableWriter {
  #rows = 0

  constructor(
    readonly file: ParquetFile,
    readonly batch: BatchBuilder,
    readonly onClose: (rows: number, bytes: number) => void,
  ) {}

  async writeRows(page: readonly Row[]): Promise<void> {
    for (const row of page) {
      this.batch.add(row)
      if (this.batch.isFull) await this.file.write(this.batch.take())
    }
    this.#rows += page.length
  }

  /** An empty table gets an empty batch, which carries the schema. */
  async close(): Promise<void> {
    if (this.batch.rows > 0 || this.#rows === 0) await this.file.write(this.batch.take())
    this.onClose(this.#rows, await this.file.close(this.#rows))
  }
}
