import { endpointOf, type EndpointName } from '../model/endpoints.js'
import { announcingCounter } from '../model/walk-plan.js'

const homeOf = { post_id: 'posts', comment_id: 'comments', user_id: 'users' } as const

/** What the object tells to which a list belongs; NULL where it tells nothing. */
function told(endpoint: EndpointName, request: string, value: string): string {
  const subject = endpointOf(endpoint).subject as keyof typeof homeOf
  const home = homeOf[subject]
  return `WHEN '${endpoint}' THEN (
    SELECT ${value} FROM ${home}
    WHERE ${home}.${subject} = json_extract(${request}.params, '$.${subject}'))`
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
