import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { WARCParser, type WARCRecord } from 'warcio'
import { routeOf } from '../model/routes.js'
import { CutOff, megabytes, type Bytes, type Piece, type Reading } from './piece.js'
import { mayBeJson } from './read-har.js'

/** Headers of a record may be this long at most. */
const headerBytes = 16 * 2 ** 20

/** Reads a WARC record by record, and yields the bodies of answers that may be ours. */
export async function* readWarc(bytes: Bytes, reading: Reading): AsyncGenerator<Piece> {
  reading.found('warc')
  const feed = new Feed(bytes)
  const parser = new WARCParser(feed)
  for (let number = 0; ; number += 1) {
    const place = `#record/${number}`
    feed.allow(headerBytes)
    const record = await parser.parse()
    if (record === null) return
    feed.allow(Infinity)
    const piece = await readRecord(place, record, reading)
    await record.skipFully()
    if (isCutOff(record)) throw new CutOff(number, 'record')
    yield piece
  }
}

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

/** What is left of a record's declared length after it was read. */
function isCutOff(record: WARCRecord): boolean {
  const { limit } = record._reader as unknown as { limit?: number }
  return typeof limit === 'number' && limit > 0
}

async function readRecord(place: string, record: WARCRecord, reading: Reading): Promise<Piece> {
  const skipped = (reason: string): Piece => ({ kind: 'skipped', place, reason })
  const bad = (problem: string): Piece => ({ kind: 'bad', place, problem })
  const { warcType, warcTargetURI, warcDate } = record
  if (warcType !== 'response' && warcType !== 'resource') return skipped(`${warcType} record`)
  const route = routeOf(warcTargetURI ?? '')
  const info = warcType === 'response' ? record.getResponseInfo() : null
  const status = warcType === 'response' ? Number(info?.status) : 200
  if (status !== 200) return skipped(route === null ? 'not ours' : `HTTP ${status}`)
  const { answer } = reading.limits
  const raw = await readPayload(record, answer)
  const tooLong = `is longer than ${megabytes(answer)}, the most that one answer may be`
  if (raw === null) return route === null ? skipped('not ours') : bad(tooLong)
  let body: Buffer
  try {
    body = decoded(raw, info?.headers ?? null, answer)
  } catch (error) {
    return route === null ? skipped('not ours') : bad(`cannot be unpacked: ${messageOf(error)}`)
  }
  if (!mayBeJson(body)) return route === null ? skipped('not ours') : bad('is no JSON')
  const at = Date.parse(warcDate ?? '') * 1000
  const told = { route, at: Number.isFinite(at) ? Math.round(at) : null, clock: 'warc' } as const
  return { kind: 'text', place, bytes: body, told }
}

const messageOf = (error: unknown): string => (error as Error).message

async function readPayload(record: WARCRecord, limit: number): Promise<Buffer | null> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of record.reader) {
    size += part.length
    if (size > limit) parts.length = 0
    else parts.push(part)
  }
  return size > limit ? null : Buffer.concat(parts)
}

type HeadersLike = { get(name: string): string | null | undefined }

/** A body without what it was wrapped in on its way: chunks, and packing. */
function decoded(raw: Buffer, headers: HeadersLike | null, limit: number): Buffer {
  const transfer = headers?.get('transfer-encoding')?.toLowerCase() ?? ''
  const whole = transfer.includes('chunked') ? withoutChunks(raw) : raw
  const options = { maxOutputLength: limit }
  switch (headers?.get('content-encoding')?.toLowerCase().trim()) {
    case 'gzip':
    case 'x-gzip':
      return isGzip(whole) ? gunzipSync(whole, options) : whole
    case 'deflate':
      return inflateSync(whole, options)
    case 'br':
      return mayBeJson(whole) ? whole : brotliDecompressSync(whole, options)
    default:
      return whole
  }
}

/** Some tools keep the headers and unpack the body. */
const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

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
