import { isUtf8 } from 'node:buffer'
import { endOfRun, insideText } from './long-run.js'
import { parseMending } from './mend-json.js'
import { isWire, type Wire } from './reading.js'

const blank = '[redacted]'

/**
 * Takes a secret out of a text, as it stands, and as JSON, a URL or HTML would write it, one in the other
 * too. The API quotes the key in its 401 (`tikhub-api` section 1).
 */
export function redactSecret(text: string, secret: string): string {
  if (secret === '' || !text.includes(longestWord(secret))) return text
  return text.replace(anyWriting(secret), blank)
}

/** Letters and digits are written the same everywhere. */
const longestWord = (secret: string): string =>
  (secret.match(/[0-9A-Za-z]+/g) ?? []).reduce((a, b) => (b.length > a.length ? b : a), '')

const anyWriting = (secret: string): RegExp =>
  new RegExp(
    Array.from(secret, (sign) => (/^\w$/.test(sign) ? sign : writingsOf(sign))).join(''),
    'g',
  )

/** A sign as it stands, or behind backslashes; by its number; in a URL; in HTML by number or name. */
function writingsOf(sign: string): string {
  const code = sign.codePointAt(0)!
  const units = sign.split('').map((unit) => `${slashes}u${inHex(unit.charCodeAt(0), 4)}`)
  const bytes = [...Buffer.from(sign)].map((byte) => `%(?:25){0,8}${inHex(byte, 2)}`)
  const names = [`#0{0,8}${code}`, `#[xX]0{0,8}${inHex(code, 1)}`, entities[sign] ?? []].flat()
  return `(?:${[
    `(?:${slashes})?${sign.replace(/[!-/:-@[-`{-~]/, '\\$&')}`,
    ...[units.join(''), bytes.join(''), `&(?:amp;){0,8}(?:${names.join('|')});`],
  ].join('|')})`
}

/** Each time that JSON is put into JSON there are twice as many, and one. */
const slashes = String.raw`\\{1,15}`

/** A number in hex, of digits in either case. */
const inHex = (number: number, digits: number): string =>
  number
    .toString(16)
    .padStart(digits, '0')
    .replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)

/** How HTML names signs that keys hold. */
const entities: Readonly<Record<string, string>> = {
  ...{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' },
  ...{ '+': 'plus', '/': 'sol', '=': 'equals', '.': 'period' },
}

/** A key of a few letters is in half of the words of an answer, and none of TikHub's. */
export const shortestKey = 6

/** Takes secrets out of a body in UTF-8; any other is left as it is. */
export function redactBytes(bytes: Buffer, secrets: readonly string[]): Buffer {
  const likely = secrets.filter(
    (secret) => secret.length >= shortestKey && bytes.includes(longestWord(secret)),
  )
  if (likely.length === 0 || !isUtf8(bytes)) return bytes
  const text = bytes.toString()
  const clean = likely.reduce(redactSecret, text)
  return clean === text ? bytes : Buffer.from(clean)
}

/** Names of parameters by which keys, tokens and signatures are handed over. */
const secretName =
  /(?:^|[-_]|api|app|access)key$|(?:token|secret|signature|password)$|^(?:auth|authorization|bearer|cookie|jwt|passwd|pwd|session(?:[-_]?id)?|sid|sig|sign)$/i

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
  const parts: string[] = []
  let [kept, name] = [0, undefined as string | undefined]
  for (const { from, end } of textsIn(text)) {
    const told = textIn(text.slice(from, end))
    if (told !== undefined && name !== undefined && secrets.get(name) === told) {
      parts.push(text.slice(kept, from), `"${blank}"`)
      kept = end
    }
    name = isNameBefore(text, end) ? told : undefined
  }
  return kept === 0 ? body : Buffer.from(parts.join('') + text.slice(kept))
}

/** Where the texts in JSON stand, with their quotes; one that is cut off is none. */
function* textsIn(json: string): Generator<{ from: number; end: number }> {
  let from = json.indexOf('"')
  while (from >= 0) {
    const end = endOfRun(json, from + 1, insideText) + 1
    if (json[end - 1] !== '"') return
    yield { from, end }
    from = json.indexOf('"', end)
  }
}

const beforeText = /\s*:\s*"/y

/** True if what ends there is the name of a member with a text. */
function isNameBefore(json: string, end: number): boolean {
  beforeText.lastIndex = end
  return beforeText.test(json)
}

/** What a text in JSON says; undefined if it cannot be read. */
function textIn(written: string): string | undefined {
  try {
    return parseMending(written).value as string
  } catch {
    return undefined
  }
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
