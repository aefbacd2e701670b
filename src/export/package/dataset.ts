import { createHash } from 'node:crypto'
import type { DatasetFacts } from '../../archive/dataset-facts.js'
import type { Profile, Tombstones } from '../../model/profiles.js'
import type { ExportedFile, FileFormat, FormatName, Outgoing, ParquetKind } from '../format.js'
import { toIsoTime } from '../iso-time.js'
import type { License } from './licenses.js'

/** How a dataset is called, as its maker wants it. */
export interface Naming {
  name: string
  title: string
  /** Who made it, in their order; none: not named yet. */
  creators: readonly string[]
  /** Where it is published; NULL: nowhere yet. */
  url: string | null
  /** The makers' own words, in Markdown; NULL: none. */
  notes: string | null
}

/** The options that decide what is in the files, as they are recorded beside them. */
export interface RecordedOptions {
  formats: readonly FormatName[]
  tables: readonly string[]
  since: string | null
  until: string | null
  seeds:
    readonly { seed: string; endpoint: string; params: Readonly<Record<string, string>> }[] | null
  profile: Profile
  tombstones: Tombstones
  /** Tells the key of the pseudonyms from others, and nothing of it; NULL in the profile `full`. */
  pseudonym_key: string | null
  with_log: boolean
  with_signed_urls: boolean
  parquet: ParquetKind
  rows_per_part: number
  /** Absent in packages of versions that wrote none. */
  bytes_per_warc?: number
  by_month: boolean
  csv_safe: boolean
  /** How often new parts were added to an earlier package. */
  appends: number
}

/** True where rows of the archive were left out by dates or seeds. */
export const isPart = ({ since, until, seeds }: RecordedOptions): boolean =>
  since !== null || until !== null || seeds !== null

/** All that the descriptions of a dataset are made from. */
export interface Dataset {
  naming: Naming
  license: License | null
  outgoing: readonly Outgoing[]
  files: readonly ExportedFile[]
  facts: DatasetFacts
  options: RecordedOptions
  /** Digest of the names and digests of all data files. */
  digest: string
  /** The digest, in the form of a semantic version. */
  version: string
  /** The instant of the newest answer: the only date that a dataset has. */
  at: string | null
}

/** SHA-256 over the lines of `sha256sum` of all data files, in the order of their names. */
export function digestOf(files: readonly { path: string; sha256: string }[]): string {
  const hash = createHash('sha256')
  for (const line of sumLines(files)) hash.update(line)
  return hash.digest('hex')
}

/** Lines as `sha256sum` writes and checks them. */
export const sumLines = (files: readonly { path: string; sha256: string }[]): string[] =>
  files.map(({ path, sha256 }) => `${sha256}  ${path}\n`).sort(byPath)

const byPath = (one: string, other: string): number => (one.slice(66) < other.slice(66) ? -1 : 1)

/** The version that a digest stands for. */
export const versionOf = (digest: string): string => `1.0.0+sha256.${digest}`

/** Microseconds as an instant to the second; NULL stays NULL. */
export const instantOf = (micros: number | null): string | null =>
  micros === null ? null : toIsoTime(BigInt(micros)).replace(/\.\d+Z$/, 'Z')

/** The day of an instant. */
export const dayOf = (instant: string): string => instant.slice(0, 10)

/** The files of a table in one format, in order. */
export const filesOf = (dataset: Dataset, format: FileFormat, table: string): ExportedFile[] =>
  dataset.files.filter((each) => each.format === format && each.table === table)

/** The one Parquet file of a table; NULL if it is in parts, or in no Parquet. */
export function wholeFileOf(dataset: Dataset, table: string): ExportedFile | null {
  const [file, ...more] = filesOf(dataset, 'parquet', table)
  return file === undefined || more.length > 0 || partPath.test(file.path) ? null : file
}

/**
 * The pattern of a table's parts, without `**`: to some readers (Croissant's, older ones of Hugging
 * Face) that stands for at least one folder.
 */
export const patternOfParts = (dataset: Dataset, table: string): string =>
  filesOf(dataset, 'parquet', table)[0]!.path.replace(partPath, (_, month?: string) =>
    month === undefined ? '/*.parquet' : '/*/*.parquet',
  )

const partPath = /(\/month=[^/]*)?\/part-\d{5}\.parquet$/
