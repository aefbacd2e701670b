import type { FileHandle } from 'node:fs/promises'
import { parquetMetadataAsync, type FileMetaData } from 'hyparquet'

/** What the footer of a Parquet file tells about the whole file. */
export interface ParquetFooter {
  rows: number
  createdBy: string | null
}

/** The footer of an open Parquet file, as another implementation than the writer reads it; null if it is none. */
export async function readFooter(file: FileHandle): Promise<ParquetFooter | null> {
  const { size } = await file.stat()
  let metadata: FileMetaData
  try {
    metadata = await parquetMetadataAsync({
      byteLength: size,
      slice: (from, to = size) => readPart(file, from, to - from),
    })
  } catch {
    return null
  }
  return { rows: Number(metadata.num_rows), createdBy: metadata.created_by ?? null }
}

async function readPart(file: FileHandle, from: number, length: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  const { bytesRead } = await file.read(bytes, 0, length, from)
  return bytes.buffer.slice(0, bytesRead)
}
