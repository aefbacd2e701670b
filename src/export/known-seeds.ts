import type Database from 'better-sqlite3'
import { readSeeds, unknownRoots, type Root } from '../archive/roots.js'
import { Snapshot } from '../archive/snapshot.js'
import { InputError } from '../model/errors.js'
import type { ExportSeed } from './options.js'

/** Seeds of the archive that are named where one is not known. */
const seedsShown = 10

/**
 * Checks that each seed led to something: one with a slip of the pen would make a dataset without rows.
 * @throws InputError for a seed that the archive neither began with nor holds; ArchiveError without one
 */
export function requireKnownSeeds(archivePath: string, seeds: readonly ExportSeed[]): void {
  if (seeds.length === 0) return
  const snapshot = new Snapshot(archivePath)
  try {
    const begun = readSeeds(snapshot.database)
    const isBegun = new Set(begun)
    const others = seeds.filter(({ seed }) => !isBegun.has(seed))
    const unknown = unknownRoots(snapshot.database, others)
    if (unknown.length === 0) return
    const names = unknown.map(({ seed }) => seed).join(', ')
    throw new InputError(`nothing here was reached from ${names}; ${inWords(begun)}`)
  } finally {
    snapshot.close()
  }
}

/**
 * Checks that an archive still knows what an earlier package was made from, and would go on to name.
 * @throws InputError if it does not
 */
export function requireHeldRoots(database: Database.Database, roots: readonly Root[]): void {
  if (unknownRoots(database, roots).length === 0) return
  throw new InputError(
    'the package names seeds of which the archive knows nothing any more: they were forgotten, perhaps. ' +
      'Export anew, without --append and without them',
  )
}

function inWords(begun: readonly string[]): string {
  if (begun.length === 0)
    return 'no seed began this archive, it was imported: name posts or people that it holds'
  const shown = begun.slice(0, seedsShown).join(', ')
  return `this archive began with ${shown}${begun.length > seedsShown ? ', …' : ''}`
}
