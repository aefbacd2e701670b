import Database from 'better-sqlite3'
import { ArchiveError } from '../model/errors.js'

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
 * @throws what `toBusy` makes, if another process holds it
 */
export function lockFile(path: string, toBusy: () => Error): () => void {
  const lock = new Database(path, { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    throw (error as { code?: string }).code === 'SQLITE_BUSY' ? toBusy() : error
  }
  return () => lock.close()
}
