import { otherObject } from './asked-about.js'
import { findEndpoint } from './endpoints.js'
import type { Anomaly, Params } from './page.js'
import type { ReadBody } from './read-page.js'
import type { OddReason } from './reasons.js'

/** An answer that is kept without records, and the anomaly that leads to it. */
export interface Oddity {
  reason: OddReason
  anomaly: Anomaly
}

/** What is odd about an answer to a call; NULL if nothing is. */
export function oddityOf(endpoint: string, params: Params, read: ReadBody): Oddity | null {
  if (read.failure !== null) return unreadable(read.failure)
  const other = otherObject(endpoint, params, read)
  if (other === null) return toldNothing(endpoint, read)
  const problem = 'the answer is about another object than the one asked for; none of it is taken'
  return { reason: 'other_object', anomaly: { json_pointer: '', problem, excerpt: other } }
}

/** An answer in an unknown form: it holds something, but not what was asked for. */
function toldNothing(endpoint: string, { page, isEmpty }: ReadBody): Oddity | null {
  const known = findEndpoint(endpoint)
  if (isEmpty || known === undefined) return null
  if (page.listing?.problem === 'no_list')
    return unreadable('no list of items where one is expected')
  const isObject = page.listing === null && known.subject !== null
  return isObject && page.about_id === null ? unreadable('no object where one is expected') : null
}

/** An answer without data, where counters announce some, or a page before leads to it. */
export const noData: Oddity = {
  reason: 'no_data',
  anomaly: { json_pointer: '', problem: 'no data where there should be some', excerpt: null },
}

/** An answer that could not be read, or whose records could not be saved. */
export const unreadable = (problem: string): Oddity => ({
  reason: 'unreadable',
  anomaly: { json_pointer: '', problem, excerpt: null },
})
