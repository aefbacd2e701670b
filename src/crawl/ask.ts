import type { Archive } from '../archive/archive.js'
import type { FrontierRequest } from '../archive/frontier.js'
import type { CallEnd } from '../archive/ledger.js'
import { saveFailedCall, saveHeldPage, savePage } from '../archive/save-page.js'
import type { ApiClient, CallResult } from '../api/client.js'
import { backoffMs, retriesLimit, toOutcome, type CallOutcome } from '../api/outcome.js'
import type { Pace } from '../api/pace.js'
import { endpointOf } from '../model/endpoints.js'
import { readPage, readParsed } from '../model/read-page.js'
import { responseIdOf } from '../model/response-id.js'
import type { WalkLimits } from '../model/walk-plan.js'

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
  /** False: this call may not be sent any more. Reserves it otherwise. */
  reserveCall: (priceUsd: number) => boolean
  /** Calls in a row that came too fast for the API. */
  tooFastInARow: () => number
  onSettled: (settled: SettledCall) => void
}

/** A call that came to an end; `outcome` is null for one that was dropped: it may be billed. */
export interface SettledCall {
  requestId: number
  outcome: CallOutcome | null
  priceUsd: number
}

/** Answers that hold for the moment they were given: an old one does not stand for a new call. */
const momentary = new Set(['get_feed', 'get_cameo_leaderboard'])

/** Asks one request and saves what comes of it; nothing is sent for an answer that is held. */
export async function ask(options: AskOptions, request: FrontierRequest): Promise<void> {
  if (answerFromArchive(options, request)) return
  await options.pace.run(async () => {
    const endpoint = endpointOf(request.endpoint)
    if (!options.reserveCall(endpoint.priceUsd)) return
    const { archive, client, clock, runId, baseUrl } = options
    const attempt = request.attempts + 1
    const sentAt = clock()
    const { requestId, params } = request
    const callId = archive.ledger.begin({
      ...{ requestId, runId, params, attempt, baseUrl, sentAt },
      endpoint: endpoint.name,
      priceUsd: endpoint.priceUsd,
    })
    const result = await client.fetchPage(endpoint, params, options.signal)
    if (result.failure !== null && options.signal.aborted)
      return options.onSettled({ requestId, outcome: null, priceUsd: endpoint.priceUsd })
    const receivedAt = clock()
    const outcome = toOutcome(result, receivedAt / 1000, endpoint.paged)
    const costUsd = outcome.billed === 'no' ? 0 : endpoint.priceUsd
    const end = {
      receivedAt,
      status: result.status,
      headers: result.headers,
      durationMs: Math.round((receivedAt - sentAt) / 1000),
      billed: outcome.billed,
      costUsd,
      upstreamRequestId: result.headers['x-request-id'] ?? null,
      outcome: outcome.problem,
    }
    save(options, { callId, request: { ...request, attempts: attempt }, result, outcome, end })
    options.onSettled({ requestId, outcome, priceUsd: endpoint.priceUsd })
  })
}

interface Settled {
  callId: string
  request: FrontierRequest
  result: CallResult
  outcome: CallOutcome
  end: Omit<CallEnd, 'bodySha256' | 'bodyBytes'>
}

function save(options: AskOptions, settled: Settled): void {
  const { archive, limits } = options
  const { callId, request, result, outcome, end } = settled
  if (outcome.kind === 'page') {
    const { page, envelope } = readParsed(request.endpoint, request.params, outcome.parsed)
    const upstreamRequestId = envelope?.requestId ?? end.upstreamRequestId
    const body = result.text ?? ''
    savePage(archive, { callId, request, body, page, limits, end: { ...end, upstreamRequestId } })
  } else
    saveFailedCall(archive, {
      ...{ callId, end, body: result.text },
      ...consequenceOf(options, settled),
    })
}

/** What becomes of a request whose call brought no page. */
function consequenceOf(options: AskOptions, { request, outcome, end }: Settled) {
  const waitMs =
    (outcome.kind === 'retry' ? outcome.waitMs : null) ??
    backoffMs(
      Math.max(request.attempts, options.tooFastInARow()),
      options.random(),
      options.retryBaseMs,
    )
  const notBefore = end.receivedAt + waitMs * 1000
  const waiting = { request, givenUp: null, absent: null, notBefore }
  switch (outcome.kind) {
    case 'retry':
      if (!outcome.usesTry)
        return { ...waiting, request: { ...request, attempts: request.attempts - 1 } }
      return request.attempts > retriesLimit
        ? { ...waiting, givenUp: { reason: 'no_answer' } }
        : waiting
    case 'refused':
      return { ...waiting, request: { ...request, attempts: request.attempts - 1 }, notBefore: 0 }
    case 'failed':
      return { ...waiting, givenUp: { reason: outcome.reason } }
    case 'absent': {
      const absent = absentObject(request)
      return absent === null
        ? { ...waiting, givenUp: { reason: 'not_found' } }
        : { ...waiting, absent }
    }
    case 'page':
      throw new Error('a page has no failure')
  }
}

/** The object that is not there; a further page of a list that is missing says nothing of its object. */
function absentObject({ endpoint, params, page }: FrontierRequest) {
  if (page > 1) return null
  const { subject } = endpointOf(endpoint)
  const id = subject === null ? undefined : params[subject]
  const kinds = { post_id: 'post', comment_id: 'comment', user_id: 'user' } as const
  const kind = kinds[(subject ?? '') as keyof typeof kinds]
  return id === undefined || kind === undefined ? null : { kind, id, reason: 'not_found' as const }
}

/** Goes on from an answer that was imported, if the archive holds one to this very call. */
function answerFromArchive(options: AskOptions, request: FrontierRequest): boolean {
  const { archive, limits, clock } = options
  const { endpoint, params } = request
  if (request.pass > 1 || momentary.has(endpoint)) return false
  const bodySha256 = archive.ledger.heldAnswer(endpoint, params)
  const text = bodySha256 === undefined ? undefined : archive.bodies.read(bodySha256)
  if (bodySha256 === undefined || text === undefined) return false
  const { page } = readPage(endpoint, params, text)
  const responseId = responseIdOf({ endpoint, params, bodySha256 })
  saveHeldPage(archive, { request, page, limits, stamp: { at: clock(), responseId } })
  return true
}
