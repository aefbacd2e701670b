import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ExportOptions } from '../../src/export/index.js'
import { exportedColumns, exportedTables, tableOf } from '../../src/model/tables.js'
import { exportRows, hostileRows, type Fields } from './archives.js'
import { printedBy, pythonWith } from './python.js'

/** What `every_value.py` needs to know of each table. */
const toldTables = exportedTables(true).map((table) => ({
  name: table.name,
  key: table.key,
  columns: exportedColumns(table).map(({ name, type, required = false }) => ({
    name,
    type,
    required,
  })),
}))

/** Hostile rows in every table but two, and so many posts that they fill three row groups. */
function hostileArchive(): Record<string, Fields[]> {
  const rows = exportedTables(true).map((table): [string, Fields[]] => [
    table.name,
    hostileRows(table, 20),
  ])
  return { ...Object.fromEntries(rows), tasks: [], absences: [], posts: manyPosts(10_050) }
}

/** Posts with hostile values, the long ones seldom. */
function manyPosts(count: number): Fields[] {
  const hostile = hostileRows(tableOf('posts'), 9)
  return Array.from({ length: count }, (_, place) => ({
    ...(place % 50 === 0 ? hostile[(place / 50) % 9] : {}),
    post_id: `s_${String((place * 7919) % count).padStart(8, '0')}`,
    posted_at: place % 7 === 0 ? null : 1_760_544_196_886_897n + BigInt(place) * 1_000_000_007n,
    view_count: place % 3 === 0 ? null : 9_007_199_254_740_993n + BigInt(place),
  }))
}

const exportParquet = (rows: Record<string, Fields[]>, options: Partial<ExportOptions>) =>
  exportRows(rows, { formats: ['parquet'], ...options })

interface Compared {
  cells: number
  differences: string[]
}

/** Exports a hostile archive and has Python compare every value of it with the archive. */
async function readBack(python: string, options: Partial<ExportOptions>): Promise<Compared> {
  const what = { withLog: true, withSignedUrls: true, ...options }
  const { archivePath, outDir } = await exportParquet(hostileArchive(), what)
  const tables = join(dirname(outDir), 'tables.json')
  writeFileSync(tables, JSON.stringify(toldTables))
  return printedBy(python, 'every_value.py', archivePath, outDir, tables) as Compared
}

const layouts: [string, Partial<ExportOptions>][] = [
  ['one file a table, Arrow and CSV', { formats: ['parquet', 'arrow', 'csv'] }],
  ['--parquet compat', { parquet: 'compat' }],
  ['parts', { rowsPerPart: 4000 }],
  ['--by-month', { byMonth: true }],
]

describe('every value of every table', () => {
  for (const [layout, options] of layouts)
    it(`is the same to pyarrow and polars, whatever they skip: ${layout}`, async ({ skip }) => {
      const python = pythonWith(['pyarrow', 'polars'])
      if (python === undefined) return skip('no Python with pyarrow and polars is here')

      const { cells, differences } = await readBack(python, options)

      expect(differences).toEqual([])
      expect(cells).toBeGreaterThan(1_000_000)
    })
})

describe('--by-month', () => {
  it('is one table to pandas, the months of posts without a time included', async ({ skip }) => {
    const pandas = pythonWith(['pandas', 'pyarrow'])
    if (pandas === undefined) return skip('no Python with pandas and pyarrow is here')
    const october = { post_id: 's_0', posted_at: 1_760_544_196_886_897n }
    const posts = [october, { post_id: 's_1', posted_at: null }, { ...october, post_id: 's_2' }]
    const { outDir } = await exportParquet({ posts }, { byMonth: true })

    const read = (table: string) => printedBy(pandas, 'months.py', join(outDir, 'data', table))

    expect(read('posts')).toEqual({ s_0: '2025-10', s_1: 'unknown', s_2: '2025-10' })
    expect(read('comments')).toEqual({})
  })
})
