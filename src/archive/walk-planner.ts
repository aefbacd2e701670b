import type Database from 'better-sqlite3'
import { endpointOf, findEndpoint, type EndpointName } from '../model/endpoints.js'
import { isCommentId, isPostId, timeOfId } from '../model/ids.js'
import { coveredEnds, nextOfListing, wholeEnds } from '../model/listing-end.js'
import type { InlinedListing, Page, Params, Stretch, Subject } from '../model/page.js'
import { callsInPriority, type ListFacts } from '../model/order.js'
import { goingOnIn, listsOf, type SubjectFacts, type WalkLimits } from '../model/walk-plan.js'
import type { Frontier } from './frontier.js'
import type { FrontierRequest } from './frontier-request.js'
import type { EarlierWalk, ListingLog, ListingName } from './listing-log.js'
import { firstPage, listingOf } from './list-of-request.js'
import type { Stamp } from './stamp.js'
import { listFactsOf, ToldCounters } from './told-counters.js'

/** The answer from which the walk goes on. */
export interface WalkStep {
  request: FrontierRequest
  limits: WalkLimits
  stamp: Stamp
  /** Replayed: whether the list ended there because the rest was known, as it was decided then. */
  isRestKnown?: boolean
}

/** What a page says of its list. */
export interface ListOutcome {
  /** Why the list ended oddly, if it did. */
  problem: string | null
  /** Why the list ended, if it did. */
  endReason: string | null
  /** What a list that was walked whole no longer shows. */
  dropped: Dropped[]
}

/** A post or comment that a list had shown. */
export interface Dropped {
  kind: 'post' | 'comment'
  id: string
}

const noList: ListOutcome = { problem: null, endReason: null, dropped: [] }

/** What the planner needs of the frontier. */
export type Planned = Pick<Frontier, 'add' | 'has'>

/** Decides, inside the transaction of a page, what is asked next because of it. */
export class WalkPlanner {
  private readonly counters: ToldCounters
  private readonly held: Record<'post' | 'user', Database.Statement>

  constructor(
    database: Database.Database,
    private readonly frontier: Planned,
    private readonly listings: ListingLog,
  ) {
    this.counters = new ToldCounters(database)
    const held = (table: string, key: string) =>
      database.prepare(`SELECT 1 FROM ${table} WHERE ${key} = ? AND full_at IS NOT NULL`).pluck()
    this.held = { post: held('posts', 'post_id'), user: held('users', 'user_id') }
  }

  /** True if a full answer told the post or person. */
  isHeld(kind: 'post' | 'user', id: string): boolean {
    return this.held[kind].get(id) === 1
  }

  /** Plans the lists of a post or person that is held, as seeds. */
  planHeld(
    kind: 'post' | 'user',
    id: string,
    { pass, limits, now }: { pass: number; limits: WalkLimits; now: number },
  ): void {
    const counters = this.counters.of({ kind, id })
    for (const { endpoint, subject, depth } of listsOf({ kind, id, counters, level: 0 })) {
      if (this.isUnchanged(endpoint, subject, pass)) continue
      const plan = firstPage(endpoint, subject, { pass, parentRequestId: null, depth })
      this.frontier.add(plan, limits, now, listFactsOf(endpoint, counters))
    }
  }

  /**
   * Plans the next page of the list asked for and the lists of the objects on this page.
   * @returns what the page says of its list
   */
  plan(page: Page, step: WalkStep): ListOutcome {
    const isPaged = endpointOf(step.request.endpoint).paged
    const outcome = page.listing && isPaged ? this.planNextPage(page.listing, step) : noList
    this.planSubjects(page.subjects, page.inlined, step)
    return outcome
  }

