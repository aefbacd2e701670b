import { isTruer, type AnswerClock, type AnswerTime } from '../model/answer-time.js'
import { absentObject, listAskedFor } from '../model/asked-about.js'
import { noData, type Oddity } from '../model/oddity.js'
import type { Absence, Page, Params, Stretch } from '../model/page.js'
import { readPage } from '../model/read-page.js'
import { responseIdOf, sha256 } from '../model/response-id.js'
import type { Archive } from './archive.js'
import { packBytes } from './bodies.js'
import { correctTime } from './correct-times.js'
import type { ListingLog } from './listing-log.js'
import type { PageWriter } from './page-writer.js'
import { readKept } from './read-kept.js'

/** What the ledger says of an imported answer, besides its body. */
interface ImportedRow {
  endpoint: string
  params: Params
  /** Gives the run; called for new answers only. */
  runId: () => number
  receivedAt: number
  clock: AnswerClock
  origin: string
  upstreamRequestId: string | null
}

/** An answer that somebody already held, read. */
export interface ImportedPage extends ImportedRow {
  /** The text, or the same in UTF-8. */
  body: string | Buffer
  /** Digest of the body, where it is known already. */
  bodySha256?: string
  /** The id, where it is not the one that endpoint, parameters and body give. */
  responseId?: string
  page: Page
  /** Set: the answer is kept without records. */
  odd?: Oddity | null
  /** It is a stretch of the list that its parameters name. */
  isList: boolean
}

/**
 * What became of an imported answer: it is new, it was held, or it was held under a time that was less
 * true, so that the tables are to be built again.
 */
export type Taken = 'new' | 'held' | 'corrected'

/** Saves an imported answer in one transaction; it plans no request. */
export const saveImportedPage = (archive: Archive, imported: ImportedPage): Taken =>
  archive.transaction(() => addImportedPage(archive, imported))

/** Writes an imported answer; the caller holds the transaction. */
export function addImportedPage(archive: Archive, imported: ImportedPage): Taken {
  const { endpoint, params, isList, odd = null } = imported
  const bytes = typeof imported.body === 'string' ? Buffer.from(imported.body) : imported.body
  const bodySha256 = imported.bodySha256 ?? sha256(bytes)
  const responseId = imported.responseId ?? responseIdOf({ endpoint, params, bodySha256 })
  const held = archive.times.of(responseId)
  if (held !== undefined) {
    noteWalkedLists(archive, responseId, { isList, onNews: () => imported.runId() })
    return takeTime(archive, { responseId, held }, imported)
  }
  const { body, ...told } = withoutForgotten(archive, { ...imported, body: bytes })
  const packed = packBytes(body, told.isClean ? bodySha256 : sha256(body))
  if (!told.isClean) archive.intake.noteRewritten(responseId, responseId, bodySha256)
  const { page } = told
  const reason = odd?.reason ?? null
  archive.bodies.save(packed)
  const kept = { responseId, outcome: reason ?? 'page' }
  const size = { bodySha256: packed.sha256, bodyBytes: packed.bytes }
  archive.ledger.addImported({ ...imported, ...told, ...kept, ...size, runId: imported.runId() })
  const at = imported.receivedAt
  const entry = { at, responseId, requestId: null }
  if (odd !== null) {
    archive.pages.saveAnomalies([odd.anomaly], responseId)
    archive.journal.add({ ...entry, event: 'odd', reason })
    return 'new'
  }
  archive.pages.save(page, { at, responseId })
  archive.journal.add({ ...entry, event: 'answer', isList })
  noteImportedLists(archive.listings, { ...imported, ...told })
  return 'new'
}

/** Of an answer that is held, the time alone can be news. */
function takeTime(
  archive: Archive,
  { responseId, held }: { responseId: string; held: AnswerTime },
  { receivedAt: at, clock, origin, upstreamRequestId, runId }: ImportedRow,
): Taken {
  if (!isTruer({ at, clock, origin }, held)) return 'held'
  const told = { at, clock, origin, upstreamRequestId, runId: runId() }
  return correctTime(archive, responseId, told) ? 'corrected' : 'held'
}

