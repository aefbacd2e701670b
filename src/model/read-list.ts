import { isForgottenMark } from './forgotten-mark.js'
import { flagOf } from './other-writings.js'
import type { Stretch } from './page.js'
import { isWire, under, type Path, type Reading, type Wire } from './reading.js'

/** A list found in an answer: its items with their place, and how it goes on. */
export interface ListFound {
  items: unknown[]
  path: Path
  cursor: string | null
  has_more: boolean | null
  /** No list was found, or its cursor cannot be read: how it goes on is not known. */
  problem: ListProblem | null
  /** In the place of the list stands null. */
  isNull?: boolean
}

/** Why it is not known how a list goes on. */
export type ListProblem = 'no_list' | 'cursor_unreadable'

/** Where TikHub documents lists and where captures have them, most likely first. */
type Place = readonly string[]

/**
 * Finds the list of an answer at the first of the places that holds one; an answer that is nothing but a
 * list is it. The cursor stands beside the items; for trees the outer one is the second choice
 * (`data-shapes` 3.10).
 */
export function findList(reading: Reading, data: unknown, places: readonly Place[]): ListFound {
  for (const place of Array.isArray(data) ? [[]] : places) {
    const holder = holderOf(data, place)
    // The list itself may stand where the object around it is documented.
    const at = Array.isArray(holder) ? place.slice(0, -1) : place
    const items = Array.isArray(holder) ? holder : inside(holder, place.at(-1) ?? '')
    if (!Array.isArray(items)) continue
    const outer = isWire(data) ? data : {}
    const near = isWire(holder) ? holder : outer
    return {
      items,
      path: under(null, ...at),
      has_more: hasMoreOf(near) ?? hasMoreOf(outer),
      ...readCursor(reading, near, outer, under(null, ...place.slice(0, -1))),
    }
  }
  return emptyList(reading, data, places)
}

const holderOf = (data: unknown, place: Place): unknown =>
  place.slice(0, -1).reduce<unknown>(inside, data)

/** A list that is null is empty, as all is that is null; one that cannot be read may still say how it goes on. */
function emptyList(reading: Reading, data: unknown, places: readonly Place[]): ListFound {
  const outer = isWire(data) ? data : {}
  const isNull = places.some((place) => isOwnList(place) && isNullAt(data, place))
  if (!isNull)
    reading.note(
      under(null, ...places[0]!),
      'expected a list of items',
      isWire(data) ? Object.keys(data) : data,
    )
  const holders = places.map((place) => holderOf(data, place))
  const near = holders.filter(isWire).find((each) => !isEnd(each['cursor'])) ?? outer
  const path = places[0]!
  const { cursor, problem } = readCursor(reading, near, outer, under(null, ...path.slice(0, -1)))
  return {
    items: [],
    path: under(null, ...path),
    cursor,
    has_more: hasMoreOf(near) ?? hasMoreOf(outer),
    problem: isNull ? problem : cursor === null ? 'no_list' : null,
    isNull,
  }
}

/** A list inside a post is null in every capture, whatever it should hold (`data-shapes` 3.2). */
const isOwnList = ([first]: Place): boolean => first === 'items' || first === 'children'

/** True where a place is there, and null: itself, or the object that should hold it. */
const isNullAt = (data: unknown, place: Place): boolean =>
  place.some((_, depth) => place.slice(0, depth + 1).reduce<unknown>(inside, data) === null)

const inside = (value: unknown, key: string): unknown => (isWire(value) ? value[key] : undefined)

/** What `has_more` says; NULL where it says nothing. */
export const hasMoreOf = (holder: Wire): boolean | null => flagOf(holder['has_more']) ?? null

/**
 * The next cursor, of the object at `path` that holds the items, else of the one around it; null, absent
 * and empty all mean the end.
 */
export function readCursor(
  reading: Reading,
  near: Wire,
  outer: Wire,
  path: Path,
): Pick<ListFound, 'cursor' | 'problem'> {
  const came = isEnd(near['cursor']) ? outer['cursor'] : near['cursor']
  if (isEnd(came)) return { cursor: null, problem: null }
  if (isForgottenMark(came)) return { cursor: null, problem: 'cursor_unreadable' }
  if (typeof came === 'string') return { cursor: came, problem: null }
  reading.note(under(path, 'cursor'), 'expected a cursor', came)
  return typeof came === 'number' || typeof came === 'bigint'
    ? { cursor: String(came), problem: null }
    : { cursor: null, problem: 'cursor_unreadable' }
}

const isEnd = (cursor: unknown): boolean => cursor === undefined || cursor === null || cursor === ''

/** The cut of the feed that a cursor tells (`{"cut":"nf2_top_7d",…}` in base64), if any. */
export function cutOfCursor(cursor: string | null | undefined): string | null {
  if (!cursor) return null
  try {
    const decoded: unknown = JSON.parse(Buffer.from(cursor, 'base64').toString('utf8'))
    const cut = isWire(decoded) ? decoded['cut'] : undefined
    return typeof cut === 'string' && cut.isWellFormed() ? cut.slice(0, 100) : null
  } catch {
    return null
  }
}

/** The stretch of a list that a page shows. */
export const toStretch = (
  item_ids: string[],
  { cursor, has_more, problem, isNull }: ListFound,
): Stretch => ({
  ...{ item_ids, cursor, has_more },
  ...(problem ? { problem } : {}),
  ...(isNull ? { is_null: true } : {}),
})
