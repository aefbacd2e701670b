import type { Endpoint } from '../model/endpoint.js'
import { endpointOf, endpoints, type EndpointName } from '../model/endpoints.js'
import type { Subject } from '../model/page.js'

/** The object to which the lists of an endpoint belong: its kind, its table and the name of its id there. */
export function ownerOf(endpoint: EndpointName): {
  kind: Subject['kind']
  table: string
  id: string
} {
  const id = endpointOf(endpoint).subject!
  const kind = id.replace(/_id$/, '') as Subject['kind']
  return { kind, table: `${kind}s`, id }
}

/** The endpoints whose lists a counter announces. */
export const announcedLists: readonly EndpointName[] = endpoints
  .filter((each: Endpoint) => each.announcedBy !== undefined)
  .map(({ name }) => name)

/** What the object tells to which a list belongs; NULL where it tells nothing. */
function told(endpoint: EndpointName, request: string, value: string): string {
  const { table, id } = ownerOf(endpoint)
  return `WHEN '${endpoint}' THEN (
    SELECT ${value} FROM ${table} WHERE ${table}.${id} = json_extract(${request}.params, '$.${id}'))`
}

/** SQL for the items that a counter announces for the list of a request (a row of `requests`). */
export const announced = (request: string): string =>
  `CASE ${request}.endpoint ${announcedLists
    .map((name) => told(name, request, `nullif(${endpointOf(name).announcedBy}, 0)`))
    .join('\n')} END`

/** SQL for the comments that counters announce below the items of that list. */
export const announcedBelow = (request: string): string =>
  `CASE ${request}.endpoint ${announcedLists
    .filter((name) => endpointOf(name).items === 'comments')
    .map((name) => told(name, request, 'max(recursive_reply_count - reply_count, 0)'))
    .join('\n')} END`
