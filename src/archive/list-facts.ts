import { endpointOf, type EndpointName } from '../model/endpoints.js'
import { announcingCounter } from '../model/walk-plan.js'

/** The object to which the lists of an endpoint belong: its kind, its table and the name of its id there. */
export function ownerOf(endpoint: EndpointName): { kind: string; table: string; id: string } {
  const id = endpointOf(endpoint).subject!
  const kind = id.replace(/_id$/, '')
  return { kind, table: `${kind}s`, id }
}

/** What the object tells to which a list belongs; NULL where it tells nothing. */
function told(endpoint: EndpointName, request: string, value: string): string {
  const { table, id } = ownerOf(endpoint)
  return `WHEN '${endpoint}' THEN (
    SELECT ${value} FROM ${table} WHERE ${table}.${id} = json_extract(${request}.params, '$.${id}'))`
}

/** SQL for the items that a counter announces for the list of a request (a row of `requests`). */
export const announced = (request: string): string =>
  `CASE ${request}.endpoint ${Object.entries(announcingCounter)
    .map(([endpoint, counter]) => told(endpoint as EndpointName, request, `nullif(${counter}, 0)`))
    .join('\n')} END`

/** SQL for the comments that counters announce below the items of that list. */
export const announcedBelow = (request: string): string =>
  `CASE ${request}.endpoint ${(['get_post_comments', 'get_comment_replies'] as const)
    .map((endpoint) => told(endpoint, request, 'max(recursive_reply_count - reply_count, 0)'))
    .join('\n')} END`
