import { WARCParser, type WARCRecord } from 'warcio'
import { routeOf } from '../model/routes.js'
import { toKeptAs, warcFields } from '../model/warc-fields.js'
import { inUtc } from './in-utc.js'
import { mayBeJson, withoutPacking } from './packing.js'
import { CutOff, longerThan, wholeOf, type Bytes, type Piece, type Reading } from './piece.js'
import { toToldAbsence, type Came } from './read-absence.js'
import { endsCleanly } from './record-end.js'

/** Headers of a record may be this long at most. */
const headerBytes = 16 * 2 ** 20

/** Reads a WARC record by record, and yields the bodies of answers that may be ours. */
export async function* readWarc(bytes: Bytes, reading: Reading): AsyncGenerator<Piece> {
  reading.found('warc')
  const feed = new Feed(bytes)
  // Its own reading of HTTP heads loses bodies behind a head without headers.
  const parser = new WARCParser(feed, { parseHttp: false })
  const last: Last = { came: null }
  for (let number = 0; ; number += 1) {
    const place = `#record/${number}`
    feed.allow(headerBytes)
    const record = await parser.parse()
    if (record === null) return
    refuseBroken(record)
    feed.allow(Infinity)
    const piece = await readRecord({ place, record, reading, last })
    // The record's own way to skip never ends where the file is cut off.
    for await (const part of record.reader) void part
    if (isCutOff(record)) throw new CutOff(number, 'record')
    yield piece
    feed.allow(headerBytes)
    if (!(await endsCleanly(parser))) yield { kind: 'bad', place, problem: notOfRecord }
  }
}

const notOfRecord = 'is followed by bytes that are of no record: its length may be wrong'

/** Hands bytes on, and stops where a header has no end. */
class Feed implements AsyncIterable<Uint8Array> {
  private left = 0

  constructor(private readonly bytes: Bytes) {}

  allow(bytes: number): void {
    this.left = bytes
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.bytes) {
      if (this.left < 0) throw new Error('is no WARC that can be read: a header has no end')
      this.left -= chunk.length
      yield chunk
    }
  }
}

/** @throws Error for a record without type or length: where the next one begins is not known */
function refuseBroken(record: WARCRecord): void {
  const length = record.warcHeaders.headers.get('Content-Length')
  if (!record.warcType || !/^\d{1,15}$/.test(length ?? ''))
    throw new Error('is no WARC that can be read: a record lacks its type or length')
}

/** What is left of a record's declared length after it was read. */
function isCutOff(record: WARCRecord): boolean {
  const { limit } = record._reader as unknown as { limit?: number }
  return typeof limit === 'number' && limit > 0
}

/** What came last, which the record behind it may be about. */
interface Last {
  came: Came | null
}

/** A record, and what reading it needs. */
interface Found {
  place: string
  record: WARCRecord
  reading: Reading
  last: Last
}

const skipped = ({ place }: Found, reason: string): Piece => ({ kind: 'skipped', place, reason })

function readRecord(found: Found): Piece | Promise<Piece> {
  const { warcType } = found.record
  if (warcType === 'metadata') return readMetadata(found)
  if (warcType === 'revisit') return readRevisit(found)
  return warcType === 'response' || warcType === 'resource'
    ? readResponse(found)
    : skipped(found, `${warcType} record`)
}

async function readResponse(found: Found): Promise<Piece> {
  const { place, record, reading, last } = found
  const route = routeOf(record.warcTargetURI ?? '')
  const bad = (problem: string): Piece =>
    route === null ? skipped(found, 'not ours') : { kind: 'bad', place, problem }
  const { answer } = reading.limits
  const block = await wholeOf(record.reader, answer)
  if (block === null) return bad(longerThan(answer))
  const { status, headers, payload } =
    record.warcType === 'response' ? readHead(block) : plain(block)
  const kept = toKeptAs((name) => record.warcHeader(name))
  const recordId = record.warcHeader('WARC-Record-ID')
  last.came = recordId && kept ? { recordId, body: payload, sha256: kept.sha256 } : null
  const none = status !== 200 ? `HTTP ${status}` : payload.length === 0 ? 'no content' : null
  if (none !== null) return skipped(found, route === null ? 'not ours' : none)
  let body: Buffer
  try {
    body = decoded(payload, headers, answer)
  } catch (error) {
    return bad(`cannot be unpacked: ${(error as Error).message}`)
  }
  if (!mayBeJson(body)) return bad('is no JSON')
  if (route !== null) reading.repeats.keep(digestOf(record), body)
  const told = { route, at: microsOf(record.warcDate ?? ''), clock: 'warc' } as const
  return { kind: 'text', place, bytes: body, told: kept === null ? told : { ...told, kept } }
}

