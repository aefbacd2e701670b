import { isWire } from './reading.js'

const blank = '[redacted]'

/** Written the same everywhere. */
const isPlain = /^[\w.~-]+$/

/**
 * Takes a secret out of a text, as it stands, and as JSON, a URL or HTML would write it. The API quotes
 * the key in its 401 (`tikhub-api` section 1).
 */
export function redactSecret(text: string, secret: string): string {
  if (secret === '') return text
  if (isPlain.test(secret)) return text.includes(secret) ? text.replaceAll(secret, blank) : text
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll('/', '\\/'),
    encodeURIComponent(secret),
    ...asMarkup(secret),
  ]
  return [...new Set(forms)].reduce((clean, form) => clean.replaceAll(form, blank), text)
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

/** An error body without the request headers that TikHub echoes in `detail.headers`. */
export function withoutEchoedHeaders(text: string): string {
  if (!text.includes('"headers"')) return text
  try {
    const body: unknown = JSON.parse(text)
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
