import { toCallEnd } from '../api/call-end.js'
import { ApiClient } from '../api/client.js'
import { systemClock } from '../api/clock.js'
import { toOutcome, type CallOutcome } from '../api/outcome.js'
import { openArchive, type Archive } from '../archive/archive.js'
import { hasArchive } from '../archive/archive-file.js'
import { saveCalledAbsence, saveCalledPage, settleCall } from '../archive/save-call.js'
import type { Outcome } from '../archive/run-log.js'
import type { CallOver } from '../archive/save-page.js'
import { requireSpace, withStorageErrors } from '../archive/storage-error.js'
import type { EndpointName } from '../model/endpoints.js'
import { InputError } from '../model/errors.js'
import { oddityOf } from '../model/oddity.js'
import type { Params } from '../model/page.js'
import { fullPriceOf } from '../model/prices.js'
import { readParsed } from '../model/read-page.js'
import { unsigned } from '../model/signed-url.js'
import { version } from '../model/version.js'
import type { OneCallFlags } from './call.js'
import type { CheckedCall } from './checked-call.js'
import type { Settings } from './settings.js'

/** What came of a call; `text` and `result` are fit to be shown. */
export interface SentCall {
  outcome: CallOutcome
  costUsd: number
  /** The ledger of an archive has it. */
  isNoted: boolean
  result: object
  text: string
}

interface Sending {
  settings: Settings
  flags: OneCallFlags
  signal: AbortSignal
}

/**
 * Sends a call once, notes it in the ledger of the archive if there is one, and keeps its answer if asked to.
 * @throws InputError without a key; ArchiveError if the archive cannot be used and is needed
 */
export async function sendCall(call: CheckedCall, sending: Sending): Promise<SentCall> {
  const { api } = sending.settings
  if (!api.key)
    throw new InputError('no API key: set TIKHUB_API_KEY, or `api.key` in a config file')
  const [baseUrl, apiKey, timeoutMs] = [api.base_url, api.key, api.timeout_s * 1000]
  const client = new ApiClient({ baseUrl, apiKey, concurrency: 1, timeoutMs })
  try {
    return await withStorageErrors(sending.settings.archive, async () => {
      const archive = openLedger(sending)
      try {
        return await sendNoted(call, { ...sending, client, archive })
      } finally {
        archive?.close()
      }
    })
  } finally {
    await client.close()
  }
}

/** The archive, for the ledger; where there is none, a call goes without it unless it is to be saved. */
function openLedger({ settings, flags }: Sending): Archive | null {
  const { archive, durability } = settings
  if (!flags.save && !hasArchive(archive)) return null
  return openArchive(archive, { durability })
}

async function sendNoted(
  call: CheckedCall,
  {
    settings,
    flags,
    signal,
    client,
    archive,
  }: Sending & { client: ApiClient; archive: Archive | null },
): Promise<SentCall> {
  const { endpoint, params, file } = call
  const isSaved = flags.save === true
  const clock = systemClock(archive?.journal.walkedAt())
  const baseUrl = settings.api.base_url
  const priceUsd = fullPriceOf({ perCall: settings.api.prices }, endpoint.name)
  const sentAt = clock()
  const start = { endpoint: endpoint.name, params, baseUrl, sentAt, priceUsd }
  if (archive) requireSpace(archive.dir)
  const noted = archive && begin(archive, start)
  const got = await client.fetchPage(endpoint, params, patiently(signal), file)
  const receivedAt = clock()
  const outcome = toOutcome(got, receivedAt / 1000, endpoint.paged)
  const end = toCallEnd(got, outcome, { sentAt, receivedAt, priceUsd })
  if (archive && noted) {
    settle(archive, call, { callId: noted.callId, end, outcome, body: got.text, isSaved })
    archive.runs.end(noted.runId, outcomes[outcome.kind], clock())
  }
  const text = flags.withSignedUrls ? (got.text ?? '') : unsigned(got.text ?? '')
  return { ...toShown(endpoint.name, { end, outcome, text, isSaved }), isNoted: archive !== null }
}

const graceMs = 3000

/** What is paid for is waited for a moment more. */
function patiently(signal: AbortSignal): AbortSignal {
  const controller = new AbortController()
  const onAbort = () => setTimeout(() => controller.abort(), graceMs).unref()
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  return controller.signal
}

const outcomes = {
  ...{ page: 'done', absent: 'failures', retry: 'failures', failed: 'failures' },
  refused: 'refused',
} as const satisfies Record<CallOutcome['kind'], Outcome>

/** Settles the call in the ledger; an answer that is to be saved is kept with all that it tells. */
function settle(
  archive: Archive,
  { endpoint, params }: CheckedCall,
  over: {
    callId: string
    end: CallOver
    outcome: CallOutcome
    body: string | null
    isSaved: boolean
  },
): void {
  const { callId, end, outcome, body, isSaved } = over
  const call = { callId, endpoint: endpoint.name, params, end }
  if (outcome.kind === 'absent' && isSaved) return saveCalledAbsence(archive, call, outcome.reason)
  if (outcome.kind !== 'page' || body === null || !isSaved) return settleCall(archive, call)
  const read = readParsed(endpoint.name, params, outcome.parsed)
  const odd = oddityOf(endpoint.name, params, read)
  saveCalledPage(archive, { ...call, body, page: read.page, odd })
}

function toShown(
  endpoint: EndpointName,
  over: { end: CallOver; outcome: CallOutcome; text: string; isSaved: boolean },
): Omit<SentCall, 'isNoted'> {
  const { end, outcome, text, isSaved } = over
  const isPage = outcome.kind === 'page'
  const { status, billed, costUsd } = end
  const facts = { endpoint, status, billed, cost_usd: costUsd, saved: isSaved && isPage }
  const problem = isPage ? null : outcome.problem
  const answer = parsed(text)
  const shown = typeof answer === 'string' ? text : JSON.stringify(answer, null, 2)
  return { outcome, costUsd, result: { ...facts, problem, answer }, text: shown }
}

function begin(
  archive: Archive,
  call: {
    endpoint: EndpointName
    params: Params
    baseUrl: string
    sentAt: number
    priceUsd: number
  },
): { runId: number; callId: string } {
  const { endpoint, baseUrl, sentAt } = call
  const run = {
    command: `call ${endpoint}`,
    seeds: [],
    config: { baseUrl },
    version,
    startedAt: sentAt,
  }
  return archive.transaction(() => {
    const runId = archive.runs.begin(run)
    return { runId, callId: archive.ledger.begin({ ...call, requestId: null, runId, attempt: 1 }) }
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
