import { AsyncByteQueue, RecordBatchFileWriter } from 'apache-arrow'
import type { Row } from '../archive/snapshot.js'
import { BatchBuilder } from './batch-builder.js'
import type { WriteFormat } from './format.js'
import { writeTableFile, type TableText } from './table-file.js'

/** Takes what the writer writes, at once: the memory of a batch is used again for the next. */
class ByteSink extends AsyncByteQueue {
  #pieces: Uint8Array[] = []

  override write(bytes: ArrayBuffer | ArrayBufferView): void {
    const view = ArrayBuffer.isView(bytes)
      ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : Buffer.from(bytes)
    if (view.length > 0) this.#pieces.push(Buffer.from(view))
  }

  take(): Uint8Array {
    const bytes = Buffer.concat(this.#pieces)
    this.#pieces = []
    return bytes
  }
}

/** A table as an Arrow IPC file: typed, uncompressed, batch by batch. */
class ArrowText implements TableText {
  readonly #sink = new ByteSink()
  readonly #writer = new RecordBatchFileWriter()

  constructor(readonly batch: BatchBuilder) {}

  head(): Uint8Array {
    this.#writer.reset(this.#sink, this.batch.schema)
    return this.#sink.take()
  }

  rows(page: readonly Row[]): Uint8Array {
    for (const row of page) {
      this.batch.add(row)
      if (this.batch.isFull) this.batch.use((each) => this.#writer.write(each))
    }
    return this.#sink.take()
  }

  tail(): Uint8Array {
    if (this.batch.rows > 0) this.batch.use((each) => this.#writer.write(each))
    this.#writer.finish()
    return this.#sink.take()
  }
}

/** Writes `arrow/<table>.arrow`: an Arrow IPC file with the types of the Parquet files. */
export const writeArrow: WriteFormat = async ({ tables: [outgoing] }, desk) => {
  const { table, columns } = outgoing!
  const path = `arrow/${table.name}.arrow`
  const text = new ArrowText(new BatchBuilder(columns))
  return [await writeTableFile({ path, format: 'arrow', outgoing: outgoing! }, text, desk)]
}
