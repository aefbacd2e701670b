import { endpointAt } from './endpoints.js'
import { isCommentId, isGenerationId, isPostId, isUserId } from './ids.js'
import type { Params } from './page.js'
import { canonicalParams } from './params.js'

/** What the address of a request says of its answer. */
export interface Route {
  /** NULL: one of Sora's own addresses that does not say more. */
  endpoint: string | null
  params: Params
}

/** What a native path says, given the parts that its pattern caught and the query. */
type ReadPath = (found: readonly string[], query: URLSearchParams) => Route

const nothing: Route = { endpoint: null, params: {} }

const told = (endpoint: string, params: Record<string, unknown> = {}): Route => ({
  endpoint,
  params: canonicalParams(params),
})

const cursorIn = (query: URLSearchParams) => ({ cursor: query.get('cursor') })

const ofTree: ReadPath = ([id], query) => {
  if (isPostId(id)) return told('get_post_comments', { post_id: id, ...cursorIn(query) })
  return isCommentId(id)
    ? told('get_comment_replies', { comment_id: id, ...cursorIn(query) })
    : nothing
}

const ofPerson =
  (endpoint: string): ReadPath =>
  ([id], query) =>
    isUserId(id) ? told(endpoint, { user_id: id, ...cursorIn(query) }) : nothing

/** The app's own paths below `/backend/` (`data-shapes` section 4), the more special first. */
const nativePaths: readonly (readonly [RegExp, ReadPath])[] = [
  [
    /^(?:nf2\/)?feed$/,
    (_, query) => told('get_feed', { cut: query.get('cut'), ...cursorIn(query) }),
  ],
  [/^post\/([^/]+)\/tree$/, ofTree],
  [
    /^post\/([^/]+)\/remix(?:_feed|es)$/,
    ([id], query) =>
      isPostId(id) ? told('get_post_remix_list', { post_id: id, ...cursorIn(query) }) : nothing,
  ],
  [
    /^post\/([^/]+)$/,
    ([id]) => (isPostId(id) ? told('get_post_detail', { post_id: id }) : nothing),
  ],
  [
    /^profile_feed\/([^/]+)$/,
    (found, query) =>
      query.get('cut') === 'appearances'
        ? ofPerson('get_user_cameo_appearances')(found, query)
        : ofPerson('get_user_posts')(found, query),
  ],
  [/^profile\/drafts(?:\/v2)?$/, (_, query) => told('native_drafts', cursorIn(query))],
  [
    /^profile\/drafts(?:\/v2)?\/([^/]+)$/,
    ([id]) => (isGenerationId(id) ? told('native_draft', { generation_id: id }) : nothing),
  ],
  [
    /^profile\/search_mentions$/,
    (_, query) => told('search_users', { username: query.get('username') }),
  ],
  [/^profile\/([^/]+)\/followers$/, ofPerson('get_user_followers')],
  [/^profile\/([^/]+)\/following$/, ofPerson('get_user_following')],
  [/^profile\/([^/]+)\/characters$/, () => told('native_people')],
  [
    /^profile\/([^/]+)$/,
    ([id]) => (isUserId(id) ? told('get_user_profile', { user_id: id }) : nothing),
  ],
  [/^nf\/pending(?:\/v2)?$/, () => told('native_pending_tasks')],
  [/^(?:post|profile|profile_feed|nf|nf2|feed|drafts)(?:\/|$)/, () => nothing],
]

/** What the address of a request tells of its answer; NULL for addresses of other things. */
export function routeOf(address: string): Route | null {
  if (!URL.canParse(address)) return null
  const url = new URL(address)
  const relayed = endpointAt(url.pathname.replace(/\/$/, ''))
  if (relayed)
    return { endpoint: relayed.name, params: canonicalParams(Object.fromEntries(url.searchParams)) }
  const path = /\/backend\/(?:public\/)?(?:project_y\/)?(.+?)\/?$/.exec(url.pathname)?.[1]
  if (path === undefined) return null
  for (const [pattern, read] of nativePaths) {
    const found = pattern.exec(path)
    if (found) return read(found.slice(1), url.searchParams)
  }
  return null
}
