import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import parquetjs from 'parquetjs-lite'
import { describe, expect, it } from 'vitest'
import type { ExportOptions } from '../../src/export/index.js'
import type { Value } from '../../src/model/table.js'
import { exportedColumns, exportedTables, tableOf } from '../../src/model/tables.js'
import { exportRows, heldRows, hostileRows, type Fields } from './archives.js'
import {
  parquetPath,
  readMetadata,
  readWithDuckDb,
  readWithHyparquet,
  runDuckDb,
} from './read-back.js'

const exportParquet = (
  rows: Record<string, Fields[]>,
  options: Omit<ExportOptions, 'archivePath' | 'outDir'>,
) => exportRows(rows, { formats: ['parquet'], ...options })

const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((each) => each.endsWith('.parquet'))
    .sort()

const manyPosts = (count: number) =>
  Array.from({ length: count }, (_, place) => ({
    post_id: `s_${String((place * 7919) % count).padStart(8, '0')}`,
    text: `post ${place}`,
  }))

describe('parts', () => {
  it('hold so many rows each, in the order of the key, and are one table together', async () => {
    const posts = manyPosts(10_001)
    const options = { tables: ['posts', 'users'], rowsPerPart: 4000 }
    const { archivePath, outDir } = await exportParquet({ posts }, options)

    expect(files(join(outDir, 'data'))).toEqual([
      ...['posts/part-00000.parquet', 'posts/part-00001.parquet', 'posts/part-00002.parquet'],
      'users.parquet',
    ])
    const parts = join(outDir, 'data', 'posts')
    expect(await readWithDuckDb(`${parts}/*.parquet`)).toEqual(
      heldRows(archivePath, tableOf('posts')),
    )
    const sizes = files(parts).map(async (each) => (await readMetadata(join(parts, each))).num_rows)
    expect(await Promise.all(sizes)).toEqual([4000n, 4000n, 2001n])
  })

  it('let readers skip row groups: their keys do not overlap', async () => {
    const { outDir } = await exportParquet({ posts: manyPosts(12_000) }, { tables: ['posts'] })

    const { row_groups } = await readMetadata(parquetPath(outDir, 'posts'))
    const keys = row_groups.map((each) => each.columns[0]!.meta_data!.statistics!)
    expect(keys.length).toBe(3)
    for (const [place, { min_value }] of keys.entries())
      expect(place === 0 || min_value! > keys[place - 1]!.max_value!).toBe(true)
  })

  it('are refused with no rows in them', async () => {
    const none = exportParquet({}, { rowsPerPart: 0 })

    await expect(none).rejects.toThrow('at least 1')
  })
})

describe('--by-month', () => {
  const at = (iso: string) => BigInt(Date.parse(iso)) * 1000n
  const times = ['2025-10-31T23:59:59.999Z', '2025-11-01T00:00:00Z', '2025-10-01T00:00:00Z', null]
  const posts = times.map((iso, place) => ({
    post_id: `s_${place}`,
    posted_at: iso === null ? null : at(iso),
  }))

  it('has a folder a month that DuckDB reads as one table', async () => {
    const { archivePath, outDir } = await exportParquet(
      { posts },
      { byMonth: true, tables: ['posts'] },
    )

    expect(files(join(outDir, 'data', 'posts'))).toEqual([
      'month=2025-10/part-00000.parquet',
      'month=2025-11/part-00000.parquet',
      'month=unknown/part-00000.parquet',
    ])
    const all = `read_parquet('${outDir}/data/posts/**/*.parquet', hive_partitioning = true)`
    const columns = exportedColumns(tableOf('posts')).map((each) => each.name)
    expect(
      await runDuckDb(`SELECT post_id, CAST(month AS VARCHAR) FROM ${all} ORDER BY 1`),
    ).toEqual([
      ...[
        ['s_0', '2025-10'],
        ['s_1', '2025-11'],
        ['s_2', '2025-10'],
        ['s_3', 'unknown'],
      ],
    ])
    const described = await runDuckDb(`DESCRIBE SELECT * EXCLUDE (month) FROM ${all}`)
    expect(described.map(([name]) => name)).toEqual(columns)
    expect(heldRows(archivePath, tableOf('posts')).length).toBe(4)
  })

  it('takes every time that SQLite can hold, and tables of no rows', async () => {
    const rows = { posts: hostileRows(tableOf('posts'), 20) }
    const { archivePath, outDir } = await exportParquet(rows, {
      byMonth: true,
      tables: ['posts', 'comments', 'users'],
    })

    const names = exportedColumns(tableOf('posts')).map((each) => `"${each.name}"`)
    const read = await readWithDuckDb(`${outDir}/data/posts/**/*.parquet`, names)
    const byKey = (one: Value[], other: Value[]) => (one[0]! < other[0]! ? -1 : 1)
    expect(read.sort(byKey)).toEqual(heldRows(archivePath, tableOf('posts')).sort(byKey))
    expect(files(join(outDir, 'data')).filter((each) => !each.startsWith('posts'))).toEqual([
      'comments/month=unknown/part-00000.parquet',
      'users.parquet',
    ])
  })
})

