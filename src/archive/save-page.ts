import { endpointOf } from '../model/endpoints.js'
import { coveredEnds } from '../model/listing-end.js'
import type { Anomaly, Page, Params } from '../model/page.js'
import { readPage } from '../model/read-page.js'
import { responseIdOf } from '../model/response-id.js'
import type { WalkLimits } from '../model/walk-plan.js'
import type { Archive } from './archive.js'
import { packBody } from './bodies.js'
import type { FrontierRequest } from './frontier-request.js'
import type { CallEnd } from './ledger.js'
import type { PageWriter } from './page-writer.js'
import type { Stamp } from './stamp.js'
import type { ListOutcome, WalkPlanner, WalkStep } from './walk-planner.js'

/** What is known of a call that is over, besides its body. */
export type CallOver = Omit<CallEnd, 'bodySha256' | 'bodyBytes'>

/** An answer to a request of the frontier, read. */
export interface AnsweredPage {
  callId: string
  request: FrontierRequest
  body: string
  page: Page
  limits: WalkLimits
  end: CallOver
}

/**
 * Saves a page: its body, its rows, what is asked next because of it and the end of its request, all
 * in one transaction. An answer that is held already tells nothing new, but the walk goes on from it.
 */
export function savePage(archive: Archive, answer: AnsweredPage): void {
  const { request, end } = answer
  archive.transaction(() => {
    const { stamp, rowId, isNew, page = answer.page } = settleAnswer(archive, answer)
    if (isNew) archive.pages.save(page, stamp)
    const at = end.receivedAt
    const { requestId } = request
    const reason = goOn(archive, { page, request, limits: answer.limits, stamp })
    archive.journal.add({ event: 'answer', at, responseId: rowId, requestId, reason })
  })
}

/**
 * Keeps the body of an answer and settles its call. `rowId` names the call in the ledger: an answer
 * that is held already leaves it under its own name. `page`, `params`: what is left of them without what
 * is forgotten; no `page`: all of it. The caller holds the transaction.
 */
export function settleAnswer(
  archive: Archive,
  answer: {
    callId: string
    request: Pick<FrontierRequest, 'endpoint' | 'params'>
    body: string
    end: CallOver
  },
): { stamp: Stamp; rowId: string; isNew: boolean; params: Params; page?: Page } {
  const { callId, end } = answer
  const { endpoint, params } = answer.request
  const original = packBody(answer.body)
  const responseId = responseIdOf({ endpoint, params, bodySha256: original.sha256 })
  const isNew = !archive.ledger.has(responseId)
  const rowId = isNew ? responseId : callId
  const at = end.receivedAt
  const clean = archive.intake.clean({ endpoint, params, body: answer.body, at })
  const body = clean === null ? original : packBody(clean.text)
  archive.bodies.save(body)
  const kept = { bodySha256: body.sha256, bodyBytes: body.bytes }
  archive.ledger.settle(callId, rowId, { ...end, ...kept })
  const settled = { stamp: { at, responseId }, rowId, isNew, params: clean?.params ?? params }
  if (clean === null) return settled
  archive.intake.noteRewritten(rowId, responseId, original.sha256)
  return { ...settled, page: readPage(endpoint, clean.params, clean.text).page }
}

/** An answer that was held before it was asked for. */
export interface HeldPage {
  request: FrontierRequest
  page: Page
  limits: WalkLimits
  stamp: Stamp
}

/** Saves what follows from an answer that was held before it was asked for: nothing is sent for it. */
export function saveHeldPage(archive: Archive, held: HeldPage): void {
  const { responseId, at } = held.stamp
  const { requestId } = held.request
  archive.transaction(() => {
    const reason = goOn(archive, held)
    archive.journal.add({ event: 'held', at, responseId, requestId, reason })
  })
}

/** Saves an answer that was kept without records, now that it can be read. */
export function saveReadAgain(archive: Archive, held: HeldPage & { now: number }): void {
  const { responseId } = held.stamp
  const { requestId } = held.request
  archive.transaction(() => {
    archive.ledger.relabel(responseId, 'page')
    archive.pages.dropAnomalies(responseId)
    archive.pages.save(held.page, held.stamp)
    const reason = goOn(archive, { ...held, stamp: { responseId, at: held.now } })
    archive.journal.add({ event: 'answer', at: held.now, responseId, requestId, reason })
  })
}

/** @returns `known_items` if the list ended there because an earlier pass had walked the rest */
function goOn(archive: Archive, step: HeldPage): string | null {
  const { page, stamp, limits } = step
  const request = { ...step.request, ...archive.frontier.placeOf(step.request.requestId) }
  const { endReason } = followPage(archive, page, { request, limits, stamp })
  archive.frontier.finish(request, { state: 'done', reason: null, error: null, at: stamp.at })
  const isWhole = !endpointOf(request.endpoint).paged || coveredEnds.includes(endReason ?? '')
  if (isWhole) archive.frontier.settleEarlier(request)
  return endReason === 'known_items' ? endReason : null
}

/** Notes how the list of a page goes on, and plans what follows from the page. */
export function followPage(
  { planner, pages }: { planner: WalkPlanner; pages: PageWriter },
  page: Page,
  step: WalkStep,
): ListOutcome {
  const { stamp } = step
  const outcome = planner.plan(page, step)
  const { problem, dropped } = outcome
  pages.saveAbsences(
    dropped.map(({ kind, id }) => ({ entity_kind: kind, entity_id: id, reason: 'dropped' })),
    stamp,
  )
  if (problem !== null) {
    const excerpt = page.listing?.cursor ?? null
    const json_pointer = `${page.below ?? ''}/cursor`
    const anomaly: Anomaly = { json_pointer, problem, excerpt }
    pages.saveAnomalies([anomaly], stamp.responseId)
  }
  return outcome
}