const digestOf = (record: WARCRecord): string | null =>
  record.warcHeader('WARC-Payload-Digest') ?? null

/** An answer that is, byte for byte, one that a record before it holds; its HTTP head may be left out. */
async function readRevisit(found: Found): Promise<Piece> {
  const { place, record, reading } = found
  const route = routeOf(record.warcTargetURI ?? '')
  if (route === null) return skipped(found, 'not ours')
  const block = await wholeOf(record.reader, reading.limits.answer)
  const status = block === null || block.length === 0 ? 200 : readHead(block).status
  if (status !== 200 && status !== 304) return skipped(found, `HTTP ${status}`)
  const bytes = reading.repeats.bodyOf(digestOf(record))
  if (bytes === undefined)
    return status === 304
      ? skipped(found, 'HTTP 304')
      : { kind: 'bad', place, problem: repeatsUnknown }
  const told = { route, at: microsOf(record.warcDate ?? ''), clock: 'warc' } as const
  return { kind: 'text', place, bytes, told }
}

const repeatsUnknown =
  'repeats an answer of another WARC, which it does not hold: import that one before it, in one go'

/** Only a WARC of ours says in one what it holds: that a call found nothing. */
async function readMetadata(found: Found): Promise<Piece> {
  const { place, record, reading, last } = found
  const isOurs = Boolean(record.warcHeader(warcFields.absence))
  const block = isOurs ? await wholeOf(record.reader, reading.limits.answer) : null
  const at = microsOf(record.warcDate ?? '')
  const absence = block && toToldAbsence(record, block, { at, came: last.came })
  return absence ? { kind: 'absence', place, absence } : skipped(found, 'metadata record')
}

/** A time as WARC/1.1 writes it, with as many digits as there are; NULL for what is no time. */
function microsOf(date: string): number | null {
  const millis = Date.parse(inUtc(date))
  if (!Number.isFinite(millis)) return null
  const beyond = /\.\d{3}(\d{1,3})/.exec(date)?.[1] ?? ''
  return Math.round(millis * 1000) + Number(beyond.padEnd(3, '0'))
}

interface Http {
  status: number
  headers: ReadonlyMap<string, string>
  payload: Buffer
}

const plain = (payload: Buffer): Http => ({ status: 200, headers: new Map(), payload })

/**
 * An HTTP answer as it came over the wire: its head, up to the first empty line, and its payload. Without
 * an empty line all of it is payload, which is no answer then.
 */
function readHead(block: Buffer): Http {
  const [end] = ['\r\n\r\n', '\n\n']
    .map((mark) => ({ at: block.indexOf(mark), length: mark.length }))
    .filter(({ at }) => at >= 0)
    .sort((one, other) => one.at - other.at)
  const [first = '', ...lines] = block.toString('latin1', 0, end?.at ?? 64).split(/\r?\n/)
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const
    }),
  )
  const status = Number(/^HTTP\/[\d.]+ (\d{3})/.exec(first)?.[1] ?? 0)
  return { status, headers, payload: end ? block.subarray(end.at + end.length) : block }
}

/** A body without what it was wrapped in on its way: chunks, and packing. */
function decoded(raw: Buffer, headers: Http['headers'], limit: number): Buffer {
  const transfer = headers.get('transfer-encoding')?.toLowerCase() ?? ''
  const whole = transfer.includes('chunked') ? withoutChunks(raw) : raw
  return withoutPacking(whole, headers.get('content-encoding') ?? '', limit)
}

/** Joins the chunks of a body; one that is none, though the headers say so, is left as it is. */
function withoutChunks(raw: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; ;) {
    const lineEnd = raw.indexOf('\r\n', at)
    const size = /^\s*([0-9a-f]{1,8})\s*(;.*)?$/i.exec(
      raw.subarray(at, Math.max(at, Math.min(lineEnd, at + 200))).toString('latin1'),
    )?.[1]
    if (size === undefined) {
      if (at === 0) return raw
      throw new Error('its chunks are broken')
    }
    const length = parseInt(size, 16)
    if (length === 0) return Buffer.concat(parts)
    const from = lineEnd + 2
    if (from + length > raw.length) throw new Error('its chunks are cut off')
    parts.push(raw.subarray(from, from + length))
    at = from + length + 2
  }
}
