import { isUtf8 } from 'node:buffer'
import { parseMending } from './mend-json.js'
import { isWire, type Wire } from './reading.js'

const blank = '[redacted]'

/** Written the same everywhere. */
const isPlain = /^[\w.~-]+$/

/**
 * Takes a secret out of a text, as it stands, and as JSON, a URL or HTML would write it. The API quotes
 * the key in its 401 (`tikhub-api` section 1).
 */
export function redactSecret(text: string, secret: string): string {
  if (secret === '') return text
  return formsOf(secret).reduce(
    (clean, form) => (clean.includes(form) ? clean.replaceAll(form, blank) : clean),
    text,
  )
}

/** A key of a few letters is in half of the words of an answer, and none of TikHub's. */
export const shortestKey = 6

/** Takes secrets out of a body in UTF-8; any other is left as it is. */
export function redactBytes(bytes: Buffer, secrets: readonly string[]): Buffer {
  const found = secrets.filter(
    (secret) =>
      secret.length >= shortestKey && formsOf(secret).some((form) => bytes.includes(form)),
  )
  if (found.length === 0 || !isUtf8(bytes)) return bytes
  return Buffer.from(found.reduce(redactSecret, bytes.toString()))
}

/** The ways in which texts may write a secret. */
function formsOf(secret: string): string[] {
  if (isPlain.test(secret)) return [secret]
  const inJson = JSON.stringify(secret).slice(1, -1)
  const forms = [secret, inJson, secret.replaceAll('/', '\\/'), encodeURIComponent(secret)]
  return [...new Set([...forms, ...asMarkup(secret)])]
}

/** The ways in which HTML may write a text: with named entities, and with numbered ones for quotes. */
function asMarkup(text: string): string[] {
  const named = text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
  return [named, named.replaceAll("'", '&#39;'), named.replaceAll("'", '&#x27;')]
}

/** Names of parameters by which keys, tokens and signatures are handed over. */
const secretName =
  /(?:^|[-_]|api|app|access)key$|(?:token|secret|signature|password)$|^(?:auth|authorization|bearer|cookie|jwt|passwd|pwd|session(?:[-_]?id)?|sid|sig|sign)$/i

/** A text in JSON, and what stands behind the name of a member whose value is a text. */
const jsonText = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:\s*(?="))?/g

/**
 * A body in JSON without the keys and tokens among the parameters that its envelope repeats. All else
 * in it stays, byte for byte.
 */
export function redactParams(body: Buffer, params: Wire): Buffer {
  const secrets = new Map(
    Object.entries(params).filter(
      ([name, value]) => secretName.test(name) && typeof value === 'string' && value !== blank,
    ),
  )
  if (secrets.size === 0) return body
  const text = body.toString()
  let name: string | undefined
  const clean = text.replace(jsonText, (whole, written: string, colon: string | undefined) => {
    const of = name
    const told = parseMending(written).value as string
    name = colon === undefined ? undefined : told
    const isSecret = of !== undefined && secrets.get(of) === told
    return isSecret ? `"${blank}"` : whole
  })
  return clean === text ? body : Buffer.from(clean)
}

/** An error body without the request headers that TikHub echoes in `detail.headers`. */
export function withoutEchoedHeaders(text: string): string {
  if (!text.includes('"headers"')) return text
  try {
    const body = parseMending(text).value
    if (!isWire(body) || !isWire(body['detail']) || !('headers' in body['detail'])) return text
    return JSON.stringify({ ...body, detail: { ...body['detail'], headers: blank } })
  } catch {
    return text
  }
}

const keptHeaders =
  /^(content-(type|length|encoding)|date|server|cf-ray|cf-cache-status|retry-after|x-request-id|x-upstream-.*|x-ratelimit-.*)$/

/** The answer headers worth keeping; none of them holds a secret. */
export const redactHeaders = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => keptHeaders.test(name)))
