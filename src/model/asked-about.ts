import { findEndpoint } from './endpoints.js'
import { namesForgotten } from './forgotten-mark.js'
import { postIdOfPermalink } from './ids.js'
import type { Absence, Params } from './page.js'
import type { ReadBody } from './read-page.js'
import { emptyCallReasons } from './reasons.js'

/** The object that a call names as its subject; NULL for the feed and the leaderboard. */
export function subjectOf(endpoint: string, params: Params): string | null {
  const name = findEndpoint(endpoint)?.subject ?? null
  if (name === null) return null
  const { post_url } = params
  const subject = params[name]
  if (subject !== undefined && namesForgotten(subject)) return null
  return subject ?? (post_url === undefined ? null : postIdOfPermalink(post_url))
}

/** Whether an endpoint answers with a list: it is paged, or asks about nothing in particular. */
export function answersList(endpoint: string): boolean {
  const known = findEndpoint(endpoint)
  return known ? known.paged || known.subject === null : endpoint === 'native_drafts'
}

/** The list that an answer is a stretch of, named by its subject; NULL if it should name one and does not. */
export function listAskedFor(
  endpoint: string,
  params: Params,
): { endpoint: string; subject: string | null } | null {
  const subject = subjectOf(endpoint, params)
  const isNamed = (findEndpoint(endpoint)?.subject ?? null) !== null
  return isNamed && subject === null ? null : { endpoint, subject }
}

const kindOfSubject = { post_id: 'post', comment_id: 'comment', user_id: 'user' } as const

/** What the end of a request without a page says of its object's absence; undefined: nothing. */
export const toAbsence = (reason: string | null): Absence['reason'] | undefined =>
  emptyCallReasons.find((known) => known === reason)

/**
 * The object of which a call that found nothing says that it is not there. A further page of a list
 * that is missing says nothing of its object; where `page` is not known, a cursor makes it one.
 */
export function absentObject(
  endpoint: string,
  params: Params,
  page = params['cursor'] === undefined ? 1 : 2,
): Pick<Absence, 'entity_kind' | 'entity_id'> | null {
  if (page > 1) return null
  const name = findEndpoint(endpoint)?.subject ?? ''
  const entity_kind = kindOfSubject[name as keyof typeof kindOfSubject]
  const entity_id = subjectOf(endpoint, params)
  return entity_kind === undefined || entity_id === null ? null : { entity_kind, entity_id }
}

/**
 * The id that an answer is about, if it is another than the asked one: TikHub gives unrelated records
 * now and then (`tikhub-api` section 10). What an answer is about is told by its object, or by the
 * parameters that its envelope repeats.
 */
export function otherObject(
  endpoint: string,
  params: Params,
  { page, envelope }: ReadBody,
): string | null {
  const name = findEndpoint(endpoint)?.subject ?? null
  const asked = subjectOf(endpoint, params)
  if (name === null || asked === null) return null
  const repeated = envelope?.params[name]
  if (typeof repeated === 'string' && repeated !== '' && repeated !== asked) return repeated
  const isTold = page.about_id !== null && endpoint !== 'get_task_detail'
  return isTold && page.about_id !== asked ? page.about_id : null
}
