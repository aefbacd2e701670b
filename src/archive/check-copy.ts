import { countRows, type RowCounts } from './counts.js'
import { openDatabaseFile } from './database-file.js'

/** What a look at every page of a copied database found: its rows, or the damage in SQLite's words. */
export type CheckedCopy = { rows: RowCounts } | { damage: string }

/** Has SQLite check a copied database, and counts its rows: one long statement after the other. */
export function checkCopy(path: string): CheckedCopy {
  const copy = openDatabaseFile(path, { fileMustExist: true })
  try {
    const found = copy.pragma('integrity_check(3)', { simple: true }) as string
    return found === 'ok' ? { rows: countRows(copy) } : { damage: found }
  } finally {
    copy.close()
  }
}
