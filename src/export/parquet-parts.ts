import { join } from 'node:path'
import { readDigest } from './file-digest.js'
import type { Desk, ExportedFile } from './format.js'
import type { ParquetEncoder } from './parquet-encoder.js'
import { ParquetFile } from './parquet-file.js'

/** The name of a part. */
export const partName = (part: number): string => `part-${String(part).padStart(5, '0')}.parquet`

/** The paths of a table: one file, or a folder of parts. */
export const pathsAt =
  (place: string, isWhole: boolean) =>
  (part: number): string =>
    isWhole ? `${place}.parquet` : `${place}/${partName(part)}`

/** Gathers rows into Arrow batches. */
export interface RowBatch<R> {
  readonly rows: number
  /** No row fits any more; `take` first. */
  readonly isFull: boolean
  add(row: R): void
  /** What was gathered, as an Arrow IPC stream of one batch; starts the next batch. */
  take(): Uint8Array
}

/** The rows of a table, or of a part of it, and what writes them. */
export interface Parts<R> {
  desk: Desk
  encoder: ParquetEncoder
  table: string
  batch: RowBatch<R>
  rowsPerGroup: number
  pages: AsyncIterable<readonly R[]>
}

/** Writes rows as Parquet, to as many files as they need; at least one, which tells the columns. */
export async function writeParts<R>(
  parts: Parts<R>,
  pathOf: (part: number) => string,
): Promise<ExportedFile[]> {
  const { rowsPerPart } = parts.desk.options
  const files: ExportedFile[] = []
  let part = await Part.open(parts, pathOf(0))
  try {
    for await (const page of parts.pages)
      for (const row of page) {
        if (part.rows === rowsPerPart) {
          files.push(await part.close())
          part = await Part.open(parts, pathOf(files.length))
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

/** One file of a table. */
class Part<R> {
  rows = 0

  private constructor(
    readonly file: ParquetFile,
    readonly parts: Parts<R>,
    readonly path: string,
  ) {}

  static async open<R>(parts: Parts<R>, path: string): Promise<Part<R>> {
    const { desk, encoder, rowsPerGroup } = parts
    const encoding = { rowsPerGroup, kind: desk.options.parquet }
    return new Part(await ParquetFile.open(encoder, join(desk.folder, path), encoding), parts, path)
  }

  /** True if the batch is to be flushed now. */
  add(row: R): boolean {
    this.parts.batch.add(row)
    this.rows += 1
    return this.parts.batch.isFull
  }

  flush(): Promise<void> {
    return this.file.write(this.parts.batch.take())
  }

  /** An empty table gets an empty batch, which carries the schema. */
  async close(): Promise<ExportedFile> {
    if (this.parts.batch.rows > 0 || this.rows === 0) await this.flush()
    await this.file.close(this.rows)
    const { path, rows } = this
    const digest = await readDigest(join(this.parts.desk.folder, path))
    return { path, table: this.parts.table, format: 'parquet', rows, ...digest }
  }

  abandon(): Promise<void> {
    return this.file.abandon()
  }
}
