import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { verifyArchive } from '../../src/archive/verify.js'
import { formatNames, verifyDataset, type ExportOptions } from '../../src/export/index.js'
import { InputError } from '../../src/model/errors.js'
import { exportedTables } from '../../src/model/tables.js'
import { exportRows, hostileRows, temporaryFolder } from './archives.js'
import {
  archiveName,
  placeOfTasks,
  putBytes,
  putRows,
  reseal,
  tasks,
  wrongRows,
  type Format,
} from './damage.js'
import { importPages } from './imported.js'

const hostile = () =>
  Object.fromEntries(exportedTables(true).map((each) => [each.name, hostileRows(each, 9)]))

const users = [{ user_id: 'user-1' }, { user_id: 'user-2' }]
const cameos = [{ owner_kind: 'post', owner_id: 's_1', user_id: 'user-1' }]
const people = { users, cameos, reposts: cameos }
const posts = [{ post_id: 's_1', text: 'one', posted_at: 1_760_544_196_886_897n }]

async function exported(
  rows: Parameters<typeof exportRows>[0],
  options: Partial<ExportOptions> = {},
) {
  const { archivePath, outDir } = await exportRows(rows, options)
  return { archivePath, datasetDir: outDir, at: (path: string) => join(outDir, path) }
}

/** Changes something in an archive behind its back. */
function change(archivePath: string, sql: string): void {
  const database = new Database(archivePath)
  database.pragma('foreign_keys = OFF')
  database.exec(sql)
  database.close()
}

/** Changes something in a database that SQLite guards against. */
function damage(path: string, sql: string): void {
  const database = new Database(path)
  database.unsafeMode()
  database.exec(sql)
  database.close()
}

