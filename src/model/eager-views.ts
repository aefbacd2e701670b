import { isWire } from './reading.js'

/**
 * True for the JSON text in which the feed is told what was watched, in seconds:
 * `{"views":[{"id","watch_time","dwell_time"}]}` (`data-shapes` section 4).
 */
export function isEagerViews(text: string): boolean {
  try {
    const told: unknown = JSON.parse(text)
    const views = isWire(told) ? told['views'] : undefined
    return Array.isArray(views) && views.every(isView)
  } catch {
    return false
  }
}

const isView = (view: unknown): boolean =>
  isWire(view) &&
  typeof view['id'] === 'string' &&
  [view['watch_time'], view['dwell_time']].every((time) => typeof time === 'number' && time >= 0)
