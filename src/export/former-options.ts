import { InputError } from '../model/errors.js'
import type { Former } from './append.js'
import { chooseFormats, chooseTables } from './choose.js'
import { toIsoTime } from './iso-time.js'
import { cutOf } from './manifest.js'
import type { ExportOptions, ExportSeed } from './options.js'
import type { RecordedOptions } from './package/dataset.js'

/**
 * The options of an append: what is not named is as it was.
 * @throws InputError if something that decides on the files is another one
 */
export function withFormer(given: ExportOptions, { manifest }: Former): ExportOptions {
  const { options, notes } = manifest.afterfeed
  requireSame(options, {
    ...(given.formats && { formats: chooseFormats(given.formats) }),
    ...(given.tables && {
      tables: chooseTables(given.tables, options.with_log, options.profile).map(
        (each) => each.name,
      ),
    }),
    ...(given.since !== undefined && { since: toIsoTime(BigInt(given.since)) }),
    ...(given.until !== undefined && { until: toIsoTime(BigInt(given.until)) }),
    ...(given.seeds && options.profile === 'full' && { seeds: toSeeds(given.seeds) }),
    ...(given.profile && { profile: given.profile }),
    ...(given.tombstones && { tombstones: given.tombstones }),
    ...(given.withLog !== undefined && { with_log: given.withLog }),
    ...(given.withSignedUrls !== undefined && { with_signed_urls: given.withSignedUrls }),
    ...(given.parquet && { parquet: given.parquet }),
    ...(given.rowsPerPart && { rows_per_part: given.rowsPerPart }),
    ...(given.bytesPerWarc && { bytes_per_warc: given.bytesPerWarc }),
    ...(given.byMonth !== undefined && { by_month: given.byMonth }),
    ...(given.csvSafe !== undefined && { csv_safe: given.csvSafe }),
  })
  const { since, until } = cutOf(options)
  const creator = manifest.contributors?.map((each) => each.title)
  const [license] = manifest.licenses ?? []
  return {
    formats: options.formats,
    tables: options.tables,
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(options.seeds === null ? {} : { seeds: options.seeds }),
    profile: options.profile,
    tombstones: options.tombstones,
    withLog: options.with_log,
    withSignedUrls: options.with_signed_urls,
    parquet: options.parquet,
    rowsPerPart: options.rows_per_part,
    ...(options.bytes_per_warc === undefined ? {} : { bytesPerWarc: options.bytes_per_warc }),
    byMonth: options.by_month,
    csvSafe: options.csv_safe,
    name: manifest.name,
    title: manifest.title,
    ...(manifest.homepage === undefined ? {} : { url: manifest.homepage }),
    ...(creator === undefined ? {} : { creator }),
    ...(license === undefined ? {} : { license: license.name }),
    ...(notes === undefined ? {} : { notes }),
    ...given,
  }
}

/** Seeds as they are recorded. */
export const toSeeds = (seeds: readonly ExportSeed[]): ExportSeed[] =>
  seeds.map(({ seed, endpoint, params }) => ({ seed, endpoint, params }))

function requireSame(former: RecordedOptions, named: Partial<RecordedOptions>): void {
  for (const [name, value] of Object.entries(named)) {
    const before = JSON.stringify(former[name as keyof RecordedOptions])
    if (JSON.stringify(value) !== before)
      throw new InputError(
        `the package was made with ${name} ${before}, not ${JSON.stringify(value)}; ` +
          'leave the option out, or export anew without --append',
      )
  }
}
