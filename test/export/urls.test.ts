import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Value } from '../../src/model/table.js'
import { exportedColumns, tableOf } from '../../src/model/tables.js'
import { exportRows } from './archives.js'
import { parquetPath, readDatasetRows, readWithDuckDb } from './read-back.js'

const signed =
  'https://videos.openai.com/az/vg-assets/task_1/a.mp4?se=2025-11-01&sig=SECRET#t=SECRET'
const assets = [
  { owner_id: 's_1', url: signed },
  { owner_id: 's_2', url: 'https://videos.openai.com/plain.mp4' },
  { owner_id: 's_3', url: null },
]
const text = 'see https://example.org/?sig=kept'
const posts = [{ post_id: 's_1', text, preview_image_url: signed }]

async function exportUrls(withSignedUrls: boolean): Promise<string> {
  return (await exportRows({ assets, posts }, { withSignedUrls })).outDir
}

async function cells(outDir: string, name: 'assets' | 'posts', column: string): Promise<Value[][]> {
  const table = tableOf(name)
  const place = exportedColumns(table).findIndex((each) => each.name === column)
  const parquet = await readWithDuckDb(parquetPath(outDir, name))
  return [parquet, readDatasetRows(outDir, table)].map((rows) => rows.map((row) => row[place]!))
}

const twice = (list: Value[]): Value[][] => [list, list]

describe('URLs', () => {
  it('leave without query and fragment, while other text stays as it is', async () => {
    const outDir = await exportUrls(false)

    const bare = 'https://videos.openai.com/az/vg-assets/task_1/a.mp4'
    const urls = [bare, 'https://videos.openai.com/plain.mp4', null]
    expect(await cells(outDir, 'assets', 'url')).toEqual(twice(urls))
    expect(await cells(outDir, 'posts', 'preview_image_url')).toEqual(twice([bare]))
    expect(await cells(outDir, 'posts', 'text')).toEqual(twice([text]))
    expect(readFileSync(join(outDir, 'dataset.sqlite'), 'latin1')).not.toContain('SECRET')
  })

  it('keep them when asked for', async () => {
    const outDir = await exportUrls(true)

    const urls = [signed, 'https://videos.openai.com/plain.mp4', null]
    expect(await cells(outDir, 'assets', 'url')).toEqual(twice(urls))
  })
})
