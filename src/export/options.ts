import type { Cut } from '../archive/cut.js'
import type { Root } from '../archive/roots.js'
import { InputError } from '../model/errors.js'
import {
  profiles,
  tombstoneKinds,
  type Profile,
  type Tombstones,
  type View,
} from '../model/profiles.js'
import { redactSecret, shortestKey } from '../model/redact.js'
import { parquetKinds, type FormatName, type ParquetKind, type WriteOptions } from './format.js'
import type { ExportProgress } from './lane.js'
import { toNotes } from './notes-of-makers.js'
import type { Naming } from './package/dataset.js'
import { toPlainLine } from './package/escape.js'

/** Rows of a part, where no other number is named. */
const defaultRowsPerPart = 1_000_000

/** Bytes of a WARC file, where no other number is named: what archives of the web go by. */
const defaultBytesPerWarc = 1_000_000_000

/** A seed as it was written, and the request with which it begins. */
export interface ExportSeed extends Root {
  seed: string
}

/** What to export, and how. */
export interface ExportOptions {
  /** Path of `archive.sqlite`. */
  archivePath: string
  /** A folder that does not exist, is empty, or holds a former export, which is replaced. */
  outDir: string
  /** Default: parquet and sqlite. */
  formats?: readonly FormatName[]
  /** Names of tables; default: all that leave. */
  tables?: readonly string[]
  /** Only posts from here on and what hangs below them; microseconds since 1970. */
  since?: number
  /** Only posts before this and what hangs below them; microseconds since 1970. */
  until?: number
  /** Only what was reached from these seeds. */
  seeds?: readonly ExportSeed[]
  /** Keeps the query and fragment of URLs, which may let anybody fetch the files. Default: false. */
  withSignedUrls?: boolean
  /** Adds the tables that tell how the archive came about. Default: false. */
  withLog?: boolean
  /** `compat`: plain pages and SNAPPY, for old readers. Default: zstd. */
  parquet?: ParquetKind
  /** A table with more rows is written in parts. Default: 1,000,000. */
  rowsPerPart?: number
  /** A WARC file that has this many bytes is ended, and another one begun. Default: 1 GB. */
  bytesPerWarc?: number
  /** Lays out Parquet by month where rows have a time. Default: false. */
  byMonth?: boolean
  /** Brings an earlier package up to date: files that would be the same stay untouched. */
  append?: boolean
  /** What it is called; default: `sora2-feed` and a title in words. */
  name?: string
  title?: string
  /** Who made it, one name or several in their order, and where it is published. */
  creator?: string | readonly string[]
  url?: string
  /** Words of the makers in Markdown, for the card. Default: none. */
  notes?: string
  /** An SPDX name; default: none is chosen, and the card says so. */
  license?: string
  /** What of the archive leaves; all but `full` may be published. Default: full. */
  profile?: Profile
  /** What becomes of deleted posts and comments. Default: `keep` in `full`, else `blank`. */
  tombstones?: Tombstones
  /** Where the key of pseudonyms lies, or is made. Default: beside the archive's folder. */
  pseudonymKey?: string
  /**
   * Texts that no published file may hold, e.g. the API key; they are told to nobody, and taken out of
   * answers, should they stand in one.
   */
  secrets?: readonly string[]
  /** Puts a `'` before text in CSV that a spreadsheet takes for a formula. Default: false. */
  csvSafe?: boolean
  onProgress?: (progress: ExportProgress) => void
  signal?: AbortSignal
}

/**
 * How the dataset is called.
 * @throws InputError for a name that no package may have, an address that is none, no words at all, or
 * the key of the API
 */
export function toNaming(options: ExportOptions): Naming {
  const { name = 'sora2-feed', title, creator, url, notes } = options
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name))
    throw new InputError(`${name} is no name: small letters, digits, dots, dashes, underscores`)
  if (url !== undefined && !isAddress(url)) throw toAddressError(url)
  const creators = creator === undefined ? [] : [creator].flat()
  for (const [option, texts] of Object.entries({ title: [title ?? '-'], creator: creators }))
    if (texts.some((each) => toLine(each) === ''))
      throw new InputError(`--${option} is empty; name one, or leave it out`)
  for (const [option, text] of Object.entries({
    name,
    title,
    creator: creators.join('\n'),
    url,
    notes,
  }))
    if (text !== undefined && holdsSecret(text, options.secrets ?? []))
      throw new InputError(`--${option} holds the API key, which no file tells`)
  return {
    name,
    title: toLine(title ?? "Sora 2's social feed"),
    creators: creators.map(toLine),
    url: url ?? null,
    notes: notes === undefined ? null : toNotes(notes),
  }
}

