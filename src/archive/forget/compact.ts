import { ArchiveError } from '../../model/errors.js'
import type { Archive } from '../archive.js'

/** Writes the file of an archive anew, without what was deleted, and leaves nothing in the log beside it. */
export function compact(archive: Archive): void {
  const { database } = archive
  emptyLog(archive)
  // In memory it would take as much as the archive.
  database.pragma('temp_store = FILE')
  database.exec('VACUUM')
  database.pragma('temp_store = MEMORY')
  emptyLog(archive)
}

/**
 * Carries the log beside an archive over into it, and empties it.
 * @throws ArchiveError while another program reads: its view of the archive needs the log
 */
export function emptyLog({ database, dir }: Archive): void {
  const [{ busy }] = database.pragma('wal_checkpoint(TRUNCATE)') as [{ busy: number }]
  if (busy === 0) return
  throw new ArchiveError(
    `another program reads the archive ${dir}, which keeps alive what is to be forgotten. End it, and run ` +
      '`afterfeed forget` to finish: it goes on where it stopped',
  )
}
