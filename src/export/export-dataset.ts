import type { Snapshot } from '../archive/snapshot.js'
import type { Profile } from '../model/profiles.js'
import type { Table } from '../model/table.js'
import { exportedColumns } from '../model/tables.js'
import { keepFiles, keepSame, readFormer, readGrowth, type Former, type Growth } from './append.js'
import { chooseFormats, chooseTables, requireFull } from './choose.js'
import { requireSources, toMadeJobs } from './derived.js'
import { withFormer } from './former-options.js'
import { toFolderError } from './folder-trouble.js'
import {
  answerFormats,
  isWhole,
  type ExportedFile,
  type FormatName,
  type Job,
  type Outgoing,
} from './format.js'
import { requireKnownSeeds } from './known-seeds.js'
import { Lanes } from './lanes.js'
import { monthColumns } from './months.js'
import { requireNobodyForgotten } from './named-forgotten.js'
import { toNaming, toView, toWriteOptions, type ExportOptions } from './options.js'
import { checkOutFolder, openOutFolder } from './out-folder.js'
import { requireUnpublished } from './published-folder.js'
import { describedFor } from './publish/notes.js'
import { openSource } from './publish/source.js'
import { licenseOf } from './package/licenses.js'
import { writePackage } from './package/write-package.js'
import { toDataset, type Plan, type Written } from './to-dataset.js'
import { callsInTime } from './warc/call.js'

/** What an export wrote. */
export interface ExportReport {
  outDir: string
  files: ExportedFile[]
  /** The dataset's version: the digest of its data files. */
  version: string
}

/**
 * Writes a dataset from one snapshot of an archive. The folder changes only when all is complete:
 * an export that fails or is aborted leaves it as it was.
 * @throws InputError for unknown tables or formats, a missing archive, a folder with other things, or
 * with what is published where no profile is named;
 * the signal's reason when aborted.
 */
export async function exportDataset(given: ExportOptions): Promise<ExportReport> {
  const isUnnamed = given.profile === undefined && !given.append
  // What a killed export left is brought to an end by this: until then the folder may show no package.
  if (given.append || isUnnamed) await checkOutFolder(given.outDir)
  if (isUnnamed) await requireUnpublished(given.outDir)
  const former = given.append ? await readFormer(given.outDir) : null
  const options = former === null ? given : withFormer(given, former)
  const view = toView(options)
  const tables = chooseTables(options.tables, options.withLog ?? false, view.profile)
  const formats = chooseFormats(options.formats)
  requireFull(formats, view)
  requireSources(
    formats,
    tables.map((each) => each.name),
  )
  const write = toWriteOptions(options)
  const license = options.license === undefined ? null : licenseOf(options.license)
  const naming = toNaming(options)
  options.signal?.throwIfAborted()
  if (former === null) requireKnownSeeds(options.archivePath, options.seeds ?? [])
  requireNobodyForgotten(options.archivePath, naming)
  const jobs = formats.reduce((sum, each) => sum + (isWhole(each) ? 1 : tables.length), 0)
  const source = await openSource(options, view, former)
  try {
    const lanes = await openLanes(options, source.archivePath, jobs)
    try {
      await lanes.step('rows', 'choose')
      lanes.local.snapshot.cutTo(source.cut)
      const outgoing: Outgoing[] = []
      for (const table of tables) {
        await lanes.step(table.name, 'count')
        const shown = { byMonth: options.byMonth ?? false, ...view }
        outgoing.push(toOutgoing(lanes.local.snapshot, table, shown))
      }
      return await writeDataset(options, {
        ...{ lanes, source, view, write, outgoing, formats, license, naming, former },
      })
    } finally {
      await lanes.end()
    }
  } finally {
    await source.close()
  }
}

const openLanes = (
  { onProgress = () => {}, signal }: ExportOptions,
  archivePath: string,
  jobs: number,
): Promise<Lanes> => Lanes.open({ archivePath, jobs, onProgress, signal })

async function writeDataset(options: ExportOptions, plan: Plan): Promise<ExportReport> {
  const { lanes, source, write, outgoing, formats } = plan
  const folder = await openOutFolder(options.outDir).catch((error: unknown) => {
    throw toFolderError(error, options.outDir)
  })
  try {
    await lanes.start({ folder: folder.staging, cut: source.cut, options: write })
    const jobs = formats.flatMap((format) =>
      answerFormats.includes(format)
        ? [{ format, tables: [toCalls(lanes.local.snapshot)] }]
        : toJobs(format, outgoing),
    )
    const { files, added } = plan.former
      ? await append(plan.former, plan, { jobs, staging: folder.staging })
      : { files: await lanes.run(jobs), added: false }
    const dataset = await toDataset(options, plan, { files, added })
    const described = await writePackage(folder.staging, dataset)
    if (plan.former) await keepSame(plan.former, folder.staging, [...files, ...described])
    options.signal?.throwIfAborted()
    await source.check(folder.staging)
    await folder.publish()
    return {
      outDir: options.outDir,
      files: [...files, ...described],
      version: dataset.version,
    }
  } catch (error) {
    await folder.discard()
    throw toFolderError(error, options.outDir)
  }
}

/** Writes what is new or another one; tables that only grow get new parts. */
async function append(
  former: Former,
  { lanes }: Plan,
  { jobs, staging }: { jobs: readonly Job[]; staging: string },
): Promise<Written> {
  const anew: Job[] = []
  const grown: Growth[] = []
  for (const job of jobs) {
    const growth =
      job.format === 'parquet'
        ? await readGrowth(former, lanes.local.snapshot, job.tables[0]!)
        : null
    if (growth === null) anew.push(job)
    else grown.push(growth)
  }
  const files = await lanes.run(anew)
  for (const growth of grown) {
    files.push(...(await keepFiles(former, staging, growth)))
    if (growth.outgoing.added)
      files.push(...(await lanes.runHere({ format: 'parquet', tables: [growth.outgoing] })))
  }
  const place = (file: ExportedFile) => {
    const found = jobs.findIndex(
      ({ format, tables }) =>
        format === file.format && (isWhole(format) || tables[0]!.table.name === file.table),
    )
    return found === -1 ? jobs.length : found
  }
  files.sort((one, other) => place(one) - place(other))
  return { files, added: grown.some((each) => each.outgoing.added !== undefined) }
}

/** Formats of answers hold the whole ledger, whatever tables leave. */
const toCalls = (snapshot: Snapshot): Outgoing =>
  toOutgoing(snapshot, callsInTime, { byMonth: false, profile: 'full' })

/** `dataset.sqlite` holds all tables, so one job writes them. */
function toJobs(format: FormatName, outgoing: readonly Outgoing[]): Job[] {
  if (isWhole(format)) return [{ format, tables: outgoing }]
  return toMadeJobs(format, outgoing) ?? outgoing.map((each) => ({ format, tables: [each] }))
}

function toOutgoing(
  snapshot: Snapshot,
  table: Table,
  { byMonth, profile }: { byMonth: boolean; profile: Profile },
): Outgoing {
  const columns = describedFor(exportedColumns(table, profile), profile)
  const month = byMonth ? monthColumns[table.name] : undefined
  const column = columns.some((each) => each.name === month) ? month : undefined
  return {
    table,
    columns,
    rows: snapshot.countRows(table),
    slices: column === undefined ? null : snapshot.readSlices(table, column),
  }
}
