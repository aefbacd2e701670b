import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { exportDataset, type ExportOptions } from '../../src/export/index.js'
import { makeArchive, temporaryFolder } from './archives.js'
import { pythonWith } from './python.js'

const at = (iso: string) => BigInt(Date.parse(iso)) * 1000n
const rows = {
  users: [{ user_id: 'user-1' }],
  posts: ['2025-10-15', '2025-11-15', '2025-11-16'].map((day, place) => ({
    ...{ post_id: `s_${place}`, text: 'null', posted_at: at(`${day}T00:00:00Z`) },
    ...{ posted_to_public: 1, share_setting: 'public' },
    ...(place === 0 ? {} : { view_count: 9007199254740993n }),
  })),
  remixes: [{ parent_post_id: 's_0', remix_post_id: 's_1' }],
}

/** A package, and the blocks of code in its card. */
async function packaged(options: Partial<ExportOptions>, held: object = rows) {
  const folder = temporaryFolder()
  const archivePath = makeArchive(folder, held as typeof rows)
  const outDir = join(folder, 'out')
  await exportDataset({ archivePath, outDir, ...options })
  const card = readFileSync(join(outDir, 'README.md'), 'utf8')
  const [, told = ''] = card.split('## How to load it\n\n')
  const section = told.split('\n\n## ')[0]!
  const blocks = [...section.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language, code]) => ({
    language: language!,
    code: code!,
  }))
  return { outDir, section, blocks }
}

async function countInDuckDb(folder: string, code: string): Promise<number> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await connection.run(`SET file_search_path = '${folder}'`)
  return (await connection.runAndReadAll(code)).getRows().length
}

function countInSqlite(folder: string, code: string): number {
  const database = new Database(join(folder, 'dataset.sqlite'), { readonly: true })
  try {
    return database.prepare(/"(.*)"/.exec(code)![1]!).all().length
  } finally {
    database.close()
  }
}

const layouts: [name: string, options: Partial<ExportOptions>, languages: string[]][] = [
  ['Parquet and SQLite', {}, ['python', 'sql', 'sh']],
  ['parts', { formats: ['parquet'], rowsPerPart: 1 }, ['python', 'sql']],
  ['months', { formats: ['parquet'], byMonth: true }, ['python', 'sql']],
  ['CSV', { formats: ['csv'] }, ['python', 'sql']],
  ['NDJSON', { formats: ['ndjson'] }, ['python', 'sql']],
  ['Arrow', { formats: ['arrow'] }, ['python']],
  ['graphs', { formats: ['graphml'] }, ['python']],
  ['what is published', { profile: 'ids' }, ['python', 'sql', 'sh']],
]

describe('how to load it, as the card tells', () => {
  for (const [name, options, languages] of layouts)
    it(`is so: ${name}`, async () => {
      const { outDir, blocks } = await packaged(options)

      expect(blocks.map((each) => each.language)).toEqual(languages)
      for (const { language, code } of blocks) {
        if (language === 'sql') expect(await countInDuckDb(outDir, code)).toBeGreaterThan(0)
        if (language === 'sh') expect(countInSqlite(outDir, code)).toBeGreaterThan(0)
      }
    })

  const python = pythonWith(['pandas', 'pyarrow', 'polars', 'networkx'])
  it.skipIf(python === undefined)('keeps every digit in Python, and words that read null', () => {
    const printed = (folder: string, code: string) =>
      execFileSync(python!, ['-c', code], { cwd: folder, encoding: 'utf8' }).trim()
    const look = 'print(int(posts["view_count"][2]), posts["text"][0], posts["view_count"][0])'
    return Promise.all(
      layouts.slice(0, 6).map(async ([name, options]) => {
        const { outDir, blocks } = await packaged(options)
        expect(printed(outDir, blocks[0]!.code + look), name).toMatch(
          /^9007199254740993 null (<NA>|None)$/,
        )
      }),
    )
  })

  it.skipIf(python === undefined)('opens a graph in Python', async () => {
    const { outDir, blocks } = await packaged({ formats: ['graphml'] })

    const options = { cwd: outDir, encoding: 'utf8' } as const
    const code = `${blocks[0]!.code}print(graph.number_of_edges())`
    expect(execFileSync(python!, ['-c', code], options).trim()).toBe('1')
  })

  it('shows a table that has rows, and tells nothing where there is none', async () => {
    const { users } = rows
    expect((await packaged({ formats: ['csv'] }, { users })).section).toContain('csv/users.csv')
    expect((await packaged({ formats: ['warc'] })).section).toBe('')
    expect((await packaged({ formats: ['csv'] }, {})).section).toBe('')
  })

  it('says where edges, parts and months are', async () => {
    const { section } = await packaged({ formats: ['parquet', 'edges'], byMonth: true })

    expect(section.split('\n')[0]).toBe(
      'From the folder of this package; every table is read as `posts` is here. Tables of edges are in `graph/`. ' +
        'A table in parts is a folder. A table by month has one column more, the text `month`: `2025-10`, or `unknown`.',
    )
  })
})
