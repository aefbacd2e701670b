import { Denylist } from '../archive/forget/denylist.js'
import { Snapshot } from '../archive/snapshot.js'
import { InputError } from '../model/errors.js'
import { hasForgotten } from '../model/forgotten-names.js'
import type { Naming } from './package/dataset.js'

/**
 * Checks that what the makers say of a dataset names nobody, by id or with `@`, who was forgotten: an
 * append would carry the name on, and no look at the people who are held finds it.
 * @throws InputError if it does; ArchiveError without an archive
 */
export function requireNobodyForgotten(archivePath: string, naming: Naming): void {
  const told = {
    title: naming.title,
    creator: naming.creators.join('\n'),
    notes: naming.notes ?? '',
  }
  const snapshot = new Snapshot(archivePath)
  try {
    const denylist = new Denylist(snapshot.database)
    for (const [option, text] of Object.entries(told))
      if (hasForgotten(text, denylist))
        throw new InputError(
          `--${option} names somebody who was forgotten, here or in the package that is gone on from; say it without the name`,
        )
  } finally {
    snapshot.close()
  }
}
