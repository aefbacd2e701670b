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
  if (!('data' in body) || !('code' in body || 'router' in body)) return { kind: 'bare' }
  const code = body['code']
  if (typeof code === 'number' && code !== 200) return errorWith(code, body['message'])
  return { kind: 'envelope', envelope: envelopeOf(body) }
}

function envelopeOf(body: Wire): Envelope {
  const { data, router, params, request_id, time_stamp } = body
  return {
    data,
    router: typeof router === 'string' ? router : null,
    params: isWire(params) ? params : {},
    requestId: typeof request_id === 'string' ? request_id.toWellFormed() : null,
    timeStamp: typeof time_stamp === 'number' && Number.isFinite(time_stamp) ? time_stamp : null,
  }
}

/** `detail` as object (business), list (validation) or text (route, front end). */
function errorOf(body: Wire): BodyKind {
  const { detail } = body
  if (isWire(detail)) {
    const code = typeof detail['code'] === 'number' ? detail['code'] : null
    return errorWith(code, detail['message'])
  }
  const code = typeof body['status'] === 'number' ? body['status'] : null
  const isRoute = detail === 'Not Found'
  const isFrontEnd = typeof body['error_code'] === 'number' || typeof body['ray_id'] === 'string'
  return { ...errorWith(code, body['title'] ?? detail), isRoute, isFrontEnd }
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
