import type { Archive } from '../archive/archive.js'
import type { FrontierRequest } from '../archive/frontier-request.js'
import { saveFailedCall, saveOddAnswer, saveUnreadableStill } from '../archive/save-failed-call.js'
import { saveHeldPage, savePage, saveReadAgain, type CallOver } from '../archive/save-page.js'
import { isStorageError } from '../archive/storage-error.js'
import { toCallEnd } from '../api/call-end.js'
import type { ApiClient, CallResult } from '../api/client.js'
import { toOutcome, type CallOutcome } from '../api/outcome.js'
import type { Pace } from '../api/pace.js'
import { endpointOf, type EndpointName } from '../model/endpoints.js'
import { noData, oddityOf, unreadable, type Oddity } from '../model/oddity.js'
import { readPage, readParsed, type ReadBody } from '../model/read-page.js'
import type { OddReason } from '../model/reasons.js'
import type { WalkLimits } from '../model/walk-plan.js'
import { fateOf, fateOfOdd, waitMs } from './fate.js'

/** What asking needs. */
export interface AskOptions {
  archive: Archive
  client: ApiClient
  pace: Pace
  limits: WalkLimits
  runId: number
  baseUrl: string
  clock: () => number
  /** Uniform in [0, 1). */
  random: () => number
  retryBaseMs: number
  signal: AbortSignal
  /** Reserves a call. @returns its price in USD; NULL if it may not be sent any more */
  reserveCall: (endpoint: EndpointName) => number | null
  onSettled: (settled: SettledCall) => void
}

/** A call that came to an end; `outcome` is null for one that was dropped: it may be billed. */
export interface SettledCall {
  request: FrontierRequest
  outcome: CallOutcome | null
  /** Set: the answer was kept without records. */
  odd: OddReason | null
  priceUsd: number
}

/** Asks one request and saves what comes of it; nothing is sent for an answer that is held. */
export async function ask(options: AskOptions, request: FrontierRequest): Promise<void> {
  if (goOnFromHeld(options, request)) return
  const { rateClass } = endpointOf(request.endpoint)
  await options.pace.run(rateClass, () => call(options, request))
}

async function call(options: AskOptions, request: FrontierRequest): Promise<void> {
  const endpoint = endpointOf(request.endpoint)
  const priceUsd = options.reserveCall(request.endpoint)
  if (priceUsd === null) return
  const { archive, client, clock, runId, baseUrl } = options
  const attempt = request.attempts + 1
  const sentAt = clock()
  const { requestId, params } = request
  const callId = archive.ledger.begin({
    ...{ requestId, runId, params, attempt, baseUrl, sentAt },
    endpoint: endpoint.name,
    priceUsd,
  })
  const result = await client.fetchPage(endpoint, params, options.signal)
  if (result.failure !== null && options.signal.aborted)
    return options.onSettled({ request, outcome: null, odd: null, priceUsd })
  const receivedAt = clock()
  const outcome = toOutcome(result, receivedAt / 1000, endpoint.paged)
  const end = toCallEnd(result, outcome, { sentAt, receivedAt, priceUsd })
  const settled = { callId, request: { ...request, attempts: attempt }, result, outcome, end }
  const odd = save(options, settled)
  options.onSettled({ request, outcome, odd, priceUsd })
}

interface Settled {
  callId: string
  request: FrontierRequest
  result: CallResult
  outcome: CallOutcome
  end: CallOver
}

type OfKind<Kind extends CallOutcome['kind']> = Extract<CallOutcome, { kind: Kind }>

/** Saves what came. @returns why an answer was kept without records, if it was */
function save(options: AskOptions, settled: Settled): OddReason | null {
  const { outcome } = settled
  if (outcome.kind === 'page') return saveAnswer(options, settled, outcome)
  saveFailure(options, settled, outcome)
  return null
}

function saveAnswer(
  options: AskOptions,
  settled: Settled,
  outcome: OfKind<'page'>,
): OddReason | null {
  const { archive, limits } = options
  const { request, callId, end } = settled
  const { endpoint, params } = request
  const read = readParsed(endpoint, params, outcome.parsed)
  const odd =
    oddityOf(endpoint, params, read) ?? (isMissing(archive, request, read) ? noData : null)
  if (odd !== null) return saveOdd(options, settled, odd)
  const body = settled.result.text ?? ''
  try {
    savePage(archive, { callId, request, body, page: read.page, limits, end })
    return null
  } catch (error) {
    if (isStorageError(error)) throw error
    const problem = `saving failed: ${(error as Error).message}`
    return saveOdd(options, settled, unreadable(problem))
  }
}

