import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ParquetKind } from './format.js'

/** Takes the next bytes of a file, in order. */
export type OnBytes = (bytes: Uint8Array<ArrayBuffer>) => void

/** One Parquet file being encoded. */
export interface EncodedStream {
  /** Adds an Arrow IPC stream of one batch. */
  write(batch: Uint8Array): Promise<void>
  /** Ends the file; all its bytes have been handed on then. */
  close(): Promise<void>
  /** Stops; what was handed on is incomplete. Never throws. */
  abandon(): Promise<void>
}

/** How a file is encoded. */
export interface Encoding {
  rowsPerGroup: number
  kind: ParquetKind
}

/** Encodes Parquet files, one after the other. */
export interface ParquetEncoder {
  start(encoding: Encoding, onBytes: OnBytes): EncodedStream
  end(): Promise<void>
}

/**
 * Starts an encoder in a thread of its own, so that rows are read while others are encoded. Run
 * from the TypeScript sources, where Node has no file for the thread, it works in this one; the
 * bytes are the same.
 */
export async function startEncoder(): Promise<ParquetEncoder> {
  const worker = new URL('./parquet-worker.js', import.meta.url)
  if (existsSync(fileURLToPath(worker))) {
    const { ParquetThread } = await import('./parquet-thread.js')
    return new ParquetThread(worker)
  }
  const { ParquetStream } = await import('./parquet-stream.js')
  return {
    start: (encoding, onBytes) => new ParquetStream(encoding, onBytes),
    end: () => Promise.resolve(),
  }
}