  private planNextPage(listing: Stretch, step: WalkStep): ListOutcome {
    const { request, limits, stamp } = step
    const name = listingOf(request)
    const earlier = request.pass > 1 ? this.listings.earlierWalks(name) : []
    const isKnown = this.knownBefore(name, listing, earlier)
    const told = this.counters.announcedFor(request.endpoint, name.subject)
    const progress = this.listings.add(name, listing, {
      ...{ at: stamp.at, ...told },
      ...(isKnown ? { isKnown } : {}),
    })
    const { cursor } = listing
    const next = nextOfListing({
      cursor,
      hasMore: listing.has_more,
      isCursorUsed: cursor !== null && this.isUsed(request, cursor),
      isCursorUnreadable: listing.problem === 'cursor_unreadable',
      announced: told.announced,
      isRestKnown: step.isRestKnown ?? isRunLongEnough(limits.knownRun, progress.knownRun),
      ...progress,
    })
    if (!next.isEnd) {
      this.planPage(next.cursor, step, { ...progress, ...told })
      return noList
    }
    this.listings.end(name, next.reason, stamp.at)
    const dropped = wholeEnds.includes(next.reason) ? this.droppedFrom(name, earlier) : []
    if (limits.recheckMissing) this.planRechecks(dropped, step)
    return { problem: next.problem, endReason: next.reason, dropped }
  }

  private planPage(cursor: string, { request, limits, stamp }: WalkStep, facts: ListFacts): void {
    const params = withCursor(request.params, cursor)
    const page = request.page + 1
    const thread = threadBelow(request, request.endpoint)
    const plan = { ...request, params, page, ...thread, parentRequestId: request.requestId }
    this.frontier.add(plan, limits, stamp.at, { ...facts, announcedBelow: null })
  }

  /**
   * Tells what earlier passes had shown of a newest-first list, as far as they left no hole below it: a
   * pass that was interrupted says nothing of what lies under its last page.
   */
  private knownBefore(
    { endpoint }: ListingName,
    { item_ids }: Stretch,
    earlier: readonly EarlierWalk[],
  ): ((id: string) => boolean) | null {
    if (!findEndpoint(endpoint)?.newestFirst || !isNewestFirst(item_ids)) return null
    const last = earlier.findIndex(({ endReason }) => coveredEnds.includes(endReason ?? ''))
    if (last < 0) return null
    const covered = earlier.slice(last)
    return (id) => covered.some(({ listingKey }) => this.listings.hasShown(listingKey, id))
  }

  /** What the last whole walk of a list, or one after it, showed and this one does not. */
  private droppedFrom(name: ListingName, earlier: readonly EarlierWalk[]): Dropped[] {
    const last = earlier.findIndex(({ endReason }) => wholeEnds.includes(endReason ?? ''))
    if (last < 0) return []
    const ids = earlier.slice(0, last + 1).flatMap((walk) => this.listings.missing(name, walk))
    return [...new Set(ids)].flatMap((id): Dropped[] =>
      isPostId(id) ? [{ kind: 'post', id }] : isCommentId(id) ? [{ kind: 'comment', id }] : [],
    )
  }

  /** A post that is held and no longer shown is asked for by itself, once in a pass. */
  private planRechecks(dropped: readonly Dropped[], { request, limits, stamp }: WalkStep): void {
    const { pass, requestId: parentRequestId } = request
    for (const { kind, id } of dropped) {
      if (kind !== 'post' || !this.isHeld('post', id)) continue
      const plan = firstPage('get_post_detail', id, { pass, parentRequestId, depth: 1 })
      this.frontier.add(plan, limits, stamp.at)
    }
  }

  /**
   * True if a page of a request's list without data is wrong: items are announced that are not held, or
   * where nothing is announced, the page before led here, or it is the feed or the leaderboard.
   */
  owesMore(request: FrontierRequest): boolean {
    if (!endpointOf(request.endpoint).paged) return false
    const isLedTo = request.page > 1 || listingOf(request).subject === null
    return this.owesAnnounced(request) ?? isLedTo
  }

  /** True if items of a request's list are announced that are not held; NULL if none are announced. */
  owesAnnounced(request: FrontierRequest): boolean | null {
    const name = listingOf(request)
    const { announced } = this.counters.announcedFor(request.endpoint, name.subject)
    return announced === null ? null : this.listings.itemsHeld(name) < announced
  }

  private isUsed({ pass, endpoint, params }: FrontierRequest, cursor: string): boolean {
    return this.frontier.has(pass, endpoint, withCursor(params, cursor))
  }

