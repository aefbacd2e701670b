import { statSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { ArchiveError } from '../model/errors.js'
import { toOpenError } from './storage-error.js'

/** The database inside an archive folder. */
export const archivePathIn = (dir: string): string => join(dir, 'archive.sqlite')

/**
 * True if the folder holds an archive.
 * @throws ArchiveError where that cannot be seen, or something else than a file stands in its place
 */
export function hasArchive(dir: string): boolean {
  const path = archivePathIn(dir)
  const found = look(path)
  if (found === undefined || found.isFile()) return found !== undefined
  throw new ArchiveError(
    `${path} is no file: a folder, a pipe or a device stands in the place of the archive. Move it away, or ` +
      'name another --archive',
  )
}

/** What to say where there is no archive. */
export const noArchiveAt = (dir: string): ArchiveError =>
  new ArchiveError(
    isFile(dir)
      ? `${dir} is a file: name with --archive the folder of archive.sqlite`
      : `there is no archive at ${dir}. Name one with --archive DIR, or make one: ` +
          '`afterfeed import FILE` or `afterfeed crawl feed`',
  )

/** True if a file is named where a folder should be. */
export const isFile = (dir: string): boolean => look(dir)?.isFile() ?? false

function look(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined
    throw toOpenError(error, path)
  }
}

/**
 * True if a log (WAL) with something in it lies beside a database. Whoever may write and closes carries it
 * over into the file, also where it is another file's.
 */
export const hasLog = (path: string): boolean => (look(`${path}-wal`)?.size ?? 0) > 0
