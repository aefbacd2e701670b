import type Database from 'better-sqlite3'
import { endpointOf, type EndpointName } from '../model/endpoints.js'
import { nextOfListing, type ListingNext } from '../model/listing-end.js'
import type { InlinedListing, Page, Params, Stretch, Subject } from '../model/page.js'
import { callsInPriority, unknownList, type ListFacts } from '../model/order.js'
import { listingKey } from '../model/params.js'
import type { Value } from '../model/table.js'
import {
  announcingCounter,
  listsOf,
  type SubjectFacts,
  type WalkLimits,
} from '../model/walk-plan.js'
import type { Frontier, FrontierRequest, RequestPlan } from './frontier.js'
import type { ListingLog, ListingName } from './listing-log.js'
import { fromSql } from './sql.js'
import type { Stamp } from './stamp.js'

const counters = {
  post: ['posts', 'post_id', ['reply_count', 'recursive_reply_count', 'remix_count']],
  comment: ['comments', 'comment_id', ['reply_count', 'recursive_reply_count', 'depth']],
  user: ['users', 'user_id', ['post_count', 'follower_count', 'following_count', 'cameo_count']],
} as const

/** The answer from which the walk goes on. */
export interface WalkStep {
  request: FrontierRequest
  limits: WalkLimits
  stamp: Stamp
}

/** What the planner needs of the frontier. */
export type Planned = Pick<Frontier, 'add' | 'has'>

/** Decides, inside the transaction of a page, what is asked next because of it. */
export class WalkPlanner {
  private readonly facts: Record<Subject['kind'], Database.Statement>
  private readonly held: Record<'post' | 'user', Database.Statement>

  constructor(
    database: Database.Database,
    private readonly frontier: Planned,
    private readonly listings: ListingLog,
  ) {
    const prepare = (kind: Subject['kind']) => {
      const [table, key, names] = counters[kind]
      return database
        .prepare(`SELECT ${names.join(', ')} FROM ${table} WHERE ${key} = ?`)
        .safeIntegers()
    }
    this.facts = { post: prepare('post'), comment: prepare('comment'), user: prepare('user') }
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
    const counters = this.countersOf({ kind, id })
    for (const { endpoint, subject, depth } of listsOf({ kind, id, counters, level: 0 })) {
      const plan = firstPage(endpoint, subject, { pass, parentRequestId: null, depth })
      this.frontier.add(plan, limits, now, listFactsOf(endpoint, counters))
    }
  }

  /**
   * Plans the next page of the list asked for and the lists of the objects on this page.
   * @returns why the list ended oddly, if it did
   */
  plan(page: Page, step: WalkStep): string | null {
    const isPaged = endpointOf(step.request.endpoint).paged
    const next = page.listing && isPaged ? this.planNextPage(page.listing, step) : null
    this.planSubjects(page.subjects, page.inlined, step)
    return next?.isEnd ? next.problem : null
  }

  private planNextPage(listing: Stretch, { request, limits, stamp }: WalkStep): ListingNext {
    const name = listingOf(request)
    const announced = this.announcedFor(request.endpoint, name.subject)
    const progress = this.listings.add(name, listing, { at: stamp.at, announced })
    const { cursor } = listing
    const isCursorUsed = cursor !== null && this.isUsed(request, cursor)
    const next = nextOfListing({
      cursor,
      hasMore: listing.has_more,
      isCursorUsed,
      announced,
      ...progress,
    })
    if (next.isEnd) this.listings.end(name, next.reason, stamp.at)
    else {
      const params = withCursor(request.params, next.cursor)
      const page = request.page + 1
      const thread = threadBelow(request, request.endpoint)
      const plan = { ...request, params, page, ...thread, parentRequestId: request.requestId }
      const { itemsHeld, pagesHeld } = progress
      const facts = { announced, announcedBelow: null, itemsHeld, pagesHeld }
      this.frontier.add(plan, limits, stamp.at, facts)
    }
    return next
  }

  private isUsed({ pass, endpoint, params }: FrontierRequest, cursor: string): boolean {
    return this.frontier.has(pass, endpoint, withCursor(params, cursor))
  }

  private planSubjects(subjects: Subject[], inlined: InlinedListing[], step: WalkStep): void {
    const { request, limits, stamp } = step
    const complete = this.noteInlined(inlined, step)
    if (isByTheWay(request)) return
    for (const subject of subjects) {
      const facts = this.factsOf(subject, request)
      for (const { endpoint, subject: id, depth } of listsOf(facts)) {
        if (complete.has(`${endpoint} ${id}`)) continue
        const { pass, requestId: parentRequestId } = request
        const thread = threadBelow(request, endpoint)
        const plan = { ...firstPage(endpoint, id, { pass, parentRequestId, depth }), ...thread }
        this.frontier.add(plan, limits, stamp.at, listFactsOf(endpoint, facts.counters))
      }
    }
  }

