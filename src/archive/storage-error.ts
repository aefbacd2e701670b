import { statfsSync } from 'node:fs'
import { ArchiveError } from '../model/errors.js'

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

/** What each kind of trouble with the archive's files means, and what to do. */
const troubles: readonly [RegExp, string][] = [
  [
    /^(SQLITE_FULL|ENOSPC|EDQUOT)/,
    'no space is left for it. Free some, then run the same command: it goes on, what was saved is safe',
  ],
  [
    /^SQLITE_(CORRUPT|NOTADB)/,
    'its file is damaged. Restore a backup (`afterfeed backup` makes one); nothing more was written to it',
  ],
  [
    /^(SQLITE_(READONLY|CANTOPEN|PERM|AUTH)|EACCES|EPERM|EROFS)/,
    'it cannot be written. Check the rights of the folder and its files, or name another --archive',
  ],
  [
    /^SQLITE_(BUSY|LOCKED)/,
    'another program holds it locked. Wait for it to end, then run the same command',
  ],
  [
    /^(SQLITE_(IOERR|PROTOCOL|NOLFS)|EIO|EFBIG)/,
    'the disk failed to read or write. Check the disk, then run the same command',
  ],
]

const troubleOf = (error: unknown): string | undefined =>
  troubles.find(([codes]) => codes.test(codeOf(error)))?.[1]

/** True if the archive's files cannot be used; false for a bug. */
export const isStorageError = (error: unknown): boolean => troubleOf(error) !== undefined

/** Runs work on an archive; trouble with its files is told in words that say what to do. */
export async function withStorageErrors<Result>(
  dir: string,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw toArchiveError(error, dir)
  }
}

/** Trouble with the archive's files as an `ArchiveError`; every other error as it is. */
export function toArchiveError(error: unknown, path = ''): unknown {
  const trouble = troubleOf(error)
  if (trouble === undefined || error instanceof ArchiveError) return error
  return new ArchiveError(
    `${`the archive ${path}`.trim()}: ${trouble} (${(error as Error).message}).`,
  )
}

/** Less than this must not be left on the disk of an archive that is written to. */
const leastFreeBytes = 16 * 1024 * 1024

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/**
 * Refuses to go on while an answer that is paid for, or a file of so many `bytes`, might not fit on the disk.
 * @throws ArchiveError if nearly no space is left
 */
export function requireSpace(dir: string, bytes = 0): void {
  const { bavail, bsize } = statfsSync(dir)
  const free = bavail * bsize
  if (free - bytes >= leastFreeBytes) return
  throw new ArchiveError(
    `only ${megabytes(free)} are free on the disk of ${dir}: too little to be sure that the next answers ` +
      `can be saved, which takes ${megabytes(leastFreeBytes + bytes)}. Free some, then run the same ` +
      'command: it goes on, nothing is lost.',
  )
}
