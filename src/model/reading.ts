import type { Absence, Anomaly, InlinedListing, Page, Row, Stretch, Subject } from './page.js'
import { isForgottenMark } from './forgotten-mark.js'
import { exactInteger } from './json-line.js'
import { unsigned } from './signed-url.js'
import type { Value } from './table.js'
import type { TableName } from './tables.js'

/** A JSON object of unknown content. */
export type Wire = Record<string, unknown>

/** A place in an answer: a key under another place; NULL at the top. Cheap at any depth. */
export type Path = { readonly above: Path; readonly key: string | number } | null

/** The place under a place, key by key. */
export const under = (path: Path, ...keys: (string | number)[]): Path =>
  keys.reduce<Path>((above, key) => ({ above, key }), path)

/** True for JSON objects (no arrays, no null). */
export const isWire = (value: unknown): value is Wire =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object in an answer, and its place. */
export interface Placed {
  object: Wire
  path: Path
}

const excerptLength = 200

/** Collects what one answer tells while it is being read. */
export class Reading {
  readonly rows: Row[] = []
  readonly absences: Absence[] = []
  readonly anomalies: Anomaly[] = []
  readonly inlined: InlinedListing[] = []
  readonly subjects: Subject[] = []
  /** Posts, comments and users that a full object in this answer told already. */
  readonly toldInFull = new Set<string>()
  listing: Stretch | null = null
  aboutId: string | null = null

  /** Notes a row; `values` holds the key and the columns told. */
  tell(table: TableName, values: Record<string, Value>, partial = false): void {
    this.rows.push(partial ? { table, values, partial } : { table, values })
  }

  /** Notes what could not be read, with its place and its first characters; what was forgotten is none. */
  note(path: Path, problem: string, came: unknown): void {
    if (isForgottenMark(came)) return
    this.anomalies.push({ json_pointer: toPointer(path), problem, excerpt: toExcerpt(came) })
  }

  /** The items of the list under a key, each with its place; none where none is told. What is no list is noted. */
  itemsUnder({ object, path }: Placed, key: string, problem: string): PlacedItem[] {
    const came = object[key] ?? null
    if (came === null) return []
    const here = under(path, key)
    if (Array.isArray(came))
      return came.map((item: unknown, index) => ({ item, index, path: under(here, index) }))
    this.note(here, problem, came)
    return []
  }

  /** The object under a key; NULL where none is told. What is no object is noted. */
  objectUnder({ object, path }: Placed, key: string, problem: string): Placed | null {
    const came = object[key] ?? null
    if (came === null) return null
    const here = under(path, key)
    if (isWire(came)) return { object: came, path: here }
    this.note(here, problem, came)
    return null
  }

  /** Everything collected, as a page. */
  toPage(): Page {
    const { rows, absences, anomalies, inlined, subjects, listing } = this
    return { rows, absences, anomalies, inlined, subjects, listing, about_id: this.aboutId }
  }
}

interface PlacedItem {
  item: unknown
  index: number
  path: Path
}

/** RFC 6901. */
export function toPointer(path: Path): string {
  const parts: string[] = []
  for (let place = path; place !== null; place = place.above)
    parts.push(`/${String(place.key).replaceAll('~', '~0').replaceAll('/', '~1')}`)
  return parts.reverse().join('')
}

/** The first characters of a value as JSON; never throws, however deep it is nested. */
export function toExcerpt(came: unknown, length = excerptLength): string | null {
  if (came === undefined) return null
  try {
    return unsigned(JSON.stringify(came, exactInteger).slice(0, 10 * length))
      .slice(0, length)
      .toWellFormed()
  } catch {
    return '(nested too deep to be shown)'
  }
}
