import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { EncodedStream, Encoding, ParquetEncoder } from './parquet-encoder.js'
import { readFooter } from './parquet-footer.js'

/** One Parquet file under way. */
export class ParquetFile {
  readonly #path: string
  readonly #file: FileHandle
  readonly #stream: EncodedStream
  #appended: Promise<unknown> = Promise.resolve()

  private constructor(path: string, file: FileHandle, start: (made: ParquetFile) => EncodedStream) {
    this.#path = path
    this.#file = file
    this.#stream = start(this)
  }

  /** Creates the file, which must not exist. */
  static async open(encoder: ParquetEncoder, path: string, encoding: Encoding) {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(path, 'wx+')
    return new ParquetFile(path, file, (made) =>
      encoder.start(encoding, (bytes) => made.#append(bytes)),
    )
  }

  /** Adds an Arrow IPC stream of one batch. */
  async write(batch: Uint8Array): Promise<void> {
    await this.#stream.write(batch)
    await this.#appended
  }

  /**
   * Ends the file. parquet-wasm drops a batch that it cannot write
   * without a word, so the rows are counted again from the footer.
   * @throws Error if the file does not hold `rows` rows.
   */
  async close(rows: number): Promise<void> {
    await this.#stream.close()
    await this.#appended
    const held = (await readFooter(this.#file))?.rows ?? 0
    if (held !== rows) throw new Error(`${this.#path} holds ${held} rows instead of ${rows}`)
    await this.#file.close()
  }

  /** Lets go of the file; what is in it is incomplete. Never throws. */
  async abandon(): Promise<void> {
    await this.#stream.abandon()
    await this.#appended.catch(() => {})
    await this.#file.close().catch(() => {})
  }

  #append(bytes: Uint8Array): void {
    this.#appended = this.#appended.then(() => this.#file.writeFile(bytes))
    this.#appended.catch(() => {})
  }
}
