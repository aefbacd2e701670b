import type { Cut } from '../../archive/cut.js'
import { isAsHeld } from '../../model/profiles.js'
import { cutOf, type Manifest } from '../manifest.js'
import { fingerprintOf, keyFileOf, readKey } from './key-file.js'
import { Publication, UntoldSeeds } from './publication.js'

/** What a package is compared with. */
export interface ComparedOptions {
  /** Path of the `archive.sqlite` that it was made from; absent: it is compared with none. */
  archivePath?: string
  /** Where the key of its pseudonyms lies. Default: beside the archive's folder. */
  pseudonymKey?: string
  signal?: AbortSignal
}

/** The archive as a package's profile shows it. */
export interface Compared {
  /** NULL if there is none, or it cannot be compared. */
  archivePath: string | null
  cut: Cut
  /** Why values cannot be compared. */
  problem: string | null
  close(): Promise<void>
}

const nothing = { archivePath: null, cut: {}, problem: null, close: () => Promise.resolve() }

/**
 * Opens the archive as a package's profile shows it. Without the key of its pseudonyms, or with another
 * one, the values of a published package cannot be told.
 * @throws InputError for a missing archive
 */
export async function openCompared(
  { archivePath, pseudonymKey, signal }: ComparedOptions,
  { afterfeed: { options } }: Manifest,
): Promise<Compared> {
  const { profile, tombstones } = options
  if (archivePath === undefined) return nothing
  if (isAsHeld(options)) return { ...nothing, archivePath, cut: cutOf(options) }
  const path = pseudonymKey ?? keyFileOf(archivePath)
  const key = profile === 'full' ? null : await readKey(path)
  if (profile !== 'full' && key === null)
    return { ...nothing, problem: `there is no key of its pseudonyms at ${path}${unknown}` }
  if (key !== null && fingerprintOf(key) !== options.pseudonym_key)
    return { ...nothing, problem: `${path} is not the key of its pseudonyms${unknown}` }
  try {
    const start = { archivePath, cut: cutOf(options), tombstones, key, signal }
    const publication = await Publication.open(start)
    return {
      ...{ archivePath: publication.archivePath, cut: {}, problem: null },
      close: () => publication.close(),
    }
  } catch (error) {
    if (!(error instanceof UntoldSeeds)) throw error
    return {
      ...nothing,
      problem: 'it does not tell all its seeds, so the archive cannot be cut alike',
    }
  }
}

const unknown =
  ', so its values were not compared with the archive; name the key with --pseudonym-key'
