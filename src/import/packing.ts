import { isUtf8 } from 'node:buffer'
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'
import { longerThan } from './piece.js'

/** True for what begins like a JSON object or list. */
export const mayBeJson = (body: Buffer): boolean =>
  /^(\xef\xbb\xbf)?\s*[[{]/.test(body.subarray(0, 256).toString('latin1'))

/**
 * A body without the packing that its header `content-encoding` tells; one that is plain all the same
 * is left as it is.
 * @throws Error if it is broken, is longer than `limit` bytes, or is packed in a way that is not read
 */
export function withoutPacking(body: Buffer, encoding: string, limit: number): Buffer {
  if (isPlain(body)) return body
  try {
    return unpackedAs(encoding.toLowerCase().trim(), body, { maxOutputLength: limit })
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_BUFFER_TOO_LARGE') throw error
    throw new Error(`it ${longerThan(limit)}`)
  }
}

function unpackedAs(packing: string, body: Buffer, options: { maxOutputLength: number }): Buffer {
  switch (packing) {
    case 'gzip':
    case 'x-gzip':
      return isGzip(body) ? gunzipSync(body, options) : body
    case 'deflate':
      return isZlib(body) ? inflateSync(body, options) : inflateRawSync(body, options)
    case 'br':
      return brotliDecompressSync(body, options)
    case '':
    case 'identity':
      return body
    default:
      throw new Error(`its packing, ${plainName(packing)}, is not read: unpack it yourself`)
  }
}

const plainName = (name: string): string => name.replace(/[^\w, -]/g, '?').slice(0, 40)

/** Some tools keep the headers and unpack the body. Brotli, too, may begin with a bracket, but is no text. */
const isPlain = (bytes: Buffer): boolean => mayBeJson(bytes) && isUtf8(bytes)

/** By its first bytes. */
export const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** Some servers send what they call deflate without its head. */
const isZlib = (bytes: Buffer): boolean =>
  bytes.length >= 2 && (bytes[0]! & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0
