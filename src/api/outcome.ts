import { toBodyKind, type BodyKind } from '../model/envelope.js'
import { parseJson, type ParsedJson } from '../model/parse-json.js'
import type { Billed } from '../model/billed.js'
import type { CallResult } from './client.js'

/** What a call came to, by its consequence. */
export type CallOutcome = { billed: Billed; problem: string } & (
  | { kind: 'page'; parsed: ParsedJson }
  /** The object asked about is not there. */
  | { kind: 'absent' }
  /** Worth another try; `usesTry` is false for a pace that was too fast. */
  | { kind: 'retry'; waitMs: number | null; usesTry: boolean }
  /** This request will never be answered. */
  | { kind: 'failed'; reason: string }
  /** No request would be answered: the run ends. */
  | { kind: 'refused'; advice: string }
)

const retriedStatuses = new Set([500, 502, 503, 504, 520, 521, 522, 523, 524])
const possiblyBilled = new Set([500, 502, 503, 504, 524])

/** Tells the outcome of a call (`tikhub-api` sections 3 and 4). `now` is milliseconds since 1970; a list
 * without data is an empty page, an object without data is not there. */
export function toOutcome(result: CallResult, now: number, isList = false): CallOutcome {
  const { status, text, failure } = result
  if (failure !== null || status === null || text === null) return lost(result)
  const parsed = tryParse(text)
  const body = parsed === null ? null : toBodyKind(parsed.value)
  if (status === 200) return answered(parsed, body, isList)
  const message = messageOf(status, body)
  if (status === 429)
    return {
      kind: 'retry',
      billed: 'no',
      problem: message,
      usesTry: false,
      waitMs: retryAfterMs(result.headers['retry-after'], now),
    }
  if (retriedStatuses.has(status))
    return {
      kind: 'retry',
      billed: possiblyBilled.has(status) ? 'unknown' : 'no',
      problem: message,
      usesTry: true,
      waitMs: retryAfterMs(result.headers['retry-after'], now),
    }
  return refusedOrFailed(status, message, body)
}

function lost({ status, failure }: CallResult): CallOutcome {
  const { problem, isSent } = failure ?? { problem: 'no answer', isSent: true }
  return {
    kind: 'retry',
    billed: isSent ? 'unknown' : 'no',
    problem: status === null ? problem : `${status}, cut off: ${problem}`,
    usesTry: true,
    waitMs: null,
  }
}

function answered(parsed: ParsedJson | null, body: BodyKind | null, isList: boolean): CallOutcome {
  if (parsed === null || body === null)
    return {
      kind: 'retry',
      billed: 'unknown',
      problem: '200, but no JSON',
      usesTry: true,
      waitMs: null,
    }
  if (body.kind === 'error' && body.code !== null && advices[body.code] !== undefined)
    return {
      kind: 'refused',
      billed: 'unknown',
      problem: `200, but an error inside: ${body.code} ${body.message}`,
      advice: advices[body.code]!,
    }
  if (body.kind === 'error')
    return {
      kind: 'retry',
      billed: 'unknown',
      problem: `200, but an error inside: ${body.code ?? ''} ${body.message}`,
      usesTry: true,
      waitMs: null,
    }
  const isEmpty = body.kind === 'envelope' && isEmptyData(body.envelope.data)
  if (isEmpty && !isList) return { kind: 'absent', billed: 'yes', problem: '200 without data' }
  return { kind: 'page', billed: 'yes', problem: 'page', parsed }
}

const isEmptyData = (data: unknown): boolean =>
  data === null ||
  data === undefined ||
  (typeof data === 'object' && Object.keys(data).length === 0)

const advices: Record<number, string> = {
  401: 'The key was refused: set TIKHUB_API_KEY to a key that is valid.',
  402: 'The balance is used up: top up at TikHub, then run the same command.',
  403: 'The key may not use this path: give it the scope /api/v1/sora2/, and confirm the e-mail address of the account.',
}

function refusedOrFailed(status: number, problem: string, body: BodyKind | null): CallOutcome {
  const isFrontEnd = body?.kind === 'error' && body.code === 403 && problem.includes('1010')
  if (status === 403 && isFrontEnd)
    return {
      kind: 'refused',
      billed: 'no',
      problem,
      advice:
        'Not the API but the front end before it refuses this client; try from another network.',
    }
  const advice = advices[status]
  if (advice !== undefined) return { kind: 'refused', billed: 'no', problem, advice }
  if (status >= 300 && status < 400)
    return {
      kind: 'refused',
      billed: 'no',
      problem,
      advice: 'The address redirects elsewhere: name the API itself with --base-url.',
    }
  if (status === 404 && (body?.kind !== 'error' || body.isRoute))
    return {
      kind: 'refused',
      billed: 'no',
      problem,
      advice: 'The route is gone: this address serves no Sora2 API (any more).',
    }
  if (status === 404) return { kind: 'absent', billed: 'no', problem }
  if (status === 400) return { kind: 'retry', billed: 'no', problem, usesTry: true, waitMs: null }
  return { kind: 'failed', billed: 'no', problem, reason: `status_${status}` }
}

function tryParse(text: string): ParsedJson | null {
  try {
    return parseJson(text)
  } catch {
    return null
  }
}

const messageOf = (status: number, body: BodyKind | null): string =>
  body?.kind === 'error' ? `${status} ${body.message}`.trim() : String(status)

/** No answer makes a run wait longer. */
const longestWaitMs = 10 * 60_000

/** `Retry-After` in seconds or as a date, as milliseconds from now; NULL if it tells nothing. */
export function retryAfterMs(header: string | undefined, now: number): number | null {
  if (header === undefined) return null
  if (/^\d+(\.\d+)?$/.test(header.trim())) return Math.min(Number(header) * 1000, longestWaitMs)
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.min(Math.max(0, date - now), longestWaitMs)
}

/** Tries after the first. */
export const retriesLimit = 3

/** Waiting time before the next try: 1, 2, 4 s and so on, by half to three halves of it. */
export function backoffMs(triesSoFar: number, random: number, baseMs = 1000): number {
  const whole = baseMs * 2 ** Math.min(Math.max(triesSoFar - 1, 0), 6)
  return Math.round(whole * (0.5 + random))
}
