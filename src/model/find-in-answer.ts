import { toBodyKind } from './envelope.js'
import { isWire, toPointer, under, type Path } from './reading.js'
import { assetKey } from './signed-url.js'
import type { Value } from './table.js'
import type { TableName } from './tables.js'

/** A place in an answer, and what is there. */
export interface FoundJson {
  json_pointer: string
  value: unknown
}

type Row = Readonly<Record<string, Value>>

/** What marks the JSON of a row: an object with this value under one of these keys, or a file's address. */
interface Mark {
  keys: readonly string[]
  value: (row: Row) => Value
}

const ids = ['id', 'post_id', 'generation_id']

/** By which property the JSON of a row is found; the first key column says it where none is named here. */
const marks: Partial<Record<TableName, Mark>> = {
  users: { keys: ['user_id'], value: (row) => row['user_id'] ?? null },
  remixes: { keys: ids, value: (row) => row['remix_post_id'] ?? null },
  cameos: { keys: ['user_id'], value: (row) => row['user_id'] ?? null },
  reposts: { keys: ['user_id'], value: (row) => row['user_id'] ?? null },
  follows: { keys: ['user_id'], value: (row) => row['follower_id'] ?? null },
  text_facets: { keys: ids, value: (row) => row['owner_id'] ?? null },
  feed_entries: { keys: ids, value: (row) => row['post_id'] ?? null },
  leaderboard_entries: { keys: ['user_id'], value: (row) => row['user_id'] ?? null },
  search_entries: { keys: ['user_id'], value: (row) => row['user_id'] ?? null },
}

/** Every object in an answer from which a row may have come, with its place (RFC 6901). */
export function findInAnswer(answer: unknown, table: TableName, row: Row): FoundJson[] {
  if (table === 'assets') return findFile(answer, String(row['asset_key']))
  const { keys, value } = marks[table] ?? { keys: ids, value: firstValue }
  const wanted = value(row)
  const others = table === 'follows' ? [row['followee_id']] : []
  const isWanted = (object: Record<string, unknown>): boolean =>
    keys.some(
      (key) => object[key] !== undefined && [wanted, ...others].includes(object[key] as Value),
    )
  const objects = [...placesIn(answer)].filter(
    ({ value: found }) => isWire(found) && isWanted(found),
  )
  const places = objects.length > 0 ? objects : mentionsOf(answer, row)
  return places.map(({ path, value: found }) => ({ json_pointer: toPointer(path), value: found }))
}

/** What stands at a place of an answer (RFC 6901), or at the nearest above it that there is. */
export function findPlace(answer: unknown, json_pointer: string): FoundJson {
  const found: FoundJson = { json_pointer: '', value: answer }
  for (const part of json_pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    const { value } = found
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) break
    found.json_pointer += `/${part}`
    found.value = (value as Record<string, unknown>)[key]
  }
  return found
}

/** Where an id of the row's key stands by itself, if no object has it: `shared_by`, `parent_path` and so on. */
function mentionsOf(answer: unknown, row: Row): Place[] {
  const ids = new Set(
    Object.values(row).filter((value) => typeof value === 'string' && value.length > 8),
  )
  return [...placesIn(answer)].filter(({ value }) => typeof value === 'string' && ids.has(value))
}

const firstValue = (row: Row): Value => Object.values(row)[0] ?? null

/** The addresses that name a file, whatever their signatures. */
const findFile = (answer: unknown, key: string): FoundJson[] =>
  [...placesIn(answer)]
    .filter(
      ({ value }) => typeof value === 'string' && /^https?:/.test(value) && assetKey(value) === key,
    )
    .map(({ path, value }) => ({ json_pointer: toPointer(path), value }))

interface Place {
  path: Path
  value: unknown
}

/** Where the answer itself begins: what its envelope says of the call tells nothing. */
function startOf(answer: unknown): Place {
  const body = toBodyKind(answer)
  if (body.kind !== 'envelope') return { path: null, value: answer }
  return { path: under(null, 'data'), value: body.envelope.data }
}

/** Every value in an answer with its place, however deep. */
function* placesIn(answer: unknown): Generator<Place> {
  const pending = [startOf(answer)]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    yield next
    const { path, value } = next
    if (typeof value !== 'object' || value === null) continue
    const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
    for (const [key, child] of entries.reverse())
      pending.push({ path: under(path, key as string | number), value: child as unknown })
  }
}
