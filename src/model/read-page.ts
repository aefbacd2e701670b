import { isEmptyAnswer } from './empty-answer.js'
import { toBodyKind, type Envelope } from './envelope.js'
import { findEndpoint } from './endpoints.js'
import { findNativePage } from './native-pages.js'
import type { Anomaly, Page, PageReader, Params } from './page.js'
import { parseJson, type ParsedJson } from './parse-json.js'
import { Reading } from './reading.js'

/** The reader for answers of an endpoint, or of a native kind of page. */
function readerOf(endpoint: string): PageReader {
  const reader = findEndpoint(endpoint)?.readPage ?? findNativePage(endpoint)
  if (!reader) throw new Error(`no reader for ${endpoint}`)
  return reader
}

/** A body that was read. */
export interface ReadBody {
  page: Page
  /** NULL for native answers. */
  envelope: Envelope | null
  /** Set if reading threw: the page holds no records, and an anomaly that says so. */
  failure: string | null
  /** It tells nothing at all. */
  isEmpty: boolean
}

/**
 * Reads a kept body: the same function for a crawl, an import and a rebuild.
 * @throws SyntaxError if the text is no JSON
 */
export const readPage = (endpoint: string, params: Params, text: string): ReadBody =>
  readParsed(endpoint, params, parseJson(text))

/** Reads a body that is parsed already. */
export function readParsed(
  endpoint: string,
  params: Params,
  { value, isRounded, isMended, strays }: ParsedJson,
): ReadBody {
  const body = toBodyKind(value)
  const envelope = body.kind === 'envelope' ? body.envelope : null
  const { page, failure } = readSafely(readerOf(endpoint), envelope ? envelope.data : value, params)
  if (envelope !== null) placeBelow('/data', page)
  if (isRounded) page.anomalies.push(rounded)
  if (isMended) page.anomalies.push(mended)
  if (strays.length > 0) page.drift = { endpoint, strays }
  return { page, envelope, failure, isEmpty: isEmptyAnswer(value) }
}

const rounded: Anomaly = {
  json_pointer: '',
  problem: 'nested too deep for exact integers: those above 2^53 are rounded',
  excerpt: null,
}

const mended: Anomaly = {
  json_pointer: '',
  problem:
    'no JSON as it stands: control characters raw inside of texts, or NaN, which is read as null',
  excerpt: null,
}

/** A reader knows no envelope: its places become those in the whole answer. */
function placeBelow(pointer: string, page: Page): void {
  page.below = pointer
  for (const each of page.anomalies) each.json_pointer = pointer + each.json_pointer
}

/** A reader that fails loses its page's records, never the page. */
function readSafely(
  reader: PageReader,
  data: unknown,
  params: Params,
): { page: Page; failure: string | null } {
  try {
    return { page: reader(data, params), failure: null }
  } catch (error) {
    const failure = `reading failed: ${(error as Error).message}`
    const reading = new Reading()
    reading.note(null, failure, undefined)
    return { page: reading.toPage(), failure }
  }
}
