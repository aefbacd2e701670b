import { createHash } from 'node:crypto'
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { toFolderError, toRoomError } from '../../src/export/folder-trouble.js'
import {
  checkOutFolder,
  exportDataset,
  verifyDataset,
  type ExportProgress,
} from '../../src/export/index.js'
import type { Manifest } from '../../src/export/manifest.js'
import { PackageCheck } from '../../src/export/package-check.js'
import { makeFolder } from '../../src/export/make-folder.js'
import { ArchiveError, InputError } from '../../src/model/errors.js'
import { exportedTables } from '../../src/model/tables.js'
import { hostileRows, makeArchive, temporaryFolder } from './archives.js'

/** Every file below a folder with its digest. */
function digests(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  const files = names.filter((each) => statSync(join(folder, each)).isFile())
  return Object.fromEntries(
    files.map((each) => [
      each,
      createHash('sha256')
        .update(readFileSync(join(folder, each)))
        .digest('hex'),
    ]),
  )
}

/** The files that describe a dataset without a licence. */
const described = [
  ...['CITATION.cff', 'README.md', 'SHA256SUMS', 'croissant.json', 'data-dictionary.md'],
  ...['datapackage.json', 'methods.md'],
]

const rowsOfEveryTable = (count: number) =>
  Object.fromEntries(exportedTables(true).map((each) => [each.name, hostileRows(each, count)]))

/** What is in a folder besides the archive and the files that SQLite keeps beside it. */
const besidesArchive = (folder: string): string[] =>
  readdirSync(folder).filter((each) => !each.startsWith('archive.sqlite'))

const manyPosts = (count: number) => ({
  posts: Array.from({ length: count }, (_, place) => ({ post_id: `s_${place}`, text: 'text' })),
})

/** An archive with three posts, and a folder that does not exist yet. */
const start = () => {
  const folder = temporaryFolder()
  return { folder, outDir: join(folder, 'out'), archivePath: makeArchive(folder, manyPosts(3)) }
}

describe('the same bytes', () => {
  it('come from the same archive, whatever order its rows were saved in', async () => {
    const rows = rowsOfEveryTable(30)
    const reversed = Object.fromEntries(
      Object.entries(rows).map(([name, list]) => [name, list.toReversed()]),
    )
    const folders = [temporaryFolder(), temporaryFolder(), temporaryFolder()]
    const exports = [rows, rows, reversed].map(async (each, place) => {
      const outDir = join(folders[place]!, 'out')
      const archivePath = makeArchive(folders[place]!, each)
      await exportDataset({ archivePath, outDir, withLog: true })
      return digests(outDir)
    })

    const [first, second, third] = await Promise.all(exports)

    expect(Object.keys(first!)).toEqual(
      [
        ...exportedTables(true).map((each) => `data/${each.name}.parquet`),
        ...['dataset.sqlite', ...described],
      ].sort(),
    )
    expect(second).toEqual(first)
    expect(third).toEqual(first)
  })

  it('come again when an archive is exported twice into one folder', async () => {
    const { archivePath, outDir } = start()

    await exportDataset({ archivePath, outDir })
    const first = digests(outDir)
    await exportDataset({ archivePath, outDir })

    expect(digests(outDir)).toEqual(first)
  })
})