describe('verifyDataset', () => {
  it('finds nothing in a package as it was written, in every format and layout', async () => {
    const formats = formatNames
    const all: Partial<ExportOptions>[] = [
      { formats, withLog: true, license: 'CC-BY-4.0' },
      { byMonth: true, rowsPerPart: 7 },
      { parquet: 'compat', withSignedUrls: true },
      { parquet: 'compat', formats: ['parquet', 'edges', 'threads'], rowsPerPart: 7 },
      { formats: ['sqlite'] },
      { formats: ['csv'], csvSafe: true },
    ]

    for (const options of all) {
      const rows = { ...hostile(), ...people, leaderboard_entries: [], search_entries: [] }
      const { datasetDir, archivePath } = await exported({ ...rows, feed_entries: [] }, options)
      expect(await verifyDataset({ datasetDir, archivePath }), JSON.stringify(options)).toEqual([])
      expect(await verifyDataset({ datasetDir })).toEqual([])
    }
  })

  it('finds a changed, a missing and an unknown file', async () => {
    const { datasetDir, at } = await exported({ users, posts })
    appendFileSync(at('methods.md'), 'more')
    rmSync(at('data/posts.parquet'))
    writeFileSync(at('notes.txt'), 'mine')

    const found = (await verifyDataset({ datasetDir })).map(({ check, problem }) => [
      check,
      problem,
    ])

    expect(found).toContainEqual(['sums', 'methods.md has another content than SHA256SUMS says'])
    expect(found).toContainEqual(['files', 'data/posts.parquet is missing'])
    expect(found).toContainEqual(['files', 'notes.txt is not in SHA256SUMS'])
  })

  it('finds every change of SHA256SUMS, also one that leaves all its sums as they are', async () => {
    const { datasetDir, at } = await exported({ users })
    const sums = readFileSync(at('SHA256SUMS'), 'utf8')
    const first = sums.slice(0, sums.indexOf('\n') + 1)

    for (const changed of [`\n${sums}`, first + sums, `${sums}mine\n`, sums.trimEnd()]) {
      writeFileSync(at('SHA256SUMS'), changed)
      expect(await verifyDataset({ datasetDir })).toEqual([
        { check: 'sums', problem: 'SHA256SUMS is not as export writes it' },
      ])
    }
    rmSync(at('SHA256SUMS'))
    expect(await verifyDataset({ datasetDir })).toContainEqual({
      check: 'files',
      problem: 'SHA256SUMS is missing',
    })
  })

  it('tells of a file that cannot be read, and goes on with the others', async () => {
    const { datasetDir, at } = await exported({ users })
    for (const path of ['methods.md', 'data/users.parquet']) {
      rmSync(at(path))
      mkdirSync(at(path))
    }
    appendFileSync(at('README.md'), 'more')

    const found = await verifyDataset({ datasetDir })

    const problem = (path: string) => expect.stringMatching(`^${path} cannot be read: `) as string
    expect(found).toContainEqual({ check: 'files', problem: problem('methods.md') })
    expect(found).toContainEqual({ check: 'files', problem: problem('data/users.parquet') })
    expect(found.filter((each) => each.problem.includes('users.parquet cannot be'))).toHaveLength(1)
    expect(found.map((each) => each.problem)).toContain(
      'README.md has another content than SHA256SUMS says',
    )
  })

  it('says once what a killed export left', async () => {
    const { datasetDir, at } = await exported({ users })
    mkdirSync(at('.unfinished/new/data'), { recursive: true })
    for (const name of ['users', 'posts'])
      writeFileSync(at(`.unfinished/new/data/${name}.parquet`), 'half')

    expect(await verifyDataset({ datasetDir })).toEqual([
      {
        check: 'files',
        problem:
          '.unfinished is of an export that is under way or was killed; the next one removes it',
      },
    ])
  })

  it('finds a half file, and a file of other columns in its place', async () => {
    const { datasetDir, at } = await exported({ users, posts })
    const bytes = readFileSync(at('data/users.parquet'))
    writeFileSync(at('data/users.parquet'), bytes.subarray(0, bytes.length / 2))
    writeFileSync(at('data/posts.parquet'), readFileSync(at('data/tasks.parquet')))

    const checks = (await verifyDataset({ datasetDir })).map(({ check, problem }) => [
      check,
      problem.split(' ')[0],
    ])

    expect(checks).toContainEqual(['files', 'data/users.parquet'])
    expect(checks).toContainEqual(['schema', 'data/posts.parquet'])
  })

  it('finds people that are named and not there', async () => {
    const { datasetDir } = await exported({ users: [], cameos })

    expect(await verifyDataset({ datasetDir })).toEqual(
      [
        { check: 'references', problem: '1 rows of dataset.sqlite refer to nothing' },
        { check: 'references', problem: '1 rows of cameos whose user_id is not in users' },
      ]
        .sort((one, other) => (one.problem < other.problem ? 1 : -1))
        .reverse(),
    )
  })

  it('finds every single value that is not the archive’s', async () => {
    const { datasetDir, archivePath } = await exported({ users, posts })
    change(archivePath, `UPDATE posts SET posted_at = posted_at + 1`)

    const found = await verifyDataset({ datasetDir, archivePath })

    expect(found.map(({ check }) => check)).toEqual(['values', 'values'])
    expect(found[0]!.problem).toMatch(
      /^posts in data\/posts\.parquet is not as in the archive in .*: posted_at of row 1: s_1$/,
    )
    expect(await verifyDataset({ datasetDir })).toEqual([])
  })

  it('finds a value that only one format holds', async () => {
    const { datasetDir, at } = await exported({ users, posts })
    change(at('dataset.sqlite'), `UPDATE posts SET text = 'two'`)

    const found = await verifyDataset({ datasetDir })

    expect(found.map(({ check }) => check)).toEqual(['sums', 'values'])
    expect(found.at(-1)!.problem).toBe(
      'posts in dataset.sqlite is not as in data/posts.parquet: text of row 1: s_1',
    )
  })

  it.each([
    [
      'a table that nobody asked for',
      'CREATE TABLE mine (note TEXT)',
      { check: 'schema', problem: 'dataset.sqlite should not have: CREATE TABLE mine (note TEXT)' },
    ],
    [
      'an index that was not kept up',
      `CREATE TEMP TABLE aside AS SELECT * FROM sqlite_schema WHERE name LIKE '%author%';
       PRAGMA writable_schema = ON;
       DELETE FROM sqlite_schema WHERE name LIKE '%author%';
       PRAGMA writable_schema = RESET;
       UPDATE posts SET author_id = 'user-1';
       PRAGMA writable_schema = ON;
       INSERT INTO sqlite_schema SELECT * FROM aside`,
      { check: 'files', problem: expect.stringMatching(/^dataset\.sqlite: .*index/) as string },
    ],
  ])('finds in dataset.sqlite %s', async (_, sql, finding) => {
    const { datasetDir, at } = await exported({ users, posts }, { formats: ['sqlite'] })
    damage(at('dataset.sqlite'), sql)
    reseal(datasetDir)

    expect(await verifyDataset({ datasetDir })).toEqual([finding])
  })

  it('finds nothing in texts that begin with U+FEFF, which readers like to take off', async () => {
    const marked = [{ post_id: 's_1', text: '\uFEFFone', caption: '\uFEFF' }]
    const all = { formats: ['parquet', 'sqlite', 'csv', 'ndjson', 'arrow'] } as const
    const { datasetDir, archivePath } = await exported({ users, posts: marked }, all)

    expect(await verifyDataset({ datasetDir, archivePath })).toEqual([])
  })

  it('reads Arrow over many batches', async () => {
    const many = Array.from({ length: 12_345 }, (_, place) => ({ task_id: `task_${place}` }))
    const options = { formats: ['arrow'], tables: ['tasks'] } as const
    const { datasetDir, archivePath } = await exported({ tasks: many }, options)

    expect(await verifyDataset({ datasetDir, archivePath })).toEqual([])
  })

  describe.each(Object.keys(placeOfTasks) as Format[])(
    'of %s, where all sums are right',
    (format) => {
      const path = placeOfTasks[format]
      const other = format === 'csv' ? 'ndjson' : 'csv'
      const options: Partial<ExportOptions> = { formats: [format, other], tables: ['tasks'] }

      it.each(wrongRows)('finds %s', async (_, rows, difference) => {
        const { datasetDir, archivePath } = await exported({ tasks }, options)
        await putRows(datasetDir, format, rows, options)

        const name = archiveName(archivePath)
        expect(await verifyDataset({ datasetDir, archivePath })).toEqual([
          { check: 'values', problem: `tasks in ${path} is not as in ${name}: ${difference}` },
        ])
        const alone = await verifyDataset({ datasetDir })
        expect(alone.map(({ check }) => check)).toEqual(['values'])
      })

      it('finds a column of another name', async () => {
        const { datasetDir, archivePath } = await exported({ tasks }, options)
        putBytes(datasetDir, path, (text) => text.replaceAll('prompt', 'promqt'))

        const [found] = await verifyDataset({ datasetDir, archivePath })

        expect(found?.check).toBe('schema')
        expect(found?.problem).toContain(path)
        expect(found?.problem).toContain('prompt')
      })

      it('finds half a file', async () => {
        const { datasetDir, archivePath } = await exported({ tasks }, options)
        putBytes(datasetDir, path, (text) => text.slice(0, -40))

        expect(await verifyDataset({ datasetDir, archivePath })).not.toEqual([])
      })
    },
  )

  it.each([
    ['csv', 'a line end without CR', '\r\n', '\n'],
    ['csv', 'a number in other words', ',0.5,', ',5e-1,'],
    ['csv', 'a time in other words', '.000001Z', '.00000100Z'],
    ['csv', 'a formula that is not made safe', `"'=1"`, '"=1"'],
    ['csv', 'a column too many', ',0.5,', ',0.5,0.5,'],
    ['ndjson', 'a text for a number', ':0.5', ':"0.5"'],
    ['ndjson', 'a number for a text', '"done"', '1'],
    ['ndjson', 'a line without a column', '"prompt":null,', ''],
    ['ndjson', 'a line that is no JSON', '{"task_id":"task_2"', '{task_id:"task_2"'],
    ['ndjson', 'a list for a line', '{"task_id":"task_2"', '[]\n{"task_id":"task_2"'],
  ] as const)('finds in %s %s', async (format, _, right, wrong) => {
    const rows = [...tasks, { task_id: 'task_4', title: '=1' }]
    const options = { formats: [format], tables: ['tasks'], csvSafe: true }
    const { datasetDir, archivePath } = await exported({ tasks: rows }, options)
    putBytes(datasetDir, placeOfTasks[format], (text) => text.replace(right, wrong))

    const found = await verifyDataset({ datasetDir, archivePath })

    expect(found.map(({ check }) => check)).toEqual(['files'])
    expect(found[0]!.problem).toMatch(/tasks\.\w+ cannot be read: /)
  })

  it.each([
    [
      'a key that is there twice',
      /^.*task_2.*\n/m,
      '$&$&',
      4,
      '1 keys of tasks occur more than once',
    ],
    [
      'a key that is missing',
      '"task_id":"task_2"',
      '"task_id":null',
      3,
      'tasks.task_id is NULL somewhere',
    ],
  ])('finds %s, though all else is right', async (_, right, wrong, rows, problem) => {
    const { datasetDir } = await exported({ tasks }, { formats: ['ndjson'], tables: ['tasks'] })
    putBytes(datasetDir, placeOfTasks.ndjson, (text) => text.replace(right, wrong))
    if (rows !== 3)
      putBytes(datasetDir, 'datapackage.json', (text) => text.replace('"rows":3', `"rows":${rows}`))

    expect(await verifyDataset({ datasetDir })).toEqual([{ check: 'keys', problem }])
  })

  it('finds a description with other columns, in every format', async () => {
    const formats = ['parquet', 'csv', 'ndjson', 'arrow'] as const
    const { datasetDir } = await exported({ tasks }, { formats, tables: ['tasks'] })
    putBytes(datasetDir, 'datapackage.json', (text) =>
      text.replaceAll('"type": "number"', '"type": "integer"'),
    )

    expect(await verifyDataset({ datasetDir })).toEqual(
      ['tasks', 'tasks-arrow', 'tasks-ndjson', 'tasks-csv'].map((name) => ({
        check: 'schema',
        problem: `${name} is described with other columns than this program knows`,
      })),
    )
  })

  it('refuses a folder that is no package', async () => {
    await expect(verifyDataset({ datasetDir: temporaryFolder() })).rejects.toThrow(InputError)
  })
})

