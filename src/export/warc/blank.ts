import { redactSecret, shortestKey } from '../../model/redact.js'
import { holdsSignature, withoutCacheSignature } from '../../model/signed-url.js'

/** What is taken out of answers before they leave. */
export interface Blanking {
  /** Keeps the signatures of URLs: for oneself. */
  withSignedUrls: boolean
  /** Keys that are known here, wherever they stand. */
  secrets: readonly string[]
}

const blank = '[redacted]'

/** The address at which TikHub gives an answer again without a key: as good as one. */
const cacheUrl = /("cache_url"\s*:\s*)"[^"\\]*(?:\\.[^"\\]*)*"/g

/** What an answer may quote of the headers of a request. */
const bearer = /\b(Bearer\s+)[\w.~+/=-]{20,}/gi

/** An address up to the end of its string or word; JSON may write its signs as escapes. */
const address = /https?:(?:\/|\\\/|\\u002f){2}(?:[^"\s\\]|\\(?:u[0-9a-f]{4}|[/\\]))*/gi

/** A signature that stands in no address that was found. */
const stray =
  /((?:[?&]|\\u0026|\\u003f|%26|%3f)(?:sig|sign|signature|token|x-amz-signature)(?:=|\\u003d|%3d))[^"&\s\\[]+/gi

/**
 * A body without signatures and keys, byte for byte the same elsewhere. It is read as bytes, not as
 * JSON: what is no JSON, or only nearly, is blanked too.
 */
export function toBlanked(body: Buffer, blanking: Blanking): Buffer {
  const text = body.toString('latin1')
  const clean = withoutKeys(blanking.withSignedUrls ? text : withoutSignatures(text), blanking)
  return clean === text ? body : Buffer.from(clean, 'latin1')
}

/** A short text without signatures and keys: a header, a parameter, a place in a file. */
export const toBlankedText = (text: string, blanking: Blanking): string =>
  toBlanked(Buffer.from(text, 'utf8'), blanking).toString('utf8')

function withoutKeys(text: string, { secrets }: Blanking): string {
  const clean = text.replace(cacheUrl, `$1"${blank}"`).replace(bearer, `$1${blank}`)
  return secrets
    .filter((each) => each.length >= shortestKey)
    .map((each) => Buffer.from(each, 'utf8').toString('latin1'))
    .reduce(redactSecret, clean)
}

const withoutSignatures = (text: string): string =>
  withoutCacheSignature(text).replace(address, unsignedAddress).replace(stray, `$1${blank}`)

/** The address up to its query, if that holds a signature, also one of an address inside of it. */
function unsignedAddress(url: string): string {
  const start = /[?#]|\\u003f|\\u0023/i.exec(url) ?? /%3f/i.exec(url)
  if (start === null) return url
  return holdsSignature(decoded(url.slice(start.index))) ? url.slice(0, start.index) : url
}

/** A query with what JSON, markup, and addresses around addresses write as escapes. */
const decoded = (query: string): string =>
  query
    .replace(/\\u00([0-9a-f]{2})/gi, (_, hex: string) => signOf(hex))
    .replaceAll('&amp;', '&')
    .replaceAll('%25', '%')
    .replace(/%(3f|23|26|3d)/gi, (_, hex: string) => signOf(hex))
    .replaceAll('#', '?')

const signOf = (hex: string): string => String.fromCharCode(parseInt(hex, 16))
