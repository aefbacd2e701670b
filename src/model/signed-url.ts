/**
 * Signed media URLs: which file they name, and until when they work.
 * Families and evidence: Azure SAS URLs of `videos.openai.com` as captured 2025-10 to 2026-03.
 */

import { replaceRuns, runOf } from './long-run.js'

const form = /^(https?):\/\/([^/?#\s]+)((?:\/[^?#\s]*)?)(\?[^#\s]*)?(#\S*)?$/
const localHost = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/
const signatureParameter = /[?&](sig|se|sign|signature|expires|token|x-amz-signature)=/i

/** A web address that may be kept: https, or http on this very machine (the local API). */
export function isMediaUrl(url: string): boolean {
  const parts = form.exec(url)
  return parts !== null && (parts[1] === 'https' || localHost.test(parts[2]!))
}

/** True for an address on this very machine. */
export const isLocalAddress = (url: string): boolean => localHost.test(form.exec(url)?.[2] ?? '')

const slash = String.raw`(?:\/|\\\/|\\u002f|%2f)`
const cachedLink = {
  begin: new RegExp(`estuary${slash}public_content${slash}enc${slash}`, 'gi'),
  run: runOf(String.raw`[\w+=-]+|${slash}|\\u002b|\\u003d|%2b|%3d`, 'i'),
}

/**
 * A text in which no link into the picture cache has its signature any more: it stands inside of JSON
 * that is the last part of its path, in Base64. All else in it stays, also in a text that is cut off, or
 * that writes addresses with escapes.
 */
export const withoutCacheSignature = (text: string): string =>
  replaceRuns(text, cachedLink, (start, inside) => {
    const json = Buffer.from(withoutEscapes(inside), 'base64').toString('latin1')
    const bare = json.replace(/("sig"\s*:\s*")[^"]+/g, '$1')
    return start + (bare === json ? inside : Buffer.from(bare, 'latin1').toString('base64'))
  })

/** Base64 with its own signs, where JSON or an address wrote others for them. */
const withoutEscapes = (base64: string): string =>
  base64
    .replace(/(?:\\u00|%)2f/gi, '/')
    .replace(/(?:\\u00|%)2b/gi, '+')
    .replace(/(?:\\u00|%)3d/gi, '=')
    .replaceAll('\\', '')

/** The URL without query, fragment and signature: nothing in it lets anybody fetch the file. */
export const withoutSignature = (url: string): string =>
  withoutCacheSignature(url.replace(/[?#].*$/s, ''))

/** An address up to the end of its string or word; JSON may write its signs as escapes. */
const address = {
  begin: /https?:(?:\/|\\\/|\\u002f){2}/gi,
  run: runOf(String.raw`[^"\s\\]+|\\(?:u[0-9a-f]{4}|[/\\])`, 'i'),
}

/** A signature that stands in no address that was found. */
const stray =
  /((?:[?&]|\\u0026|\\u003f|%26|%3f)(?:sig|sign|signature|token|x-amz-signature)(?:=|\\u003d|%3d))[^"&\s\\[]+/gi

/**
 * A text in which no signature of a URL stands any more: an address ends before the query that holds one.
 * All else stays, byte for byte, also in what is no JSON, or only nearly.
 */
export const withoutSignatures = (text: string): string => cutAddresses(text, false)

/** A text in which no address has its query, fragment or signature any more. */
export const unsigned = (text: string): string => cutAddresses(text, true)

const cutAddresses = (text: string, isAlways: boolean): string =>
  replaceRuns(withoutCacheSignature(text), address, (begun, rest) =>
    cutAddress(begun + rest, isAlways),
  ).replace(stray, '$1[redacted]')

/** The address up to its query, if that holds a signature, also one of an address inside of it. */
function cutAddress(url: string, isAlways: boolean): string {
  const own = url.search(/[?#]|\\u003f|\\u0023/i)
  const start = own < 0 ? url.search(/%3f/i) : own
  if (start < 0) return url
  const isCut = (isAlways && own >= 0) || signatureParameter.test(decoded(url.slice(start)))
  return isCut ? url.slice(0, start) : url
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

/**
 * The instant at which the signature ends, in microseconds: the earlier of `se` (the signature) and
 * `ske` (its key); NULL where the URL tells none. Parsed, never assumed.
 */
export function expiresAt(url: string): number | null {
  const query = form.exec(url)?.[4]
  if (query === undefined) return null
  const ends = [signatureEnd, keyEnd].map((end) => instantAt(end.exec(query)?.[1]))
  const known = ends.filter((each) => each !== null)
  return known.length === 0 ? null : Math.min(...known)
}

const signatureEnd = /[?&]se=([^&]*)/
const keyEnd = /[?&]ske=([^&]*)/
const isoInstant = /^\d{4}-\d\d-(\d\d)T\d\d:\d\d:\d\d(?:\.\d+)?Z$/

function instantAt(encoded: string | undefined): number | null {
  if (encoded === undefined) return null
  const iso = percentDecoded(encoded)
  const day = isoInstant.exec(iso)?.[1]
  if (day === undefined) return null
  const millis = Date.parse(iso)
  // `Date.parse` takes 30 February for a day in March.
  return new Date(millis).getUTCDate() === Number(day) ? millis * 1000 : null
}

/**
 * The key that stays the same however often the file is signed again: the blob's path below
 * `/vg-assets/` or `/az/files/`, the id inside a picture-cache URL, else the URL itself (without a
 * query that signs, and without a signature in its path). Host and storage account are no part of it.
 */
export function assetKey(url: string): string {
  const parts = form.exec(url)
  if (parts === null) return withoutSignature(url)
  const path = percentDecoded(parts[3] ?? '')
  const blob = /^(?:\/az)?\/vg-assets\/(.+)$/s.exec(path) ?? /^\/az\/files\/(.+)$/s.exec(path)
  if (blob) return blob[1]!
  const cached = /\/estuary\/public_content\/enc\/(.+)$/s.exec(path)
  const cachedId = cached && idInsideBase64(cached[1]!)
  if (cachedId) return cachedId
  return signatureParameter.test(parts[4] ?? '')
    ? withoutSignature(url)
    : withoutCacheSignature(url)
}

function idInsideBase64(encoded: string): string | null {
  try {
    const decoded: unknown = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'))
    const id = (decoded as { id?: unknown } | null)?.id
    return typeof id === 'string' && id !== '' ? id : null
  } catch {
    return null
  }
}

function percentDecoded(encoded: string): string {
  if (!encoded.includes('%')) return encoded
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded
  }
}
