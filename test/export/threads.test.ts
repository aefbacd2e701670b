import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import fc from 'fast-check'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { describe, expect, it } from 'vitest'
import { exportDataset, type ExportOptions } from '../../src/export/index.js'
import { ThreadBatch } from '../../src/export/threads/thread-batch.js'
import { threadOrder } from '../../src/export/threads/thread-order.js'
import { text } from '../../src/model/table.js'
import { exportedTables } from '../../src/model/tables.js'
import { exportRows, hostileRows, type Fields } from './archives.js'
import { importPages } from './imported.js'
import { parquetPath, readMetadata, runDuckDb } from './read-back.js'

async function exported(rows: Record<string, Fields[]>, options: Partial<ExportOptions> = {}) {
  const formats = ['parquet', 'threads'] as const
  const { archivePath, outDir } = await exportRows(rows, { formats, ...options })
  return { archivePath, outDir, threads: parquetPath(outDir, 'threads') }
}

/** Hostile rows that hang below each other: comments below posts and comments, the rest below posts. */
function hostileThreads(): Record<string, Fields[]> {
  const rows = Object.fromEntries(
    exportedTables(true).map((each) => [each.name, hostileRows(each, 60)]),
  )
  const post = (place: number) => `post_id ${place % 7}`
  const below = (each: Fields, place: number) => ({
    ...each,
    owner_kind: place % 5 === 0 ? 'comment' : 'post',
    owner_id: post(place),
  })
  return {
    ...rows,
    comments: rows['comments']!.map((each, place) => ({
      ...each,
      post_id: place === 59 ? null : post(place),
      parent_comment_id: place % 3 === 0 ? null : `comment_id ${(place * 7) % 60}`,
    })),
    remixes: rows['remixes']!.map((each, place) => ({ ...each, parent_post_id: post(place) })),
    attachments: rows['attachments']!.map(below),
    cameos: rows['cameos']!.map(below),
    text_facets: rows['text_facets']!.map(below),
  }
}

interface List {
  owner: string
  /** Which of the table's rows hang below posts, as SQL and as a function. */
  where: string
  isBelow: (row: Record<string, unknown>) => boolean
}

const ofOwners: List = {
  owner: 'owner_id',
  where: `owner_kind = 'post'`,
  isBelow: (row) => row['owner_kind'] === 'post',
}

const lists: Readonly<Record<string, List>> = {
  comments: { owner: 'post_id', where: 'true', isBelow: (row) => row['post_id'] !== null },
  remixes: { owner: 'parent_post_id', where: 'true', isBelow: () => true },
  attachments: ofOwners,
  cameos: ofOwners,
  text_facets: ofOwners,
}

/** Rows in an order of their values. */
const sorted = (rows: Record<string, unknown>[]): Record<string, unknown>[] =>
  rows
    .map((row) => [Object.values(row).map(String).sort().join(), row] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, row]) => row)

const itemsOf = (threads: string, list: string): string =>
  `(SELECT post_id AS below, unnest("${list}") AS item FROM ${threads})`

const differ = async (one: string, other: string) => [
  ...(await runDuckDb(`(${one}) EXCEPT ALL (${other}) LIMIT 1`)),
  ...(await runDuckDb(`(${other}) EXCEPT ALL (${one}) LIMIT 1`)),
]

const namesOf = async (sql: string): Promise<string[]> =>
  (await runDuckDb(`DESCRIBE ${sql}`)).map(([name]) => `"${String(name)}"`)

/** Compares every value of `threads` with the flat tables, both read by DuckDB. */
async function expectSameAsTables(outDir: string): Promise<void> {
  const threads = `'${parquetPath(outDir, 'threads')}'`
  const posts = `'${parquetPath(outDir, 'posts')}'`
  const names = (await namesOf(`SELECT * FROM ${threads}`)).slice(0, -Object.keys(lists).length)
  expect(names).toEqual(expect.arrayContaining(['"text"', '"posted_at"', '"like_count"']))
  const all = (from: string) => `SELECT ${names.join()} FROM ${from}`
  expect(await differ(all(threads), all(posts))).toEqual([])
  for (const [list, { owner, where }] of Object.entries(lists)) {
    const items = itemsOf(threads, list)
    const columns = await namesOf(`SELECT item.* FROM ${items}`)
    const held =
      `SELECT ${owner}, ${columns.join()} FROM '${parquetPath(outDir, list)}' ` +
      `WHERE ${where} AND ${owner} IN (SELECT post_id FROM ${posts})`
    const nested = `SELECT below, ${columns.map((each) => `item.${each}`).join()} FROM ${items}`
    expect(await differ(nested, held), list).toEqual([])
  }
}

