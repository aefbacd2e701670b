import { numberOf } from './other-writings.js'
import { isWire, toExcerpt, type Wire } from './reading.js'

/** TikHub's envelope around an answer, as far as it is of use. */
export interface Envelope {
  data: unknown
  router: string | null
  params: Wire
  requestId: string | null
  /** Seconds since 1970 by the API's clock. */
  timeStamp: number | null
}

/** What a parsed body is: an answer in its envelope, an error, or something without envelope. */
export type BodyKind =
  | { kind: 'envelope'; envelope: Envelope }
  | {
      kind: 'error'
      code: number | null
      message: string
      /** The path does not exist. */
      isRoute: boolean
      /** Told by the front end before the API (Cloudflare's `error_code`), not by the API. */
      isFrontEnd: boolean
    }
  | { kind: 'bare' }

/** Tells what a parsed body is (`tikhub-api` sections 2 and 3). */
export function toBodyKind(body: unknown): BodyKind {
  if (!isWire(body)) return { kind: 'bare' }
  if ('detail' in body && !('data' in body)) return errorOf(body)
  if (isWire(body['error']) && !('data' in body)) return nativeErrorOf(body['error'])
  const isOurs = isEnvelope(body) || 'message' in body || 'request_id' in body
  const code = numberOf(body['code'])
  if (isOurs && typeof code === 'number' && code !== 200) return errorWith(code, wordsOf(body))
  return isEnvelope(body) ? { kind: 'envelope', envelope: envelopeOf(body) } : { kind: 'bare' }
}

/** Whether an object is TikHub's envelope around an answer. */
export const isEnvelope = (body: Wire): boolean =>
  'data' in body && ('code' in body || 'router' in body)

/** `request_id` of a parsed answer, a page's or an error's; NULL where it tells none. */
export function requestIdOf(body: unknown): string | null {
  const inside = isWire(body) && isWire(body['detail']) ? body['detail'] : body
  const id = isWire(inside) ? inside['request_id'] : null
  return typeof id === 'string' ? id.toWellFormed() : null
}

/** What an error says; some were recorded in Chinese alone. */
const wordsOf = ({ message, message_zh }: Wire): unknown => message ?? message_zh

function envelopeOf(body: Wire): Envelope {
  const { data, router, params, time_stamp } = body
  return {
    data,
    router: typeof router === 'string' ? router : null,
    params: isWire(params) ? params : {},
    requestId: requestIdOf(body),
    timeStamp: typeof time_stamp === 'number' && Number.isFinite(time_stamp) ? time_stamp : null,
  }
}

/** `detail` as object (business), list (validation) or text (route, front end). */
function errorOf(body: Wire): BodyKind {
  const { detail } = body
  if (isWire(detail)) {
    return errorWith(codeOf(detail['code']), wordsOf(detail))
  }
  const code = codeOf(body['status'])
  const isRoute = detail === 'Not Found'
  const isFrontEnd = typeof body['error_code'] === 'number' || typeof body['ray_id'] === 'string'
  return { ...errorWith(code, body['title'] ?? detail), isRoute, isFrontEnd }
}

function codeOf(came: unknown): number | null {
  const code = numberOf(came)
  return typeof code === 'number' ? code : null
}

const nativeErrorOf = (error: Wire): BodyKind => errorWith(null, error['message'] ?? error['code'])

const errorWith = (
  code: number | null,
  message: unknown,
): Extract<BodyKind, { kind: 'error' }> => ({
  ...{ kind: 'error', code, message: textOf(message) },
  ...{ isRoute: false, isFrontEnd: false },
})

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value.slice(0, 500).toWellFormed() : (toExcerpt(value, 500) ?? '')
