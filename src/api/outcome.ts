import { isEmptyAnswer } from '../model/empty-answer.js'
import { requestIdOf, toBodyKind, type BodyKind } from '../model/envelope.js'
import { tryParseJson, type ParsedJson } from '../model/parse-json.js'
import type { FailureReason } from '../model/reasons.js'
import type { Billed } from '../model/billed.js'
import type { CallResult } from './client.js'

/** What a call came to, by its consequence. */
export type CallOutcome = { billed: Billed; problem: string } & (
  | { kind: 'page'; parsed: ParsedJson }
  /** The object asked about is not there, or not for us. */
  | { kind: 'absent'; reason: 'not_found' | 'forbidden' }
  /**
   * Worth another try, after the wait that the API asks for; `usesTry` is false for a pace that was
   * too fast. `reason` says why the request failed once all tries are used up.
   */
  | { kind: 'retry'; waitMs: number | null; usesTry: boolean; reason: 'no_answer' | 'bad_request' }
  /** This request will never be answered. */
  | { kind: 'failed'; reason: FailureReason }
  /** No request would be answered: the run ends. */
  | { kind: 'refused'; advice: string }
)

/** Server errors that came before anything was done; after all others the call may be billed. */
const surelyUnbilled = new Set([408, 521, 523, 525, 526])

/** Tells the outcome of a call (`tikhub-api` sections 3 and 4). `now` is milliseconds since 1970; a list
 * without data is an empty page, an object without data is not there. */
export function toOutcome(result: CallResult, now: number, isList = false): CallOutcome {
  const { status, text, failure } = result
  if (failure !== null || status === null || text === null) return lost(result)
  const parsed = tryParseJson(text)
  const body = parsed === null ? null : toBodyKind(parsed.value)
  if (status === 200) return answered(parsed, body, isList)
  const message = messageOf(status, body)
  const isTooFast = status === 429
  if (isTooFast || status >= 500 || status === 408)
    return {
      kind: 'retry',
      billed: isTooFast || surelyUnbilled.has(status) ? 'no' : 'unknown',
      problem: message,
      usesTry: !isTooFast,
      waitMs: retryAfterMs(result.headers['retry-after'], timeOfAnswer(result, now)),
      reason: 'no_answer',
    }
  return refusedOrFailed(status, message, body)
}

/** A call without a whole answer that can be read. */
const unanswered = (billed: Billed, problem: string): Extract<CallOutcome, { kind: 'retry' }> => ({
  ...{ kind: 'retry', billed, problem },
  ...{ usesTry: true, waitMs: null, reason: 'no_answer' },
})

function lost({ status, failure }: CallResult): CallOutcome {
  const { problem, isSent } = failure ?? { problem: 'no answer', isSent: true }
  // The same call would be answered at the same length, and may be paid for again.
  if (status === 200 && failure?.isTooLarge)
    return {
      kind: 'failed',
      billed: 'unknown',
      problem: `200, but ${problem}`,
      reason: 'too_large',
    }
  const told = status === null ? problem : `${status}, cut off: ${problem}`
  return unanswered(isSent ? 'unknown' : 'no', told)
}

function answered(parsed: ParsedJson | null, body: BodyKind | null, isList: boolean): CallOutcome {
  if (parsed === null || body === null) return unanswered('unknown', '200, but no JSON')
  if (body.kind === 'error') return errorInside(body)
  if (!isList && isEmptyAnswer(parsed.value))
    return { kind: 'absent', billed: 'yes', problem: '200 without data', reason: 'not_found' }
  return { kind: 'page', billed: 'yes', problem: 'page', parsed }
}

/** A 200 that carries an error: what its code means where that is never tried again, else worth another try. */
function errorInside({ code, message }: Extract<BodyKind, { kind: 'error' }>): CallOutcome {
  const problem = `200, but an error inside: ${code ?? ''} ${message}`
  const advice = code === null ? undefined : adviceFor(code, message)
  if (code === 404) return { kind: 'absent', billed: 'unknown', problem, reason: 'not_found' }
  if (code === 422) return { kind: 'failed', billed: 'unknown', problem, reason: 'status_422' }
  if (code === 429) return { ...unanswered('unknown', problem), usesTry: false }
  if (advice === undefined) return unanswered('unknown', problem)
  return { kind: 'refused', billed: 'unknown', problem, advice }
}

const scope =
  'The key may not use this path: give it the scope /api/v1/sora2/ at TikHub, then run the same command.'