describe('verifyArchive', () => {
  it('finds nothing in an archive of imported answers', async () => {
    const { archiveDir } = await importPages()

    expect(await verifyArchive({ archiveDir })).toEqual([])
  })

  it('finds what does not hold any more, each by its name', async () => {
    const spoiled: [string, string, RegExp][] = [
      ['bodies', `UPDATE bodies SET body = x'00' WHERE rowid = 1`, /cannot be unpacked/],
      [
        'bodies',
        `UPDATE bodies SET body = (SELECT body FROM bodies WHERE rowid = 2) WHERE rowid = 1`,
        /another content/,
      ],
      ['bodies', 'UPDATE responses SET body_bytes = body_bytes + 1 WHERE rowid = 1', /1 answers/],
      ['answers', 'DELETE FROM bodies WHERE rowid = 1', /1 answers whose body is not kept/],
      ['answers', `UPDATE responses SET body_sha256 = NULL WHERE rowid = 1`, /no answer/],
      ['references', `DELETE FROM posts`, /feed_entries whose post_id is not in posts/],
      ['references', `UPDATE users SET first_response_id = 'r_x'`, /first_response_id/],
      ['counts', 'UPDATE listings SET items = items + 1', /lists whose number of items/],
      ['rebuild', 'INSERT INTO rebuilds VALUES (1, 1)', /unfinished/],
    ]

    for (const [check, sql, problem] of spoiled) {
      const { archiveDir, archivePath } = await importPages()
      change(archivePath, sql)
      const found = await verifyArchive({ archiveDir })
      expect(
        found.map((each) => each.check),
        sql,
      ).toContain(check)
      expect(found.map((each) => each.problem).join(), sql).toMatch(problem)
    }
  })
  it('names the first twenty bodies that are damaged, and counts the rest', async () => {
    const { archiveDir, archivePath } = await importPages()
    change(
      archivePath,
      `WITH RECURSIVE numbers (n) AS (SELECT 101 UNION ALL SELECT n + 1 FROM numbers WHERE n < 125)
       INSERT INTO bodies SELECT n, 'gzip', x'00' FROM numbers`,
    )

    const found = await verifyArchive({ archiveDir })

    const problems = found.filter(({ check }) => check === 'bodies').map((each) => each.problem)
    const twenty = Array.from({ length: 20 }, (_, n) => `body ${n + 101} cannot be unpacked`)
    expect(problems).toEqual([...twenty, 'and 5 more'])
  })
})
