import { counted } from '../../model/counted.js'
import { knownShapes, unexplainedKeys } from '../../model/known-shapes.js'
import type { Column } from '../../model/table.js'
import { unreadKeys } from '../../model/unread-keys.js'
import type { FileFormat, Outgoing } from '../format.js'
import { isAppendOnly } from '../growing.js'
import type { Dataset } from './dataset.js'

const typeNames: Record<Column['type'], string> = {
  text: 'text',
  json: 'JSON text',
  int: 'integer (64 bit)',
  time: 'time (µs, UTC)',
  real: 'real (64 bit)',
  bool: 'true or false',
  blob: 'bytes',
}

const safeCsv =
  "- **CSV, safe for spreadsheets**: text that begins with `=`, `+`, `-`, `@` (wide ones too), `'`, a tab, a line feed or a carriage return has a `'` put before it. Take one `'` off the start of any text that begins with it, and you have the text as it is in the other formats."

const plainCsv =
  '- CSV holds texts as they are: a spreadsheet may take text that begins with `=`, `+`, `-` or `@` for a formula. `export --csv-safe` makes it harmless.'

const ofAnswers =
  '- **WARC, WACZ**: not these tables but the kept answers themselves, with their requests; signatures (unless they were asked for), keys and the addresses of answers that TikHub keeps are taken out. Digests are of what is written; `X-Afterfeed-Original-Payload-Digest` is that of the answer as it came, `X-Afterfeed-Response-Id` is the `response_id` here, and the `metadata` record of an answer holds its row of `responses`. Fields that depend on the account that asked are in them.'

const trueTypes = '- **Parquet, Arrow**: true types; times are timestamps in microseconds, UTC.'

/** What each format does with values; the part on formulas as it holds. */
const conventions = (isSafe: boolean): Record<FileFormat, readonly string[]> => ({
  parquet: [trueTypes],
  arrow: [trueTypes],
  sqlite: [
    '- **SQLite**: times as ISO-8601 text in UTC with six decimals; true and false are 1 and 0.',
  ],
  csv: [
    '- **CSV** (RFC 4180): text and times stand in quotes, numbers, `true` and `false` do not; NULL is nothing between two commas, empty text is `""`. Infinities are `INF` and `-INF`. CSV tells no types, and some readers stop at a U+0000 in a text: Parquet is the surer choice.',
    isSafe ? safeCsv : plainCsv,
  ],
  graphml: [
    '- **GraphML**: times as ISO-8601 text; what is unknown has no value, which igraph reads as false, NaN or empty text. A character that XML cannot hold is U+FFFD, and in the id of a node, as `%` is there, `%` and four hex digits.',
  ],
  warc: [ofAnswers],
  wacz: [ofAnswers],
  ndjson: [
    '- **NDJSON**: one object a line, every column in it, NULL as `null`; U+2028 and U+2029 are escaped. Integers keep all their digits, also above 2^53: use a reader that keeps them too (Python, DuckDB and jq 1.7 do, JavaScript does not). Infinities are `"INF"` and `"-INF"`.',
  ],
})

const monthly =
  '- **By month**: rows without a time lie below `month=unknown`, and so does a table without rows. ' +
  'Where that matters choose rows by their time, not by `month`: as a text, `unknown` is after every ' +
  'month.'

/** What the formats that are in the package do with values. */
function conventionsOf({ files, options }: Dataset): string {
  const isHere = (format: string): boolean => files.some((each) => each.format === format)
  const all = Object.entries(conventions(options.csv_safe))
  const told = new Set(all.flatMap(([format, words]) => (isHere(format) ? words : [])))
  return [...told, ...(options.by_month ? [monthly] : [])].join('\n')
}

/** What groups are; nothing where no column is of one. */
function groupsOf({ outgoing }: Dataset): string[] {
  const columns = outgoing.flatMap((each) => each.columns)
  if (!columns.some((each) => each.group !== undefined)) return []
  return [groups + (columns.some(({ name }) => name === 'summary_at') ? timesOfGroups : '.')]
}