/** What a 403 can be about, by the words of its message. */
const forbidden: readonly [RegExp, string][] = [
  [
    /verif|e-?mail|邮箱|验证/i,
    "The e-mail address of the key's account is not confirmed: confirm it at TikHub, then run the same command.",
  ],
  [
    /disabled|suspended|banned|禁用|封禁/i,
    'The account of the key is disabled: ask TikHub, or use the key of another account.',
  ],
  [/scope|permission|权限|无权/i, scope],
]

/** What to do about a refusal; undefined for a code that is none. */
function adviceFor(code: number, message: string): string | undefined {
  switch (code) {
    case 401:
      return 'The key was refused: set TIKHUB_API_KEY to a key that is valid.'
    case 402:
      return 'The balance is used up: top up at TikHub, then run the same command.'
    case 403:
      return forbidden.find(([words]) => words.test(message))?.[1] ?? scope
    default:
      return undefined
  }
}

/** The front end's own refusal, before the API saw the call (`tikhub-api` section 3). */
const frontEnd =
  'Not the API but the front end before it refuses this client; the key was not looked at. Try from another network.'

function refusedOrFailed(status: number, problem: string, body: BodyKind | null): CallOutcome {
  const refused = (advice: string): CallOutcome => ({
    ...{ kind: 'refused', billed: 'no', problem, advice },
  })
  const isFrontEnd = body?.kind !== 'error' || body.isFrontEnd
  if (status === 403 && isFrontEnd) return refused(frontEnd)
  if (status === 403 && isAboutPrivate(problem))
    return { kind: 'absent', billed: 'no', problem, reason: 'forbidden' }
  const advice = adviceFor(status, problem)
  if (advice !== undefined) return refused(advice)
  if (status >= 300 && status < 400)
    return refused('The address redirects elsewhere: name the API itself with --base-url.')
  if (status === 404 && (body?.kind !== 'error' || body.isRoute))
    return refused('The route is gone: this address serves no Sora2 API (any more).')
  if (status === 404) return { kind: 'absent', billed: 'no', problem, reason: 'not_found' }
  if (status === 400 && isWorthRetrying(problem))
    return { ...unanswered('no', problem), reason: 'bad_request' }
  const reason = status === 400 ? 'bad_request' : (`status_${status}` as const)
  // A success of another kind than the documented one may be billed like it.
  return { kind: 'failed', billed: status < 300 ? 'unknown' : 'no', problem, reason }
}

/**
 * A 403 about one object, not about the key: what a private post gives is not recorded (`tikhub-api`
 * section 4), so only words that leave no doubt count.
 */
const isAboutPrivate = (message: string): boolean =>
  /\b(post|profile|video|user|comment|content)\b.{0,40}\bprivate\b/i.test(message) ||
  /\bprivate\b.{0,40}\b(post|profile|video|user|comment|content)\b/i.test(message)

/** A 400 is tried again unless it only complains about the parameters (`tikhub-api` section 4). */
const isWorthRetrying = (message: string): boolean =>
  /retry|try again|重试/i.test(message) || !/param|参数/i.test(message)

const messageOf = (status: number, body: BodyKind | null): string =>
  body?.kind === 'error' ? `${status} ${body.message}`.trim() : String(status)

/** No answer makes a run wait longer. */
const longestWaitMs = 10 * 60_000

/** The time against which a date in `Retry-After` is reckoned: the answer's own or ours, whichever waits less. */
function timeOfAnswer({ headers }: CallResult, now: number): number {
  const told = Date.parse(headers['date'] ?? '')
  return Number.isNaN(told) ? now : Math.max(told, now)
}

/** `Retry-After` in seconds or as a date, as milliseconds from now; NULL if it tells nothing. */
export function retryAfterMs(header: string | undefined, now: number): number | null {
  if (header === undefined) return null
  if (/^\d+(\.\d+)?$/.test(header.trim())) return Math.min(Number(header) * 1000, longestWaitMs)
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.min(Math.max(0, date - now), longestWaitMs)
}

/** The id under which the API knows a call: told in the body, else in a header (`tikhub-api` section 2). */
export function upstreamIdOf({ headers, text }: CallResult, outcome: CallOutcome): string | null {
  const parsed = outcome.kind === 'page' ? outcome.parsed : tryParseJson(text ?? '')
  return requestIdOf(parsed?.value) ?? headers['x-request-id'] ?? null
}

/** Tries after the first. */
export const retriesLimit = 3

/** Waiting time before the next try: 1, 2, 4 s and so on, by half to three halves of it. */
export function backoffMs(triesSoFar: number, random: number, baseMs = 1000): number {
  const whole = baseMs * 2 ** Math.min(Math.max(triesSoFar - 1, 0), 6)
  return Math.round(whole * (0.5 + random))
}
