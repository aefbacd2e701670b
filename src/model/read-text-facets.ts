import { fieldsOf, readFields } from './fields.js'
import type { AttachmentOwner } from './read-attachments.js'
import { readProfile } from './read-profile.js'
import { isWire, type Path, type Reading, type Wire, under } from './reading.js'
import type { Value } from './table.js'

const facetFields = fieldsOf('text_facets', { kind: ['text', 'type'] })

/** Reads `text_facets`, the mentions inside a text (`data-shapes` 3.8). */
export function readTextFacets(
  reading: Reading,
  owner: AttachmentOwner,
  post: Wire,
  path: Path,
): void {
  const facets = post['text_facets']
  if (facets === undefined || facets === null) return
  const here = under(path, 'text_facets')
  if (!Array.isArray(facets)) return reading.note(here, 'expected a list of facets', facets)
  const text = typeof post['text'] === 'string' ? post['text'] : ''
  facets.forEach((facet: unknown, position) => {
    const place = under(here, position)
    if (!isWire(facet)) return reading.note(place, 'expected a facet', facet)
    const userId = readProfile(reading, facet['profile'], under(place, 'profile'))
    const span = mentionSpan(text, facet)
    if (span === null) reading.note(place, 'no mention stands at these offsets', facet)
    const values: Record<string, Value> = { ...owner, position }
    readFields(reading, { object: facet, path: place, isFull: false }, facetFields, values)
    values['start_char'] = span?.start ?? null
    values['end_char'] = span?.end ?? null
    values['value'] = span?.value ?? null
    if (userId !== null) values['user_id'] = userId
    reading.tell('text_facets', values)
  })
}

/** A stretch of a text in Unicode code points, the end not included. */
export interface Span {
  start: number
  end: number
  value: string
}

/**
 * Where a mention stands. The API's offsets count code points or UTF-16 units, no capture tells
 * which, so the reading is taken under which an `@name` stands there.
 */
export function mentionSpan(text: string, facet: Wire): Span | null {
  const { start, end } = facet
  if (!isOffset(start) || !isOffset(end) || end <= start) return null
  const profile = facet['profile']
  const name =
    isWire(profile) && typeof profile['username'] === 'string' ? profile['username'] : null
  const points = Array.from(text)
  const byPoints = points.slice(start, end).join('')
  if (end <= points.length && isMention(byPoints, name)) return { start, end, value: byPoints }
  const byUnits = text.slice(start, end)
  if (end > text.length || !byUnits.isWellFormed() || !isMention(byUnits, name)) return null
  const first = Array.from(text.slice(0, start)).length
  return { start: first, end: first + Array.from(byUnits).length, value: byUnits }
}

const isOffset = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0

const isMention = (slice: string, name: string | null): boolean =>
  slice.startsWith('@') &&
  (name === null || slice.slice(1).toLowerCase() === name.replace(/^@/, '').toLowerCase())
