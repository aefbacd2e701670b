import { answersList, listAskedFor } from '../model/asked-about.js'
import type { EndpointName } from '../model/endpoints.js'
import type { Oddity } from '../model/oddity.js'
import type { Page, Params } from '../model/page.js'
import type { Archive } from './archive.js'
import { noteImportedAbsence, noteImportedLists, noteWalkedLists } from './save-imported-page.js'
import { settleAnswer, type CallOver } from './save-page.js'

/** A single call, outside of any walk, that is over. */
export interface SingleCall {
  callId: string
  endpoint: EndpointName
  params: Params
  end: CallOver
}

/** Settles a call whose answer is not to be kept. */
export function settleCall(archive: Archive, { callId, end }: SingleCall): void {
  archive.ledger.settle(callId, callId, { ...end, bodySha256: null, bodyBytes: null })
}

/** Settles a call that found that its object is not there, or not for us. */
export function saveCalledAbsence(
  archive: Archive,
  call: SingleCall,
  reason: 'not_found' | 'forbidden',
): void {
  const { callId, endpoint, end } = call
  const params = archive.denylist.maskParams(call.params)
  const absence = { at: end.receivedAt, responseId: callId, reason }
  archive.transaction(() => {
    settleCall(archive, call)
    archive.journal.add({ ...absence, event: 'end', requestId: null })
    noteImportedAbsence(archive, { endpoint, params }, absence)
  })
}

/**
 * Saves the answer to a single call like an imported one: all that it tells, but no request. One that is
 * held tells nothing new but its lists.
 */
export function saveCalledPage(
  archive: Archive,
  call: SingleCall & { body: string; page: Page; odd: Oddity | null },
): void {
  const { endpoint, odd } = call
  const end = { ...call.end, outcome: odd?.reason ?? call.end.outcome }
  archive.transaction(() => {
    const settled = settleAnswer(archive, { ...call, request: call, end })
    const { stamp, isNew, params, page = call.page } = settled
    const { at, responseId } = stamp
    const isList = answersList(endpoint) && listAskedFor(endpoint, params) !== null
    if (!isNew) return noteWalkedLists(archive, responseId, { isList })
    const entry = { at, responseId, requestId: null }
    if (odd !== null) {
      archive.pages.saveAnomalies([odd.anomaly], responseId)
      return archive.journal.add({ ...entry, event: 'odd', reason: odd.reason })
    }
    archive.pages.save(page, stamp)
    archive.journal.add({ ...entry, event: 'answer', isList })
    noteImportedLists(archive.listings, { endpoint, params, page, isList, receivedAt: at })
  })
}
