import { tmpdir } from 'node:os'
import { codeOf } from '../archive/storage-error.js'
import { roomVariable } from '../archive/temporary-room.js'
import { InputError } from '../model/errors.js'

const isFull = /^(ENOSPC|EDQUOT|SQLITE_FULL)/

/** What each kind of trouble with the folder means, and what to do. */
const troubles: readonly [RegExp, string][] = [
  [
    isFull,
    'no space is left for the dataset. Free some, then run the same command; what was there is as it was',
  ],
  [
    /^(EACCES|EPERM|EROFS|SQLITE_(READONLY|CANTOPEN|PERM))/,
    'it cannot be written. Check its rights, and that no program has a file in it open, or name another folder with --out',
  ],
  [
    /^EBUSY/,
    'another program has a file in it open. Close it, then run the same command; what was there is as it was',
  ],
]

/**
 * Trouble with the folder of an export in words that say what to do; every other error as it is. The
 * archive is only read, so want of space and of rights to write are never its own.
 */
export function toFolderError(error: unknown, outDir: string): unknown {
  const trouble = troubles.find(([codes]) => codes.test(codeOf(error)))?.[1]
  if (trouble === undefined || error instanceof InputError) return error
  return new InputError(`${outDir}: ${trouble} (${(error as Error).message}).`)
}

/** Want of space, of work that reads an archive or a package and writes temporary files only, in words. */
export function toRoomError(error: unknown): unknown {
  if (!isFull.test(codeOf(error))) return error
  return new InputError(
    `${tmpdir()}: no space is left for temporary files. Free some, or name another folder in ` +
      `${roomVariable} (${(error as Error).message}).`,
  )
}
