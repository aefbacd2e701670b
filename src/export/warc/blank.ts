import { insideText, replaceRuns } from '../../model/long-run.js'
import { redactSecret, shortestKey } from '../../model/redact.js'
import { withoutSignatures } from '../../model/signed-url.js'

/** What is taken out of answers before they leave. */
export interface Blanking {
  /** Keeps the signatures of URLs: for oneself. */
  withSignedUrls: boolean
  /** Keys that are known here, wherever they stand. */
  secrets: readonly string[]
}

const blank = '[redacted]'

/** The address at which TikHub gives an answer again without a key: as good as one. */
const cacheUrl = { begin: /"cache_url"\s*:\s*"/g, run: insideText }

/** What an answer may quote of the headers of a request. */
const bearer = /\b(Bearer\s+)[\w.~+/=-]{20,}/gi

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
  const uncached = replaceRuns(text, cacheUrl, (name) => name + blank)
  const clean = uncached.replace(bearer, `$1${blank}`)
  return secrets
    .filter((each) => each.length >= shortestKey)
    .map((each) => Buffer.from(each, 'utf8').toString('latin1'))
    .reduce(redactSecret, clean)
}
