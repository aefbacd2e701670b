import { dirname } from 'node:path'
import { Snapshot, type Row } from '../archive/snapshot.js'
import type { Finding, VerifyProgress } from '../archive/verify.js'
import { checkAsked } from './check-asked.js'
import { checkAnswers } from './check-answers.js'
import { checkDerived } from './check-derived.js'
import { checkDescribed } from './check-described.js'
import { checkKeys } from './check-keys.js'
import { checkOldReaders } from './check-old-readers.js'
import { checkSqlite } from './check-sqlite.js'
import { checkSums } from './check-sums.js'
import { TablesCheck } from './check-tables.js'
import type { Truth } from './compare-rows.js'
import { toRoomError } from './folder-trouble.js'
import type { PackagedTable } from './format.js'
import { readManifest, type Manifest } from './manifest.js'
import { PackageCheck } from './package-check.js'
import { openCompared, type Compared } from './publish/compared.js'
import { ReadBack } from './read-back.js'
import { signatureRemover } from './signatures.js'

/** What to verify. */
export interface VerifyDatasetOptions {
  /** The folder of the package. */
  datasetDir: string
  /** Path of the `archive.sqlite` that it was made from, to compare every value with. */
  archivePath?: string
  /** Where the key of a published package's pseudonyms lies. Default: beside the archive's folder. */
  pseudonymKey?: string
  onProgress?: (progress: VerifyProgress) => void
  signal?: AbortSignal
}

/**
 * Checks a dataset package: the sum of every file, that no file is missing, unknown, not asked for or
 * described with another size or digest, columns and types, counts, keys, foreign keys, and that every value of every
 * format is the archive's; without an archive, that all formats hold the same. Every file is read by
 * another implementation than the one that wrote it, but for SQLite's; Parquet for old readers by an
 * old reader too.
 * @returns what does not hold; nothing if all does
 * @throws InputError if the folder holds no package of ours, or there is no room for temporary files;
 *   ArchiveError if the archive cannot be read; the signal's reason when aborted
 */
export async function verifyDataset(options: VerifyDatasetOptions): Promise<Finding[]> {
  const { datasetDir } = options
  const check = new PackageCheck(datasetDir, await readManifest(datasetDir), options)
  await checkSums(check)
  await checkDescribed(check)
  checkAsked(check)
  const compared = await openCompared(options, check.manifest)
  if (compared.problem !== null) check.find('key', compared.problem)
  try {
    await checkContent(check, compared, options)
  } catch (error) {
    throw toRoomError(error)
  } finally {
    await compared.close()
  }
  return check.findings
}

async function checkContent(
  check: PackageCheck,
  { archivePath: shown, cut }: Compared,
  { archivePath }: VerifyDatasetOptions,
): Promise<void> {
  const snapshot = shown === null ? null : new Snapshot(shown)
  try {
    snapshot?.cutTo(cut)
    await checkAnswers(check)
    await checkTables(check, snapshot && toTruth(snapshot, check.manifest, archivePath!))
    if (check.manifest.afterfeed.options.parquet === 'compat') await checkOldReaders(check)
  } finally {
    snapshot?.close()
  }
}

async function checkTables(check: PackageCheck, archive: Truth | null): Promise<void> {
  const readBack = await ReadBack.open()
  try {
    const tables = new TablesCheck(check, archive, readBack)
    for (const each of check.tables) await tables.readTable(each)
    await checkKeys(check, readBack.database, tables.held)
    for (const each of check.tables) await tables.compareTable(each)
    await checkSqlite(check, tables)
    await checkDerived(check, { archive, held: tables.held, database: readBack.database })
  } finally {
    await readBack.close()
  }
}

/** The rows of an archive, as they leave it with the options of the package. */
function toTruth(snapshot: Snapshot, { afterfeed: { options } }: Manifest, path: string): Truth {
  return {
    name: `the archive in ${dirname(path)}`,
    *readRows({ table, columns }: PackagedTable): Generator<Row> {
      const removeSignatures = options.with_signed_urls ? null : signatureRemover(columns)
      for (const row of snapshot.readRows(table, columns)) {
        removeSignatures?.(row)
        yield row
      }
    },
  }
}
