import { statfsSync } from 'node:fs'
import { ArchiveError } from '../model/errors.js'

/** The code of an error of Node or of SQLite; empty where it has none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

interface Trouble {
  codes: RegExp
  means: string
  advice: string
}

/** What each kind of trouble with the archive's files means, and what to do. */
const troubles: readonly Trouble[] = [
  {
    codes: /^(SQLITE_FULL|ENOSPC|EDQUOT)/,
    means: 'no space is left for it',
    advice: 'Free some, then run the same command: it goes on, what was saved is safe',
  },
  {
    codes: /^SQLITE_(CORRUPT|NOTADB)/,
    means: 'its file is damaged',
    advice:
      'Restore a backup (`afterfeed backup` makes one), or name another --archive; nothing more was written to it',
  },
  {
    codes: /^(SQLITE_(READONLY|CANTOPEN|PERM|AUTH)|EACCES|EPERM|EROFS)/,
    means: 'it cannot be written',
    advice: 'Check the rights of the folder and its files, or name another --archive',
  },
  {
    codes: /^(SQLITE_(BUSY|LOCKED)|EBUSY)/,
    means: 'another program holds it locked',
    advice: 'Wait for it to end, then run the same command',
  },
  {
    // A disk that is full to the last byte fails to map the log, which SQLite calls an input error.
    codes: /^(SQLITE_(IOERR|PROTOCOL|NOLFS)|EIO|EFBIG)/,
    means: 'the disk failed to read or write, or is full',
    advice: 'Check it and the space left on it, then run the same command',
  },
]

const troubleOf = (error: unknown): Trouble | undefined =>
  troubles.find(({ codes }) => codes.test(codeOf(error)))

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
  const { means, advice } = trouble
  return new ArchiveError(
    `${`the archive ${path}`.trim()}: ${means}. ${advice} (${(error as Error).message}).`,
  )
}

/** A file of an archive that cannot be opened, and what to do. */
export function toOpenError(error: unknown, path: string): ArchiveError {
  const advice = troubleOf(error)?.advice
  const problem = `cannot open ${path}: ${(error as Error).message}`
  return new ArchiveError(advice === undefined ? problem : `${problem}. ${advice}.`)
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
