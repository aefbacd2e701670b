import { join } from 'node:path'
import type { NewRows, Row, Slice } from '../archive/snapshot.js'
import { BatchBuilder, rowsPerBatch } from './batch-builder.js'
import { readDigest } from './file-digest.js'
import type { Desk, ExportedFile, Outgoing, WriteFormat } from './format.js'
import { startEncoder, type ParquetEncoder } from './parquet-encoder.js'
import { ParquetFile } from './parquet-file.js'

/** What Hive, and all who read its layout, take for "no value". */
const noMonth = '__HIVE_DEFAULT_PARTITION__'

/** The folder of a slice, below the table's. */
export const folderOf = (slice: Slice): string => `month=${slice.month ?? noMonth}`

/** The name of a part. */
export const partName = (part: number): string => `part-${String(part).padStart(5, '0')}.parquet`

/**
 * Writes `data/<table>.parquet`: true types, in the order of the key; a large table in parts
 * `data/<table>/part-00000.parquet`, a table laid out by month below `data/<table>/month=2025-10/`.
 */
export const writeParquet: WriteFormat = async ({ tables: [outgoing] }, desk) => {
  const encoder = await desk.keep('encoder', startEncoder)
  const { table, columns, rows, slices, added } = outgoing!
  const isWhole = slices === null && rows <= desk.options.rowsPerPart
  const folder = `data/${table.name}`
  const writer = new TableParts(outgoing!, desk, encoder)
  if (added)
    return writer.write(added.rows, (part) => `${folder}/${partName(added.firstPart + part)}`)
  if (slices === null)
    return writer.write(null, (part) =>
      isWhole ? `${folder}.parquet` : `${folder}/${partName(part)}`,
    )
  const files: ExportedFile[] = []
  for (const slice of slices.length > 0 ? slices : [noRows(columns[0]!.name)])
    files.push(
      ...(await writer.write(slice, (part) => `${folder}/${folderOf(slice)}/${partName(part)}`)),
    )
  return files
}

/** An empty table has one empty file, which tells its columns. */
const noRows = (column: string): Slice => ({ month: null, column, from: 0, to: 0, rows: 0 })

/** Writes the rows of a table, or of a slice of it, to as many parts as they need. */
class TableParts {
  readonly #batch: BatchBuilder

  constructor(
    readonly outgoing: Outgoing,
    readonly desk: Desk,
    readonly encoder: ParquetEncoder,
  ) {
    this.#batch = new BatchBuilder(outgoing.columns)
  }

  async write(
    slice: Slice | NewRows | null,
    pathOf: (part: number) => string,
  ): Promise<ExportedFile[]> {
    const files: ExportedFile[] = []
    let part = await this.#open(pathOf(0))
    try {
      for await (const page of this.desk.readPages(this.outgoing, slice))
        for (const row of page) {
          if (part.rows === this.desk.options.rowsPerPart) {
            files.push(await part.close())
            part = await this.#open(pathOf(files.length))
          }
          if (part.add(row)) await part.flush()
        }
      files.push(await part.close())
      return files
    } catch (error) {
      await part.abandon()
      throw error
    }
  }

  async #open(path: string): Promise<Part> {
    const { folder, options } = this.desk
    const encoding = {
      rowsPerGroup: rowsPerBatch(this.outgoing.columns.length),
      kind: options.parquet,
    }
    const file = await ParquetFile.open(this.encoder, join(folder, path), encoding)
    return new Part(file, this.#batch, { path, folder, table: this.outgoing.table.name })
  }
}

/** One file of a table. */
class Part {
  rows = 0

  constructor(
    readonly file: ParquetFile,
    readonly batch: BatchBuilder,
    readonly place: { path: string; folder: string; table: string },
  ) {}

  /** True if the batch is to be flushed now. */
  add(row: Row): boolean {
    this.batch.add(row)
    this.rows += 1
    return this.batch.isFull
  }

  flush(): Promise<void> {
    return this.file.write(this.batch.take())
  }

  /** An empty table gets an empty batch, which carries the schema. */
  async close(): Promise<ExportedFile> {
    if (this.batch.rows > 0 || this.rows === 0) await this.flush()
    await this.file.close(this.rows)
    const { path, folder, table } = this.place
    const digest = await readDigest(join(folder, path))
    return { path, table, format: 'parquet', rows: this.rows, ...digest }
  }

  abandon(): Promise<void> {
    return this.file.abandon()
  }
}
