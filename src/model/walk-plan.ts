import type { Endpoint } from './endpoint.js'
import { endpointOf, endpoints, type EndpointName } from './endpoints.js'
import { timeOfId } from './ids.js'
import type { InlinedListing } from './page.js'
import type { LimitReason } from './reasons.js'
import type { Value } from './table.js'

/** What is known of an object whose lists may be walked. NULL: unknown. */
export interface SubjectFacts {
  kind: 'post' | 'comment' | 'user'
  id: string
  counters: Readonly<Record<string, Value>>
  /** Level of a remix below the start of the walk, or of a comment (1 = on the post). */
  level: number
  /** Endpoints of lists of which the beginning is held, and which go on whatever counters say. */
  goingOn?: ReadonlySet<string>
}

/** A list to be walked. */
export interface PlannedList {
  endpoint: EndpointName
  subject: string
  /** Levels of remixes or replies below the start that its items have. */
  depth: number
}

/** By object, the lists of it that began in an answer and go on behind it: a counter of 0 is wrong there. */
export function goingOnIn(inlined: readonly InlinedListing[]): Map<string, Set<string>> {
  const lists = new Map<string, Set<string>>()
  for (const { subject, endpoint, cursor, item_ids } of inlined)
    if (cursor !== null && item_ids.length > 0)
      lists.set(subject, (lists.get(subject) ?? new Set()).add(endpoint))
  return lists
}

/**
 * The lists of an object that can hold something: a list that its counters announce as empty is never
 * asked for, unless its beginning is held and goes on; one of which nothing is known is.
 */
export function listsOf({ kind, id, counters, level, goingOn }: SubjectFacts): PlannedList[] {
  const lists: PlannedList[] = []
  const plan = (endpoint: EndpointName, depth: number) => {
    if (goingOn?.has(endpoint) || !isEmpty(endpoint, counters))
      lists.push({ endpoint, subject: id, depth })
  }
  if (kind === 'post') {
    plan('get_post_comments', 0)
    plan('get_post_remix_list', level + 1)
  } else if (kind === 'comment') plan('get_comment_replies', level)
  else plan('get_user_posts', 0)
  return lists
}

/** True if a counter of a list says 0 and none says more; unknown counters say nothing. */
function isEmpty(endpoint: EndpointName, counters: SubjectFacts['counters']): boolean {
  const known = countersOf(endpoint)
    .map((name) => counters[name] ?? null)
    .filter((value) => value !== null)
  return known.length > 0 && known.every((value) => Number(value) === 0)
}

/** The counters that tell of a list: of its items, and of comments also of all below them. */
export function countersOf(endpoint: EndpointName): readonly string[] {
  const { announcedBy, items } = endpointOf(endpoint)
  if (announcedBy === undefined) return []
  return items === 'comments' ? [announcedBy, 'recursive_reply_count'] : [announcedBy]
}

/** Pages of a list that its counter announces beyond the items held; at least one, as for what is no list. */
export function pagesLeft(
  endpoint: EndpointName,
  { announced, held }: { announced: number | null; held: number },
): number {
  const { pageSize } = endpointOf(endpoint)
  if (pageSize === null || announced === null) return 1
  return Math.max(1, Math.ceil((announced - held) / pageSize))
}

/** The steps below a post. */
export const threadSteps: readonly string[] = endpoints
  .filter((each: Endpoint) => each.ofThread)
  .map(({ step }) => step)

/** What of the walk is wanted in this run; what is not is skipped and comes back another time. */
export interface WalkLimits {
  /** Which of the thread's steps to walk; NULL: all. The lists of the seeds are always walked. */
  only: ReadonlySet<string> | null
  maxPages: Readonly<Record<string, number>>
  maxDepth: Readonly<Record<string, number>>
  /** Threads of posts from this time on, in microseconds. */
  since: number | null
  /** Threads of posts before this time. */
  until: number | null
  /** Later passes: known items in a row after which a newest-first list ends; 0: it is walked whole. */
  knownRun: number
  /** Later passes: posts that a list no longer shows are asked for once. */
  recheckMissing: boolean
}

/** The limit behind each reason to leave a request out. */
const limitOf: Record<LimitReason, keyof WalkLimits> = {
  only: 'only',
  max_pages: 'maxPages',
  max_depth: 'maxDepth',
  since: 'since',
  until: 'until',
}

/** The limits that leave requests out, by their names here and in the log of a run. */
export const limitNames: readonly string[] = Object.values(limitOf)

/** A walk without limits. */
export const noLimits: WalkLimits = {
  only: null,
  maxPages: {},
  maxDepth: {},
  since: null,
  until: null,
  knownRun: 30,
  recheckMissing: true,
}

/** What decides whether a request is wanted. */
export interface RequestFacts {
  step: string
  page: number
  depth: number
  /** When the post whose thread this is was posted; NULL where it is no thread, or not known. */
  postedAt: number | null
}

/** Why a request is left out under these limits; NULL if it is wanted. */
export function leftOutBy(limits: WalkLimits, request: RequestFacts): LimitReason | null {
  const { step, page, depth, postedAt } = request
  if (limits.only !== null && threadSteps.includes(step) && !limits.only.has(step)) return 'only'
  if (page > (limits.maxPages[step] ?? Infinity)) return 'max_pages'
  if (depth > (limits.maxDepth[step] ?? Infinity)) return 'max_depth'
  if (postedAt !== null && limits.since !== null && postedAt < limits.since) return 'since'
  if (postedAt !== null && limits.until !== null && postedAt >= limits.until) return 'until'
  return null
}

/** When the post whose thread a request belongs to was posted: as told, else as its id tells. */
export const threadTime = (
  step: string,
  postId: string | undefined,
  toldAt: number | null,
): number | null =>
  postId === undefined || !threadSteps.includes(step) ? null : (toldAt ?? timeOfId(postId))
