import { absentObject, toAbsence } from '../model/asked-about.js'
import { endpointOf } from '../model/endpoints.js'
import type { Anomaly } from '../model/page.js'
import type { Archive } from './archive.js'
import { packBody, type PackedBody } from './bodies.js'
import type { FrontierRequest } from './frontier-request.js'
import type { ListingLog } from './listing-log.js'
import type { PageWriter } from './page-writer.js'
import { settleAnswer, type CallOver } from './save-page.js'
import type { Stamp } from './stamp.js'
import { listingOf } from './list-of-request.js'

/** What becomes of a request that got no page. */
export type RequestFate =
  /** It is tried again, not before that time. */
  | { kind: 'again'; notBefore: number }
  /** Its object is not there: the request is done. */
  | { kind: 'absent'; reason: string }
  /** It is given up. */
  | { kind: 'failed'; reason: string }

/** A call that brought no page. */
export interface FailedCall {
  callId: string
  request: FrontierRequest
  /** What came, redacted; NULL if nothing came. */
  body: string | null
  end: CallOver
  fate: RequestFate
}

/** Saves a call that brought no page, with what is to become of its request, in one transaction. */
export function saveFailedCall(archive: Archive, failed: FailedCall): void {
  const { callId, end } = failed
  archive.transaction(() => {
    const body = packFailure(archive, failed)
    if (body !== null) archive.bodies.save(body)
    const kept = { bodySha256: body?.sha256 ?? null, bodyBytes: body?.bytes ?? null }
    archive.ledger.settle(callId, callId, { ...end, ...kept })
    meetFate(archive, failed, callId)
  })
}

function packFailure({ intake }: Archive, { body, request, end }: FailedCall): PackedBody | null {
  if (body === null || body === '') return null
  const { endpoint, params } = request
  return packBody(intake.clean({ endpoint, params, body, at: end.receivedAt })?.text ?? body)
}

/** An answer that is kept without records: it could not be read, or is about something else. */
export interface OddAnswer extends FailedCall {
  body: string
  anomaly: Anomaly
}

/** Keeps an answer without records, with an anomaly that leads to it, in one transaction. */
export function saveOddAnswer(archive: Archive, odd: OddAnswer): void {
  const { request, end, anomaly } = odd
  archive.transaction(() => {
    const { rowId, stamp } = settleAnswer(archive, odd)
    archive.pages.saveAnomalies([anomaly], stamp.responseId)
    archive.journal.add({
      event: 'odd',
      at: end.receivedAt,
      responseId: rowId,
      requestId: request.requestId,
      reason: end.outcome,
    })
    meetFate(archive, odd, rowId)
  })
}

function meetFate(archive: Archive, { request, end, fate }: FailedCall, responseId: string): void {
  const { outcome: error, receivedAt: at } = end
  const { requestId, attempts } = request
  if (fate.kind === 'again')
    return archive.frontier.postpone(requestId, attempts, fate.notBefore, error)
  const state = fate.kind === 'absent' ? 'done' : 'failed'
  archive.frontier.finish(request, { state, reason: fate.reason, error, at })
  archive.journal.add({ event: 'end', at, responseId, requestId, reason: fate.reason })
  noteEnd(archive, request, { reason: fate.reason, stamp: { at, responseId } })
}

/** Ends a request anew whose answer, read again, still cannot be read. */
export function saveUnreadableStill(archive: Archive, request: FrontierRequest, at: number): void {
  const { requestId } = request
  const reason = 'unreadable'
  archive.transaction(() => {
    archive.frontier.finish(request, { state: 'failed', reason, error: reason, at })
    archive.journal.add({ event: 'end', at, responseId: null, requestId, reason })
    if (endpointOf(request.endpoint).paged) archive.listings.end(listingOf(request), reason, at)
  })
}

/** Notes what the end of a request without a page says of its list and of its object. */
export function noteEnd(
  { listings, pages }: { listings: ListingLog; pages: PageWriter },
  request: FrontierRequest,
  { reason, stamp }: { reason: string; stamp: Stamp },
): void {
  const { endpoint, params, page } = request
  if (endpointOf(endpoint).paged) listings.end(listingOf(request), reason, stamp.at)
  const absence = toAbsence(reason)
  const object = absentObject(endpoint, params, page)
  if (absence !== undefined && object !== null)
    pages.saveAbsences([{ ...object, reason: absence }], stamp)
}

/**
 * Takes up requests that failed, as if they had never been tried; the lists whose pages they are go on.
 * @returns how many
 */
export function retryFailed(archive: Archive, now: number): number {
  return archive.transaction(() => {
    let count = 0
    for (const request of archive.frontier.failed()) {
      archive.frontier.reopen(request.requestId)
      if (endpointOf(request.endpoint).paged) archive.listings.reopen(listingOf(request))
      const { requestId } = request
      archive.journal.add({ event: 'again', at: now, responseId: null, requestId })
      count += 1
    }
    return count
  })
}

/**
 * Settles requests that got a 400 at every try: where the run had answers from the same endpoint
 * (`answered`), it is the object that is unavailable, not the API (`tikhub-api` section 4).
 */
export function noteUnavailable(archive: Archive, answered: ReadonlySet<string>): void {
  if (answered.size === 0) return
  archive.transaction(() => {
    for (const { requestId, responseId, at } of archive.answers.refusedAmong([...answered])) {
      const request = archive.frontier.byId(requestId)
      archive.frontier.rename(requestId, 'unavailable')
      archive.journal.add({ event: 'end', at, responseId, requestId, reason: 'unavailable' })
      noteEnd(archive, request, { reason: 'unavailable', stamp: { at, responseId } })
    }
  })
}
