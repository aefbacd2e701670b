import { earliestTime, timeOfId } from './ids.js'
import type { Anomaly, Page } from './page.js'
import { tableOf } from './tables.js'

/**
 * The newest time inside a page, in microseconds: the page was not made before it. Ends of signatures
 * lie ahead and do not count, nor does what lies after `latest`. NULL if it holds none.
 */
export function newestTimeIn(page: Page, latest = Infinity): number | null {
  let newest: number | null = null
  for (const { table, values } of page.rows) {
    const { columns, key } = tableOf(table)
    const times = columns
      .filter(({ type, name }) => type === 'time' && name !== 'expires_at')
      .map(({ name }) => values[name])
    const ofId = timeOfId(String(values[key[0]!] ?? ''))
    for (const time of [...times, ofId])
      if (typeof time === 'number' && time <= latest && time > (newest ?? earliestTime))
        newest = time
  }
  return newest
}

/** The anomaly of an envelope whose time cannot be that of its answer. */
export const untimely = (timeStamp: number): Anomaly => ({
  json_pointer: '/time_stamp',
  problem: 'no time at which this answer can have been given',
  excerpt: String(timeStamp),
})