const holdsSecret = (text: string, secrets: readonly string[]): boolean =>
  secrets.some((each) => each.length >= shortestKey && redactSecret(text, each) !== text)

/** One line, in every file alike. */
const toLine = (text: string): string => toPlainLine(text).replace(/ +/g, ' ').trim()

/** As RFC 3986 writes addresses of the web: the host, the path and query, the fragment. */
const address =
  /^https?:\/\/(\[[\da-f:.]+\]|[\w.~-]+)(:\d+)?([/?]([\w.~!$&'()*+,;=:@/?-]|%[\da-f]{2})*)?(#([\w.~!$&'()*+,;=:@/?-]|%[\da-f]{2})*)?$/i

const isAddress = (url: string): boolean => address.test(url) && URL.canParse(url)

/** Names the same address as the web spells it, where there is one. */
function toAddressError(url: string): InputError {
  const spelt = URL.canParse(url) ? new URL(url).href : ''
  const hint = isAddress(spelt) ? `; it is spelt ${spelt}` : ''
  return new InputError(`${url} is no address that begins with https://${hint}`)
}

/**
 * How files are written.
 * @throws InputError for numbers that mean nothing
 */
export function toWriteOptions(options: ExportOptions): WriteOptions {
  const { withSignedUrls = false, csvSafe = false, parquet = 'zstd' } = options
  const { rowsPerPart = defaultRowsPerPart, bytesPerWarc = defaultBytesPerWarc } = options
  if (!Number.isSafeInteger(rowsPerPart) || rowsPerPart < 1)
    throw new InputError('a part has a whole number of rows, at least 1')
  if (!Number.isSafeInteger(bytesPerWarc) || bytesPerWarc < 1)
    throw new InputError('a WARC file has a whole number of bytes, at least 1')
  if (!parquetKinds.includes(parquet))
    throw new InputError(`no Parquet ${parquet as string}; known: ${parquetKinds.join(', ')}`)
  const { secrets = [] } = options
  const { title } = toNaming(options)
  return { withSignedUrls, csvSafe, parquet, rowsPerPart, bytesPerWarc, title, secrets }
}

/**
 * What of the archive leaves.
 * @throws InputError for options that cannot go together
 */
export function toView(options: ExportOptions): View {
  const { profile = 'full', withSignedUrls, withLog, formats = [] } = options
  const { tombstones = profile === 'full' ? 'keep' : 'blank' } = options
  if (!profiles.includes(profile))
    throw new InputError(`no profile ${profile as string}; known: ${profiles.join(', ')}`)
  if (!tombstoneKinds.includes(tombstones))
    throw new InputError(
      `no way ${tombstones as string} with deleted posts; known: ${tombstoneKinds.join(', ')}`,
    )
  if (profile !== 'full' && withSignedUrls)
    throw new InputError('--with-signed-urls is for yourself; it does not go with --publish')
  if (profile === 'ids' && withLog)
    throw new InputError('the profile ids holds ids and edges only; leave --with-log out')
  if (profile === 'ids' && formats.includes('threads'))
    throw new InputError('the profile ids has no words and no times to make threads of')
  return { profile, tombstones }
}

/**
 * Which part of the archive is read.
 * @throws InputError if nothing can be in it
 */
export function toCut({ since, until, seeds }: ExportOptions): Cut {
  if (since !== undefined && until !== undefined && since >= until)
    throw new InputError('--since is not before --until: no post can be in between')
  if (seeds?.length === 0) throw new InputError('no seed named')
  return {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(seeds === undefined
      ? {}
      : { roots: seeds.map(({ endpoint, params }) => ({ endpoint, params })) }),
  }
}
