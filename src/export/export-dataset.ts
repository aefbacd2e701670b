import { setImmediate } from 'node:timers/promises'
import { Snapshot, type Row } from '../archive/snapshot.js'
import { exportedColumns } from '../model/tables.js'
import { chooseFormats, chooseTables } from './choose.js'
import type { ExportedFile, FormatWriter, Outgoing } from './format.js'
import { startFormat, type FormatName } from './formats.js'
import { openOutFolder } from './out-folder.js'
import { signatureRemover } from './signatures.js'

/** Rows that are handed on at once: so few that they die young in the collector's eyes. */
const rowsPerPage = 8

/** Rows between two looks at the signal, with a word on progress. */
const rowsPerStep = 256

/** How far an export is. */
export interface ExportProgress {
  table: string
  format: string
  rows: number
  totalRows: number
}

/** What to export, and how. */
export interface ExportOptions {
  /** Path of `archive.sqlite`. */
  archivePath: string
  /** A folder that does not exist, is empty, or holds a former export, which is replaced. */
  outDir: string
  /** Default: all. */
  formats?: readonly FormatName[]
  /** Names of tables; default: all that leave. */
  tables?: readonly string[]
  /** Keeps the query and fragment of URLs, which may let anybody fetch the files. Default: false. */
  withSignedUrls?: boolean
  /** Adds the tables that tell how the archive came about. Default: false. */
  withLog?: boolean
  onProgress?: (progress: ExportProgress) => void
  signal?: AbortSignal
}

/** What an export wrote. */
export interface ExportReport {
  outDir: string
  files: ExportedFile[]
}

interface Writer {
  format: FormatName
  writer: FormatWriter
}

/**
 * Writes a dataset from one snapshot of an archive. The folder changes only when all is complete:
 * an export that fails or is aborted leaves it as it was.
 * @throws InputError for unknown tables or formats, a missing archive, a folder with other things;
 * the signal's reason when aborted.
 */
export async function exportDataset(options: ExportOptions): Promise<ExportReport> {
  const tables = chooseTables(options.tables, options.withLog ?? false)
  const formats = chooseFormats(options.formats)
  options.signal?.throwIfAborted()
  const snapshot = new Snapshot(options.archivePath)
  try {
    const outgoing = tables.map((table) => ({
      table,
      columns: exportedColumns(table),
      rows: snapshot.countRows(table),
    }))
    return await writeDataset(options, { snapshot, outgoing, formats })
  } finally {
    snapshot.close()
  }
}

interface Plan {
  snapshot: Snapshot
  outgoing: readonly Outgoing[]
  formats: readonly FormatName[]
}

async function writeDataset(options: ExportOptions, plan: Plan): Promise<ExportReport> {
  const folder = await openOutFolder(options.outDir)
  const writers: Writer[] = []
  try {
    for (const format of plan.formats) {
      const start = { folder: folder.staging, tables: plan.outgoing }
      writers.push({ format, writer: await startFormat[format](start) })
    }
    for (const each of plan.outgoing) await writeTable(options, plan.snapshot, writers, each)
    const files: ExportedFile[] = []
    for (const { writer } of writers) files.push(...(await writer.close()))
    options.signal?.throwIfAborted()
    await folder.publish()
    return { outDir: options.outDir, files }
  } catch (error) {
    for (const { writer } of writers) await writer.abandon()
    await folder.discard()
    throw error
  }
}

async function writeTable(
  options: ExportOptions,
  snapshot: Snapshot,
  writers: readonly Writer[],
  outgoing: Outgoing,
): Promise<void> {
  const opened = []
  for (const { format, writer } of writers)
    opened.push({ format, writer: await writer.openTable(outgoing) })
  let rows = 0
  for (const page of readPages(snapshot, outgoing, options.withSignedUrls ?? false)) {
    for (const { writer } of opened) await writer.writeRows(page)
    rows += page.length
    if (rows % rowsPerStep !== 0 && rows !== outgoing.rows) continue
    for (const { format } of opened)
      options.onProgress?.({ table: outgoing.table.name, format, rows, totalRows: outgoing.rows })
    await setImmediate()
    options.signal?.throwIfAborted()
  }
  for (const { writer } of opened) await writer.close()
}

function* readPages(
  snapshot: Snapshot,
  { table, columns }: Outgoing,
  withSignedUrls: boolean,
): Generator<Row[]> {
  const removeSignatures = withSignedUrls ? () => {} : signatureRemover(columns)
  let page: Row[] = []
  for (const row of snapshot.readRows(table, columns)) {
    removeSignatures(row)
    page.push(row)
    if (page.length === rowsPerPage) {
      yield page
      page = []
    }
  }
  if (page.length > 0) yield page
}