/** The rows of a Parquet file as hyparquet reads them; times in microseconds. */
async function readObjects(path: string): Promise<Record<string, unknown>[]> {
  const parsers = { timestampFromMicroseconds: (micros: bigint) => micros }
  return parquetReadObjects({ file: await asyncBufferFromFile(path), compressors, parsers })
}

interface Said {
  comment_id: string
  parent_comment_id: string | null
}

const commentsOf = (thread: Record<string, unknown>): Said[] => thread['comments'] as Said[]

describe('--format threads', () => {
  it('has every post with all that hangs below it, each value as in the flat tables', async () => {
    const { outDir, threads } = await exported(hostileThreads())

    await expectSameAsTables(outDir)
    const sums = Object.keys(lists).map((list) => `sum(len("${list}"))`)
    const counts = await runDuckDb(`SELECT ${sums.join()} FROM '${threads}'`)
    expect(counts.flat().map(Number)).toEqual([59, 60, 48, 48, 48])
  })

  it('is read by hyparquet as by DuckDB, to the last value', async () => {
    const { outDir, threads } = await exported(hostileThreads())

    const read = await readObjects(threads)

    for (const [list, { owner, isBelow }] of Object.entries(lists)) {
      const flat = (await readObjects(parquetPath(outDir, list))).filter(isBelow)
      const nested = read.flatMap((each) =>
        (each[list] as Record<string, unknown>[]).map((item) => ({
          ...item,
          [owner]: each['post_id'],
        })),
      )
      const names = Object.keys(nested[0]!)
      const held = flat.map((row) => Object.fromEntries(names.map((name) => [name, row[name]])))
      expect(sorted(nested), list).toEqual(sorted(held))
    }
  })

  it('is in the order in which a thread is read', async () => {
    const comment = (comment_id: string, parent: string | null, posted_at: bigint | null) => ({
      ...{ comment_id, post_id: 's_1', parent_comment_id: parent, posted_at },
    })
    const comments = [
      ...[comment('c_1', null, 10n), comment('c_2', null, 5n), comment('c_3', 'c_1', 30n)],
      ...[comment('c_4', 'c_1', 20n), comment('c_5', 'c_4', 40n), comment('c_6', null, null)],
      ...[comment('c_7', 'c_gone', 7n), comment('c_8', 'c_9', 50n), comment('c_9', 'c_8', 60n)],
    ]
    const { threads } = await exported({
      posts: [{ post_id: 's_1' }, { post_id: 's_2' }],
      comments,
    })

    const read = await readObjects(threads)

    expect(read.map((each) => commentsOf(each).map((said) => said.comment_id))).toEqual([
      ['c_2', 'c_7', 'c_1', 'c_4', 'c_5', 'c_3', 'c_6', 'c_8', 'c_9'],
      [],
    ])
  })

  it('holds the threads of real pages whole', async () => {
    const { folder, archivePath } = await importPages()
    const outDir = join(folder, 'out')
    await exportDataset({ archivePath, outDir, formats: ['parquet', 'threads'] })

    await expectSameAsTables(outDir)
    let nested = 0
    for (const thread of await readObjects(parquetPath(outDir, 'threads'))) {
      const said = new Set<string>()
      const all = new Set(commentsOf(thread).map((each) => each.comment_id))
      for (const { comment_id, parent_comment_id } of commentsOf(thread)) {
        if (parent_comment_id !== null && all.has(parent_comment_id)) {
          expect(said).toContain(parent_comment_id)
          nested += 1
        }
        said.add(comment_id)
      }
    }
    expect(nested).toBeGreaterThan(0)
  })

  it('has the lists of the chosen tables, in parts, whatever the tables’ layout', async () => {
    const options = { tables: ['posts', 'comments'], rowsPerPart: 25, byMonth: true }
    const { outDir } = await exported(hostileThreads(), options)

    const all = `'${join(outDir, 'data/threads/*.parquet')}'`
    const names = await namesOf(`SELECT * FROM ${all}`)
    expect(names).toContain('"comments"')
    expect(names).not.toContain('"attachments"')
    expect(await runDuckDb(`SELECT count(*), sum(len(comments)) FROM ${all}`)).toEqual([[60n, 59n]])
  })

  it('keeps threads of any length, and ends row groups in between', async () => {
    const posts = Array.from({ length: 4100 }, (_, place) => ({
      post_id: `s_${String(place).padStart(5, '0')}`,
    }))
    const comments = Array.from({ length: 12_000 }, (_, place) => ({
      comment_id: `c_${String(place).padStart(5, '0')}`,
      post_id: place < 10_000 ? 's_00007' : `s_0${String(place % 4000).padStart(4, '0')}`,
      parent_comment_id:
        place > 0 && place < 10_000 ? `c_${String(place - 1).padStart(5, '0')}` : null,
    }))
    const { outDir, threads } = await exported({ posts, comments })

    await expectSameAsTables(outDir)
    const { row_groups } = await readMetadata(threads)
    expect(row_groups.map((each) => each.num_rows)).toEqual([2048n, 2048n, 4n])
  })

  it('has lists with the names and the three levels of the specification of Parquet', async () => {
    const { threads } = await exported(hostileThreads())

    const { row_groups } = await readMetadata(threads)
    const nested = row_groups[0]!.columns
      .map((each) => each.meta_data!.path_in_schema)
      .filter((path) => path.length > 1)
    expect(new Set(nested.map(([list]) => list))).toEqual(new Set(Object.keys(lists)))
    expect(new Set(nested.map((path) => path.slice(1, -1).join('.')))).toEqual(
      new Set(['list.element']),
    )
  })

  it('is described in every file that describes the package', async () => {
    const { outDir } = await exported(hostileThreads())
    const text = (path: string) => readFileSync(join(outDir, path), 'utf8')

    expect(text('README.md')).toMatch(/config_name: "threads"\n\s+data_files:[^]*?data\/threads/)
    expect(text('README.md')).toMatch(/name: "comments"\n\s+list:\n\s+- name: "comment_id"/)
    expect(text('data-dictionary.md')).toContain('| `comments[].parent_comment_id` | text |')
    expect(text('croissant.json')).toContain('"@id": "threads/comments/comment_id"')
    expect(text('SHA256SUMS')).toContain('  data/threads.parquet\n')
  })
})