/** What is left of an imported answer without what is forgotten. */
function withoutForgotten(
  archive: Archive,
  { endpoint, params, body, page, receivedAt: at }: ImportedPage & { body: Buffer },
): { params: Params; body: Buffer; page: Page; isClean: boolean } {
  const clean = archive.intake.clean({ endpoint, params, body, at })
  if (clean === null) return { params, body, page, isClean: true }
  const { text } = clean
  const left = readPage(endpoint, clean.params, text).page
  return { params: clean.params, body: Buffer.from(text), page: left, isClean: false }
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
  }: Pick<ImportedPage, 'endpoint' | 'params' | 'page' | 'isList' | 'receivedAt'>,
): void {
  const note = (list: { endpoint: string; subject: string | null }, stretch: Stretch) => {
    const name = { ...list, pass: 0 }
    listings.add(name, stretch, { at: receivedAt, announced: null, announcedBelow: null })
    const isEnd = stretch.cursor === null && !stretch.problem && !tellsNothing(stretch, params)
    if (isEnd) listings.end(name, 'end', receivedAt)
  }
  const list = isList ? listAskedFor(endpoint, params) : null
  if (list !== null && page.listing !== null) {
    note(list, page.listing)
    const leads = { cursor: params['cursor'] ?? null, next: page.listing.cursor }
    if (!page.listing.problem && !tellsNothing(page.listing, params))
      listings.addPage({ ...list, pass: 0 }, leads)
  }
  for (const { endpoint, subject, ...stretch } of page.inlined) {
    note({ endpoint, subject }, stretch)
    // Without a cursor it may be the whole list, or as much of it as was wanted.
    if (stretch.cursor !== null)
      listings.addPage({ endpoint, subject, pass: 0 }, { cursor: null, next: stretch.cursor })
  }
}

/** True for a list that is null from its beginning: whether it has items, counters tell. */
const tellsNothing = ({ is_null, cursor }: Stretch, params: Params): boolean =>
  is_null === true && cursor === null && params['cursor'] === undefined

/** True if an answer is held from a walk of the archive alone: none of its lists is noted as imported. */
export const isOnlyWalked = ({ answers, journal }: Archive, responseId: string): boolean =>
  answers.isWalked(responseId) && !journal.hasLists(responseId)

/**
 * Notes that an answer that a walk got was imported, too, or got outside of any walk: its lists, once,
 * as if the walk had come after. The caller holds the transaction.
 */
export function noteWalkedLists(
  archive: Archive,
  responseId: string,
  { isList, onNews }: { isList: boolean; onNews?: () => void },
): void {
  if (!isOnlyWalked(archive, responseId)) return
  onNews?.()
  const at = archive.times.of(responseId)!.at
  archive.journal.add({ event: 'held', at, responseId, requestId: null, isList })
  noteKeptLists(archive, responseId, isList)
}

/** Notes the lists of a walked answer as imported; one that the walk took for wrong tells all it can. */
export function noteKeptLists(archive: Archive, responseId: string, isList: boolean): void {
  const { kept, read } = readKept(archive, responseId)
  const { receivedAt: at, outcome } = kept
  if (outcome === noData.reason) archive.pages.save(read.page, { at, responseId })
  noteImportedLists(archive.listings, { ...kept, page: read.page, isList })
}

/** A call of another archive that found nothing. */
export interface ImportedAbsence extends ImportedRow {
  responseId: string
  reason: Absence['reason']
  /** What came, if anything did. */
  body: Buffer | null
}

/**
 * Writes that a call of another archive found nothing; the caller holds the transaction.
 * @returns false if it was noted before, or the call was this archive's own
 */
export function addImportedAbsence(archive: Archive, absence: ImportedAbsence): boolean {
  const { responseId, reason, endpoint, receivedAt: at } = absence
  const params = archive.denylist.maskParams(absence.params)
  if (archive.ledger.has(responseId) || archive.times.hasCall({ endpoint, params, at }))
    return false
  const text = absence.body && archive.intake.clean({ ...absence, body: absence.body, at })?.text
  const body = text == null ? absence.body : Buffer.from(text)
  const packed = body === null ? null : packBytes(body, sha256(body))
  if (packed !== null) archive.bodies.save(packed)
  archive.ledger.addImported({
    ...{ ...absence, params },
    runId: absence.runId(),
    outcome: reason,
    bodySha256: packed?.sha256 ?? null,
    bodyBytes: packed?.bytes ?? null,
  })
  archive.journal.add({ event: 'end', at, responseId, requestId: null, reason })
  noteImportedAbsence(archive, { endpoint, params }, { at, responseId, reason })
  return true
}

/** Notes the absence of which a call of another archive told. */
export function noteImportedAbsence(
  { pages }: { pages: PageWriter },
  { endpoint, params }: { endpoint: string; params: Params },
  { at, responseId, reason }: { at: number; responseId: string | null; reason: string | null },
): void {
  const object = absentObject(endpoint, params)
  if (object === null || responseId === null) return
  pages.saveAbsences([{ ...object, reason: reason as Absence['reason'] }], { at, responseId })
}
