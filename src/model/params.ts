import type { Params } from './page.js'

/**
 * Parameters in one form: sorted, without empty ones and without `eager_views`, which says what was
 * watched and not what is asked. Two calls with the same form have the same answer.
 */
export function canonicalParams(params: Record<string, unknown>): Params {
  const entries = Object.entries(params)
    .filter(([name, value]) => name !== 'eager_views' && isTold(value))
    .map(([name, value]) => [name, String(value).toWellFormed()] as const)
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)))
}

const isTold = (value: unknown): boolean =>
  value !== '' && value !== null && value !== undefined && typeof value !== 'object'

/** One text for the same parameters. */
export const paramsText = (params: Params): string => JSON.stringify(canonicalParams(params))

/** What makes a request the same request: endpoint and parameters. */
export const requestKey = (endpoint: string, params: Params): string =>
  `${endpoint} ${paramsText(params)}`

/** What makes a list the same list: pass, endpoint and subject. */
export const listingKey = (pass: number, endpoint: string, subject: string | null): string =>
  `${pass} ${endpoint} ${subject ?? ''}`.trimEnd()
