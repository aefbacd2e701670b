import { join } from 'node:path'
import pako from 'pako'
import type Database from 'better-sqlite3'
import { openDatabaseFile } from '../../archive/database-file.js'
import { getSurt, postToGetUrl } from 'warcio/utils'
import { OutFile } from '../out-file.js'
import { inChunks } from '../pages.js'
import { digestOf, type RecordParts } from './record.js'
import type { Placed } from './warc-files.js'

/** Lines that are packed together, as the tools of Webrecorder do it. */
const linesPerBlock = 1024

const mostQuery = 4096

/**
 * Sorts the lines of a CDXJ index on disk, and writes them packed in blocks (`index.cdx.gz`) with the
 * place of each block (`index.idx`). Source: Webrecorder's CDXJ 0.1.0, and what `cdxj-indexer` writes.
 */
export class CdxIndex {
  readonly #database: Database.Database
  readonly #insert: Database.Statement
  readonly #path: string

  /** The folder must exist; what is written there besides is for the time of the work only. */
  constructor(folder: string) {
    this.#path = join(folder, 'lines.sqlite')
    this.#database = openDatabaseFile(this.#path)
    for (const pragma of ['journal_mode = OFF', 'synchronous = OFF', 'cache_size = -4000'])
      this.#database.pragma(pragma)
    this.#database.exec('CREATE TABLE lines (line TEXT); BEGIN')
    this.#insert = this.#database.prepare('INSERT INTO lines VALUES (?)')
  }

  /** Adds what came, of the records of a call. */
  add(placed: readonly Placed[]): void {
    const request = placed.find(({ record }) => record.type === 'request')?.record ?? null
    for (const each of placed)
      if (each.record.type === 'response' || each.record.type === 'resource')
        this.#insert.run(toLine(each, request))
  }

  /** Writes both files. */
  async write(path: { blocks: string; places: string }): Promise<void> {
    const meta = { format: 'cdxj-gzip-1.0', filename: 'index.cdx.gz' }
    const places = [`!meta 0 ${JSON.stringify(meta)}\n`]
    await OutFile.write(path.blocks, async (blocks) => {
      let offset = 0
      for (const lines of inChunks(this.#lines(), linesPerBlock)) {
        const packed = pako.gzip(lines.map((line) => `${line}\n`).join(''))
        const key = lines[0]!.slice(0, lines[0]!.indexOf(' {'))
        places.push(`${key} ${JSON.stringify({ offset, length: packed.length })}\n`)
        blocks.add(packed)
        await blocks.flush()
        offset += packed.length
      }
    })
    await OutFile.write(path.places, (file) => file.addText(places.join('')))
  }

  close(): void {
    this.#database.close()
  }

  #lines(): IterableIterator<string> {
    const select = this.#database.prepare('SELECT line FROM lines ORDER BY line').pluck()
    return select.iterate() as IterableIterator<string>
  }
}

/** SURT of the address, fourteen digits of the time, and where the record is. */
function toLine({ record, file, offset, length }: Placed, request: RecordParts | null): string {
  const { url, more } = withPosted(record.uri!, request)
  const fields = {
    url: record.uri,
    mime: mimeOf(record),
    ...(record.http ? { status: statusOf(record) } : {}),
    digest: digestOf(record.payload),
    ...{ length: String(length), offset: String(offset), filename: file },
    ...more,
  }
  return `${getSurt(url)} ${toDigits(record.at)} ${JSON.stringify(fields)}`
}

/**
 * The address by which a capture is looked up: for a POST with its method and body as parameters, as
 * the tools that replay WARCs look for it.
 */
function withPosted(uri: string, request: RecordParts | null) {
  const method = request?.http?.line.split(' ')[0] ?? 'GET'
  if (request === null || method === 'GET') return { url: uri, more: {} }
  const headers = new Map(Object.entries(request.http!.headers))
  const asked: Parameters<typeof postToGetUrl>[0] & { requestBody?: string } = {
    ...{ url: uri, method, headers, postData: request.payload },
  }
  postToGetUrl(asked, mostQuery)
  return { url: asked.url, more: { method, requestBody: asked.requestBody ?? '' } }
}

const statusOf = ({ http }: RecordParts): string => http!.line.split(' ')[1]!

function mimeOf({ http, contentType }: RecordParts): string {
  const named = Object.entries(http?.headers ?? {}).find(([name]) => /^content-type$/i.test(name))
  return (named?.[1] ?? contentType ?? 'application/octet-stream').split(/[;\s]/, 1)[0]!
}

const toDigits = (at: string): string => at.replace(/\D/g, '').slice(0, 14)