describe('the report', () => {
  it('names every file with its table, rows and size, and progress ends at the total', async () => {
    const { archivePath, outDir } = start()
    const steps: ExportProgress[] = []

    const report = await exportDataset({
      archivePath,
      outDir,
      tables: ['posts', 'users'],
      onProgress: (each) => steps.push(each),
    })

    const size = (path: string) => ({
      bytes: statSync(join(outDir, path)).size,
      sha256: digests(outDir)[path],
    })
    const data = (format: string, path: string, table: string | null, rows: number) => ({
      ...{ path, table, format, rows },
      ...size(path),
    })
    expect(report.outDir).toBe(outDir)
    expect(report.files.slice(0, 3)).toEqual([
      data('parquet', 'data/users.parquet', 'users', 0),
      data('parquet', 'data/posts.parquet', 'posts', 3),
      data('sqlite', 'dataset.sqlite', null, 3),
    ])
    expect(report.files.slice(3).sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual(
      described.map((path) => ({ path, table: null, format: null, rows: null, ...size(path) })),
    )
    const rows = { table: 'posts', step: null, rows: 3, totalRows: 3, total: 6 }
    expect(steps.filter(({ step }) => step === null)).toEqual([
      { ...rows, format: 'parquet', done: 3 },
      { ...rows, format: 'sqlite', done: 6 },
    ])
  })
})

describe('what is chosen', () => {
  it('is only the named tables and formats, and the log when asked for', async () => {
    const { archivePath, folder } = start()
    const files = async (name: string, options: object) => {
      const report = await exportDataset({ archivePath, outDir: join(folder, name), ...options })
      return report.files.filter((each) => each.format !== null).map((each) => each.path)
    }

    expect(await files('a', { tables: ['posts'], formats: ['parquet'] })).toEqual([
      'data/posts.parquet',
    ])
    expect(await files('b', { formats: ['sqlite'] })).toEqual(['dataset.sqlite'])
    expect(await files('c', { formats: ['parquet'] })).toEqual(
      exportedTables(false).map((each) => `data/${each.name}.parquet`),
    )
    expect(await files('d', { tables: ['runs'], formats: ['parquet'], withLog: true })).toEqual([
      'data/runs.parquet',
    ])
  })

  it('is refused where no such table leaves, naming those that do', async () => {
    const { archivePath, folder, outDir } = start()
    const tables = (...names: string[]) => exportDataset({ archivePath, outDir, tables: names })

    await expect(tables('posts', 'likes')).rejects.toThrow(InputError)
    await expect(tables('likes')).rejects.toThrow(/no table likes to export; known: users, posts/)
    await expect(tables('runs')).rejects.toThrow(/--with-log/)
    await expect(tables('bodies')).rejects.toThrow(InputError)
    await expect(tables()).rejects.toThrow(InputError)
    await expect(
      exportDataset({ archivePath, outDir, tables: ['posts'], withLog: true }),
    ).rejects.toThrow(/--with-log changes nothing .* name one of anomalies, /)
    await expect(
      exportDataset({ archivePath, outDir, formats: ['xml' as 'sqlite'] }),
    ).rejects.toThrow(/no format xml to export; known: parquet, sqlite/)
    expect(besidesArchive(folder)).toEqual([])
  })
})

describe('the folder', () => {
  it('is refused, untouched, when it holds what no export wrote', async () => {
    const { archivePath, folder } = start()
    const refused = async (name: string, content: string | Buffer, ...path: string[]) => {
      const outDir = join(folder, `out-${name}`)
      mkdirSync(join(outDir, ...path.slice(0, -1)), { recursive: true })
      writeFileSync(join(outDir, ...path), content)
      const before = digests(outDir)
      await expect(exportDataset({ archivePath, outDir })).rejects.toThrow(InputError)
      await expect(exportDataset({ archivePath, outDir })).rejects.toThrow(path[0]!)
      expect(digests(outDir)).toEqual(before)
      expect(readdirSync(outDir)).toEqual([path[0]])
    }

    await refused('notes', 'my notes', 'notes.txt')
    await refused('sqlite', readFileSync(archivePath), 'dataset.sqlite')
    await refused('parquet', 'PAR1', 'data', 'posts.parquet')
    await refused('other', 'a,b', 'data', 'mine.csv')
    await refused('file', 'text', 'data')
    await refused('folder', 'text', 'data', 'posts.parquet', 'part-0.parquet')
    await refused('tables', 'text', 'dataset.sqlite', 'posts')
  })

  it('may have been looked at with a desktop', async () => {
    const { archivePath, outDir } = start()
    await exportDataset({ archivePath, outDir })
    const before = digests(outDir)
    for (const name of ['.DS_Store', 'data/.DS_Store', 'data/._posts.parquet', 'desktop.ini'])
      writeFileSync(join(outDir, name), 'mine')

    const findings = await verifyDataset({ datasetDir: outDir })
    await exportDataset({ archivePath, outDir })

    expect(findings).toEqual([])
    expect(digests(outDir)).toEqual(before)
  })

  it('may be a new one at any depth, an empty one, but not a file', async () => {
    const { archivePath, folder } = start()
    const empty = join(folder, 'empty')
    mkdirSync(empty)
    const file = join(folder, 'file')
    writeFileSync(file, '')

    await exportDataset({ archivePath, outDir: empty })
    await exportDataset({ archivePath, outDir: join(folder, 'a', 'b', 'c') })

    expect(readdirSync(empty).sort()).toEqual([...described, 'data', 'dataset.sqlite'].sort())
    expect(digests(join(folder, 'a', 'b', 'c'))).toEqual(digests(empty))
    await expect(exportDataset({ archivePath, outDir: file })).rejects.toThrow(InputError)
  })

  it('is refused where there can be none', async () => {
    const { archivePath, folder } = start()
    const file = join(folder, 'file')
    writeFileSync(file, '')
    const places = ['', join(file, 'below'), join(folder, 'long'.repeat(100))]

    for (const outDir of places)
      await expect(exportDataset({ archivePath, outDir })).rejects.toThrow(InputError)

    expect(besidesArchive(folder)).toEqual(['file'])
  })

  it.runIf(process.platform === 'linux')('is refused, and soon, where nothing can be made', () =>
    expect(makeFolder('/proc/afterfeed/out')).rejects.toThrow('there can be no folder'),
  )

  it('holds only the new export after another one, and nothing a killed one left', async () => {
    const { archivePath, outDir } = start()
    await exportDataset({ archivePath, outDir })
    mkdirSync(join(outDir, '.unfinished', 'new', 'data'), { recursive: true })
    writeFileSync(join(outDir, '.unfinished', 'new', 'data', 'posts.parquet'), 'half')

    await exportDataset({ archivePath, outDir, tables: ['posts'], formats: ['parquet'] })

    expect(readdirSync(outDir, { recursive: true, encoding: 'utf8' }).sort()).toEqual(
      [...described, 'data', 'data/posts.parquet'].sort(),
    )
  })
})

describe('an export that was killed while it replaced the former one', () => {
  it('has been, or has not: the next one finds a whole package', async () => {
    const { archivePath, folder, outDir } = start()
    const other = join(folder, 'other')
    await exportDataset({ archivePath, outDir })
    await exportDataset({ archivePath, outDir: other, formats: ['csv'], license: 'CC0-1.0' })
    const [former, next] = [digests(outDir), digests(other)]
    const count = readdirSync(outDir).length + 1 + readdirSync(other).length

    for (let steps = 0; steps <= count; steps += 1) {
      const target = join(folder, `after ${steps}`)
      cpSync(outDir, target, { recursive: true })
      cpSync(other, join(target, '.unfinished', 'new'), { recursive: true })
      moveSome(target, steps)
      await checkOutFolder(target)
      expect(digests(target)).toEqual(steps <= readdirSync(outDir).length ? former : next)
    }
  })

  it('says each time what keeps it from its end, and holds the folder no longer', async () => {
    const outDir = temporaryFolder()
    for (const place of ['data', '.unfinished/old/data']) {
      mkdirSync(join(outDir, place), { recursive: true })
      writeFileSync(join(outDir, place, 'posts.parquet'), '')
    }

    const [first, second] = [
      await checkOutFolder(outDir).catch((error: unknown) => error),
      await checkOutFolder(outDir).catch((error: unknown) => error),
    ]

    expect(first).toMatchObject({ code: 'ENOTEMPTY' })
    expect(second).toEqual(first)
  })

  it('is no hindrance to an append', async () => {
    const { archivePath, outDir } = start()
    await exportDataset({ archivePath, outDir })
    mkdirSync(join(outDir, '.unfinished', 'old'), { recursive: true })
    for (const name of ['datapackage.json', 'SHA256SUMS'])
      renameSync(join(outDir, name), join(outDir, '.unfinished', 'old', name))

    await exportDataset({ archivePath, outDir, append: true })

    expect(await verifyDataset({ datasetDir: outDir, archivePath })).toEqual([])
  })
})

/** The first steps of replacing the content of a folder by what is staged in it. */
function moveSome(target: string, steps: number): void {
  const [work, staged] = [join(target, '.unfinished'), join(target, '.unfinished', 'new')]
  const former = readdirSync(target).filter((each) => each !== '.unfinished')
  const all: [string, string][] = [
    ...former.map((each): [string, string] => [join(target, each), join(work, 'old', each)]),
    [join(work, 'old'), join(work, 'replaced')],
    ...readdirSync(staged).map((each): [string, string] => [
      join(staged, each),
      join(target, each),
    ]),
  ]
  mkdirSync(join(work, 'old'))
  for (const [from, to] of all.slice(0, steps)) renameSync(from, to)
}

describe('two exports at once', () => {
  it('are not let into one folder: the first one goes on, and its package is whole', async () => {
    const folder = temporaryFolder()
    const archivePath = makeArchive(folder, manyPosts(2000))
    const outDir = join(folder, 'out')
    const again = () => exportDataset({ archivePath, outDir }).catch((error: unknown) => error)
    const others: Promise<unknown>[] = []

    await exportDataset({
      ...{ archivePath, outDir },
      onProgress: ({ done }) => done > 0 && others.length < 2 && others.push(again()),
    })

    const busy = new InputError(
      `another export writes to ${outDir}. Wait for it to end, or name another folder`,
    )
    expect(await Promise.all(others)).toEqual([busy, busy])
    expect(await verifyDataset({ datasetDir: outDir, archivePath })).toEqual([])
    expect(readdirSync(outDir)).not.toContain('.unfinished')
    await expect(exportDataset({ archivePath, outDir })).resolves.toBeDefined()
  })
})

describe('toFolderError', () => {
  it.each([
    ['ENOSPC', /^out: no space is left for the dataset\. .*\(x\)\.$/],
    ['SQLITE_FULL', /^out: no space is left for the dataset\./],
    [
      'EACCES',
      /^out: it cannot be written\. Check its rights, .*, or name another folder with --out/,
    ],
    ['EBUSY', /^out: another program has a file in it open\. Close it, .*\(x\)\.$/],
    ['EROFS', /^out: it cannot be written\./],
    ['SQLITE_CANTOPEN', /^out: it cannot be written\./],
  ])('tells %s of the folder, not of the archive', (code, words) => {
    const told = toFolderError(Object.assign(new Error('x'), { code }), 'out') as Error
    expect(told).toBeInstanceOf(InputError)
    expect(told.message).toMatch(words)
  })

  it('leaves alone what is none of the folder’s', () => {
    const damaged = Object.assign(new Error('x'), { code: 'SQLITE_CORRUPT' })
    expect(toFolderError(damaged, 'out')).toBe(damaged)
    expect(toFolderError('stopped', 'out')).toBe('stopped')
  })
})

describe('the folder for temporary files', () => {
  const fullCodes = ['ENOSPC', 'SQLITE_FULL'].map((code) => Object.assign(new Error('x'), { code }))

  it('is named where it has no space, and nothing else is', () => {
    for (const full of fullCodes)
      expect(toRoomError(full)).toEqual(
        new InputError(
          `${tmpdir()}: no space is left for temporary files. Free some, or name another folder in TMPDIR (on Windows TEMP) (x).`,
        ),
      )
    const unreadable = Object.assign(new Error('x'), { code: 'EACCES' })
    expect(toRoomError(unreadable)).toBe(unreadable)
  })

  it('is no fault of a file that was read into it', () => {
    const check = new PackageCheck('out', manifestOf(['posts']), {})
    for (const full of fullCodes)
      expect(() => check.findUnreadable('data/posts.parquet', full)).toThrow('temporary files')
    check.findUnreadable('data/posts.parquet', new Error('half'))
    expect(check.findings).toHaveLength(1)
  })

  it('is named where no folder can be made there', async () => {
    const { archivePath, folder, outDir } = start()
    await exportDataset({ archivePath, outDir })
    vi.stubEnv('TMPDIR', join(folder, 'nowhere'))
    onTestFinished(() => void vi.unstubAllEnvs())

    await expect(verifyDataset({ datasetDir: outDir })).rejects.toThrow(
      'Name another place in TMPDIR',
    )
    const published = { archivePath, outDir: join(folder, 'public'), profile: 'ids' } as const
    await expect(exportDataset(published)).rejects.toThrow('Name another place in TMPDIR')
  })
})

const manifestOf = (tables: string[]) =>
  ({ afterfeed: { options: { tables, profile: 'full' } }, resources: [] }) as unknown as Manifest

describe('an export that does not end', () => {
  const abortedAt = async (archivePath: string, outDir: string, rows: number, format: string) => {
    const abort = new AbortController()
    const told: number[] = []
    const stopped = exportDataset({
      archivePath,
      outDir,
      signal: abort.signal,
      onProgress: (each) => {
        if (each.format === format) told.push(each.rows)
        if (each.rows >= rows && each.format === format) abort.abort(new Error('stopped'))
      },
    })
    await expect(stopped).rejects.toThrow('stopped')
    expect(Math.max(...told)).toBeLessThan(rows + 257)
  }

  it('leaves nothing where there was nothing', async () => {
    const folder = temporaryFolder()
    const archivePath = makeArchive(folder, manyPosts(20_000))

    await abortedAt(archivePath, join(folder, 'new', 'out'), 1, 'parquet')
    await abortedAt(archivePath, join(folder, 'new', 'out'), 15_000, 'sqlite')
    await abortedAt(archivePath, join(folder, 'new', 'out'), 20_000, 'parquet')

    expect(besidesArchive(folder)).toEqual([])
  })

  it('leaves the former export as it was', async () => {
    const folder = temporaryFolder()
    const archivePath = makeArchive(folder, manyPosts(12_000))
    const outDir = join(folder, 'out')
    await exportDataset({ archivePath, outDir, tables: ['posts'] })
    const before = digests(outDir)

    await abortedAt(archivePath, outDir, 11_000, 'parquet')

    expect(digests(outDir)).toEqual(before)
    expect(readdirSync(outDir).sort()).toEqual([...described, 'data', 'dataset.sqlite'].sort())
  })

  it('does not begin when aborted before', async () => {
    const { archivePath, folder, outDir } = start()

    const stopped = exportDataset({ archivePath, outDir, signal: AbortSignal.abort() })

    await expect(stopped).rejects.toThrow(/abort/)
    expect(besidesArchive(folder)).toEqual([])
  })

  it('fails on a cell that is not of its column’s type, and leaves nothing', async () => {
    const folder = temporaryFolder()
    const posts = [{ post_id: 's_1', is_featured: 2 }]
    const archivePath = makeArchive(folder, { posts })

    const failed = exportDataset({ archivePath, outDir: join(folder, 'out') })

    await expect(failed).rejects.toThrow('column is_featured is bool, but holds bigint 2')
    expect(besidesArchive(folder)).toEqual([])
  })
})

describe('the archive', () => {
  it('is refused where it is missing, empty, another program’s or no database', async () => {
    const folder = temporaryFolder()
    const outDir = join(folder, 'out')
    const from = (name: string) =>
      exportDataset({ archivePath: join(folder, name, 'archive.sqlite'), outDir })
    const put = (name: string) => {
      mkdirSync(join(folder, name))
      return join(folder, name, 'archive.sqlite')
    }
    writeFileSync(put('empty'), '')
    writeFileSync(put('text'), 'this is only a text '.repeat(100))
    new Database(put('other')).exec('CREATE TABLE t (a)').close()

    await expect(from('none')).rejects.toThrow(/there is no archive at .*none/)
    await expect(from('none')).rejects.toThrow(ArchiveError)
    await expect(from('empty')).rejects.toThrow(ArchiveError)
    await expect(from('text')).rejects.toThrow(/archive.sqlite: file is not a database/)
    await expect(from('other')).rejects.toThrow(/another program/)
    expect(readdirSync(folder).sort()).toEqual(['empty', 'other', 'text'])
  })
})
