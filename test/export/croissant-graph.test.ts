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

/** Columns and references to tables held, as `datapackage.json` tells them of the first format. */
function countedIn(dataset: string): Omit<Read, 'wrong'> {
  const { resources } = JSON.parse(readFileSync(join(dataset, 'datapackage.json'), 'utf8')) as {
    resources: { format: string; schema?: { fields: unknown[]; foreignKeys?: unknown[] } }[]
  }
  const schemas = resources.flatMap(({ format, schema }) =>
    schema !== undefined && format === resources[0]!.format ? [schema] : [],
  )
  return {
    fields: schemas.flatMap(({ fields }) => fields).length,
    references: schemas.flatMap(({ foreignKeys = [] }) => foreignKeys).length,
  }
}

describe.skipIf(python === undefined)('croissant.json, as a graph', () => {
  it.each<[string, Partial<ExportOptions>]>([
    ['all tables', { formats, withLog: true, license: 'CC-BY-4.0' }],
    ['parts by month', { formats, byMonth: true, rowsPerPart: 7 }],
    ['CSV', { formats: ['csv'], tables: people }],
    ['NDJSON', { formats: ['ndjson'], tables: people }],
  ])(
    'has only known terms, and files, columns, types, keys and references that hold: %s',
    async (_, options) => {
      const dataset = await exported(options)
      expect(read(dataset)).toEqual({ wrong: [], ...countedIn(dataset) })
    },
  )

  it('has no words for SQLite', async () => {
    const dataset = await exported({ formats: ['sqlite'] })
    expect(read(dataset)).toEqual({ wrong: [], fields: 0, references: 0 })
  })

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
