import { endpointOf } from '../model/endpoints.js'
import type { Anomaly, Page, Params, Stretch } from '../model/page.js'
import { responseIdOf } from '../model/response-id.js'
import type { WalkLimits } from '../model/walk-plan.js'
import type { Archive } from './archive.js'
import { packBody } from './bodies.js'
import type { FrontierRequest } from './frontier.js'
import type { CallEnd } from './ledger.js'
import type { Stamp } from './stamp.js'
import { listingOf } from './walk-planner.js'

/** An answer to a request of the frontier, read. */
export interface AnsweredPage {
  callId: string
  request: FrontierRequest
  body: string
  page: Page
  limits: WalkLimits
  end: Omit<CallEnd, 'bodySha256' | 'bodyBytes'>
}

/**
 * Saves a page: its body, its rows, what is asked next because of it and the end of its request, all
 * in one transaction. An answer that is held already tells nothing new, but the walk goes on from it.
 */
export function savePage(archive: Archive, answer: AnsweredPage): void {
  const { request, callId, end, page } = answer
  const body = packBody(answer.body)
  const { endpoint, params } = request
  const responseId = responseIdOf({ endpoint, params, bodySha256: body.sha256 })
  archive.transaction(() => {
    const isNew = !archive.ledger.has(responseId)
    archive.bodies.save(body)
    archive.ledger.settle(callId, isNew ? responseId : callId, {
      ...end,
      bodySha256: body.sha256,
      bodyBytes: body.bytes,
    })
    const stamp = { at: end.receivedAt, responseId }
    if (isNew) archive.pages.save(page, stamp)
    goOn(archive, { page, request, limits: answer.limits, stamp })
  })
}

/** Saves what follows from an answer that was held before it was asked for: nothing is sent for it. */
export function saveHeldPage(
  archive: Archive,
  held: { request: FrontierRequest; page: Page; limits: WalkLimits; stamp: Stamp },
): void {
  archive.transaction(() => goOn(archive, held))
}

function goOn(
  archive: Archive,
  step: { page: Page; request: FrontierRequest; limits: WalkLimits; stamp: Stamp },
): void {
  const { page, stamp } = step
  const request = { ...step.request, depth: archive.frontier.depthOf(step.request.requestId) }
  const problem = archive.planner.plan(page, { ...step, request })
  if (problem !== null) {
    const anomaly: Anomaly = {
      json_pointer: '/cursor',
      problem,
      excerpt: page.listing?.cursor ?? null,
    }
    archive.pages.saveAnomalies([anomaly], stamp.responseId)
  }
  archive.frontier.finish(request, { state: 'done', reason: null, error: null, at: stamp.at })
}

/** A call that brought no page. */
export interface FailedCall {
  callId: string
  request: FrontierRequest
  /** What came, redacted; NULL if nothing came. */
  body: string | null
  end: Omit<CallEnd, 'bodySha256' | 'bodyBytes'>
  /** Set: the request is given up. NULL: it is tried again at `notBefore`. */
  givenUp: { reason: string } | null
  /** The object asked about is not there. */
  absent: {
    kind: 'post' | 'comment' | 'user'
    id: string
    reason: 'not_found' | 'unavailable'
  } | null
  notBefore: number
}

/** Saves a call that brought no page, with what is to become of its request, in one transaction. */
export function saveFailedCall(archive: Archive, failed: FailedCall): void {
  const { callId, end, absent } = failed
  const body = failed.body === null || failed.body === '' ? null : packBody(failed.body)
  const at = end.receivedAt
  archive.transaction(() => {
    if (body !== null) archive.bodies.save(body)
    archive.ledger.settle(callId, callId, {
      ...end,
      bodySha256: body?.sha256 ?? null,
      bodyBytes: body?.bytes ?? null,
    })
    if (absent !== null) {
      const { kind, id, reason } = absent
      const absences = [{ entity_kind: kind, entity_id: id, reason }]
      archive.pages.saveAbsences(absences, { at, responseId: callId })
    }
    endRequest(archive, failed)
  })
}

function endRequest(
  archive: Archive,
  { request, end, givenUp, absent, notBefore }: FailedCall,
): void {
  const at = end.receivedAt
  if (givenUp === null && absent === null)
    return archive.frontier.postpone(request.requestId, request.attempts, notBefore, end.outcome)
  const state = givenUp === null ? 'done' : 'failed'
  const reason = givenUp?.reason ?? absent?.reason ?? null
  archive.frontier.finish(request, { state, reason, error: end.outcome, at })
  if (endpointOf(request.endpoint).paged)
    archive.listings.end(listingOf(request), reason ?? 'failed', at)
}

/** An answer that somebody already held, read. */
export interface ImportedPage {
  endpoint: string
  params: Params
  body: string
  page: Page
  /** Gives the run; called for new answers only. */
  runId: () => number
  receivedAt: number
  clock: 'envelope' | 'page' | 'file'
  origin: string
  upstreamRequestId: string | null
  /** What it is a stretch of; NULL if it is no list, or not known of what. */
  listing: { endpoint: string; subject: string | null } | null
}

/**
 * Saves an imported answer in one transaction; it plans no request.
 * @returns false if the same answer was held: nothing changes
 */
export function saveImportedPage(archive: Archive, imported: ImportedPage): boolean {
  const { endpoint, params, page, listing, body, ...ledgerRow } = imported
  const packed = packBody(body)
  const responseId = responseIdOf({ endpoint, params, bodySha256: packed.sha256 })
  return archive.transaction(() => {
    if (archive.ledger.has(responseId)) return false
    archive.bodies.save(packed)
    archive.ledger.addImported({
      ...ledgerRow,
      runId: imported.runId(),
      responseId,
      endpoint,
      params,
      bodySha256: packed.sha256,
      bodyBytes: packed.bytes,
    })
    const stamp = { at: imported.receivedAt, responseId }
    archive.pages.save(page, stamp)
    if (listing !== null && page.listing !== null)
      noteImportedList(archive, listing, page.listing, stamp.at)
    for (const { endpoint, subject, ...stretch } of page.inlined)
      noteImportedList(archive, { endpoint, subject }, stretch, stamp.at)
    return true
  })
}

/** Imports record lists under pass 0, and what is missing in them stays missing. */
function noteImportedList(
  archive: Archive,
  list: { endpoint: string; subject: string | null },
  stretch: Stretch,
  at: number,
): void {
  const name = { ...list, pass: 0 }
  archive.listings.add(name, stretch, { at, announced: null })
  if (stretch.cursor === null) archive.listings.end(name, 'end', at)
}
