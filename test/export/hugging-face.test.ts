import { describe, expect, it } from 'vitest'
import type { ExportOptions } from '../../src/export/index.js'
import type { Value } from '../../src/model/table.js'
import { exportedTables } from '../../src/model/tables.js'
import { exportRows, hostileRows, type Fields } from './archives.js'
import { printedBy, pythonWith } from './python.js'

const python = pythonWith(['datasets', 'pyarrow'])

/** What `load_card.py` prints. */
interface Read {
  configs: string[]
  found: string[]
  loaded: Record<string, unknown>
  default: string | false
  values: (string | null)[] | null
}

async function read(
  rows: Record<string, Fields[]>,
  options: Partial<ExportOptions>,
  ...column: string[]
): Promise<Read> {
  const { outDir } = await exportRows(rows, options)
  return printedBy(python!, 'load_card.py', outDir, ...column) as Read
}

const filled = ['users', 'posts', 'comments', 'feed_entries']
const tables = [...filled, 'follows', 'remixes']
const hostile = Object.fromEntries(
  exportedTables(false)
    .filter(({ name }) => filled.includes(name))
    .map((each) => [each.name, hostileRows(each, 20)]),
)

/** The same without integers that pandas, which reads CSV for `datasets`, has no exact number for. */
const exact = Object.fromEntries(
  Object.entries(hostile).map(([name, rows]) => [name, rows.map(withoutLargeIntegers)]),
)

function withoutLargeIntegers(row: Fields): Fields {
  const isLarge = (value: Value) => typeof value === 'bigint' && BigInt.asIntN(54, value) !== value
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, isLarge(value) ? 0n : value]),
  )
}

const layouts: [string, string[], Partial<ExportOptions>, Record<string, Fields[]>][] = [
  [
    'Parquet, with threads and edges',
    [...filled, 'threads', 'reply_edges'],
    { formats: ['parquet', 'sqlite', 'csv', 'ndjson', 'threads', 'edges'], tables },
    hostile,
  ],
  [
    'parts by month',
    filled,
    { formats: ['parquet'], tables, byMonth: true, rowsPerPart: 7 },
    hostile,
  ],
  ['Parquet for old readers', filled, { formats: ['parquet'], tables, parquet: 'compat' }, hostile],
  ['Arrow', filled, { formats: ['arrow', 'csv'], tables }, hostile],
  ['NDJSON', filled, { formats: ['csv', 'ndjson'], tables }, hostile],
  ['CSV', filled, { formats: ['csv'], tables }, exact],
]

describe.skipIf(python === undefined)('README.md, as `datasets` of Hugging Face loads it', () => {
  it.each(layouts)(
    'loads every table with rows, whole and streamed, with the types it declares: %s',
    async (_, names, options, rows) => {
      const { configs, found, loaded, ...read_ } = await read(rows, options)

      const countOf = (name: string) => (name === 'reply_edges' ? 18 : 20)
      expect(new Set(configs)).toEqual(new Set(names))
      expect(found).toEqual(configs)
      expect(loaded).toEqual(
        Object.fromEntries(
          configs.map((name) => {
            const counts = { rows: countOf(name), declared: countOf(name), streamed: countOf(name) }
            return [name, { ...counts, bytes: 0, as_declared: true, as_in_files: true }]
          }),
        ),
      )
      expect(read_.default).toBe('post_id')
    },
  )

  it('takes words such as null in CSV for words', async () => {
    const words = ['null', 'NA', 'None', 'nan', '1', null]
    const users = words.map((display_name, place) => ({ user_id: `user-${place}`, display_name }))
    const options = { formats: ['csv'], tables: ['users'] } as const

    expect((await read({ users }, options, 'users', 'display_name')).values).toEqual(words)
  })
})
