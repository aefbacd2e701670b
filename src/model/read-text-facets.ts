import { fieldsOf, readFields } from './fields.js'
import type { AttachmentOwner } from './read-attachments.js'
import { readProfile } from './read-profile.js'
import { isWire, under, type Placed, type Reading, type Wire } from './reading.js'
import type { Value } from './table.js'

const facetFields = fieldsOf('text_facets', { kind: ['text', 'type'] })

/** Reads `text_facets`, the mentions inside a text (`data-shapes` 3.8). */
export function readTextFacets(reading: Reading, owner: AttachmentOwner, post: Placed): void {
  const text = typeof post.object['text'] === 'string' ? post.object['text'] : ''
  const problem = 'expected a list of facets'
  for (const { item, index, path } of reading.itemsUnder(post, 'text_facets', problem)) {
    const told = { ...owner, position: index }
    if (isWire(item)) readFacet(reading, { object: item, path }, { text, told })
    else reading.note(path, 'expected a facet', item)
  }
}

function readFacet(
  reading: Reading,
  { object: facet, path }: Placed,
  { text, told }: { text: string; told: Record<string, Value> },
): void {
  const userId = readProfile(reading, facet['profile'], under(path, 'profile'))
  const span = mentionSpan(text, facet)
  if (span === null) reading.note(path, 'no mention stands at these offsets', facet)
  const values: Record<string, Value> = { ...told }
  readFields(reading, { object: facet, path, isFull: false }, facetFields, values)
  values['start_char'] = span?.start ?? null
  values['end_char'] = span?.end ?? null
  values['value'] = span?.value ?? null
  if (userId !== null) values['user_id'] = userId
  reading.tell('text_facets', values)
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
