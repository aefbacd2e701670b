import { join } from 'node:path'
import { version } from '../../model/version.js'
import { readDigest } from '../file-digest.js'
import { OutFile } from '../out-file.js'
import { toPacked, toUrn, uuidOf, type RecordParts } from './record.js'

/** Where a record stands. */
export interface Placed {
  record: RecordParts
  /** Name of its file, without folders. */
  file: string
  /** In bytes, of the packed record. */
  offset: number
  length: number
}

/** A file that is complete on disk. */
export interface WarcFile {
  name: string
  records: number
  bytes: number
  sha256: string
}

/** What files are written with. */
export interface WarcFilesOptions {
  folder: string
  /** A file that has this many bytes is ended, and another one begun. */
  bytesPerFile: number
  /** What `warcinfo` says of the time: the instant of the newest answer. */
  at: string
  /** In words, for `warcinfo`. */
  description: string
}

/** The name of a file, by its number from 0. */
const warcName = (number: number): string => `answers-${String(number).padStart(5, '0')}.warc.gz`

/** Writes records to files of a set size, each with a `warcinfo` at its start; there is always one. */
export class WarcFiles {
  readonly files: WarcFile[] = []
  #open: { file: OutFile; name: string; info: string; offset: number; records: number } | null =
    null

  constructor(private readonly options: WarcFilesOptions) {}

  /** Writes records that belong together to one file. */
  async add(records: readonly RecordParts[]): Promise<Placed[]> {
    if (this.#open && this.#open.offset >= this.options.bytesPerFile) await this.#end()
    const [first] = records
    await this.#begin(first?.id ?? '')
    const placed = []
    for (const record of records) placed.push(await this.#write(record))
    return placed
  }

  async close(): Promise<WarcFile[]> {
    if (this.files.length === 0) await this.#begin('')
    await this.#end()
    return this.files
  }

  /** Lets go of the file under way. Never throws. */
  async abandon(): Promise<void> {
    await this.#open?.file.abandon()
  }

  async #begin(firstId: string): Promise<void> {
    if (this.#open) return
    const { folder, at, description } = this.options
    const name = warcName(this.files.length)
    const file = await OutFile.create(join(folder, name))
    const info = uuidOf('warcinfo', name, at, firstId)
    this.#open = { file, name, info, offset: 0, records: 0 }
    await this.#write(toInfo({ info, name, at, description }))
  }

  async #write(record: RecordParts): Promise<Placed> {
    const open = this.#open!
    const isInfo = record.type === 'warcinfo'
    const about: Record<string, string> = isInfo ? {} : { 'WARC-Warcinfo-ID': toUrn(open.info) }
    const packed = await toPacked({ ...record, fields: { ...record.fields, ...about } })
    const placed = { record, file: open.name, offset: open.offset, length: packed.length }
    open.offset += packed.length
    open.records += 1
    open.file.add(packed)
    await open.file.flush()
    return placed
  }

  async #end(): Promise<void> {
    const open = this.#open
    if (!open) return
    await open.file.close()
    this.#open = null
    const digest = await readDigest(join(this.options.folder, open.name))
    this.files.push({ name: open.name, records: open.records, ...digest })
  }
}

function toInfo(file: {
  info: string
  name: string
  at: string
  description: string
}): RecordParts {
  const fields = {
    software: `afterfeed/${version}`,
    format: 'WARC File Format 1.1',
    conformsTo: 'https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/',
    description: file.description,
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  return {
    ...{ type: 'warcinfo', id: file.info, at: file.at, uri: null },
    contentType: 'application/warc-fields',
    fields: { 'WARC-Filename': file.name },
    payload: Buffer.from(lines.join(''), 'utf8'),
  }
}