type OldRow = Readonly<Record<string, unknown>>

/** The rows of a Parquet file as parquetjs-lite reads them. */
async function readWithParquetJs(path: string): Promise<OldRow[]> {
  const reader = await parquetjs.ParquetReader.openFile(path)
  const cursor = reader.getCursor()
  const rows: OldRow[] = []
  for (let group; (group = await cursor.nextRowGroup()) !== null;) rows.push(...group)
  await reader.close()
  return rows
}

describe('--parquet compat', () => {
  it('is read right by parquetjs-lite, the witness for old readers', async () => {
    const rows = Object.fromEntries(
      exportedTables(true).map((each) => [each.name, hostileRows(each, 20)]),
    )
    const options = { parquet: 'compat', withLog: true } as const
    const { archivePath, outDir } = await exportParquet(rows, options)

    for (const table of exportedTables(true)) {
      const columns = exportedColumns(table)
      const read = await readWithParquetJs(parquetPath(outDir, table.name))
      const cells = read.map((row) =>
        columns.map(({ name, type }) => fromOldReader(type, row[name])),
      )
      const held = heldRows(archivePath, table).map((row) =>
        row.map((value, place) => toMillis(columns[place]!.type, value)),
      )
      expect(cells, table.name).toEqual(held)
    }
  })

  it('is read right by DuckDB and hyparquet too, every value of every table', async () => {
    const rows = Object.fromEntries(
      exportedTables(true).map((each) => [each.name, hostileRows(each, 9)]),
    )
    const options = { parquet: 'compat', withLog: true } as const
    const { archivePath, outDir } = await exportParquet(rows, options)

    for (const table of exportedTables(true)) {
      const path = parquetPath(outDir, table.name)
      const held = heldRows(archivePath, table)
      expect(held.length, table.name).toBe(9)
      expect(await readWithDuckDb(path), table.name).toEqual(held)
      expect(await readWithHyparquet(path, table), table.name).toEqual(held)
    }
  })

  it('has plain V1 pages and SNAPPY, and any new reader reads it too', async () => {
    const posts = manyPosts(50)
    const { archivePath, outDir } = await exportParquet(
      { posts },
      { parquet: 'compat', tables: ['posts'] },
    )

    const path = parquetPath(outDir, 'posts')
    const chunks = (await readMetadata(path)).row_groups.flatMap((each) => each.columns)
    expect(new Set(chunks.map((each) => each.meta_data!.codec))).toEqual(new Set(['SNAPPY']))
    expect(
      chunks.flatMap((each) => each.meta_data!.encodings).filter((each) => /DICT|DELTA/.test(each)),
    ).toEqual([])
    expect(await readWithDuckDb(path)).toEqual(heldRows(archivePath, tableOf('posts')))
  })
})

function fromOldReader(type: string, value: unknown): Value {
  if (value === undefined || value === null) return null
  if (type === 'time') return BigInt((value as Date).getTime())
  if (type === 'bool') return value ? 1n : 0n
  return type === 'int' ? BigInt(value as number) : (value as Value)
}

/** Times as that reader shows them: in JavaScript's dates, which end at milliseconds. */
const toMillis = (type: string, value: Value): Value =>
  type === 'time' && typeof value === 'bigint' ? value / 1000n : value
