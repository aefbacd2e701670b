import type { EndpointName } from '../model/endpoints.js'
import type { Params } from '../model/page.js'

/** A request as it is planned. */
export interface RequestPlan {
  endpoint: EndpointName
  params: Params
  pass: number
  listingKey: string | null
  parentRequestId: number | null
  page: number
  depth: number
  /** The request whose answer began the thread it belongs to. */
  thread?: number | null
  /** Calls that this thread was reckoned to take. */
  threadCalls?: number | null
}

/** A request of the frontier. */
export interface FrontierRequest extends RequestPlan {
  requestId: number
  priority: number
  attempts: number
}

/** The same as a row. */
export interface RequestRow {
  request_id: number
  endpoint: EndpointName
  params: string
  pass: number
  listing_key: string | null
  parent_request_id: number | null
  page: number
  depth: number
  priority: number
  thread: number | null
  attempts: number
  state: string
  reason: string | null
}

/** The columns of such a row. */
export const requestColumns =
  'request_id, endpoint, params, pass, listing_key, parent_request_id, page, depth, priority, thread, attempts, state, reason'

/** The request that a row tells. */
export const toRequest = (row: RequestRow): FrontierRequest => ({
  requestId: row.request_id,
  endpoint: row.endpoint,
  params: JSON.parse(row.params) as Params,
  pass: row.pass,
  listingKey: row.listing_key,
  parentRequestId: row.parent_request_id,
  page: row.page,
  depth: row.depth,
  priority: row.priority,
  thread: row.thread,
  attempts: row.attempts,
})
