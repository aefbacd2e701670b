import { readFile, stat } from 'node:fs/promises'
import { openArchive, type Archive, type Durability } from '../archive/archive.js'
import { saveImportedPage } from '../archive/save-page.js'
import type { Outcome } from '../archive/run-log.js'
import { systemClock, type Clock } from '../api/clock.js'
import { findEndpoint } from '../model/endpoints.js'
import { InputError } from '../model/errors.js'
import { newestTimeIn } from '../model/page-time.js'
import type { Page, Params } from '../model/page.js'
import { parseJson } from '../model/parse-json.js'
import { readPage } from '../model/read-page.js'
import { accepted, recognise } from '../model/recognise.js'
import { version } from '../model/version.js'

/** What to import, and into what. */
export interface ImportOptions {
  archiveDir: string
  files: readonly string[]
  /** Microseconds since 1970. */
  clock?: Clock
  durability?: Durability
  onProgress?: (progress: { files: number; totalFiles: number; pages: number }) => void
}

/** A file that could not be taken, and why. */
export interface BadFile {
  file: string
  problem: string
}

/** What an import did. */
export interface ImportReport {
  outcome: Outcome
  /** Answers that are new to the archive. */
  pages: number
  /** Answers that it held already. */
  held: number
  anomalies: number
  found: { file: string; endpoint: string }[]
  bad: BadFile[]
}

/** A page found in a file. */
interface FoundPage {
  endpoint: string
  params: Params
  isList: boolean
  body: string
  page: Page
  receivedAt: number
  clock: 'envelope' | 'page' | 'file'
  upstreamRequestId: string | null
}

/**
 * Brings answers that people already hold into the archive: TikHub's, in their envelope, or the app's
 * own. Files that are none are listed, the others are taken; nothing is asked of any API.
 * @throws InputError if no file could be taken; nothing was changed
 */
export async function importFiles(options: ImportOptions): Promise<ImportReport> {
  const report: ImportReport = {
    outcome: 'done',
    pages: 0,
    held: 0,
    anomalies: 0,
    found: [],
    bad: [],
  }
  const run = new ImportRun(options, report)
  try {
    for (const [index, file] of options.files.entries()) {
      await importFile(run, file, report)
      options.onProgress?.({
        files: index + 1,
        totalFiles: options.files.length,
        pages: report.pages + report.held,
      })
    }
    if (report.found.length === 0) throw new InputError(badFilesMessage(report.bad))
    if (report.bad.length > 0) report.outcome = 'failures'
  } finally {
    run.end(report.outcome)
  }
  return report
}

async function importFile(run: ImportRun, file: string, report: ImportReport): Promise<void> {
  try {
    const found = await readDump(file)
    report.found.push({ file, endpoint: found.endpoint })
    run.save(file, found)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    report.bad.push({ file, problem: error.message })
  }
}

/** The archive is opened with the first page, so that bad input alone leaves nothing behind. */
class ImportRun {
  private archive: Archive | undefined
  private runId = 0
  private readonly clock: Clock

  constructor(
    private readonly options: ImportOptions,
    private readonly report: ImportReport,
  ) {
    this.clock = options.clock ?? systemClock()
  }

  save(file: string, found: FoundPage): void {
    const archive = (this.archive ??= this.open())
    const { isList, ...page } = found
    const isNew = saveImportedPage(archive, {
      ...page,
      runId: this.runId,
      origin: file,
      listing: isList ? listingOf(found) : null,
    })
    if (!isNew) this.report.held += 1
    else {
      this.report.pages += 1
      this.report.anomalies += found.page.anomalies.length
    }
  }

  end(outcome: Outcome): void {
    this.archive?.runs.end(this.runId, outcome, this.clock())
    this.archive?.close()
  }

  private open(): Archive {
    const { archiveDir, durability, files } = this.options
    const archive = openArchive(archiveDir, durability ? { durability } : {})
    this.runId = archive.runs.begin({
      command: 'import',
      seeds: files,
      config: {},
      version,
      startedAt: this.clock(),
    })
    return archive
  }
}

/** Which list a page belongs to: the one asked for, named by the subject among its parameters. */
function listingOf({ endpoint, params }: FoundPage) {
  const name = findEndpoint(endpoint)?.subject ?? null
  return { endpoint, subject: name === null ? null : (params[name] ?? null) }
}

/** @throws InputError if the file is no page of ours */
async function readDump(file: string): Promise<FoundPage> {
  const text = await readText(file)
  const body = parseText(text)
  const recognised = recognise(body)
  if (!recognised.ok) throw new InputError(`${recognised.problem}. Expected: ${accepted}`)
  const { endpoint, params, isList } = recognised
  const { page, envelope } = readPage(endpoint, params, text)
  const upstreamRequestId = envelope?.requestId ?? null
  const dated = await dateOf(envelope?.timeStamp ?? null, page, file)
  return { endpoint, params, isList, body: text, page, upstreamRequestId, ...dated }
}

async function readText(file: string): Promise<string> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (error) {
    throw new InputError(`cannot be read: ${(error as Error).message}`)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new InputError(`is no text in UTF-8. Expected: ${accepted}`)
  }
}

function parseText(text: string): unknown {
  try {
    return parseJson(text).value
  } catch (error) {
    throw new InputError(`is no JSON (${(error as Error).message}). Expected: ${accepted}`)
  }
}

/** When an answer was given: by its envelope, else by the newest time in it, else by its file. */
async function dateOf(
  timeStamp: number | null,
  page: Page,
  file: string,
): Promise<Pick<FoundPage, 'receivedAt' | 'clock'>> {
  if (timeStamp !== null && timeStamp > 0)
    return { receivedAt: Math.round(timeStamp * 1e6), clock: 'envelope' }
  const newest = newestTimeIn(page)
  if (newest !== null) return { receivedAt: newest, clock: 'page' }
  return { receivedAt: Math.round((await stat(file)).mtimeMs * 1000), clock: 'file' }
}

const badFilesMessage = (bad: readonly BadFile[]): string =>
  bad.length === 0
    ? 'no file was named'
    : bad.map(({ file, problem }) => `${file} ${problem}`).join('\n')
