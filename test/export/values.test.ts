import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exportDataset } from '../../src/export/index.js'
import type { Column, Value } from '../../src/model/table.js'
import { exportedColumns, exportedTables, tableOf } from '../../src/model/tables.js'
import {
  exportRows,
  heldRows,
  hostileRows,
  makeArchive,
  temporaryFolder,
  type Fields,
} from './archives.js'
import {
  describeWithDuckDb,
  inDatasetForm,
  parquetPath,
  readDatasetRows,
  readMetadata,
  readWithDuckDb,
  readWithHyparquet,
} from './read-back.js'

const duckDbTypes: Record<Column['type'], string> = {
  text: 'VARCHAR',
  json: 'VARCHAR',
  int: 'BIGINT',
  time: 'TIMESTAMP WITH TIME ZONE',
  real: 'DOUBLE',
  bool: 'BOOLEAN',
  blob: 'BLOB',
}

const everyTable = exportedTables(true)

function exportHostile(count: number): Promise<{ archivePath: string; outDir: string }> {
  const rows = Object.fromEntries(everyTable.map((each) => [each.name, hostileRows(each, count)]))
  return exportRows(rows, { withLog: true })
}

describe('every value of every table', () => {
  it('is the same in Parquet, read by DuckDB and by hyparquet, and in dataset.sqlite', async () => {
    const { archivePath, outDir } = await exportHostile(20)

    for (const table of everyTable) {
      const held = heldRows(archivePath, table)
      const columns = exportedColumns(table)
      const path = parquetPath(outDir, table.name)
      expect(held.length, table.name).toBe(20)
      expect(await readWithDuckDb(path), table.name).toEqual(held)
      expect(await readWithHyparquet(path, table), table.name).toEqual(held)
      expect(readDatasetRows(outDir, table), table.name).toEqual(
        held.map((row) => row.map((value, place) => inDatasetForm(columns[place]!, value))),
      )
    }
  })

  it('is the same over many row groups', async () => {
    const folder = temporaryFolder()
    const posts = Array.from({ length: 12_345 }, (_, place) => ({
      post_id: `s_${String((place * 7919) % 12_345).padStart(8, '0')}`,
      text: place % 3 ? `post ${place} 🦊` : null,
      posted_at: 1_760_544_196_886_897n + BigInt(place),
      view_count: place % 2 ? BigInt(place) : null,
    }))
    const archivePath = makeArchive(folder, { posts })

    await exportDataset({ archivePath, outDir: join(folder, 'out'), tables: ['posts'] })

    const path = parquetPath(join(folder, 'out'), 'posts')
    const held = heldRows(archivePath, tableOf('posts'))
    expect(await readWithDuckDb(path)).toEqual(held)
    expect(await readWithHyparquet(path, tableOf('posts'))).toEqual(held)
    expect((await readMetadata(path)).row_groups.length).toBe(3)
  })

  it('is the same whatever it is', async () => {
    const text = fc.option(fc.string({ unit: 'binary', maxLength: 30 }))
    const int64 = fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
    const time = fc.option(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }))
    const video: fc.Arbitrary<Fields> = fc.record({
      attachment_id: fc.string({ unit: 'binary', minLength: 1 }),
      prompt: text,
      title: text,
      width: int64,
      duration_s: fc.option(fc.double({ noNaN: true })),
      output_blocked: fc.option(fc.constantFrom<Value>(0, 1)),
      first_seen_at: time.map((each) => each ?? 0n),
    })
    const videos = fc.uniqueArray(video, {
      selector: (each) => each.attachment_id,
      maxLength: 40,
    })
    const table = tableOf('attachments')
    const columns = exportedColumns(table)
    await fc.assert(
      fc.asyncProperty(videos, async (rows) => {
        const folder = temporaryFolder()
        const archivePath = makeArchive(folder, { attachments: rows })
        const outDir = join(folder, 'out')

        await exportDataset({ archivePath, outDir, tables: ['attachments'] })

        const held = heldRows(archivePath, table)
        const path = parquetPath(outDir, 'attachments')
        expect(held.length).toBe(rows.length)
        expect(await readWithDuckDb(path)).toEqual(held)
        expect(await readWithHyparquet(path, table)).toEqual(held)
        expect(readDatasetRows(outDir, table)).toEqual(
          held.map((row) => row.map((value, place) => inDatasetForm(columns[place]!, value))),
        )
      }),
      { numRuns: 25 },
    )
  })
})

describe('the Parquet schema', () => {
  it('has the columns of the list of tables with true types, empty tables included', async () => {
    const { outDir } = await exportHostile(0)

    for (const table of everyTable) {
      const path = parquetPath(outDir, table.name)
      const columns = exportedColumns(table)
      expect(await describeWithDuckDb(path), table.name).toEqual(
        columns.map((each) => [each.name, duckDbTypes[each.type]]),
      )
      expect(await readWithDuckDb(path), table.name).toEqual([])
      const { schema } = await readMetadata(path)
      expect(
        schema.slice(1).map((each) => each.repetition_type),
        table.name,
      ).toEqual(columns.map((each) => (each.required ? 'REQUIRED' : 'OPTIONAL')))
    }
  })

  it('says microseconds in UTC, zstd, and has statistics', async () => {
    const { outDir } = await exportHostile(9)

    const { schema, row_groups } = await readMetadata(parquetPath(outDir, 'posts'))
    const postedAt = schema.find((each) => each.name === 'posted_at')
    expect(postedAt?.logical_type).toEqual({
      type: 'TIMESTAMP',
      isAdjustedToUTC: true,
      unit: 'MICROS',
    })
    const chunks = row_groups.flatMap((each) => each.columns.map((column) => column.meta_data))
    expect(new Set(chunks.map((each) => each?.codec))).toEqual(new Set(['ZSTD']))
    expect(chunks.every((each) => each?.statistics !== undefined)).toBe(true)
  })

  it('leaves out what depends on the account that asked, and the bookkeeping', async () => {
    const { outDir } = await exportHostile(1)

    const names = (await describeWithDuckDb(parquetPath(outDir, 'attachments'))).map(
      ([name]) => name,
    )
    const left = tableOf('attachments').columns.map((each) => each.name)
    expect(left.filter((each) => !names.includes(each))).toEqual(['task_id', 'told', 'older'])
  })
})