  private planSubjects(subjects: Subject[], inlined: InlinedListing[], step: WalkStep): void {
    const { request, limits, stamp } = step
    const complete = this.noteInlined(inlined, step)
    if (isByTheWay(request)) return
    const goingOn = goingOnIn(inlined)
    for (const subject of subjects) {
      const facts = {
        ...this.factsOf(subject, request),
        goingOn: goingOn.get(subject.id) ?? new Set<string>(),
      }
      for (const { endpoint, subject: id, depth } of listsOf(facts)) {
        if (complete.has(`${endpoint} ${id}`)) continue
        const { pass, requestId: parentRequestId } = request
        if (this.isUnchanged(endpoint, id, pass)) continue
        const thread = threadBelow(request, endpoint)
        const plan = { ...firstPage(endpoint, id, { pass, parentRequestId, depth }), ...thread }
        this.frontier.add(plan, limits, stamp.at, listFactsOf(endpoint, facts.counters))
      }
    }
  }

  /** True in a later pass for a list of a thread whose counters are those of its last walk, if that left nothing. */
  private isUnchanged(endpoint: EndpointName, subject: string, pass: number): boolean {
    if (pass < 2 || !endpointOf(endpoint).ofThread) return false
    const [last] = this.listings.earlierWalks({ endpoint, subject, pass })
    if (last === undefined || !coveredEnds.includes(last.endReason ?? '')) return false
    const now = this.counters.announcedFor(endpoint, subject)
    return now.announced === last.announced && now.announcedBelow === last.announcedBelow
  }

  /** Lists that came whole inside this answer are not asked for. */
  private noteInlined(inlined: InlinedListing[], { request, stamp }: WalkStep): Set<string> {
    const complete = new Set<string>()
    for (const { endpoint, subject, ...stretch } of inlined) {
      const told = this.counters.announcedFor(endpoint as EndpointName, subject)
      const held = new Set(stretch.item_ids).size
      if (
        stretch.cursor !== null ||
        stretch.problem ||
        told.announced === null ||
        held < told.announced
      )
        continue
      const name = { endpoint, subject, pass: request.pass }
      this.listings.add(name, stretch, { at: stamp.at, ...told })
      this.listings.end(name, 'inlined', stamp.at)
      complete.add(`${endpoint} ${subject}`)
    }
    return complete
  }

  private factsOf({ kind, id }: Subject, request: FrontierRequest): SubjectFacts {
    const known = this.counters.of({ kind, id })
    const depth = known['depth']
    const level = kind === 'comment' && typeof depth === 'number' ? depth : levelOf(kind, request)
    return { kind, id, counters: known, level }
  }
}

/** True if items come newest first, as their ids tell. */
const isNewestFirst = (ids: readonly string[]): boolean => {
  const times = ids.map((id) => timeOfId(id) ?? 0)
  return times.every((time, index) => index === 0 || time <= times[index - 1]!)
}

const isRunLongEnough = (limit: number, run: number): boolean => limit > 0 && run >= limit

/** An object asked for by an extra step: it is wanted by itself, without what hangs below it. */
const isByTheWay = ({ endpoint, depth }: FrontierRequest): boolean =>
  depth > 0 && (endpoint === 'get_user_profile' || endpoint === 'get_post_detail')

const withCursor = (params: Params, cursor: string): Params => ({ ...params, cursor })

/** The level of an object that a request showed, where the object does not tell it itself. */
function levelOf(kind: Subject['kind'], { endpoint, depth }: FrontierRequest): number {
  if (kind === 'comment') return endpoint === 'get_comment_replies' ? depth + 1 : 1
  return endpoint === 'get_post_remix_list' ? depth : 0
}

/** The thread of what is asked next because of a request. */
function threadBelow(
  { endpoint, thread = null, requestId, priority }: FrontierRequest,
  next: EndpointName,
): { thread: number | null; threadCalls: number | null } {
  const isBegun =
    next === 'get_comment_replies' || (next === 'get_post_comments' && endpoint === next)
  if (!isBegun) return { thread: null, threadCalls: null }
  return { thread: thread ?? requestId, threadCalls: callsInPriority(priority) }
}
