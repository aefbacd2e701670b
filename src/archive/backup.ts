import { existsSync, realpathSync } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type Database from 'better-sqlite3'
import { ArchiveError } from '../model/errors.js'
import { makeFolder, openForReading, refuseUnfinished } from './archive.js'
import { archivePathIn, hasArchive } from './archive-file.js'
import { copyMedia, syncFile, type CopiedMedia } from './backup-media.js'
import { checkCopyBeside } from './check-thread.js'
import type { RowCounts } from './counts.js'
import { databasePath, openDatabaseFile } from './database-file.js'
import { isInside } from './is-inside.js'
import { withStorageErrors } from './storage-error.js'
import { lockForWriting } from './writer-lock.js'

/** How far a backup is: bytes of the database, their check, then files of media. */
export interface BackupProgress {
  step: 'database' | 'check' | 'media'
  done: number
  total: number
}

/** What to copy, and where to. */
export interface BackupOptions {
  archiveDir: string
  /** A folder without an archive; it is made if it is not there. */
  outDir: string
  signal?: AbortSignal
  onProgress?: (progress: BackupProgress) => void
}

/** What a backup holds. */
export interface BackupReport {
  /** The copied database. */
  path: string
  bytes: number
  rows: RowCounts
  media_files: number
  /** How many files the archive names as saved and does not have. */
  media_missing_files: number
  /** The first thousand of them. */
  media_missing: string[]
}

/** About 1 MB at a time, so that progress shows and an interruption is noticed. */
const pagesPerStep = 256

/**
 * Copies an archive as it is at one instant, also while another process writes to it. The copied
 * database gets its name last, once it was checked and its media files are there; interrupted, the
 * same call goes on with the files that are missing.
 * @returns NULL if it was interrupted
 * @throws ArchiveError if there is no archive, the folder cannot take one, or the disk is full
 */
export async function backupArchive(options: BackupOptions): Promise<BackupReport | null> {
  const { archiveDir, outDir } = options
  const source = openForReading(archiveDir)
  try {
    requireElsewhere(archiveDir, outDir)
    requireFree(outDir)
    makeFolder(outDir)
    return await withStorageErrors(outDir, () => copyLocked(source, options))
  } finally {
    source.close()
  }
}

/** The lock keeps out a second backup, and a crawl into the folder. */
async function copyLocked(
  source: Database.Database,
  options: BackupOptions,
): Promise<BackupReport | null> {
  const release = lockForWriting(join(options.outDir, 'writer.lock'))
  const partial = `${archivePathIn(options.outDir)}.partial`
  try {
    requireFree(options.outDir)
    await removeDatabase(partial)
    await copyDatabase(source, partial, options)
    const { rows, ...media } = await completeCopy(partial, options)
    if (options.signal?.aborted) return null
    await publish(partial, archivePathIn(options.outDir))
    const path = archivePathIn(options.outDir)
    const { size: bytes } = await stat(path)
    return { path, bytes, rows, ...media }
  } catch (error) {
    if (options.signal?.aborted) return null
    throw error
  } finally {
    await removeDatabase(partial)
    release()
  }
}

/**
 * Copies the pages inside one read transaction. Without it SQLite would begin again at every commit of
 * a writer, and never end beside a busy one.
 */
async function copyDatabase(
  source: Database.Database,
  partial: string,
  { signal, onProgress }: BackupOptions,
): Promise<void> {
  const pageBytes = source.pragma('page_size', { simple: true }) as number
  source.exec('BEGIN')
  source.prepare('SELECT count(*) FROM sqlite_schema').get()
  await source.backup(databasePath(partial), {
    progress({ totalPages, remainingPages }) {
      signal?.throwIfAborted()
      const done = (totalPages - remainingPages) * pageBytes
      onProgress?.({ step: 'database', done, total: totalPages * pageBytes })
      return pagesPerStep
    },
  })
  source.exec('COMMIT')
}

/** Checks the copy, and copies the files that it names; afterwards it is one file, without a log beside it. */
async function completeCopy(
  partial: string,
  options: BackupOptions,
): Promise<CopiedMedia & { rows: RowCounts }> {
  const copy = openDatabaseFile(partial, { fileMustExist: true })
  try {
    copy.pragma('journal_mode = DELETE')
    options.onProgress?.({ step: 'check', done: 0, total: 1 })
    const checked = await checkCopyBeside(partial, options.signal)
    if ('damage' in checked)
      throw new ArchiveError(
        `the copy does not pass SQLite's check, so the archive is damaged: ${checked.damage}`,
      )
    refuseUnfinished(copy, archivePathIn(options.archiveDir))
    return { ...checked, ...(await copyMedia(copy, options)) }
  } finally {
    copy.close()
  }
}

async function publish(partial: string, path: string): Promise<void> {
  await syncFile(partial)
  await rename(partial, path)
  // Not every system can do so with a folder.
  await syncFile(dirname(path), 'r').catch(() => undefined)
}

async function removeDatabase(path: string): Promise<void> {
  for (const end of ['', '-journal', '-wal', '-shm']) await rm(path + end, { force: true })
}

function requireFree(outDir: string): void {
  if (hasArchive(outDir))
    throw new ArchiveError(
      `${outDir} holds an archive already, and a backup replaces none: name a new folder`,
    )
}

function requireElsewhere(archiveDir: string, outDir: string): void {
  if (isInside(realPath(outDir), realPath(archiveDir)))
    throw new ArchiveError(`${outDir} is the archive itself or inside it: name a folder elsewhere`)
}

/** The path without links; of what is not there yet, its last folder that is. */
function realPath(path: string): string {
  const whole = resolve(path)
  if (existsSync(whole) || dirname(whole) === whole) return realpathSync(whole)
  return join(realPath(dirname(whole)), basename(whole))
}