describe('ThreadBatch', () => {
  it('lets go of what it took, though whoever handed it on still holds it', () => {
    const lists = [{ name: 'cameos', about: '', columns: [text('user_id', '')] }]
    const batch = new ThreadBatch([text('post_id', '')], lists)
    const threads = [[['user-1'], ['user-2']], [], [['user-3']]].map((rows, place) => ({
      post: [`s_${place}`],
      lists: [rows],
    }))

    for (const each of threads) batch.add(each)
    const table = tableFromIPC(batch.take())

    expect(table.toArray().map((row) => JSON.parse(JSON.stringify(row)) as unknown)).toEqual([
      { post_id: 's_0', cameos: [{ user_id: 'user-1' }, { user_id: 'user-2' }] },
      { post_id: 's_1', cameos: [] },
      { post_id: 's_2', cameos: [{ user_id: 'user-3' }] },
    ])
    expect(threads.map((each) => each.lists)).toEqual([[[]], [[]], [[]]])
  })
})

describe('threadOrder', () => {
  it('has each comment once, and none before the one it answers but in a ring', () => {
    const replies = fc.array(fc.option(fc.nat(12), { nil: null }), { maxLength: 12 })
    fc.assert(
      fc.property(replies, (parents) => {
        const given = parents.map((parent, place) => ({
          id: String(place),
          parentId: parent === null ? null : String(parent),
        }))
        const order = threadOrder(given)
        expect([...order].sort((one, other) => one - other)).toEqual(given.map((_, place) => place))
        const isInRing = (place: number) => {
          let at: number | null = place
          for (let step = 0; at !== null && at < given.length && step <= given.length; step += 1)
            at = parents[at] ?? null
          return at !== null && at < given.length
        }
        for (const [place, parent] of parents.entries())
          if (parent !== null && parent < given.length && !isInRing(place))
            expect(order.indexOf(parent)).toBeLessThan(order.indexOf(place))
      }),
    )
  })

  it('takes a thread that answers itself for as long as memory lasts', () => {
    const deep = Array.from({ length: 200_000 }, (_, place) => ({
      id: String(place),
      parentId: place === 0 ? null : String(place - 1),
    }))

    expect(threadOrder(deep)).toEqual(deep.map((_, place) => place))
  })
})