const groups =
  'Answers tell different parts of an object, so columns have groups: `summary` (what also short forms ' +
  'of an object tell), `full` (what only whole ones tell), `counters`. Per group the newest answer wins'

const timesOfGroups = '; `summary_at`, `full_at` and `counters_at` are the times of those answers.'

/** Text for a cell; between backticks Markdown shows a `<` as it is, and `&lt;` as these four signs. */
const cell = (text: string): string =>
  text.replace(/\|/g, '\\|').replace(/`[^`]*`|</g, (found) => (found === '<' ? '&lt;' : found))

/** Where the order of a table begins anew. */
function orderedWithin({ table, slices }: Outgoing, isAppended: boolean): string {
  if (slices !== null) return ' (in Parquet within each month)'
  return isAppended && isAppendOnly(table) ? ' (in Parquet within what was added at once)' : ''
}

function describeTable(outgoing: Outgoing, isAppended: boolean): string {
  const { table, columns, lists = [], rows } = outgoing
  const isKey = (name: string): boolean => table.key.includes(name)
  const toLine = (each: Column, list = ''): string => {
    const marks = [
      ...(list === '' && isKey(each.name) ? ['key'] : []),
      ...(each.required ? ['never NULL'] : []),
      ...(each.unit === undefined ? [] : [`unit: ${each.unit}`]),
      ...(each.group === undefined ? [] : [`group \`${each.group}\``]),
      ...(each.references === undefined ? [] : [`→ ${each.references}`]),
    ]
    return `| \`${list}${each.name}\` | ${typeNames[each.type]} | ${cell(each.about)} | ${marks.join(', ')} |`
  }
  const lines = [
    ...columns.map((each) => toLine(each)),
    ...lists.flatMap(({ name, about, columns: items }) => [
      `| \`${name}\` | list | ${cell(about)} | never NULL |`,
      ...items.map((each) => toLine(each, `${name}[].`)),
    ]),
  ]
  return [
    `## ${table.name}`,
    '',
    `${table.about} ${counted(rows, 'row')}, in the order of ${table.key.map((each) => `\`${each}\``).join(', ')}${orderedWithin(outgoing, isAppended)}.`,
    '',
    '| column | type | meaning | notes |',
    '| --- | --- | --- | --- |',
    ...lines,
  ].join('\n')
}

/** What answers tell and no table takes; nothing where there are no tables. */
function leftInAnswers({ outgoing }: Dataset): string[] {
  if (outgoing.length === 0) return []
  const named = (kind: string, keys: readonly string[]) => keys.map((key) => `\`${kind}.${key}\``)
  const known = unreadKeys.map(({ why, keys }) => {
    const names = Object.entries(keys).flatMap(([kind, list]) => named(kind, list.split(' ')))
    return `- ${why}: ${names.join(', ')}.`
  })
  const kinds = Object.keys(knownShapes).filter((each) => !['page', 'item'].includes(each))
  const unexplained = kinds.flatMap((kind) => named(kind, unexplainedKeys(kind)))
  const list = [...known, `- Nobody knows what they mean: ${unexplained.join(', ')}. ${told}`]
  return ['What answers tell and no table holds, by kind of object:', list.join('\n')]
}

const told =
  "Where one of these is neither null nor empty, the archive's table `drift` says so, as it does of " +
  'keys and types that were never seen before.'

/** `data-dictionary.md`: every table and column, and how each format in the package writes values. */
export const toDictionary = (dataset: Dataset): string =>
  [
    '# Data dictionary',
    'NULL is unknown, never 0.',
    ...groupsOf(dataset),
    'How each format writes values:',
    conventionsOf(dataset),
    ...leftInAnswers(dataset),
    ...dataset.outgoing.map((each) => describeTable(each, dataset.options.appends > 0)),
  ].join('\n\n') + '\n'
