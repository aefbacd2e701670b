import { otherObject } from './asked-about.js'
import type { Anomaly, Params } from './page.js'
import type { ReadBody } from './read-page.js'

/** Why an answer is kept without records. */
export type OddReason = 'unreadable' | 'other_object'

/** An answer that is kept without records, and the anomaly that leads to it. */
export interface Oddity {
  reason: OddReason
  anomaly: Anomaly
}

/** What is odd about an answer to a call; NULL if nothing is. */
export function oddityOf(endpoint: string, params: Params, read: ReadBody): Oddity | null {
  if (read.failure !== null) return unreadable(read.failure)
  const other = otherObject(endpoint, params, read)
  if (other === null) return null
  const problem = 'the answer is about another object than the one asked for; none of it is taken'
  return { reason: 'other_object', anomaly: { json_pointer: '', problem, excerpt: other } }
}

/** An answer that could not be read, or whose records could not be saved. */
export const unreadable = (problem: string): Oddity => ({
  reason: 'unreadable',
  anomaly: { json_pointer: '', problem, excerpt: null },
})