  /** Lists that came whole inside this answer are not asked for. */
  private noteInlined(inlined: InlinedListing[], { request, stamp }: WalkStep): Set<string> {
    const complete = new Set<string>()
    for (const { endpoint, subject, ...stretch } of inlined) {
      const announced = this.announcedFor(endpoint as EndpointName, subject)
      const held = new Set(stretch.item_ids).size
      if (stretch.cursor !== null || announced === null || held < announced) continue
      const name = { endpoint, subject, pass: request.pass }
      this.listings.add(name, stretch, { at: stamp.at, announced })
      this.listings.end(name, 'inlined', stamp.at)
      complete.add(`${endpoint} ${subject}`)
    }
    return complete
  }

  private countersOf({ kind, id }: Subject): Record<string, Value> {
    const told = (this.facts[kind].get(id) ?? {}) as Record<string, Value>
    return Object.fromEntries(Object.entries(told).map(([name, value]) => [name, fromSql(value)]))
  }

  private factsOf({ kind, id }: Subject, request: FrontierRequest): SubjectFacts {
    const known = this.countersOf({ kind, id })
    const depth = known['depth']
    const level = kind === 'comment' && typeof depth === 'number' ? depth : levelOf(kind, request)
    return { kind, id, counters: known, level }
  }

  /** What a counter announces for a list; NULL where nothing or nothing credible is announced. */
  private announcedFor(endpoint: EndpointName, subject: string | null): number | null {
    const counter = announcingCounter[endpoint]
    if (counter === undefined || subject === null) return null
    const kind = subject.startsWith('s_') ? 'post' : isUser(subject) ? 'user' : 'comment'
    const told = (this.facts[kind].get(subject) ?? {}) as Record<string, Value>
    const announced = Number(told[counter] ?? 0)
    return announced > 0 ? announced : null
  }
}

/** An object asked for by an extra step: it is wanted by itself, without what hangs below it. */
const isByTheWay = ({ endpoint, depth }: FrontierRequest): boolean =>
  depth > 0 && (endpoint === 'get_user_profile' || endpoint === 'get_post_detail')

/** The list of which a request is a page. */
export function listingOf({ endpoint, params, pass }: RequestPlan): ListingName {
  const { subject } = endpointOf(endpoint)
  return { endpoint, subject: subject === null ? null : (params[subject] ?? null), pass }
}

/** The key of that list; NULL for a request that is no page of a list. */
export function listingKeyOf(request: RequestPlan): string | null {
  if (!endpointOf(request.endpoint).paged) return null
  const { endpoint, subject, pass } = listingOf(request)
  return listingKey(pass, endpoint, subject)
}

const isUser = (subject: string): boolean => /^(user-|ch_)/.test(subject)

const withCursor = (params: Params, cursor: string): Params => ({ ...params, cursor })

/** The level of an object that a request showed, where the object does not tell it itself. */
function levelOf(kind: Subject['kind'], { endpoint, depth }: FrontierRequest): number {
  if (kind === 'comment') return endpoint === 'get_comment_replies' ? depth + 1 : 1
  return endpoint === 'get_post_remix_list' ? depth : 0
}

/** What the counters of an object say of one of its lists. */
function listFactsOf(endpoint: EndpointName, counters: SubjectFacts['counters']): ListFacts {
  const told = (name: string | undefined): number | null => {
    const value = name === undefined ? null : (counters[name] ?? null)
    return value === null ? null : Number(value)
  }
  const announced = told(announcingCounter[endpoint]) || null
  const all = told('recursive_reply_count')
  const isThread = announcingCounter[endpoint] === 'reply_count'
  const announcedBelow =
    isThread && all !== null && announced !== null ? Math.max(0, all - announced) : null
  return { ...unknownList, announced, announcedBelow }
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

/** The first page of a list. */
export function firstPage(
  endpoint: EndpointName,
  subject: string | null,
  rest: { pass: number; parentRequestId: number | null; depth: number },
) {
  const { subject: name } = endpointOf(endpoint)
  const params: Params = name === null || subject === null ? {} : { [name]: subject }
  return {
    endpoint,
    params,
    listingKey: listingKey(rest.pass, endpoint, subject),
    page: 1,
    ...rest,
  }
}
