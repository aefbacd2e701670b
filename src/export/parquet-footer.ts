import type { FileHandle } from 'node:fs/promises'
import { parquetMetadataAsync, type AsyncBuffer, type FileMetaData } from 'hyparquet'

/** What the footer of a Parquet file tells about the whole file. */
export interface ParquetFooter {
  rows: number
  createdBy: string | null
}

/** The footer of an open Parquet file, as another implementation than the writer reads it; null if it is none. */
export async function readFooter(file: FileHandle): Promise<ParquetFooter | null> {
  const buffer = await bufferOf(file)
  let metadata: FileMetaData
  try {
    metadata = await parquetMetadataAsync(buffer)
  } catch {
    return null
  }
  return { rows: Number(metadata.num_rows), createdBy: metadata.created_by ?? null }
}

/** An open file as hyparquet reads it, part by part. */
export async function bufferOf(file: FileHandle): Promise<AsyncBuffer> {
  const { size } = await file.stat()
  return { byteLength: size, slice: (from, to = size) => readPart(file, from, to - from) }
}

async function readPart(file: FileHandle, from: number, length: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  const { bytesRead } = await file.read(bytes, 0, length, from)
  return bytes.buffer.slice(0, bytesRead)
}
