import { createHash, type Hash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdir, open, rename, unlink, writeFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { layDown, mediaPath, partialFolder, partialName } from '../archive/media-store.js'
import { headBytes, type FileKind } from '../model/file-kind.js'
import type { Resume } from './read-answer.js'

/** A file that is whole and lies under its name. */
export interface WholeFile {
  sha256: string
  bytes: number
  path: string
  contentType: string
}

/** What is noted beside a partial file. */
interface Note {
  validator: string | null
  total: number | null
  contentType: string | null
  /** Bytes that survive a loss of power. */
  safeBytes: number
  /** Since when the machine runs; without a restart all that was written is there. */
  boot: string
  /** Set as soon as it is whole. */
  done?: WholeFile
}

/** Bytes are written so many at a time, or after so long: a kill costs no more. */
const written = 256 * 1024
const writtenMs = 50

/**
 * The file of one asset while it is received, beside the store. It survives a break and a kill, and is
 * gone on with; under its final name it is whole.
 */
export class PartialFile {
  private readonly path: string
  private note: Note | null
  private file: FileHandle | null = null
  private hash: Hash = createHash('sha256')
  private waiting: Buffer[] = []
  private waitingBytes = 0
  private size = 0
  private flushedMs = 0
  head: Buffer = Buffer.alloc(0)

  constructor(
    private readonly dir: string,
    assetKey: string,
    private readonly isSynced: boolean,
  ) {
    this.path = join(partialFolder(dir), partialName(assetKey))
    this.note = readNote(`${this.path}.json`)
  }

  /** Bytes received so far, of this and former downloads. */
  get bytes(): number {
    return this.size
  }

  /** From where the download can go on; NULL: from the beginning. */
  resume(): Resume | null {
    const { note } = this
    const offset = this.keptBytes()
    if (note === null || note.validator === null || offset === 0) return null
    return { offset, validator: note.validator, total: note.total }
  }

  /** A file that was whole when a former run was killed: it gets its name without a request. */
  async recover(): Promise<WholeFile | null> {
    const done = this.note?.done
    if (done === undefined) return null
    if (!existsSync(join(this.dir, done.path))) {
      if (this.sizeOnDisk() !== done.bytes || (await this.digest()) !== done.sha256) return null
      const extension = done.path.slice(done.path.lastIndexOf('.') + 1)
      await layDown(this.dir, this.path, { ...done, extension, isSynced: this.isSynced })
    }
    return done
  }

  /** Begins to write at `from`: what is there before it is read again, for the digest. */
  async begin(from: number, about: Pick<Note, 'validator' | 'total' | 'contentType'>) {
    await mkdir(partialFolder(this.dir), { recursive: true })
    const safeBytes = Math.min(from, this.note?.safeBytes ?? 0)
    await this.saveNote({ ...about, safeBytes, boot: bootId() })
    this.file = await open(this.path, from === 0 ? 'w+' : 'r+')
    if (from > 0) await this.file.truncate(from)
    await this.readAgain(from)
  }

  /** Takes the next bytes. */
  async write(chunk: Buffer): Promise<void> {
    if (this.head.length < headBytes) this.noteHead(chunk)
    this.hash.update(chunk)
    this.waiting.push(chunk)
    this.waitingBytes += chunk.length
    this.size += chunk.length
    const isDue = this.waitingBytes >= written || performance.now() - this.flushedMs > writtenMs
    if (isDue) await this.flush()
  }

  /** Gives the file its name; the partial one is gone, but for a note until `forget`. */
  async finish(kind: FileKind, contentType: string): Promise<WholeFile> {
    const { isSynced } = this
    await this.close()
    const sha256 = this.hash.digest('hex')
    const { extension } = kind
    const path = mediaPath(sha256, extension)
    const done = { sha256, bytes: this.size, path, contentType }
    await this.saveNote({ ...this.note!, done })
    await layDown(this.dir, this.path, { sha256, extension, isSynced })
    return done
  }

  /** Leaves what was received for a later run. */
  async keep(): Promise<void> {
    if (this.file === null || this.note === null) return
    await this.close()
    await this.saveNote({ ...this.note, safeBytes: this.isSynced ? this.size : 0 })
  }

  /** Takes away what was received, and the note. */
  async forget(): Promise<void> {
    await this.file?.close()
    this.file = null
    this.note = null
    await remove(this.path)
    await remove(`${this.path}.json`)
  }

  private noteHead(chunk: Buffer): void {
    this.head = Buffer.concat([this.head, chunk.subarray(0, headBytes - this.head.length)])
  }

  private async flush(): Promise<void> {
    const bytes = this.waiting.length === 1 ? this.waiting[0]! : Buffer.concat(this.waiting)
    const at = this.size - this.waitingBytes
    this.waiting = []
    this.waitingBytes = 0
    this.flushedMs = performance.now()
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.file!.write(bytes, done, bytes.length - done, at + done)
      done += bytesWritten
    }
  }

  private async close(): Promise<void> {
    const file = this.file!
    try {
      if (this.waitingBytes > 0) await this.flush()
      if (this.isSynced) await file.sync()
    } finally {
      this.file = null
      await file.close()
    }
  }

  private async readAgain(bytes: number): Promise<void> {
    const buffer = Buffer.allocUnsafe(Math.min(written, Math.max(bytes, 1)))
    while (this.size < bytes) {
      const most = Math.min(buffer.length, bytes - this.size)
      const { bytesRead } = await this.file!.read(buffer, 0, most, this.size)
      if (bytesRead === 0) throw new Error(`${this.path} is shorter than it was`)
      const chunk = buffer.subarray(0, bytesRead)
      if (this.head.length < headBytes) this.noteHead(chunk)
      this.hash.update(chunk)
      this.size += bytesRead
    }
  }

  private async digest(): Promise<string> {
    const hash = createHash('sha256')
    const file = await open(this.path, 'r')
    for await (const chunk of file.createReadStream()) hash.update(chunk as Buffer)
    return hash.digest('hex')
  }

  private keptBytes(): number {
    const { note } = this
    if (note === null || note.done !== undefined) return 0
    const size = this.sizeOnDisk()
    return note.boot !== '' && note.boot === bootId() ? size : Math.min(size, note.safeBytes)
  }

  private sizeOnDisk(): number {
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0
  }

  /** Written beside and renamed: a note is never half. */
  private async saveNote(note: Note): Promise<void> {
    this.note = note
    const path = `${this.path}.json`
    await writeFile(`${path}~`, JSON.stringify(note))
    await rename(`${path}~`, path)
  }
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}

function readNote(path: string): Note | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Note
  } catch {
    return null
  }
}

let boot: string | undefined

/** Linux tells which start of the machine this is; '' elsewhere. */
function bootId(): string {
  boot ??= readOr('/proc/sys/kernel/random/boot_id', '')
  return boot
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return otherwise
  }
}
