import { isEnvelope } from './envelope.js'
import { isForgottenMark } from './forgotten-mark.js'
import { knownShapes } from './known-shapes.js'
import { isWire, toExcerpt } from './reading.js'

/**
 * Something that answers are not known to hold: a new key, a known key with a new type, or anything under
 * a key of which nobody knows what it means.
 */
export interface Stray {
  /** Kind of object and key, e.g. `post.new_key`. */
  place: string
  type: string
  /** First characters of the value, as JSON. */
  example: string | null
}

/** What one look at all values of an answer found. */
export interface Survey {
  strays: Stray[]
  /** Holds integers that `JSON.parse` rounds. */
  hasLongIntegers: boolean
}

/** An answer of nothing but news must not flood the archive. */
const straysLimit = 50
const keyLimit = 100

interface KnownKey {
  types: string
  within: string | undefined
}

const known: ReadonlyMap<string, ReadonlyMap<string, KnownKey>> = new Map(
  Object.entries(knownShapes).map(([kind, keys]) => [
    kind,
    new Map(
      Object.entries(keys).map(([key, told]) => {
        const [types = '', within] = told.split(':')
        return [key, { types, within }]
      }),
    ),
  ]),
)

/** Looks at every value of a parsed answer once, however deep it is nested. */
export function survey(answer: unknown): Survey {
  const found: Survey = { strays: [], hasLongIntegers: false }
  const seen = new Set<string>()
  const values: object[] = []
  const kinds: (string | undefined)[] = []
  const visit = (child: unknown, within: string | undefined): void => {
    if (typeof child === 'object' && child !== null) {
      values.push(child)
      kinds.push(within)
    } else if (typeof child === 'number' && isLong(child)) found.hasLongIntegers = true
  }
  const tell = (stray: NewKey): void => note(found, seen, stray)
  visit(answer, isWire(answer) && isEnvelope(answer) ? 'envelope' : 'page')
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index]!
    const kind = kinds[index]
    if (Array.isArray(value)) for (const child of value) visit(child, kind)
    else visitKeys(value as Record<string, unknown>, kind, visit, tell)
  }
  return found
}

interface NewKey {
  kind: string
  key: string
  value: unknown
  type: string
}

function visitKeys(
  object: Record<string, unknown>,
  kind: string | undefined,
  visit: (child: unknown, within: string | undefined) => void,
  tell: (stray: NewKey) => void,
): void {
  const keys = kind === undefined ? undefined : known.get(kind)
  for (const key in object) {
    const value = object[key]
    const told = keys?.get(key)
    if (keys !== undefined && value !== null && !isForgottenMark(value)) {
      const type = typeOf(value)
      if (told === undefined || !isOfTypes(value, type, told.types))
        tell({ kind: kind!, key, value, type })
    }
    visit(value, told?.within)
  }
}

const isOfTypes = (value: unknown, type: string, types: string): boolean =>
  types.includes(type[0]!) || (types.includes('e') && isEmpty(value))

/** An object or a list in which there is nothing. */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  return isWire(value) && Object.keys(value).length === 0
}

function note(found: Survey, seen: Set<string>, { kind, key, value, type }: NewKey): void {
  const place = `${kind}.${key.slice(0, keyLimit)}`.toWellFormed()
  const id = `${place} ${type}`
  if (seen.has(id) || seen.size >= straysLimit) return
  seen.add(id)
  found.strays.push({ place, type, example: toExcerpt(value) })
}

/** Types by the letters of `knownShapes`; all but text begin with their own. */
function typeOf(value: unknown): string {
  if (typeof value === 'object') return Array.isArray(value) ? 'array' : 'object'
  return typeof value === 'bigint' ? 'number' : typeof value
}

const isLong = (value: number): boolean =>
  value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER
