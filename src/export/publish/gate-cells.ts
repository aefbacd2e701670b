import { isKnownKey } from '../../model/known-shapes.js'
import type { Column, Publish } from '../../model/table.js'
import { tables } from '../../model/tables.js'
import { findForbidden, findMentions, findName, redacted, type Hit } from './gate-texts.js'
import { blanks, type People } from './texts.js'

/** What cells are checked against. */
export interface Wanted {
  people: People
  secrets: readonly string[]
}

const person = String.raw`(?:user-|ch_)p_[0-9a-f]{20}`
const openId = String.raw`(?:s_)?[0-9a-f]{32}(?:-attachment-\d{1,6})?|[0-9a-f]{64}|x_[0-9a-f]{20}`
const whole = (form: string): RegExp => new RegExp(`^(?:${form})$`, 'u')

/** The only forms in which a text may stand in a column, by what the column says. */
const forms: Partial<Record<Publish, RegExp>> = {
  id: whole(openId),
  post: whole(openId),
  comment: whole(openId),
  person: whole(person),
  object: whole(`${person}|${openId}`),
  handle: whole('p_[0-9a-f]{20}'),
  answer: whole('r_[0-9a-f]{20}'),
  file: whole('f_[0-9a-f]{20}'),
  list: whole('l_[0-9a-f]{20}'),
  glyph: whole(String.raw`[^\p{L}@]{0,32}`),
  origin: whole('network|imported'),
  own: whole(String.raw`[\w.+ -]{1,64}`),
  settings: whole(String.raw`\{(?:"\w+":(?:[\d.e+-]+|true|false),?)*\}`),
  seeds: whole(
    String.raw`\[(?:"(?:feed|leaderboard|(?:user|appearances|followers|following):(?:${person}|\*)|` +
      String.raw`post:(?:s_[0-9a-f]{32}|[0-9a-f]{32}|\*)|(?:search|task|generation):\*)",?)*\]`,
  ),
}

const isInstant = /^[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$|^-?INF$/

/** True for an id, a pseudonym of a person or an instant as we write it, which no handle looks like. */
export const isOurForm = (value: string): boolean =>
  forms.object!.test(value) || isInstant.test(value)

const isPart = /^(?:\d{0,9}|x_[0-9a-f]{20})$/

/** Names of columns, as `revisions` tells them. */
const columnNames = new Set(tables.flatMap((each) => each.columns.map(({ name }) => name)))

/** What must not stand in a cell of a column; a column that is not published may hold nothing. */
export function* findInCell(value: string, column: Column, wanted: Wanted): Generator<Hit> {
  yield* findForbidden(value, wanted.secrets)
  const { publish, name } = column
  if (publish === 'text') yield* findInText(value, wanted)
  else if (publish === 'change') {
    if (!columnForms.test(value)) yield* findInText(value, wanted)
  } else if (publish === 'own' && name === 'field') {
    if (!columnNames.has(value)) yield odd(value)
  } else if (!isAllowed(value, column)) yield odd(value)
}

/** What a change may hold besides words: numbers, ids, pseudonyms and words of a list. */
const columnForms = whole(
  String.raw`-?\d+(?:\.\d+)?|other|public|private|unlisted|sy|project_y|${person}|${openId}`,
)

function* findInText(value: string, { people }: Wanted): Generator<Hit> {
  yield* findMentions(value)
  yield* findName(value, people, Object.values(blanks))
}

const odd = (value: string): Hit => ({
  what: 'what its column may not hold',
  shown: redacted(value),
})

function isAllowed(value: string, { publish, words, type }: Column): boolean {
  if (publish === undefined) return false
  if (publish === 'word')
    return words!.includes(value) || value === 'other' || /^x_[0-9a-f]{20}$/.test(value)
  if (publish === 'place')
    return value.split('/').every((each) => isKnownKey(each) || isPart.test(each))
  if (publish === 'keep' || publish === 'day') return type !== 'text' && isInstant.test(value)
  return forms[publish]?.test(value) ?? false
}
