import type { Cut } from '../../archive/cut.js'
import { readArchiveFacts, type ArchiveFacts, type OnFacts } from '../../archive/dataset-facts.js'
import { Snapshot } from '../../archive/snapshot.js'
import { InputError } from '../../model/errors.js'
import { isAsHeld, type View } from '../../model/profiles.js'
import type { Former } from '../append.js'
import { requireHeldRoots } from '../known-seeds.js'
import { toSeeds } from '../former-options.js'
import { toCut, type ExportOptions, type ExportSeed } from '../options.js'
import { checkOutFolder } from '../out-folder.js'
import { checkPublished } from './gate.js'
import { fingerprintOf, keyFileOf, openKey, readKey, requireApart } from './key-file.js'
import { Publication } from './publication.js'

/** What an export reads from: the archive itself, or what a profile shows of it. */
export interface Source {
  archivePath: string
  /** What is still to be cut off there. */
  cut: Cut
  /** The seeds of the cut, as they may be told. */
  seeds: readonly ExportSeed[] | null
  /** Tells the key of the pseudonyms from others; NULL without one. */
  fingerprint: string | null
  /** What only the archive itself tells; `shown` is the snapshot that the export reads. */
  readArchiveFacts(shown: Snapshot, onFacts: OnFacts): Promise<ArchiveFacts>
  /** @throws PublishError if a finished file holds what must not be published */
  check(folder: string): Promise<void>
  close(): Promise<void>
}

/**
 * Opens what an export reads from.
 * @throws InputError for options that cannot go together, or another key than a former package's
 */
export async function openSource(
  options: ExportOptions,
  view: View,
  former: Former | null,
): Promise<Source> {
  const { archivePath, signal } = options
  const cut = toCut(options)
  if (isAsHeld(view)) {
    if (former) requireHeld(archivePath, cut)
    return whole(options, cut)
  }
  const { profile, tombstones } = view
  await checkOutFolder(options.outDir)
  const key = profile === 'full' ? null : await keyOf(options, former)
  const fingerprint = key && fingerprintOf(key)
  if (former) requireKey(former, fingerprint)
  const start = { archivePath, cut, tombstones, key, signal }
  const publication = await Publication.open(start)
  try {
    if (former) publication.requireHeldRoots()
    return ofPublication(publication, { options, former, fingerprint })
  } catch (error) {
    await publication.close()
    throw error
  }
}

interface Shown {
  options: ExportOptions
  former: Former | null
  fingerprint: string | null
}

function ofPublication(publication: Publication, { options, former, fingerprint }: Shown): Source {
  const { secrets = [], signal } = options
  return {
    archivePath: publication.archivePath,
    cut: {},
    seeds: seedsOf(options, former, publication),
    fingerprint,
    readArchiveFacts: (_, onFacts) => publication.readArchiveFacts(onFacts),
    async check(folder) {
      if (publication.people === null) return
      await checkPublished({ folder, people: publication.people, secrets, signal })
    },
    close: () => publication.close(),
  }
}

function requireHeld(archivePath: string, { roots = [] }: Cut): void {
  const snapshot = new Snapshot(archivePath)
  try {
    requireHeldRoots(snapshot.database, roots)
  } finally {
    snapshot.close()
  }
}

const whole = ({ archivePath, seeds }: ExportOptions, cut: Cut): Source => ({
  ...{ archivePath, cut, fingerprint: null },
  seeds: seeds ? toSeeds(seeds) : null,
  readArchiveFacts: ({ database }, onFacts) => readArchiveFacts(database, onFacts),
  check: () => Promise.resolve(),
  close: () => Promise.resolve(),
})

async function keyOf(
  { archivePath, outDir, pseudonymKey }: ExportOptions,
  former: Former | null,
): Promise<Buffer> {
  const path = pseudonymKey ?? keyFileOf(archivePath)
  requireApart(path, archivePath, outDir)
  // A package that is there has a key; a new one would only stand in its place.
  if (former !== null && (await readKey(path)) === null)
    throw new InputError(
      `there is no key at ${path}, and the package was made with one; name it with --pseudonym-key, or export anew`,
    )
  // No key is made for an archive that cannot be read.
  new Snapshot(archivePath).close()
  return openKey(path)
}

function requireKey({ manifest }: Former, fingerprint: string | null): void {
  if (manifest.afterfeed.options.pseudonym_key === fingerprint) return
  throw new InputError(
    'the package was made with another key of pseudonyms; name it with --pseudonym-key, or export anew',
  )
}

/** An earlier package has told its seeds already, as they may be told. */
function seedsOf(
  { seeds }: ExportOptions,
  former: Former | null,
  publication: Publication,
): readonly ExportSeed[] | null {
  const told = former?.manifest.afterfeed.options.seeds
  if (seeds === undefined) return null
  if (told && JSON.stringify(told) === JSON.stringify(toSeeds(seeds))) return told
  const shown = publication.toSeeds(seeds)
  if (told === undefined || JSON.stringify(told) === JSON.stringify(shown)) return shown
  throw new InputError('the package was made from other seeds; export anew without --append')
}
