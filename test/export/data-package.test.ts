import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ExportOptions } from '../../src/export/index.js'
import { exportedTables } from '../../src/model/tables.js'
import { exportRows, hostileRows, type Fields } from './archives.js'
import { printedBy, pythonWith } from './python.js'

const python = pythonWith(['sqlite3'])
const formats = ['csv', 'ndjson', 'sqlite'] as const

/** Hostile rows; evidence is one of a few words. */
const rows = Object.fromEntries(
  exportedTables(true).map((each) => [
    each.name,
    hostileRows(each, 20).map((row): Fields => ({
      ...row,
      ...(each.name === 'remixes' ? { told_by: 'parent_path' } : {}),
    })),
  ]),
)

async function exported(options: Partial<ExportOptions>): Promise<string> {
  return (await exportRows(rows, options)).outDir
}

const read = (dataset: string) => printedBy(python!, 'data_package.py', dataset)

describe.skipIf(python === undefined)('datapackage.json, as plain Python takes it', () => {
  it('declares how to read every table, and what holds of its rows', async () => {
    const tables = 2 * exportedTables(true).length
    expect(read(await exported({ formats, withLog: true }))).toEqual({ wrong: [], tables })
  })

  it.each([
    ['another size', /"bytes": \d+/, '"bytes": 7', 'another size: csv/users.csv'],
    ['another digest', '"hash": "sha256:', '"hash": "sha256:0', 'another digest: csv/users.csv'],
    ['another delimiter', '"delimiter": ","', '"delimiter": ";"', 'not as declared: users-csv'],
    ['another type', '"type": "string"', '"type": "integer"', 'not as declared: users-csv'],
    ['another number of rows', '"rows": 20', '"rows": 21', 'another number of rows: users-csv'],
    [
      'a rule that is broken',
      '"name": "username",',
      '"name": "username", "constraints": {"required": true},',
      'required and missing: users-csv.username',
    ],
    [
      'a key that is none',
      /"primaryKey": \[\s+"user_id"/,
      '"primaryKey": ["plan_type"',
      'the same key twice: users-csv',
    ],
    [
      'a reference that does not hold',
      /("reference": {\s+"resource": "users-csv",\s+"fields": \[\s+)"user_id"/,
      '$1"username"',
      'not all are held: cameos-csv.user_id',
    ],
  ])('would show %s', async (_, right, other, words) => {
    const dataset = await exported({ formats: ['csv'], tables: ['users', 'cameos'] })
    const path = join(dataset, 'datapackage.json')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace(right, other))

    expect(JSON.stringify(read(dataset))).toContain(words)
  })
})
