import type { ReadableStream } from 'node:stream/web'
import {
  Compression,
  EnabledStatistics,
  Encoding as Encodings,
  Table,
  transformParquetStream,
  WriterPropertiesBuilder,
  WriterVersion,
  type RecordBatch,
  type WriterProperties,
} from 'parquet-wasm'
import type { ParquetKind } from './format.js'
import { createdBy } from './marks.js'
import type { EncodedStream, Encoding, OnBytes } from './parquet-encoder.js'

/**
 * Encodes Arrow batches as one Parquet file through parquet-wasm (arrow-rs); only the row group
 * under way is in memory. Each group's bytes are handed on when it is complete.
 */
export class ParquetStream implements EncodedStream {
  readonly #batches = new TransformStream<RecordBatch, RecordBatch>()
  readonly #input = this.#batches.writable.getWriter()
  readonly #encoded: Promise<void>

  constructor(encoding: Encoding, onBytes: OnBytes) {
    this.#encoded = encode(this.#batches.readable, writerProperties(encoding), onBytes)
    this.#encoded.catch(() => {})
  }

  async write(batch: Uint8Array): Promise<void> {
    const table = Table.fromIPCStream(batch)
    const record = table.recordBatch(0)!
    table.free()
    await Promise.race([this.#input.write(record), this.#encoded])
  }

  async close(): Promise<void> {
    await this.#input.close()
    await this.#encoded
  }

  async abandon(): Promise<void> {
    await this.#input.abort().catch(() => {})
  }
}

async function encode(
  batches: unknown,
  properties: WriterProperties,
  onBytes: OnBytes,
): Promise<void> {
  const encoded = await transformParquetStream(batches as globalThis.ReadableStream, properties)
  for await (const bytes of encoded as ReadableStream<Uint8Array<ArrayBuffer>>) onBytes(bytes)
}

const writerProperties = (encoding: Encoding): WriterProperties =>
  propertiesOf[encoding.kind](
    new WriterPropertiesBuilder()
      .setCreatedBy(createdBy)
      .setStatisticsEnabled(EnabledStatistics.Page)
      .setMaxRowGroupSize(encoding.rowsPerGroup),
  ).build()

/** Dictionaries pay only for columns with few values, so they may not grow large. */
const propertiesOf: Record<
  ParquetKind,
  (properties: WriterPropertiesBuilder) => WriterPropertiesBuilder
> = {
  zstd: (properties) =>
    properties
      .setCompression(Compression.ZSTD)
      .setDictionaryEnabled(true)
      .setDictionaryPageSizeLimit(16 * 1024),
  compat: (properties) =>
    properties
      .setWriterVersion(WriterVersion.V1)
      .setCompression(Compression.SNAPPY)
      .setDictionaryEnabled(false)
      .setEncoding(Encodings.PLAIN),
}
