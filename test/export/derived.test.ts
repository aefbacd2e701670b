import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { exportDataset, verifyDataset, type ExportOptions } from '../../src/export/index.js'
import type { Manifest } from '../../src/export/manifest.js'
import { exportedTables } from '../../src/model/tables.js'
import { readWithDuckDb } from './read-back.js'
import { exportRows, hostileRows, type Fields } from './archives.js'

const made = ['edges', 'graphml', 'threads'] as const

const rows = (text: string): Record<string, Fields[]> => ({
  users: [{ user_id: 'user-1' }],
  posts: [{ post_id: 's_1' }, { post_id: 's_2' }],
  comments: [{ comment_id: 'c_1', post_id: 's_1', depth: 1n, text }],
  remixes: [{ parent_post_id: 's_1', remix_post_id: 's_2', told_by: text }],
})

async function exported(given: Record<string, Fields[]>, options: Partial<ExportOptions> = {}) {
  const formats = ['parquet' as const, ...made]
  const { archivePath, outDir } = await exportRows(given, { formats, ...options })
  return { archivePath, datasetDir: outDir, at: (path: string) => join(outDir, path) }
}

const problemsOf = async (options: Parameters<typeof verifyDataset>[0]) =>
  (await verifyDataset(options)).map(({ check, problem }) => `${check}: ${problem}`)

describe('verify --dataset, of graphs and threads', () => {
  it('finds nothing in what was made of any tables, with and without them beside', async () => {
    const hostile = Object.fromEntries(
      exportedTables(true).map((each) => [each.name, hostileRows(each, 20)]),
    )
    const all: Partial<ExportOptions>[] = [
      {},
      { byMonth: true, rowsPerPart: 7 },
      { formats: made, withSignedUrls: true },
      { formats: ['threads', 'sqlite'], tables: ['posts', 'cameos'] },
      { tables: ['follows', 'posts'], since: 1 },
    ]

    for (const options of all) {
      const given = { ...hostile, cameos: [], feed_entries: [], leaderboard_entries: [] }
      const { datasetDir, archivePath } = await exported({ ...given, search_entries: [] }, options)
      expect(await verifyDataset({ datasetDir, archivePath }), JSON.stringify(options)).toEqual([])
      expect(await verifyDataset({ datasetDir })).toEqual([])
    }
  })

  it('finds nothing where edges join what is held, whatever columns the tables have', async () => {
    const { datasetDir, archivePath, at } = await exported(rows('draft'))

    expect(await verifyDataset({ datasetDir, archivePath })).toEqual([])
    expect((await readWithDuckDb(at('graph/remixes.parquet')))[0]!.slice(0, 6)).toEqual([
      ...['post', 's_2', 'post', 's_1', 1n, 1n],
    ])
  })

  it('finds files that say something else than the tables', async () => {
    const { datasetDir, at } = await exported(rows('draft'))
    const other = await exported(rows('remix_list'))
    const paths = ['data/threads.parquet', 'graph/remixes.parquet', 'graph/remixes.graphml']
    for (const path of paths) cpSync(other.at(path), at(path))

    const problems = await problemsOf({ datasetDir })

    expect(problems.filter((each) => !each.startsWith('sums'))).toEqual([
      'values: remix_edges is not what the tables say, from row 0 on',
      'values: graph/remixes.graphml is not what the tables say',
      'values: threads is not what the tables say, from row 0 on',
    ])
  })

  it('finds a list in threads that is longer than the tables say', async () => {
    const given = rows('draft')
    const comments = [...given['comments']!, { comment_id: 'c_2', post_id: 's_1', depth: 1n }]
    const { datasetDir, at } = await exported(given)
    const longer = await exported({ ...given, comments })
    cpSync(longer.at('data/threads.parquet'), at('data/threads.parquet'))

    const problems = await problemsOf({ datasetDir })

    expect(problems).toContain('values: threads is not what the tables say, from row 0 on')
  })

  it('finds rows too many or too few, other columns, and half a file', async () => {
    const { datasetDir, at } = await exported(rows('draft'))
    const none = await exported({ ...rows('draft'), posts: [], comments: [] })
    cpSync(none.at('data/threads.parquet'), at('data/threads.parquet'))
    cpSync(none.at('graph/replies.graphml'), at('graph/replies.graphml'))
    cpSync(at('graph/follows.parquet'), at('graph/cameos.parquet'))
    cpSync(at('data/users.parquet'), at('graph/remixes.parquet'))
    const half = readFileSync(at('graph/replies.parquet')).subarray(0, 300)
    writeFileSync(at('graph/replies.parquet'), half)
    const manifest = JSON.parse(readFileSync(at('datapackage.json'), 'utf8')) as Manifest
    manifest.resources.find(({ path }) => path === 'graph/follows.graphml')!.rows = 7
    manifest.resources.find(({ path }) => path === 'data/threads.parquet')!.rows = 0
    writeFileSync(at('datapackage.json'), JSON.stringify(manifest))

    const problems = (await problemsOf({ datasetDir })).join('\n')

    expect(problems).toContain('counts: threads holds 0 rows, not as many as the tables say')
    expect(problems).toContain('counts: graph/follows.graphml holds 0 edges, not 7')
    expect(problems).toContain('values: graph/replies.graphml is not what the tables say')
    expect(problems).toContain('files: remix_edges cannot be read: graph/remixes.parquet has other')
    expect(problems).toContain('files: reply_edges cannot be read')
  })

  it('compares with the archive where the package has no tables of its own', async () => {
    const { datasetDir, archivePath } = await exported(rows('draft'), { formats: made })
    const database = new Database(archivePath)
    database.exec(`UPDATE comments SET text = 'other'`)
    database.close()

    expect(await problemsOf({ datasetDir, archivePath })).toEqual([
      'values: threads is not what the tables say, from row 0 on',
    ])
    expect(await problemsOf({ datasetDir })).toEqual([])
  })
})

describe('a folder with graphs and threads', () => {
  const filesOf = (outDir: string): string[] =>
    readdirSync(outDir, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(outDir, path)).isFile())
      .map((path) => `${path} ${statSync(join(outDir, path)).ino}`)
      .sort()

  it('is brought up to date: what is the same stays untouched', async () => {
    const { datasetDir, archivePath } = await exported(rows('draft'), { license: 'CC0-1.0' })
    const before = filesOf(datasetDir)

    await exportDataset({ archivePath, outDir: datasetDir, append: true })

    expect(before.join()).toContain('graph/remixes.graphml')
    expect(filesOf(datasetDir)).toEqual(before)
  })

  it('is replaced by a new export, but not if somebody put something there', async () => {
    const { datasetDir, archivePath, at } = await exported(rows('draft'), { rowsPerPart: 1 })
    const options = { archivePath, outDir: datasetDir }
    await exportDataset({ ...options, formats: made })
    writeFileSync(at('graph/mine.graphml'), 'my work')

    await expect(exportDataset(options)).rejects.toThrow('graph/mine.graphml')
    expect(readFileSync(at('graph/mine.graphml'), 'utf8')).toBe('my work')
  })
})
