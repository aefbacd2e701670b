import { STATUS_CODES } from 'node:http'
import { sha256 } from '../../model/response-id.js'
import { warcFields } from '../../model/warc-fields.js'
import { toAsked, type Asked } from './address.js'
import { toBlanked, toBlankedText, type Blanking } from './blank.js'
import type { Call } from './call.js'
import { toUrn, uuidOf, type RecordParts } from './record.js'

/**
 * The records of a call: its request, what came, and the row of the ledger as `metadata` that refers to
 * them. What came is a `response` where there was a status, or TikHub's envelope says what was asked;
 * a body without either is a `resource`; where nothing came there is none.
 */
export function toRecords(given: Call, kept: Buffer | null, blanking: Blanking): RecordParts[] {
  const call = toBlankedCall(given, blanking)
  const asked = toAsked(call, kept)
  const body = kept === null ? null : toBlanked(kept, blanking)
  const answer = toAnswer(call, asked, body)
  const request = toRequest(call, asked)
  if (answer && request) {
    request.fields = { 'WARC-Concurrent-To': toUrn(answer.id) }
    answer.fields = { ...answer.fields, 'WARC-Concurrent-To': toUrn(request.id) }
  }
  const main = answer ?? request
  return [request, answer, toMetadata(call, main)].filter((each) => each !== null)
}

const toBlankedCall = (call: Call, blanking: Blanking): Call => ({
  ...call,
  params: blankedValues(call.params, blanking),
  headers: blankedValues(call.headers, blanking),
  row: toBlankedText(call.row, blanking),
})

const blankedValues = (
  texts: Readonly<Record<string, string>>,
  blanking: Blanking,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, toBlankedText(text, blanking)]),
  )

type Kind = 'request' | 'response' | 'resource' | 'metadata'

const toParts = <Type extends Kind>(
  type: Type,
  { responseId, at }: Call,
  { uri, payload }: { uri: string; payload: Buffer },
) => ({ type, id: uuidOf(type, responseId, at, uri, sha256(payload)), at, uri, payload })

/** The headers are those that are known: the ledger keeps none of a request. */
function toRequest(call: Call, { uri, request }: Asked): RecordParts | null {
  if (request === null) return null
  const payload = Buffer.from(request.body, 'utf8')
  const headers = {
    Host: request.host,
    ...(request.contentType === null ? {} : { 'Content-Type': request.contentType }),
    ...(payload.length === 0 ? {} : { 'Content-Length': String(payload.length) }),
  }
  return { ...toParts('request', call, { uri, payload }), http: { line: request.line, headers } }
}

function toAnswer(call: Call, { uri, request }: Asked, body: Buffer | null): RecordParts | null {
  const status = call.status ?? (call.isImported && request && body ? 200 : null)
  const { originalSha256: original } = call
  const fields = {
    [warcFields.responseId]: call.responseId,
    ...(body === null || original === null
      ? {}
      : {
          [warcFields.originalDigest]: `sha256:${original}`,
          [warcFields.clock]: call.clock ?? 'local',
        }),
  }
  const payload = body ?? Buffer.alloc(0)
  if (status === null)
    return body === null
      ? null
      : {
          ...{ ...toParts('resource', call, { uri, payload }), fields },
          contentType: 'application/json',
        }
  const line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()
  const headers = toWrittenHeaders(call.headers, payload)
  return { ...toParts('response', call, { uri, payload }), fields, http: { line, headers } }
}

/** Headers that tell how a body was packed on its way; it is written unpacked. */
const isOfTransport = (name: string): boolean =>
  /^(content-length|content-encoding|transfer-encoding)$/i.test(name)

/** The headers as they were kept, those that are not true of what is written under `X-Orig-…`. */
function toWrittenHeaders(
  headers: Readonly<Record<string, string>>,
  payload: Buffer,
): Record<string, string> {
  const kept = Object.entries(headers)
    .filter(([name]) => /^[\w-]+$/.test(name))
    .map(([name, value]) => [isOfTransport(name) ? `x-orig-${name}` : name, value] as const)
  const isTyped = payload.length === 0 || kept.some(([name]) => /^content-type$/i.test(name))
  return {
    ...(isTyped ? {} : { 'content-type': 'application/json' }),
    ...Object.fromEntries(kept),
    'content-length': String(payload.length),
  }
}

/**
 * The row of the ledger. Its address is one of its own: tools that index all records would else take it
 * for the answer.
 */
function toMetadata(call: Call, main: RecordParts | null): RecordParts {
  const payload = Buffer.from(`${call.row}\n`, 'utf8')
  const uri = `urn:x-afterfeed:response:${encodeURIComponent(call.responseId.toWellFormed())}`
  return {
    ...toParts('metadata', call, { uri, payload }),
    contentType: 'application/json',
    fields: {
      ...(main ? { 'WARC-Refers-To': toUrn(main.id) } : {}),
      ...(call.absence === null
        ? {}
        : { [warcFields.responseId]: call.responseId, [warcFields.absence]: call.absence }),
    },
  }
}
