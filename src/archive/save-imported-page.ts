import { listAskedFor } from '../model/asked-about.js'
import type { Page, Params, Stretch } from '../model/page.js'
import { responseIdOf } from '../model/response-id.js'
import type { Archive } from './archive.js'
import { packBody } from './bodies.js'
import type { ListingLog } from './listing-log.js'

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
  /** It is a stretch of the list that its parameters name. */
  isList: boolean
}

/**
 * Saves an imported answer in one transaction; it plans no request.
 * @returns false if the same answer was held: nothing changes
 */
export function saveImportedPage(archive: Archive, imported: ImportedPage): boolean {
  const { endpoint, params, page, isList, body, ...ledgerRow } = imported
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
    const at = imported.receivedAt
    archive.pages.save(page, { at, responseId })
    archive.journal.add({ event: 'answer', at, responseId, requestId: null, isList })
    noteImportedLists(archive.listings, imported)
    return true
  })
}

/** Imports record lists under pass 0, and what is missing in them stays missing. */
export function noteImportedLists(
  listings: ListingLog,
  {
    endpoint,
    params,
    page,
    isList,
    receivedAt,
  }: Omit<ImportedPage, 'runId' | 'body' | 'clock' | 'origin' | 'upstreamRequestId'>,
): void {
  const note = (list: { endpoint: string; subject: string | null }, stretch: Stretch) => {
    const name = { ...list, pass: 0 }
    listings.add(name, stretch, { at: receivedAt, announced: null })
    if (stretch.cursor === null) listings.end(name, 'end', receivedAt)
  }
  const list = isList ? listAskedFor(endpoint, params) : null
  if (list !== null && page.listing !== null) note(list, page.listing)
  for (const { endpoint, subject, ...stretch } of page.inlined) note({ endpoint, subject }, stretch)
}
