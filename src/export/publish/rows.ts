import type { RewriteRow } from '../../archive/selected-copy.js'
import type { Row } from '../../archive/snapshot.js'
import { isUserId, postIdOfPermalink } from '../../model/ids.js'
import { isKnownKey } from '../../model/known-shapes.js'
import type { Column, Publish, Table, Value } from '../../model/table.js'
import { tables } from '../../model/tables.js'
import type { Pseudonyms } from './pseudonyms.js'
import type { RewriteText } from './texts.js'

/** What rows are rewritten with. */
export interface Means {
  pseudonyms: Pseudonyms
  rewriteText: RewriteText
  /** True for posts and comments that are published too. */
  isIn: (kind: string, id: string) => boolean
}

/** A cell, its column, and the rest of its row by name. */
interface Cell {
  column: Column
  isKey: boolean
  of: (name: string) => Value
}

type Rewrite = (value: string, cell: Cell, means: Means) => Value

/** Ids of posts, comments and their videos, and digests of content. */
const isOpenId = /^(?:(?:s_)?[0-9a-f]{32}(?:-attachment-\d{1,6})?|[0-9a-f]{64})$/

const dayMicros = 86_400_000_000n

const toOpenId: Rewrite = (value, _cell, { pseudonyms }) =>
  isOpenId.test(value) ? value : pseudonyms.mark('other', value)

const toPerson: Rewrite = (value, _cell, { pseudonyms }) => pseudonyms.person(value)

const asMark =
  (domain: 'answer' | 'file' | 'list'): Rewrite =>
  (value, _cell, { pseudonyms }) =>
    pseudonyms.mark(domain, value)

const asReference =
  (kind: 'post' | 'comment'): Rewrite =>
  (value, cell, means) =>
    means.isIn(kind, value) ? toOpenId(value, cell, means) : null

/** What becomes of a text, by what its column says. */
export const rules: Record<Publish, Rewrite> = {
  keep: () => null,
  own: (value) => value,
  id: toOpenId,
  post: asReference('post'),
  comment: asReference('comment'),
  person: toPerson,
  object: (value, cell, means) => {
    const kind = cell.of('owner_kind') ?? cell.of('entity_kind')
    return (kind === 'user' ? toPerson : toOpenId)(value, cell, means)
  },
  handle: (_value, cell, { pseudonyms }) => pseudonyms.handle(String(cell.of('user_id'))),
  text: (value, _cell, means) => means.rewriteText(value),
  glyph: (value) => (isGlyph(value) ? value : null),
  word: (value, { column, isKey }, { pseudonyms }) => {
    if (column.words!.includes(value)) return value
    return isKey ? pseudonyms.mark('other', value) : 'other'
  },
  day: () => null,
  answer: asMark('answer'),
  file: asMark('file'),
  list: asMark('list'),
  change: (value, cell, means) => {
    const column = changed.get(`${String(cell.of('entity_kind'))} ${String(cell.of('field'))}`)
    if (column?.publish === 'keep') return isNumber.test(value) ? value : null
    return column?.publish ? rules[column.publish](value, { ...cell, column }, means) : null
  },
  seeds: (value, _cell, means) =>
    JSON.stringify(readList(value).map((seed) => rewriteSeed(String(seed), means))),
  settings: (value) => JSON.stringify(numbersOf(value)),
  origin: (value) => (value === 'network' ? value : 'imported'),
  place: (value, _cell, { pseudonyms }) =>
    value
      .split('/')
      .map((each) => (isKnownPlace(each) ? each : pseudonyms.mark('other', each)))
      .join('/'),
}

const isNumber = /^-?\d+(?:\.\d+)?$/

/** Columns by kind of object and name, as `revisions` names them. */
const changed = new Map<string, Column>(
  (tables as readonly Table[]).flatMap(({ entity, columns }) =>
    entity === undefined ? [] : columns.map((each) => [`${entity} ${each.name}`, each] as const),
  ),
)

/** Signs without letters; digits only as keycaps. */
const isGlyph = (text: string): boolean =>
  text.length <= 32 && !/[\p{L}\p{N}@]/u.test(text.replace(/[0-9#*]\ufe0f?\u20e3/g, ''))

const isKnownPlace = (name: string): boolean => /^\d{0,9}$/.test(name) || isKnownKey(name)

/** Numbers, and true or false, of a JSON object. */
function numbersOf(json: string): Record<string, unknown> {
  const parsed = parse(json)
  if (typeof parsed !== 'object' || parsed === null) return {}
  const isHarmless = (value: unknown) => typeof value === 'number' || typeof value === 'boolean'
  return Object.fromEntries(Object.entries(parsed).filter(([, value]) => isHarmless(value)))
}

const readList = (json: string): unknown[] => {
  const parsed = parse(json)
  return Array.isArray(parsed) ? parsed : []
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}

const personSeeds = ['user', 'appearances', 'followers', 'following']

/** A seed that leads to nobody: people as pseudonyms, `*` for what is not published. */
export function rewriteSeed(
  seed: string,
  { pseudonyms, isIn }: Omit<Means, 'rewriteText'>,
): string {
  if (seed === 'feed' || seed === 'leaderboard') return seed
  const [, kind = '', rest = ''] = /^([a-z]+):(.*)$/s.exec(seed) ?? []
  if (personSeeds.includes(kind)) return `${kind}:${isUserId(rest) ? pseudonyms.person(rest) : '*'}`
  if (kind === 'search' || kind === 'task' || kind === 'generation') return `${kind}:*`
  const id = postIdOfPermalink(seed) ?? postIdOfPermalink(rest) ?? rest
  return `post:${isOpenId.test(id) && isIn('post', id) ? id : '*'}`
}

/** Makes the function that rewrites the rows of a table for a dataset that is published. */
export function publicRewriter(table: Table, means: Means): RewriteRow {
  const { columns, key } = table
  const places = new Map(columns.map((each, place) => [each.name, place]))
  return (row, isBlank) => {
    const of = (name: string): Value => (places.has(name) ? row[places.get(name)!]! : null)
    return columns.map((column, place) =>
      isBlank && isContent(column)
        ? null
        : rewriteCell(row[place]!, { column, isKey: key.includes(column.name), of }, means),
    )
  }
}

function rewriteCell(value: Value, cell: Cell, means: Means): Value {
  const { publish } = cell.column
  if (value === null || publish === undefined) return null
  if (typeof value === 'string') return rules[publish](value, cell, means)
  if (publish === 'day') return typeof value === 'bigint' ? dayOf(value) : null
  return publish === 'keep' ? value : null
}

const dayOf = (micros: bigint): bigint => {
  const rest = micros % dayMicros
  return micros - (rest < 0n ? rest + dayMicros : rest)
}

/** What stands in a post or comment: words, and pictures. */
const isContent = ({ publish, signed }: Column): boolean =>
  publish === 'text' || publish === 'glyph' || signed === true

/** Makes the function that rewrites the rows of a table for oneself: all as held, but for blanks. */
export const fullRewriter =
  ({ columns }: Table): RewriteRow =>
  (row: Row, isBlank) =>
    isBlank ? row.map((value, place) => (isContent(columns[place]!) ? null : value)) : row
