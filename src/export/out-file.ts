import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'

const bytesAtATime = 1024 * 1024

/** A new file that is written from its beginning to its end, in few large steps. */
export class OutFile {
  readonly #file: FileHandle
  #pieces: Uint8Array[] = []
  #bytes = 0

  private constructor(file: FileHandle) {
    this.#file = file
  }

  /** Creates the file, which must not exist, and its folder. */
  static async create(path: string): Promise<OutFile> {
    await mkdir(dirname(path), { recursive: true })
    return new OutFile(await open(path, 'wx'))
  }

  /** Creates a file, lets it be filled, and closes it; where that fails, it is let go of, incomplete. */
  static async write(path: string, fill: (file: OutFile) => Promise<void> | void): Promise<void> {
    const file = await OutFile.create(path)
    try {
      await fill(file)
      await file.close()
    } catch (error) {
      await file.abandon()
      throw error
    }
  }

  /** Adds bytes, which stay as they are until the next `flush`. */
  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#pieces.push(bytes)
    this.#bytes += bytes.length
  }

  addText(text: string): void {
    this.add(Buffer.from(text, 'utf8'))
  }

  /** Writes what was added, if it is enough to be worth it. */
  async flush(least = bytesAtATime): Promise<void> {
    if (this.#bytes < least || this.#bytes === 0) return
    const pieces = this.#pieces
    this.#pieces = []
    this.#bytes = 0
    await this.#file.writeFile(Buffer.concat(pieces))
  }

  async close(): Promise<void> {
    await this.flush(0)
    await this.#file.close()
  }

  /** Lets go of the file; what is in it is incomplete. Never throws. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => {})
  }
}
