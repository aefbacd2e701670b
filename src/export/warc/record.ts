import { createHash } from 'node:crypto'
import pako from 'pako'
import { WARCRecord, WARCSerializer, type WARCType } from 'warcio'

/** A record to be written; the heads of requests and answers are part of the block. */
export interface RecordParts {
  type: WARCType
  /** UUID, without its URN. */
  id: string
  /** As WARC writes times. */
  at: string
  /** `WARC-Target-URI`; NULL for what is about a file. */
  uri: string | null
  contentType?: string
  /** Further named fields of the record. */
  fields?: Readonly<Record<string, string>>
  /** First line and headers of a request or an answer. */
  http?: { line: string; headers: Readonly<Record<string, string>> }
  payload: Buffer
}

/**
 * Packs a record as a gzip of its own, without a time in it: the same record is the same bytes. The
 * digests are of what is written: the block with its HTTP head, and the payload without it.
 */
export async function toPacked(parts: RecordParts): Promise<Uint8Array> {
  const record = toRecord(parts)
  const head = record.httpHeaders ? `${record.httpHeaders.toString()}\r\n` : ''
  const fields = record.warcHeaders.headers
  fields.set('WARC-Payload-Digest', digestOf(parts.payload))
  fields.set('WARC-Block-Digest', digestOf(Buffer.from(head, 'utf8'), parts.payload))
  return pack(await WARCSerializer.serialize(record, { gzip: false }))
}

/** What fits into this needs no larger window, which would cost more than the packing. */
const smallWindowBits = 12

/** Packs in JavaScript: the packer of the system makes other bytes on other machines. */
function pack(record: Uint8Array): Uint8Array {
  const isSmall = record.length <= 2 ** smallWindowBits
  return pako.gzip(record, isSmall ? { windowBits: smallWindowBits, memLevel: 5 } : {})
}

function toRecord({ type, id, at, uri, contentType, fields, http, payload }: RecordParts) {
  return WARCRecord.create(
    {
      type,
      date: at,
      warcVersion: 'WARC/1.1',
      ...(uri === null ? {} : { url: uri }),
      ...(http ? { statusline: http.line, httpHeaders: withoutBreaks(http.headers) } : {}),
      warcHeaders: {
        'WARC-Record-ID': toUrn(id),
        ...withoutBreaks(fields ?? {}),
        ...(contentType === undefined ? {} : { 'Content-Type': contentType }),
      },
    },
    [payload],
  )
}

/** `<urn:uuid:…>`. */
export const toUrn = (id: string): string => `<urn:uuid:${id}>`

/** A UUID (version 8, RFC 9562) that its content gives: no chance in it, and no clock. */
export function uuidOf(...content: readonly string[]): string {
  const hash = createHash('sha256').update(content.join('\n')).digest()
  hash[6] = (hash[6]! & 0x0f) | 0x80
  hash[8] = (hash[8]! & 0x3f) | 0x80
  const [, ...groups] = /^(.{8})(.{4})(.{4})(.{4})(.{12})/.exec(hash.toString('hex'))!
  return groups.join('-')
}

/** `sha256:` and the digest in hex, as WARC labels digests. */
export function digestOf(...pieces: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return `sha256:${hash.digest('hex')}`
}

/** A field is one line, whatever it holds. */
const withoutBreaks = (fields: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value.replace(/[\0-\x1f\x7f]+/g, ' ')]),
  )