/** True where the list that was asked for is not there, and should be. */
function isMissing({ planner }: Archive, request: FrontierRequest, read: ReadBody): boolean {
  if (read.isEmpty) return planner.owesMore(request)
  const { listing } = read.page
  return (
    listing?.is_null === true && listing.cursor === null && planner.owesAnnounced(request) === true
  )
}

function saveOdd(options: AskOptions, settled: Settled, odd: Oddity): OddReason {
  const { archive, retryBaseMs } = options
  const { request, callId, result } = settled
  const { anomaly, reason } = odd
  const end = { ...settled.end, outcome: reason }
  const othersBefore = archive.answers.otherObjects(request.requestId)
  const fate = fateOfOdd(reason, { othersBefore, at: end.receivedAt, retryBaseMs })
  saveOddAnswer(archive, { callId, request, body: result.text ?? '', anomaly, end, fate })
  return reason
}

function saveFailure(
  options: AskOptions,
  { callId, request, result, end }: Settled,
  outcome: Exclude<CallOutcome, OfKind<'page'>>,
): void {
  const { archive, pace, retryBaseMs } = options
  const { rateClass } = endpointOf(request.endpoint)
  const at = end.receivedAt
  const tooFastInARow = pace.restsInARow(rateClass)
  const facts = { at, random: options.random(), retryBaseMs, tooFastInARow }
  const usesTry = outcome.kind !== 'refused' && (outcome.kind !== 'retry' || outcome.usesTry)
  const attempts = request.attempts - (usesTry ? 0 : 1)
  const fate = fateOf(outcome, request, facts)
  if (outcome.kind === 'retry' && !outcome.usesTry)
    pace.rest(rateClass, at + waitMs(outcome, request, facts) * 1000, at)
  saveFailedCall(archive, {
    callId,
    end,
    body: result.text,
    fate,
    request: { ...request, attempts },
  })
}

/** Goes on from an answer that is held, if there is one to this very call: nothing is sent. */
function goOnFromHeld(options: AskOptions, request: FrontierRequest): boolean {
  return goOnFromImported(options, request) || goOnFromUnreadable(options, request)
}

function goOnFromImported(options: AskOptions, request: FrontierRequest): boolean {
  const { archive, limits, clock } = options
  const { endpoint, params } = request
  if (request.pass > 1 || endpointOf(endpoint).momentary) return false
  const held = archive.answers.toCall(endpoint, params)
  const text = held && archive.bodies.read(held.bodySha256)
  if (held === undefined || text === undefined) return false
  const read = readPage(endpoint, params, text)
  if (read.isEmpty || isMissing(archive, request, read)) return false
  if (oddityOf(endpoint, params, read) !== null) return false
  const { responseId } = held
  saveHeldPage(archive, { request, page: read.page, limits, stamp: { at: clock(), responseId } })
  return true
}

/** An answer that was paid for and could not be read is read again before it is paid for again. */
function goOnFromUnreadable(options: AskOptions, request: FrontierRequest): boolean {
  const { archive, limits, clock } = options
  const { endpoint, params, requestId } = request
  const held = archive.answers.unreadable(requestId)
  const text = held && archive.bodies.read(held.bodySha256)
  if (held === undefined || text === undefined) return false
  const read = readPage(endpoint, params, text)
  const now = clock()
  const stamp = { at: held.at, responseId: held.responseId }
  const isReadable = oddityOf(endpoint, params, read) === null
  const save = () => saveReadAgain(archive, { request, page: read.page, limits, stamp, now })
  if (!isReadable || !succeeds(save)) saveUnreadableStill(archive, request, now)
  return true
}

/** Saves records; false if they cannot be saved, though the archive can be written. */
function succeeds(save: () => void): boolean {
  try {
    save()
    return true
  } catch (error) {
    if (isStorageError(error)) throw error
    return false
  }
}
