import { backoffMs, retriesLimit, type CallOutcome } from '../api/outcome.js'
import type { FrontierRequest } from '../archive/frontier-request.js'
import type { RequestFate } from '../archive/save-failed-call.js'
import { absentObject } from '../model/asked-about.js'
import type { OddReason } from '../model/reasons.js'

/** What decides on the fate of a request, besides its call. */
export interface FateFacts {
  /** When the call ended, in microseconds. */
  at: number
  /** Uniform in [0, 1). */
  random: number
  retryBaseMs: number
  /** Times in a row that the API was asked too fast. */
  tooFastInARow: number
}

/** The fate of a request after a call that brought no page; `request.attempts` counts that call. */
export function fateOf(
  outcome: Exclude<CallOutcome, { kind: 'page' }>,
  request: FrontierRequest,
  facts: FateFacts,
): RequestFate {
  switch (outcome.kind) {
    case 'retry':
      if (outcome.usesTry && request.attempts > retriesLimit)
        return { kind: 'failed', reason: outcome.reason }
      return { kind: 'again', notBefore: facts.at + waitMs(outcome, request, facts) * 1000 }
    case 'refused':
      return { kind: 'again', notBefore: 0 }
    case 'failed':
      return { kind: 'failed', reason: outcome.reason }
    case 'absent': {
      const object = absentObject(request.endpoint, request.params, request.page)
      return { kind: object === null ? 'failed' : 'absent', reason: outcome.reason }
    }
  }
}

/** How long to wait after a call: as the API says, else longer with every time. */
export function waitMs(
  outcome: { waitMs: number | null; usesTry: boolean },
  request: FrontierRequest,
  { random, retryBaseMs, tooFastInARow }: FateFacts,
): number {
  const times = outcome.usesTry ? request.attempts : tooFastInARow + 1
  const backoff = backoffMs(times, random, retryBaseMs)
  if (outcome.waitMs === null) return backoff
  return outcome.usesTry ? outcome.waitMs : Math.max(outcome.waitMs, backoff)
}

/** An answer about something else is asked for once more; what cannot be read is not paid for again. */
export function fateOfOdd(
  reason: OddReason,
  { othersBefore, at, retryBaseMs }: { othersBefore: number; at: number; retryBaseMs: number },
): RequestFate {
  const isAgain = reason === 'other_object' && othersBefore === 0
  return isAgain
    ? { kind: 'again', notBefore: at + retryBaseMs * 1000 }
    : { kind: 'failed', reason }
}
