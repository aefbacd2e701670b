import { accessSync, constants } from 'node:fs'
import type Database from 'better-sqlite3'
import { ArchiveError } from '../model/errors.js'
import { openDatabaseFile } from './database-file.js'

/**
 * Makes this process the archive's one writer, until it is released or the process ends, however it
 * ends: the lock is a transaction on a file of its own, so readers of the archive do not notice.
 * @throws ArchiveError if another process writes
 */
export const lockForWriting = (path: string): (() => void) =>
  lockFile(
    path,
    () =>
      new ArchiveError(
        'another afterfeed process writes to this archive. Wait for it to end; to save media during ' +
          'a crawl, run `crawl --media` as one process. Reading commands work meanwhile.',
      ),
  )

/**
 * Holds a file until it is released or the process ends, however it ends.
 * @throws what `toBusy` makes, if another process holds it; an error that names the file, if it cannot be held
 */
export function lockFile(path: string, toBusy: () => Error): () => void {
  let lock: Database.Database | undefined
  try {
    lock = openDatabaseFile(path, { timeout: 0 })
    // What may only be read SQLite does not lock, and does not say so.
    accessSync(path, constants.W_OK)
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock?.close()
    throw (error as { code?: string }).code === 'SQLITE_BUSY' ? toBusy() : toLockError(error, path)
  }
  return () => lock.close()
}

function toLockError(error: unknown, path: string): unknown {
  const { code, message } = error as Error & { code?: string }
  if (code === 'SQLITE_NOTADB')
    return new ArchiveError(
      `${path} is not empty, so it is another program's and no lock: remove it, then run the same command`,
    )
  return Object.assign(error as Error, { message: `${path}: ${message}` })
}
