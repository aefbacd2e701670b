import { answersList } from './asked-about.js'
import { toBodyKind } from './envelope.js'
import { endpointAt, findEndpoint } from './endpoints.js'
import { isCommentId, isGenerationId, isPostId, isTaskId, isUserId } from './ids.js'
import { knownParams } from './known-params.js'
import type { Params } from './page.js'
import { canonicalParams } from './params.js'
import { isExported } from './read-export.js'
import { isWire, type Wire } from './reading.js'
import { cutOfCursor } from './read-list.js'
import type { Route } from './routes.js'

/** Why a body is none of ours to take. */
export type NotTaken = 'not ours' | 'error answer' | 'account data'

/** What a body was found to be. */
export type Recognised =
  | { ok: true; endpoint: string; params: Params; isList: boolean }
  | { ok: false; problem: string; reason: NotTaken }

/** What is accepted, for messages. */
export const accepted =
  "an answer of TikHub's Sora2 API (an envelope with `router` and `data`), or of the Sora app " +
  '(feed, post, tree, remixes, profile, drafts, pending tasks), or of its data export, as JSON'

/**
 * Finds out what a parsed body is: by its envelope, else by the address it came from where the content
 * agrees, else by its content.
 */
export function recognise(body: unknown, route: Route | null = null): Recognised {
  const kind = toBodyKind(body)
  if (kind.kind === 'error')
    return unknown(`is an error answer (${kind.message || kind.code}), not a page`, 'error answer')
  if (kind.kind === 'bare') return recogniseRouted(body, route)
  const { router, params, data } = kind.envelope
  if (isAccount(data)) return account
  const endpoint = router === null ? undefined : endpointAt(router)
  if (endpoint) return foundAt(endpoint.name, canonicalParams(params))
  const native = recogniseRouted(data, route)
  return native.ok ? native : unknown(`is an answer of ${router ?? 'no known path'}`)
}

function recogniseRouted(data: unknown, route: Route | null): Recognised {
  const native = recogniseNative(data)
  const endpoint = route?.endpoint ?? null
  if (route === null || endpoint === null || !agrees(data, native, { ...route, endpoint }))
    return native
  return foundAt(endpoint, route.params)
}

const postLists = ['get_feed', 'get_user_posts', 'native_posts']
const peopleLists = ['native_people', 'search_users', 'get_user_profile']

/** What content may look like that came from the address of an endpoint, besides what it says itself. */
function looksOf(endpoint: string): readonly string[] {
  const items = findEndpoint(endpoint)?.items
  if (items === 'posts') return postLists
  return items === 'users' ? peopleLists : (otherLooks[endpoint] ?? [])
}

const otherLooks: Readonly<Record<string, readonly string[]>> = {
  get_post_comments: ['get_post_detail'],
  get_post_detail: ['get_post_comments'],
  get_task_detail: ['get_post_detail'],
}

function agrees(
  data: unknown,
  native: Recognised,
  { endpoint, params }: Route & { endpoint: string },
): boolean {
  if (!native.ok)
    return native.reason === 'not ours' && isEmptyList(data) && endpoint !== 'native_draft'
  const looks = [endpoint, ...looksOf(endpoint)]
  if (!looks.includes(native.endpoint)) return false
  if (postLists.includes(native.endpoint)) return true
  return Object.entries(native.params).every(([name, value]) => (params[name] ?? value) === value)
}

const isEmptyList = (data: unknown): boolean => {
  const holder = isWire(data) && isWire(data['children']) ? data['children'] : data
  return isWire(holder) && Array.isArray(holder['items']) && holder['items'].length === 0
}

/** An answer of a known endpoint. */
const foundAt = (name: string, params: Params): Recognised =>
  found(name, knownParams(name, params), answersList(name))

const found = (endpoint: string, params: Params, isList: boolean): Recognised => ({
  ok: true,
  endpoint,
  params,
  isList,
})

const unknown = (problem: string, reason: NotTaken = 'not ours'): Recognised => ({
  ok: false,
  problem,
  reason,
})

const isAccount = (data: unknown): boolean => isWire(data) && 'my_info' in data

const account = unknown(
  'holds the data of an account (my_info: its e-mail and phone), which is never kept',
  'account data',
)

function recogniseNative(body: unknown): Recognised {
  if (Array.isArray(body)) return recogniseArray(body)
  if (!isWire(body)) return unknown('holds no object')
  if (isAccount(body)) return account
  if (Array.isArray(body['items'])) return recogniseList(body, body['items'])
  return recogniseObject(body)
}

/** The two answers that are bare arrays: pending tasks, and `generations.json` of the export. */
function recogniseArray(body: readonly unknown[]): Recognised {
  if (body.some(isExported)) return found('native_export', {}, false)
  return body.some(isTask)
    ? found('native_pending_tasks', {}, false)
    : unknown('is a list of something unknown')
}

const isTask = (item: unknown): boolean => isWire(item) && isTaskId(item['id'])

/** True for an item that makes the array it begins one answer, not an array of answers. */
export const isOfBareArray = (item: unknown): boolean => isExported(item) || isTask(item)

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
  (isGenerationId(item['id']) && item['id'].startsWith('gen_')) ||
  ('timeline' in item && 'assets' in item)
