import { setTimeout as sleep } from 'node:timers/promises'
import { toCallEnd } from '../api/call-end.js'
import type { ApiClient } from '../api/client.js'
import { backoffMs, retriesLimit, toOutcome, type CallOutcome } from '../api/outcome.js'
import type { Pace } from '../api/pace.js'
import type { Spending } from '../api/spending.js'
import type { Archive } from '../archive/archive.js'
import { saveCalledAbsence, saveCalledPage, settleCall } from '../archive/save-call.js'
import { requireSpace } from '../archive/storage-error.js'
import { endpointOf } from '../model/endpoints.js'
import { oddityOf } from '../model/oddity.js'
import { readParsed } from '../model/read-page.js'
import type { Renewal } from './renew.js'

/** What paid calls for fresh signatures need; shared with the walk where there is one. */
export interface RenewalRoom {
  archive: Archive
  client: Pick<ApiClient, 'fetchPage'>
  pace: Pace
  spending: Pick<Spending, 'reserve' | 'settle'>
  runId: number
  baseUrl: string
  clock: () => number
  random: () => number
  retryBaseMs: number
  /** No more calls are sent. */
  signal: AbortSignal
  /** Calls under way are dropped: they may be billed. */
  hardSignal: AbortSignal
}

/** What a call for fresh signatures came to; `told`: the files that its answer named. */
export type RenewalResult =
  | { kind: 'answer'; told: ReadonlySet<string> }
  | { kind: 'absent' }
  | { kind: 'failed'; problem: string }
  | { kind: 'budget'; problem: string }
  | { kind: 'refused'; problem: string }
  | { kind: 'interrupted' }

/**
 * Makes a call for fresh signatures, paced and within the budget like any other: noted in the ledger
 * before it is sent, its answer saved with all that it tells.
 */
export async function renew(room: RenewalRoom, renewal: Renewal): Promise<RenewalResult> {
  const { rateClass } = endpointOf(renewal.endpoint)
  for (let attempt = 1; ;) {
    const result = await room.pace.run(rateClass, () => renewOnce(room, renewal, attempt))
    if (result === undefined) {
      if (room.signal.aborted) return { kind: 'interrupted' }
      await wait(room, lookAgainMs)
      continue
    }
    if (!('waitMs' in result)) return result
    if (result.usesTry && attempt > retriesLimit) return { kind: 'failed', problem: result.problem }
    await wait(room, result.waitMs)
    if (room.signal.aborted) return { kind: 'interrupted' }
    if (result.usesTry) attempt += 1
  }
}

/** Until the next look whether there is a turn again, or calls under way left room in the budget. */
const lookAgainMs = 50

const wait = (room: RenewalRoom, ms: number): Promise<void> =>
  sleep(ms, undefined, { signal: room.signal }).catch(() => undefined)

interface Again {
  waitMs: number
  usesTry: boolean
  problem: string
}

async function renewOnce(
  room: RenewalRoom,
  { endpoint, params }: Renewal,
  attempt: number,
): Promise<RenewalResult | Again> {
  const { archive, client, clock, runId, baseUrl, hardSignal } = room
  if (room.signal.aborted) return { kind: 'interrupted' }
  requireSpace(archive.dir)
  const reservation = room.spending.reserve(endpoint, clock())
  if ('forbidding' in reservation) {
    const problem = reservation.forbidding
    return reservation.isForNow
      ? { waitMs: lookAgainMs, usesTry: false, problem }
      : { kind: 'budget', problem }
  }
  const { priceUsd } = reservation
  const sentAt = clock()
  const start = { requestId: null, runId, endpoint, params, attempt, baseUrl, sentAt, priceUsd }
  const callId = archive.ledger.begin(start)
  const result = await client.fetchPage(endpointOf(endpoint), params, hardSignal)
  if (result.failure !== null && hardSignal.aborted) {
    room.spending.settle(priceUsd, 'unknown', clock())
    return { kind: 'interrupted' }
  }
  const receivedAt = clock()
  const outcome = toOutcome(result, receivedAt / 1000)
  room.spending.settle(priceUsd, outcome.billed, receivedAt)
  const end = toCallEnd(result, outcome, { sentAt, receivedAt, priceUsd })
  const call = { callId, endpoint, params, end }
  if (outcome.kind === 'page') return saveAnswer(room, call, { outcome, body: result.text ?? '' })
  if (outcome.kind === 'absent') {
    saveCalledAbsence(archive, call, outcome.reason)
    return { kind: 'absent' }
  }
  settleCall(archive, call)
  return unanswered(room, outcome, { endpoint, attempt, receivedAt })
}

function saveAnswer(
  { archive, pace }: RenewalRoom,
  call: Parameters<typeof settleCall>[1],
  { outcome, body }: { outcome: Extract<CallOutcome, { kind: 'page' }>; body: string },
): RenewalResult {
  const { endpoint, params } = call
  const read = readParsed(endpoint, params, outcome.parsed)
  const odd = oddityOf(endpoint, params, read)
  saveCalledPage(archive, { ...call, body, page: read.page, odd })
  pace.goWell(endpointOf(endpoint).rateClass)
  if (odd !== null) return { kind: 'failed', problem: `the answer is ${odd.reason}` }
  const assets = read.page.rows.filter(({ table }) => table === 'assets')
  return { kind: 'answer', told: new Set(assets.map(({ values }) => String(values['asset_key']))) }
}

function unanswered(
  room: RenewalRoom,
  outcome: Exclude<CallOutcome, { kind: 'page' | 'absent' }>,
  asked: { endpoint: Renewal['endpoint']; attempt: number; receivedAt: number },
): RenewalResult | Again {
  const { problem } = outcome
  if (outcome.kind === 'refused')
    return { kind: 'refused', problem: `${problem}. ${outcome.advice}` }
  if (outcome.kind === 'failed') return { kind: 'failed', problem }
  const { rateClass } = endpointOf(asked.endpoint)
  const { usesTry } = outcome
  const tries = usesTry ? asked.attempt : room.pace.restsInARow(rateClass) + 1
  const waitMs = outcome.waitMs ?? backoffMs(tries, room.random(), room.retryBaseMs)
  if (!usesTry || outcome.waitMs !== null)
    room.pace.rest(rateClass, asked.receivedAt + waitMs * 1000, asked.receivedAt)
  return { waitMs, usesTry, problem }
}
