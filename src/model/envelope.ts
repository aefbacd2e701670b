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
  | { kind: 'error'; code: number | null; message: string; isRoute: boolean }
  | { kind: 'bare' }

/** Tells what a parsed body is (`tikhub-api` sections 2 and 3). */
export function toBodyKind(body: unknown): BodyKind {
  if (!isWire(body)) return { kind: 'bare' }
  if ('detail' in body && !('data' in body)) return errorOf(body)
  if (isWire(body['error']) && !('data' in body)) return nativeErrorOf(body['error'])
  if (!('data' in body) || !('code' in body || 'router' in body)) return { kind: 'bare' }
  const code = body['code']
  if (typeof code === 'number' && code !== 200)
    return { kind: 'error', code, message: textOf(body['message']), isRoute: false }
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
    return { kind: 'error', code, message: textOf(detail['message']), isRoute: false }
  }
  const code = typeof body['status'] === 'number' ? body['status'] : null
  const isRoute = detail === 'Not Found'
  return { kind: 'error', code, message: textOf(body['title'] ?? detail), isRoute }
}

const nativeErrorOf = (error: Wire): BodyKind => ({
  kind: 'error',
  code: null,
  message: textOf(error['message'] ?? error['code']),
  isRoute: false,
})

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value.slice(0, 500).toWellFormed() : (toExcerpt(value, 500) ?? '')
