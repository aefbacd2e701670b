import Database from 'better-sqlite3'
import { join } from 'node:path'
import { Archive, openForReading } from './archive.js'
import { archivePathIn, hasArchive } from './archive-file.js'
import { openDatabaseFile } from './database-file.js'
import { prepareSchema } from './schema.js'
import { toArchiveError } from './storage-error.js'
import { lockForWriting } from './writer-lock.js'

/**
 * Runs `work` on an archive as if it could be written to: what it writes is gone afterwards. Where
 * there is no archive it gets an empty one, and nothing is made on disk.
 * @throws ArchiveError if the archive is in use, newer than this program, or no archive
 */
export function onScratch<Result>(dir: string, work: (archive: Archive) => Result): Result {
  if (!hasArchive(dir)) return onEmptyArchive(dir, work)
  // Says what is wrong with a file that is no whole archive.
  openForReading(dir).close()
  try {
    return onLocked(dir, work)
  } catch (error) {
    throw toArchiveError(error, dir)
  }
}

function onLocked<Result>(dir: string, work: (archive: Archive) => Result): Result {
  const release = lockForWriting(join(dir, 'writer.lock'))
  try {
    return undone(openDatabaseFile(archivePathIn(dir), { fileMustExist: true }), dir, work)
  } finally {
    release()
  }
}

function onEmptyArchive<Result>(dir: string, work: (archive: Archive) => Result): Result {
  const database = new Database(':memory:')
  prepareSchema(database, ':memory:')
  return undone(database, dir, work)
}

function undone<Result>(
  database: Database.Database,
  dir: string,
  work: (archive: Archive) => Result,
): Result {
  try {
    // What is sorted may be as large as the archive: beyond the cache it goes to a temporary file.
    database.pragma('temp_store = FILE')
    const archive = new Archive(database, dir, () => undefined)
    database.exec('BEGIN IMMEDIATE')
    return work(archive)
  } finally {
    if (database.inTransaction) database.exec('ROLLBACK')
    database.close()
  }
}
