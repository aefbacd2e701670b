import { costOf } from '../model/prices.js'
import type { CallResult } from './client.js'
import { upstreamIdOf, type CallOutcome } from './outcome.js'

/** What a call came to, as the ledger keeps it; times are microseconds since 1970. */
export function toCallEnd(
  result: CallResult,
  outcome: CallOutcome,
  { sentAt, receivedAt, priceUsd }: { sentAt: number; receivedAt: number; priceUsd: number },
) {
  return {
    receivedAt,
    status: result.status,
    headers: result.headers,
    durationMs: Math.round((receivedAt - sentAt) / 1000),
    billed: outcome.billed,
    costUsd: costOf(outcome.billed, priceUsd),
    upstreamRequestId: upstreamIdOf(result, outcome),
    outcome: outcome.problem,
  }
}
