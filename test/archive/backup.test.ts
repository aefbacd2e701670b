import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openArchive, openForReading } from '../../src/archive/archive.js'
import { archivePathIn } from '../../src/archive/archive-file.js'
import { backupArchive, type BackupProgress } from '../../src/archive/backup.js'
import { ArchiveError } from '../../src/model/errors.js'
import { dumpDerived, importAnswer, temporaryFolder } from './archives.js'
import { heldBytes } from '../measure.js'

const post = (n: number) => ({
  post: { id: `s_${String(n).padStart(32, '0')}`, text: `post ${n} `.repeat(20) },
})

/** A folder with an archive that holds so many posts. */
function archiveFolder(posts = 3): string {
  const dir = join(temporaryFolder(), 'archive')
  const archive = openArchive(dir, { durability: 'normal' })
  const items = Array.from({ length: posts }, (_, n) => post(n))
  importAnswer(archive, {
    ...{ endpoint: 'get_feed', params: {}, receivedAt: 1 },
    body: JSON.stringify({ items }),
  })
  archive.close()
  return dir
}

/** Names files of media as saved, and puts them there where there is content. */
function addMedia(dir: string, files: Record<string, string | null>): void {
  const database = new Database(archivePathIn(dir))
  const insert = database.prepare(
    'INSERT INTO media (asset_key, state, path, bytes) VALUES (?, ?, ?, ?)',
  )
  for (const [path, content] of Object.entries(files)) {
    insert.run(`key of ${path}`, 'saved', path, content?.length ?? 0)
    if (content === null) continue
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), content)
  }
  insert.run('another key of a', 'saved', Object.keys(files)[0], 1)
  insert.run('lost', 'lost', null, null)
  database.close()
}

function dumpOf(dir: string): string {
  const database = openForReading(dir)
  try {
    return dumpDerived(database)
  } finally {
    database.close()
  }
}

const newFolder = (): string => join(temporaryFolder(), 'deep', 'backup')

