import { believesEnvelope } from '../model/answer-time.js'
import { endpointOf } from '../model/endpoints.js'
import { namesForgotten } from '../model/forgotten-mark.js'
import { noData, oddityOf, unreadable, type Oddity } from '../model/oddity.js'
import { untimely } from '../model/page-time.js'
import type { Params } from '../model/page.js'
import type { ReadBody } from '../model/read-page.js'
import { noLimits } from '../model/walk-plan.js'
import type { Archive } from './archive.js'
import type { Frontier } from './frontier.js'
import type { FrontierRequest, RequestPlan } from './frontier-request.js'
import type { KeptEntry } from './journal.js'
import type { KeptAnswer } from './held-answers.js'
import { readKept } from './read-kept.js'
import { noteEnd } from './save-failed-call.js'
import { noteImportedAbsence, noteImportedLists, noteKeptLists } from './save-imported-page.js'
import { followPage } from './save-page.js'
import { isStorageError } from './storage-error.js'
import { listingOf } from './list-of-request.js'
import { WalkPlanner, type Planned } from './walk-planner.js'

/** Writes into the derived tables what entries of the journal tell; plans nothing. */
export class Replay {
  private readonly frontier: ReplayedFrontier
  private readonly planner: WalkPlanner

  constructor(private readonly archive: Archive) {
    this.frontier = new ReplayedFrontier(archive.frontier)
    this.planner = new WalkPlanner(archive.database, this.frontier, archive.listings)
  }

  /** Does again what was done when the entry was noted; the caller holds the transaction. */
  replay(entry: KeptEntry): void {
    switch (entry.event) {
      case 'answer':
        return this.answer(entry, entry.responseId!)
      case 'held':
        return this.held(entry, entry.responseId!)
      case 'odd':
        return this.odd(entry, entry.responseId!)
      case 'end':
        return entry.requestId === null
          ? noteImportedAbsence(this.archive, this.archive.answers.of(entry.responseId!), entry)
          : this.end(entry, entry.requestId)
      case 'again':
        return this.again(entry.requestId!)
    }
  }

  private answer(entry: KeptEntry, rowId: string): void {
    const { kept, read, responseId } = readKept(this.archive, rowId)
    const { page, envelope } = read
    const { endpoint, params, receivedAt } = kept
    const timeStamp = envelope?.timeStamp ?? null
    const isImport = entry.requestId === null
    if (isImport && timeStamp !== null && !believesEnvelope(kept.clock))
      page.anomalies.push(untimely(timeStamp))
    // An answer that was held already when it came has a row of its own, and told nothing new.
    const isNew = rowId === responseId
    if (isNew) {
      this.archive.pages.dropAnomalies(responseId)
      this.archive.pages.save(page, { at: receivedAt, responseId })
    }
    if (!isImport) this.follow(entry, read, responseId)
    else if (isNew)
      noteImportedLists(this.archive.listings, {
        ...{ endpoint, params, page, receivedAt },
        isList: entry.isList,
      })
  }

  private held(entry: KeptEntry, rowId: string): void {
    if (entry.requestId === null) return noteKeptLists(this.archive, rowId, entry.isList)
    const { read, responseId } = readKept(this.archive, rowId)
    this.follow(entry, read, responseId)
  }

  private follow(
    { requestId, at, reason }: KeptEntry,
    { page }: ReadBody,
    responseId: string,
  ): void {
    const request = this.archive.frontier.byId(requestId!)
    if (isAboutForgotten(request)) return
    this.frontier.answered = request
    const { planner } = this
    const { pages } = this.archive
    const isRestKnown = reason === 'known_items'
    const stamp = { at, responseId }
    followPage({ planner, pages }, page, { request, limits: noLimits, stamp, isRestKnown })
  }

  /** What could not be read may be readable now; its request stays failed until it is asked anew. */
  private odd({ reason }: KeptEntry, rowId: string): void {
    const { kept, read, responseId } = readKept(this.archive, rowId)
    const isNew = rowId === responseId
    // It was read again later: that has an entry of its own.
    if (isNew && kept.outcome === 'page') return
    const odd =
      reason === noData.reason
        ? noData
        : (oddityOf(kept.endpoint, kept.params, read) ??
          (isNew ? this.trySaving(kept, read, responseId) : null))
    if (odd !== null) this.archive.pages.saveAnomalies([odd.anomaly], responseId)
  }

  /** @returns why the records cannot be saved; NULL if they are */
  private trySaving(kept: KeptAnswer, { page }: ReadBody, responseId: string): Oddity | null {
    const { database, pages } = this.archive
    const stamp = { at: kept.receivedAt, responseId }
    try {
      database.transaction(() => pages.save(page, stamp))()
      return null
    } catch (error) {
      if (isStorageError(error)) throw error
      return unreadable(`saving failed: ${(error as Error).message}`)
    }
  }

  private end({ at, responseId, reason }: KeptEntry, requestId: number): void {
    const request = this.archive.frontier.byId(requestId)
    if (isAboutForgotten(request)) return
    noteEnd(this.archive, request, { reason: reason!, stamp: { at, responseId: responseId ?? '' } })
  }

  private again(requestId: number): void {
    const request = this.archive.frontier.byId(requestId)
    if (endpointOf(request.endpoint).paged) this.archive.listings.reopen(listingOf(request))
  }
}

/** Lists of what is forgotten are no lists any more. */
const isAboutForgotten = ({ params }: FrontierRequest): boolean =>
  Object.values(params).some(namesForgotten)

/** The frontier as it was when an answer came: nothing is added to it, and what the answer led to is not yet there. */
class ReplayedFrontier implements Planned {
  answered: FrontierRequest | undefined

  constructor(private readonly frontier: Frontier) {}

  add(): boolean {
    return false
  }

  has(pass: number, endpoint: RequestPlan['endpoint'], params: Params): boolean {
    const parent = this.frontier.parentOf(pass, endpoint, params)
    return parent !== undefined && parent !== this.answered?.requestId
  }
}
