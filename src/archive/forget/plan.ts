import { InputError } from '../../model/errors.js'
import { hasArchive, noArchiveAt } from '../archive-file.js'
import { onScratch } from '../scratch.js'
import { nothingTaken, type Taken } from './state.js'
import { chooseNames, countNamed, countUnknownHandles, nobodyNamed, toSubject } from './subjects.js'

/** What a forget would take out. */
export interface ForgetPlan extends Taken {
  /** Handles that were named and are nobody's in the archive. */
  unknown_handles: number
}

/**
 * Counts what a forget would take out, as far as the tables tell; nothing is changed.
 * @throws InputError, ArchiveError as `forget`
 */
export function planForget(archiveDir: string, seeds: readonly string[]): ForgetPlan {
  const subjects = seeds.map(toSubject)
  if (subjects.length === 0) throw new InputError(nobodyNamed)
  if (!hasArchive(archiveDir)) throw noArchiveAt(archiveDir)
  return onScratch(archiveDir, ({ database }) => {
    chooseNames(database, subjects)
    const files = database
      .prepare(
        `SELECT count(DISTINCT sha256) AS media_files, total(bytes) AS media_bytes FROM media
         JOIN forgetting_names ON kind = 'file' AND name = asset_key WHERE state = 'saved'`,
      )
      .get() as Pick<Taken, 'media_files' | 'media_bytes'>
    const unknown_handles = countUnknownHandles(database, subjects)
    return { ...nothingTaken, ...countNamed(database), ...files, unknown_handles }
  })
}
