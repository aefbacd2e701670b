import { endpointOf, type EndpointName } from '../model/endpoints.js'
import type { Params } from '../model/page.js'
import { listingKey } from '../model/params.js'
import type { RequestPlan } from './frontier-request.js'
import type { ListingName } from './listing-log.js'

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

/** The request for the first page of a list, or for an object. */
export function firstPage(
  endpoint: EndpointName,
  subject: string | null,
  rest: { pass: number; parentRequestId: number | null; depth: number },
) {
  const { paged, subject: name } = endpointOf(endpoint)
  const params: Params = name === null || subject === null ? {} : { [name]: subject }
  return {
    endpoint,
    params,
    listingKey: paged ? listingKey(rest.pass, endpoint, subject) : null,
    page: 1,
    ...rest,
  }
}
