import { isKeptType, plainType } from './content-kind.js'
import { trouble } from './trouble.js'

/** What a partial file knows of the whole. */
export interface Resume {
  /** Bytes that are there. */
  offset: number
  /** What `If-Range` takes. */
  validator: string
  total: number | null
}

/** What was asked for. */
export interface Asked {
  resume: Resume | null
  /** Size as the API announces it. */
  announced: number | null
  largestBytes: number
  /** A file without a type is taken by its first bytes. */
  untyped: boolean
}

/** The beginning of an answer that brings a file, or the rest of one. */
export interface BodyAhead {
  /** Where its first byte belongs. */
  from: number
  /** Size of the whole file; NULL: its end is marked in the stream. */
  total: number | null
  contentType: string | null
  /** For a later `If-Range`; NULL: it cannot be resumed. */
  validator: string | null
}

/** Headers by lower-case name. */
export type Headers = Readonly<Record<string, string | undefined>>

/**
 * Reads the head of a 200 or 206.
 * @throws MediaError for an answer whose body is not to be kept
 */
export function readHead(status: number, headers: Headers, asked: Asked): BodyAhead {
  const packed = (headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (packed !== 'identity' && packed !== '')
    throw trouble('again', 'encoding', `the body came packed (${packed.slice(0, 40)})`)
  const contentType = headers['content-type'] ?? null
  if (!isKeptType(contentType, asked.untyped)) {
    const type = plainType(contentType).slice(0, 80) || 'no type'
    throw trouble('refused', 'content_type', `${type} is neither video, image nor captions`)
  }
  const validator = validatorOf(headers)
  const place = status === 206 ? placeOf206(headers, asked) : placeOf200(headers, asked)
  checkSize(place.total, asked)
  return { ...place, contentType, validator }
}

function placeOf200(
  headers: Headers,
  { announced }: Asked,
): { from: number; total: number | null } {
  const length = wholeNumber(headers['content-length'])
  if (length !== null) return { from: 0, total: length }
  const isChunked = /\bchunked\b/i.test(headers['transfer-encoding'] ?? '')
  if (isChunked || announced !== null) return { from: 0, total: null }
  throw trouble('again', 'cut', 'the answer tells no length: nothing proves that it is whole')
}

function placeOf206(headers: Headers, { resume }: Asked): { from: number; total: number } {
  const range = headers['content-range'] ?? ''
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(range.trim())
  const wrong = (problem: string) => trouble('again', 'content_range', problem)
  if (match === null || resume === null) throw wrong('a part came that was not asked for')
  const [from, last, total] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (from !== resume.offset || last !== total - 1)
    throw wrong(`bytes ${resume.offset}- were asked for, and ${range.slice(0, 60)} came`)
  const length = wholeNumber(headers['content-length'])
  if (length !== null && length !== total - from)
    throw wrong(`a part of ${total - from} bytes came with the length ${length}`)
  // A part that does not say which version it is of proves nothing (RFC 9110 section 15.3.7.1: it must).
  const isOther = validatorOf(headers) !== resume.validator
  if (isOther || (resume.total !== null && resume.total !== total))
    throw trouble('again', 'changed', 'the part that came is not, or not surely, of the same file')
  return { from, total }
}

/**
 * The size as far as it is told.
 * @throws MediaError if it is too large, or not the one that was announced
 */
function checkSize(total: number | null, { announced, largestBytes }: Asked): void {
  if (total === null) return
  if (total > largestBytes) throw tooLarge(total, largestBytes)
  if (announced !== null && total !== announced) throw wrongLength(total, announced)
}

/** For a file above the limit. */
export const tooLarge = (bytes: number, most: number) =>
  trouble('refused', 'too_large', `it has ${bytes} bytes or more, above the limit of ${most}`, {
    bytes,
  })

/** For a file of another size than the API announced. */
export const wrongLength = (bytes: number, announced: number) =>
  trouble('again', 'wrong_length', `${bytes} bytes, where the API announced ${announced}`)

const wholeNumber = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : null

/** What tells two versions of a file apart for sure (RFC 9110 section 13.1.5). */
function validatorOf(headers: Headers): string | null {
  const etag = headers['etag']?.trim()
  if (etag !== undefined && /^"[\x21\x23-\x7e]{1,200}"$/.test(etag)) return etag
  const [modified, date] = [headers['last-modified'], headers['date']]
  if (etag !== undefined || modified === undefined || date === undefined) return null
  const age = Date.parse(date) - Date.parse(modified)
  return age >= 1000 ? modified : null
}
