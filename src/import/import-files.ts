import { openArchive, type Archive, type Durability } from '../archive/archive.js'
import type { Outcome } from '../archive/run-log.js'
import { saveImportedPage } from '../archive/save-imported-page.js'
import { systemClock, type Clock } from '../api/clock.js'
import { ArchiveError, InputError } from '../model/errors.js'
import { version } from '../model/version.js'
import { readDump } from './read-dump.js'

/** What to import, and into what. */
export interface ImportOptions {
  archiveDir: string
  files: readonly string[]
  /** Microseconds since 1970. */
  clock?: Clock
  durability?: Durability
  /** Ends the import between two files. */
  signal?: AbortSignal
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
  /** Places in the new answers that could not be read as expected. */
  anomalies: number
  found: { file: string; endpoint: string }[]
  bad: BadFile[]
}

/**
 * Brings answers that people already hold into the archive: TikHub's, in their envelope, or the app's
 * own. Files that are none are listed, the others are taken; nothing is asked of any API.
 * @throws InputError if no file could be taken, ArchiveError if the archive cannot be used; nothing
 * was changed
 */
export async function importFiles(options: ImportOptions): Promise<ImportReport> {
  const run = new ImportRun(options)
  const { report } = run
  try {
    for (const [index, file] of options.files.entries()) {
      if (options.signal?.aborted) break
      await run.importFile(file)
      const pages = report.pages + report.held
      options.onProgress?.({ files: index + 1, totalFiles: options.files.length, pages })
    }
    if (options.signal?.aborted) report.outcome = 'interrupted'
    else if (report.found.length === 0) throw new InputError(badFilesMessage(report.bad))
    else if (report.bad.length > 0) report.outcome = 'failures'
    run.end()
  } finally {
    run.close()
  }
  return report
}

/** The archive is opened with the first page, so that bad input alone leaves nothing behind. */
class ImportRun {
  readonly report: ImportReport = {
    ...{ outcome: 'done', pages: 0, held: 0, anomalies: 0, found: [], bad: [] },
  }
  private archive: Archive | undefined
  private runId: number | undefined
  private readonly clock: Clock

  constructor(private readonly options: ImportOptions) {
    this.clock = options.clock ?? systemClock()
  }

  async importFile(file: string): Promise<void> {
    const { report } = this
    try {
      const found = await readDump(file, this.clock())
      const archive = (this.archive ??= this.open())
      const runId = () => (this.runId ??= this.begin(archive))
      const isNew = saveImportedPage(archive, { ...found, runId, origin: file })
      report.found.push({ file, endpoint: found.endpoint })
      if (!isNew) report.held += 1
      else {
        report.pages += 1
        report.anomalies += found.page.anomalies.length
      }
    } catch (error) {
      if (!(error instanceof InputError) || error instanceof ArchiveError) throw error
      report.bad.push({ file, problem: error.message })
    }
  }

  end(): void {
    if (this.runId !== undefined)
      this.archive?.runs.end(this.runId, this.report.outcome, this.clock())
  }

  close(): void {
    this.archive?.close()
  }

  private open(): Archive {
    const { archiveDir, durability } = this.options
    return openArchive(archiveDir, durability ? { durability } : {})
  }

  /** A run is noted with its first new answer: an import of what is held changes nothing. */
  private begin(archive: Archive): number {
    const { files } = this.options
    const startedAt = this.clock()
    return archive.runs.begin({ command: 'import', seeds: files, config: {}, version, startedAt })
  }
}

const badFilesMessage = (bad: readonly BadFile[]): string =>
  bad.length === 0
    ? 'no file was named'
    : bad.map(({ file, problem }) => `${file} ${problem}`).join('\n')
