import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openArchive, openForReading } from '../../src/archive/archive.js'
import { archivePathIn, hasArchive } from '../../src/archive/archive-file.js'
import { backupArchive } from '../../src/archive/backup.js'
import { onScratch } from '../../src/archive/scratch.js'
import { openOther } from '../../src/archive/other-archive.js'
import { ArchiveError } from '../../src/model/errors.js'
import { temporaryFolder } from './archives.js'

describe('an archive in a folder whose name begins or ends in a blank', () => {
  it.each([' a', '\ta', '\u00a0a', 'a ', ' a '])('%j is written, read and copied', async (name) => {
    const [above, before] = [temporaryFolder(), process.cwd()]
    process.chdir(above)

    try {
      openArchive(name).close()
      openForReading(name).close()
      const copied = await backupArchive({ archiveDir: name, outDir: `${name}.copy ` })

      expect(readdirSync(above).sort()).toEqual([name, `${name}.copy `].sort())
      expect(readdirSync(join(above, name))).toContain('archive.sqlite')
      expect(copied?.rows).toMatchObject({ posts: 0 })
    } finally {
      process.chdir(before)
    }
  })

  it('is not taken for its neighbour without a blank', () => {
    const dir = temporaryFolder()
    openArchive(dir).close()
    const neighbour = join(dir, 'archive.sqlite')
    writeFileSync(`${neighbour} `, 'SQLite format 3\0')

    const open = () => openOther(`${neighbour} `, temporaryFolder())

    expect(open).toThrow(/ends in a blank, which SQLite would leave out: rename it/)
  })
})

describe('hasArchive', () => {
  const standing: [string, (path: string) => void][] = [
    ['a folder', (path) => void mkdirSync(path)],
    ['a pipe', (path) => void execFileSync('mkfifo', [path])],
    ['a device', (path) => symlinkSync('/dev/null', path)],
  ]

  it.skipIf(process.platform === 'win32').each(standing)(
    'says that %s stands in the place of the archive, at once',
    (_, make) => {
      const dir = temporaryFolder()
      make(join(dir, 'archive.sqlite'))

      for (const look of [
        () => hasArchive(dir),
        () => openForReading(dir),
        () => openArchive(dir),
        () => onScratch(dir, () => null),
      ]) {
        expect(look).toThrow(ArchiveError)
        expect(look).toThrow(/archive\.sqlite is no file: .*name another --archive/)
      }
    },
  )

  it('tells that it may not look from there being none', () => {
    const dir = temporaryFolder()
    // Also for root, whom no right stops, a link to itself cannot be followed.
    symlinkSync('archive.sqlite', join(dir, 'archive.sqlite'))

    const look = () => hasArchive(dir)

    expect(look).toThrow(/cannot open .*archive\.sqlite: /)
    expect(hasArchive(temporaryFolder())).toBe(false)
  })
})

describe('an archive with the log of another file beside it', () => {
  it('is left as it is, byte for byte', () => {
    const [dir, other] = [temporaryFolder(), join(temporaryFolder(), 'other.sqlite')]
    openArchive(dir).close()
    const path = archivePathIn(dir)
    const before = readFileSync(path)
    const database = new Database(other)
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE notes (text)')
    copyFileSync(`${other}-wal`, `${path}-wal`)
    database.close()

    const open = () => openArchive(dir)

    expect(open).toThrow(/is an SQLite file of another program/)
    expect(readFileSync(path).equals(before)).toBe(true)
    rmSync(`${path}-wal`)
    rmSync(`${path}-shm`, { force: true })
    open().close()
  })
})

describe('the lock of an archive', () => {
  it('is not what another program wrote there', () => {
    const dir = temporaryFolder()
    openArchive(dir).close()
    writeFileSync(join(dir, 'writer.lock'), 'mine, all mine. '.repeat(100))

    const open = () => openArchive(dir)

    expect(open).toThrow(ArchiveError)
    expect(open).toThrow(/writer\.lock is not empty, .*remove it, then run the same command/)
  })

  it('is named where it cannot be opened', () => {
    const dir = temporaryFolder()
    openArchive(dir).close()
    rmSync(join(dir, 'writer.lock'))
    mkdirSync(join(dir, 'writer.lock'))

    const open = () => onScratch(dir, () => null)

    expect(open).toThrow(/the archive .*: it cannot be written\. Check the rights .*writer\.lock: /)
  })
})
