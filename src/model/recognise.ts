import { toBodyKind } from './envelope.js'
import { endpointAt } from './endpoints.js'
import { isCommentId, isPostId, isTaskId, isUserId } from './ids.js'
import type { Params } from './page.js'
import { canonicalParams } from './params.js'
import { isWire, type Wire } from './reading.js'
import { cutOfCursor } from './read-list.js'

/** What a body was found to be. */
export type Recognised =
  { ok: true; endpoint: string; params: Params; isList: boolean } | { ok: false; problem: string }

/** What is accepted, for messages. */
export const accepted =
  "an answer of TikHub's Sora2 API (an envelope with `router` and `data`), or of the Sora app " +
  '(feed, post, tree, remixes, profile, drafts, pending tasks) as JSON'

/** Finds out by content what a parsed body is. */
export function recognise(body: unknown): Recognised {
  const kind = toBodyKind(body)
  if (kind.kind === 'error')
    return { ok: false, problem: `is an error answer (${kind.message || kind.code}), not a page` }
  if (kind.kind === 'bare') return recogniseNative(body)
  const { router, params } = kind.envelope
  const endpoint = router === null ? undefined : endpointAt(router)
  if (endpoint)
    return found(endpoint.name, canonicalParams(params), endpoint.paged || !endpoint.subject)
  const native = recogniseNative(kind.envelope.data)
  return native.ok ? native : { ok: false, problem: `is an answer of ${router ?? 'no known path'}` }
}

const found = (endpoint: string, params: Params, isList: boolean): Recognised => ({
  ok: true,
  endpoint,
  params,
  isList,
})

const unknown = (problem: string): Recognised => ({ ok: false, problem })

function recogniseNative(body: unknown): Recognised {
  if (Array.isArray(body))
    return body.some((each) => isWire(each) && isTaskId(each['id']))
      ? found('native_pending_tasks', {}, false)
      : unknown('is a list of something unknown')
  if (!isWire(body)) return unknown('holds no object')
  if (Array.isArray(body['items'])) return recogniseList(body, body['items'])
  return recogniseObject(body)
}

function recogniseObject(body: Wire): Recognised {
  const post = isWire(body['post']) ? body['post'] : body
  const id = post['id']
  const isTree = isWire(body['children'])
  if (isPostId(id))
    return found(isTree ? 'get_post_comments' : 'get_post_detail', { post_id: id }, isTree)
  if (isWire(body['post']) && isCommentId(id))
    return found('get_comment_replies', { comment_id: id }, isTree)
  if (isDraft(body)) return found('native_draft', {}, false)
  if (isTaskId(id)) return found('get_task_status', { task_id: id }, false)
  const profile = isWire(body['profile']) ? body['profile'] : body
  if (isUserId(profile['user_id']))
    return found('get_user_profile', { user_id: profile['user_id'] }, false)
  if (isPostId(body['post_id']) && isWire(body['video']))
    return found('get_video_download_info', { post_id: body['post_id'] }, false)
  return unknown(`is an object with the keys ${Object.keys(body).slice(0, 8).join(', ')}`)
}

function recogniseList(body: Wire, items: readonly unknown[]): Recognised {
  const objects = items.filter(isWire)
  const item = objects.find(isKnownItem) ?? objects[0]
  if (item === undefined) return unknown('is a list without items, which tells not of what')
  if (isDraft(item)) return found('native_drafts', {}, true)
  if (isWire(item['post'])) return recognisePosts(body, items)
  if (isPostId(item['id'])) return found('get_post_remix_list', {}, false)
  if (isWire(item['profile']) && 'token' in item) return found('search_users', {}, false)
  if (isPerson(item)) return found('native_people', {}, false)
  return unknown(`is a list of objects with the keys ${Object.keys(item).slice(0, 8).join(', ')}`)
}

const isKnownItem = (item: Wire): boolean =>
  isDraft(item) || isWire(item['post']) || isPostId(item['id']) || isPerson(item)

const isPerson = (item: Wire): boolean => isUserId(item['user_id']) || isWire(item['profile'])

/** The feed tells itself by its cursor; else several authors are a feed, one is a person's list. */
function recognisePosts(body: Wire, items: readonly unknown[]): Recognised {
  const cursor = typeof body['cursor'] === 'string' ? body['cursor'] : null
  if (cutOfCursor(cursor) !== null) return found('get_feed', {}, true)
  const authors = new Set(
    items.map((item) => (isWire(item) && isWire(item['post']) ? item['post']['shared_by'] : null)),
  )
  const [author] = authors
  if (authors.size === 1 && items.length > 1 && isUserId(author))
    return found('get_user_posts', { user_id: author }, true)
  return cursor === null ? found('get_feed', {}, true) : found('native_posts', {}, false)
}

const isDraft = (item: Wire): boolean =>
  (typeof item['kind'] === 'string' && item['kind'].startsWith('sora_')) ||
  'creation_config' in item ||
  ('timeline' in item && 'assets' in item)