describe('backupArchive', () => {
  it('makes an archive that holds the same, in one file', async () => {
    const archiveDir = archiveFolder()
    const outDir = newFolder()

    const report = await backupArchive({ archiveDir, outDir })

    expect(report).toEqual({
      path: join(outDir, 'archive.sqlite'),
      bytes: statSync(join(outDir, 'archive.sqlite')).size,
      rows: expect.objectContaining({ posts: 3, responses: 1, bodies: 1 }) as object,
      media_files: 0,
      media_missing_files: 0,
      media_missing: [],
    })
    expect(readdirSync(outDir).sort()).toEqual(['archive.sqlite', 'writer.lock'])
    expect(dumpOf(outDir)).toBe(dumpOf(archiveDir))
  })

  it('makes an archive that can be written to', async () => {
    const archiveDir = archiveFolder()
    const outDir = newFolder()
    await backupArchive({ archiveDir, outDir })

    const copy = openArchive(outDir)
    importAnswer(copy, {
      ...{ endpoint: 'get_feed', params: { cursor: 'x' }, receivedAt: 2 },
      body: JSON.stringify({ items: [post(7)] }),
    })
    copy.close()

    expect(dumpOf(outDir)).toContain('s_00000000000000000000000000000007')
    expect(dumpOf(archiveDir)).not.toContain('s_00000000000000000000000000000007')
  })

  it('copies one instant beside a writer that never pauses, and ends before it does', async () => {
    const archiveDir = archiveFolder(4000)
    const writer = await startWriter(archivePathIn(archiveDir))
    const outDir = newFolder()
    const steps: BackupProgress[] = []

    await backupArchive({ archiveDir, outDir, onProgress: (step) => steps.push(step) })

    const isWriting = writer.exitCode === null && writer.signalCode === null
    const copy = openForReading(outDir)
    onTestFinished(() => void copy.close())
    const select = copy.prepare(
      'SELECT json_pointer AS side, count(*) AS n FROM anomalies GROUP BY 1',
    )
    const [left, right] = select.all() as { n: number }[]
    expect(isWriting).toBe(true)
    expect(left!.n).toBeGreaterThan(0)
    expect(left!.n).toBe(right!.n)
    const ofDatabase = steps.filter(({ step }) => step === 'database')
    expect(new Set(ofDatabase.map(({ total }) => total)).size).toBe(1)
    expect(steps.filter(({ step }) => step === 'check')).toHaveLength(1)
    expect(steps.length).toBeGreaterThan(2)
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok')
  })

  it('copies the media files once each, names those that are missing', async () => {
    const archiveDir = archiveFolder()
    addMedia(archiveDir, { 'media/aa/1': 'first', 'media/bb/2': 'second', 'media/cc/3': null })
    const outDir = newFolder()
    mkdirSync(join(outDir, 'media/aa'), { recursive: true })
    mkdirSync(join(outDir, 'media/bb'), { recursive: true })
    writeFileSync(join(outDir, 'media/aa/1'), 'FIRST')
    writeFileSync(join(outDir, 'media/bb/2'), 'half')

    const report = await backupArchive({ archiveDir, outDir })

    expect(report).toMatchObject({
      ...{ media_files: 2, media_missing_files: 1, media_missing: ['media/cc/3'] },
    })
    // Of the same name and size: taken for the same.
    expect(readFileSync(join(outDir, 'media/aa/1'), 'utf8')).toBe('FIRST')
    expect(readFileSync(join(outDir, 'media/bb/2'), 'utf8')).toBe('second')
    expect(readdirSync(join(outDir, 'media'), { recursive: true }).sort()).toEqual([
      ...['aa', 'aa/1', 'bb', 'bb/2'],
    ])
  })

  it('counts all files that are missing, and names the first thousand', async () => {
    const archiveDir = archiveFolder()
    const names = Array.from({ length: 1200 }, (_, n) => `media/${String(n).padStart(4, '0')}`)
    addMedia(archiveDir, Object.fromEntries(names.map((name) => [name, null])))

    const report = await backupArchive({ archiveDir, outDir: newFolder() })

    expect(report).toMatchObject({
      ...{ media_files: 0, media_missing_files: 1200, media_missing: names.slice(0, 1000) },
    })
  })

  it('holds the paths of a few files at a time', async () => {
    const archiveDir = archiveFolder()
    const [count, folder] = [10_000, `media/${'deep/'.repeat(600)}`]
    const database = new Database(archivePathIn(archiveDir))
    database.exec(
      `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT ${count})
       INSERT INTO media (asset_key, state, path) SELECT n, 'saved', '${folder}' || n FROM n`,
    )
    database.close()
    const stop = new AbortController()
    const before = heldBytes()
    let grown = 0

    await backupArchive({
      ...{ archiveDir, outDir: newFolder(), signal: stop.signal },
      onProgress: ({ step, total }) => {
        if (step !== 'media') return
        expect(total).toBe(count)
        grown = heldBytes() - before
        stop.abort()
      },
    })

    expect(grown).not.toBe(0)
    expect(grown / 1e6).toBeLessThan((count * folder.length) / 2e6)
  })

  it.each(['../secret', '/etc/hostname', 'media/../../secret', 'archive.sqlite'])(
    'copies nothing from outside media: %s',
    async (path) => {
      const archiveDir = archiveFolder()
      addMedia(archiveDir, { [path]: null })

      const backup = backupArchive({ archiveDir, outDir: newFolder() })

      await expect(backup).rejects.toThrow('outside its folder media')
    },
  )

  it.each(['database', 'media'] as const)(
    'leaves nothing under the final name when stopped at the %s, and goes on later',
    async (step) => {
      const archiveDir = archiveFolder(500)
      addMedia(archiveDir, { 'media/aa/1': 'first', 'media/bb/2': 'second' })
      const outDir = newFolder()
      const stop = new AbortController()
      const onProgress = (progress: BackupProgress) => progress.step === step && stop.abort()

      const stopped = await backupArchive({ archiveDir, outDir, signal: stop.signal, onProgress })
      const left = readdirSync(outDir)
      const kept = join(outDir, 'media/aa/1')
      if (existsSync(kept)) utimesSync(kept, 1, 1)
      const report = await backupArchive({ archiveDir, outDir })

      expect(stopped).toBeNull()
      expect(left).toEqual(step === 'media' ? ['media', 'writer.lock'] : ['writer.lock'])
      expect(report).toMatchObject({ media_files: 2 })
      expect(statSync(kept).mtimeMs === 1000).toBe(step === 'media')
      expect(dumpOf(outDir)).toBe(dumpOf(archiveDir))
    },
  )

  it('takes away what a killed backup left', async () => {
    const archiveDir = archiveFolder()
    const outDir = newFolder()
    mkdirSync(outDir, { recursive: true })
    for (const end of ['', '-journal', '-wal'])
      writeFileSync(join(outDir, `archive.sqlite.partial${end}`), 'half')

    await backupArchive({ archiveDir, outDir })

    expect(readdirSync(outDir).sort()).toEqual(['archive.sqlite', 'writer.lock'])
  })

  it('refuses a folder that holds an archive, and leaves that as it is', async () => {
    const archiveDir = archiveFolder()
    const outDir = archiveFolder(1)
    const before = readFileSync(archivePathIn(outDir))

    const backup = backupArchive({ archiveDir, outDir })

    await expect(backup).rejects.toThrow(ArchiveError)
    await expect(backup).rejects.toThrow('holds an archive already, and a backup replaces none')
    expect(readFileSync(archivePathIn(outDir)).equals(before)).toBe(true)
  })

  it.each([
    ['the archive itself', (dir: string) => dir],
    ['a folder in the archive', (dir: string) => join(dir, 'new', 'backup')],
    ['a link to the archive', linkTo],
    ['a folder in a link to the archive', (dir: string) => join(linkTo(dir), 'backup')],
  ])('refuses %s', async (_, placeOf) => {
    const archiveDir = archiveFolder()
    const files = readdirSync(archiveDir)

    const backup = backupArchive({ archiveDir, outDir: placeOf(archiveDir) })

    await expect(backup).rejects.toThrow('is the archive itself or inside it')
    expect(readdirSync(archiveDir)).toEqual(expect.arrayContaining(files))
    expect(existsSync(join(archiveDir, 'new'))).toBe(false)
  })

  it('refuses a second backup to a folder at the same time', async () => {
    const archiveDir = archiveFolder(500)
    const outDir = newFolder()

    const [first, second] = await Promise.allSettled([
      backupArchive({ archiveDir, outDir }),
      backupArchive({ archiveDir, outDir }),
    ])

    expect([first.status, second.status].sort()).toEqual(['fulfilled', 'rejected'])
    expect(dumpOf(outDir)).toBe(dumpOf(archiveDir))
  })

  it('refuses where there is no archive, and makes no folder', async () => {
    const outDir = newFolder()

    const backup = backupArchive({ archiveDir: join(temporaryFolder(), 'none'), outDir })

    await expect(backup).rejects.toThrow('there is no archive at')
    expect(existsSync(outDir)).toBe(false)
  })

  it('keeps no copy of a damaged archive', async () => {
    const archiveDir = archiveFolder(4000)
    const path = archivePathIn(archiveDir)
    const { size } = statSync(path)
    truncateSync(path, size - 16 * 4096)
    truncateSync(path, size)
    const outDir = newFolder()

    const backup = backupArchive({ archiveDir, outDir })

    await expect(backup).rejects.toThrow("does not pass SQLite's check, so the archive is damaged")
    expect(readdirSync(outDir)).toEqual(['writer.lock'])
  })
})

function linkTo(dir: string): string {
  const link = join(temporaryFolder(), 'link')
  symlinkSync(dir, link)
  return link
}

/** A process that goes on saving pairs of rows, a pair a transaction, until the test ends. */
async function startWriter(path: string) {
  const module = pathToFileURL(join(process.cwd(), 'node_modules/better-sqlite3/lib/index.js')).href
  const script = `import Database from '${module}'
    const database = new Database(${JSON.stringify(path)})
    database.pragma('synchronous = normal')
    const insert = database.prepare('INSERT INTO anomalies (response_id, json_pointer, problem) VALUES (?, ?, ?)')
    const save = database.transaction((n) => {
      for (const side of ['left', 'right']) insert.run(String(n), side, 'x'.repeat(2000))
    })
    for (let n = 0; ; n += 1) {
      save(n)
      if (n === 100) process.stdout.write('writing\\n')
    }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script])
  onTestFinished(() => void child.kill('SIGKILL'))
  await new Promise((resolve) => child.stdout.once('data', resolve))
  return child
}
