import { readFacts } from '../archive/dataset-facts.js'
import type { View } from '../model/profiles.js'
import { madeTables } from './derived.js'
import { isTableFormat } from './file-rows.js'
import type { ExportedFile, FormatName, Outgoing, WriteOptions } from './format.js'
import type { Former } from './append.js'
import { toIsoTime } from './iso-time.js'
import type { Lanes } from './lanes.js'
import type { ExportOptions } from './options.js'
import {
  digestOf,
  instantOf,
  versionOf,
  type Dataset,
  type Naming,
  type RecordedOptions,
} from './package/dataset.js'
import type { License } from './package/licenses.js'
import type { Source } from './publish/source.js'

/** What was chosen for an export, and what it reads and writes with. */
export interface Plan {
  lanes: Lanes
  source: Source
  view: View
  write: WriteOptions
  outgoing: readonly Outgoing[]
  formats: readonly FormatName[]
  license: License | null
  naming: Naming
  former: Former | null
}

/** What an export wrote. */
export interface Written {
  files: ExportedFile[]
  /** New parts were added to earlier ones. */
  added: boolean
}

/** What is to be told of an export, once its files are written. */
export async function toDataset(
  options: ExportOptions,
  plan: Plan,
  { files, added }: Written,
): Promise<Dataset> {
  const { lanes, source } = plan
  const shown = lanes.local.snapshot
  const tell = (what: string) => lanes.step(what, 'describe')
  const facts = await readFacts(shown, await source.readArchiveFacts(shown, tell), tell)
  const digest = digestOf(files)
  return {
    naming: plan.naming,
    license: plan.license,
    outgoing: [
      ...(plan.formats.some(holdsTables) ? plan.outgoing : []),
      ...madeTables(plan.outgoing, files),
    ],
    files,
    facts,
    options: toRecord(options, plan, added),
    digest,
    version: versionOf(digest),
    at: instantOf(facts.answers.newest_at),
  }
}

/** True for a format with the tables as they are; the others hold what is made of them, or answers. */
const holdsTables = (format: FormatName): boolean => format === 'sqlite' || isTableFormat(format)

function toRecord(options: ExportOptions, plan: Plan, added: boolean): RecordedOptions {
  const { write, outgoing, formats, former, source, view } = plan
  const appends = former?.manifest.afterfeed.options.appends ?? 0
  const { since, until, withLog = false, byMonth = false } = options
  return {
    formats,
    tables: outgoing.map((each) => each.table.name),
    since: since === undefined ? null : toIsoTime(BigInt(since)),
    until: until === undefined ? null : toIsoTime(BigInt(until)),
    seeds: source.seeds,
    ...view,
    pseudonym_key: source.fingerprint,
    with_log: withLog,
    with_signed_urls: write.withSignedUrls,
    parquet: write.parquet,
    rows_per_part: write.rowsPerPart,
    bytes_per_warc: write.bytesPerWarc,
    by_month: byMonth,
    csv_safe: write.csvSafe,
    appends: added ? appends + 1 : appends,
  }
}
