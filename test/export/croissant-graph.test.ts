import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ExportOptions, FormatName } from '../../src/export/index.js'
import { exportedTables } from '../../src/model/tables.js'
import { exportRows, hostileRows } from './archives.js'
import { printedBy, pythonWith } from './python.js'

const python = pythonWith(['rdflib', 'pyarrow'])
const at = BigInt(Date.UTC(2025, 10, 5, 12)) * 1000n
const origin = { endpoint: 'get_feed', outcome: 'page', billed: 'yes', origin: 'network' }
const rows = {
  ...Object.fromEntries(exportedTables(true).map((each) => [each.name, hostileRows(each, 20)])),
  responses: [{ response_id: 'r_1', received_at: at, ...origin }],
}
const people = ['users', 'posts', 'cameos', 'text_facets']
const formats = ['parquet', 'csv', 'ndjson', 'threads', 'edges', 'graphml'] as const

/** What `croissant_graph.py` prints. */
interface Read {
  wrong: string[]
  fields: number
  references: number
}

async function exported(options: Partial<ExportOptions>): Promise<string> {
  return (await exportRows(rows, options)).outDir
}

const read = (dataset: string) => printedBy(python!, 'croissant_graph.py', dataset) as Read

describe.skipIf(python === undefined)('croissant.json, as a graph', () => {
  it.each<[string, Partial<ExportOptions>, { fields: number; references: number }]>([
    [
      'all tables',
      { formats, withLog: true, license: 'CC-BY-4.0' },
      { fields: 391, references: 4 },
    ],
    ['parts by month', { formats, byMonth: true, rowsPerPart: 7 }, { fields: 317, references: 4 }],
    ['CSV', { formats: ['csv'], tables: people }, { fields: 88, references: 1 }],
    ['NDJSON', { formats: ['ndjson'], tables: people }, { fields: 88, references: 1 }],
    ['SQLite, which it has no words for', { formats: ['sqlite'] }, { fields: 0, references: 0 }],
  ])(
    'has only known terms, and files, columns, types, keys and references that hold: %s',
    async (_, options, counts) => {
      expect(read(await exported(options))).toEqual({ wrong: [], ...counts })
    },
  )

  it.each<[string, string, string, FormatName[], string]>([
    [
      'a word that no vocabulary has',
      '"prov:wasDerivedFrom"',
      '"prov:wasMadeOf"',
      ['parquet'],
      'no known vocabulary has http://www.w3.org/ns/prov#wasMadeOf',
    ],
    ['a time that is none', 'AtTime": "2025', 'AtTime": "x2025', ['parquet'], 'no time: x2025'],
    [
      'another type',
      '"cr:Int64"',
      '"sc:Text"',
      ['parquet'],
      'int64 is not http://schema.org/Text in',
    ],
    [
      'another column',
      '"column": "username"',
      '"column": "user_name"',
      ['csv'],
      'no such column: users/username',
    ],
    ['another digest', '"sha256": "', '"sha256": "0', ['csv'], 'another digest has csv/'],
    [
      'a key that is not one',
      '"@id": "users/user_id"\n      },\n      "field"',
      '"@id": "users/plan_type"\n      },\n      "field"',
      ['parquet'],
      'the same key twice in users',
    ],
    [
      'a reference to nothing',
      '"references": {\n            "@id": "users/user_id"',
      '"references": {\n            "@id": "users/id"',
      ['parquet'],
      'nothing is users/id',
    ],
  ])('would tell of %s', async (_, right, other, of, words) => {
    const dataset = await exported({ formats: of, tables: people })
    const path = join(dataset, 'croissant.json')
    const text = readFileSync(path, 'utf8')
    expect(text).toContain(right)
    writeFileSync(path, text.replace(right, other))

    expect(read(dataset).wrong.join('\n')).toContain(words)
  })
})
