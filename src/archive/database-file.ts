import { resolve } from 'node:path'
import Database from 'better-sqlite3'
import { ArchiveError } from '../model/errors.js'

/**
 * The path of a database as better-sqlite3 takes it: it cuts blanks off both ends of a path, and would
 * open or make another file without a word.
 * @throws ArchiveError for a name that ends in a blank: there is no other way to say it
 */
export function databasePath(path: string): string {
  const whole = resolve(path)
  if (whole === whole.trim()) return whole
  throw new ArchiveError(`${path} ends in a blank, which SQLite would leave out: rename it`)
}

/** Opens the file of a database, the very one that is named. */
export const openDatabaseFile = (path: string, options: Database.Options = {}): Database.Database =>
  new Database(databasePath(path), options)
