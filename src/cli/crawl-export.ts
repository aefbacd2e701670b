import { InputError } from '../model/errors.js'
import type { Settings } from './settings.js'

const hourMicros = 3600e6

/**
 * Whether a dataset is to be written during a walk: a while before the first link ends, once for each
 * such end. Times in microseconds.
 */
export const isExportDue = (
  { now, nearestDeadline, lastAt }: { now: number; nearestDeadline: number | null; lastAt: number },
  beforeHours: number,
): boolean => {
  if (nearestDeadline === null || beforeHours === 0) return false
  const begin = nearestDeadline - beforeHours * hourMicros
  return now >= begin && lastAt < begin
}

/** What `crawl --export DIR` writes: in time before links end, and at the end. */
export class CrawlExport {
  private lastAt = -Infinity
  private underWay: Promise<void> = Promise.resolve()
  private isBusy = false
  private problem: { error: unknown } | null = null

  constructor(
    private readonly outDir: string,
    private readonly settings: Settings,
    private readonly signal: AbortSignal,
  ) {}

  /** @throws InputError if the folder holds something that no export wrote, or what is published */
  async check(): Promise<void> {
    const { checkOutFolder, requireUnpublished } = await import('../export/index.js')
    await checkOutFolder(this.outDir)
    await requireUnpublished(this.outDir)
  }

  /** Told how a walk stands: writes what is there if it is time. */
  watch(nearestDeadline: number | null, pages: number): void {
    const now = Date.now() * 1000
    const { before_deadline_h: hours } = this.settings.export
    if (this.isBusy || pages === 0) return
    if (!isExportDue({ now, nearestDeadline, lastAt: this.lastAt }, hours)) return
    this.lastAt = now
    this.isBusy = true
    this.underWay = this.write()
      .catch((error: unknown) => void (this.problem = { error }))
      .finally(() => (this.isBusy = false))
  }

  /** Writes what is there at the end; an interrupted run writes nothing more. @returns whether it did */
  async finish(): Promise<boolean> {
    await this.underWay
    if (this.problem?.error instanceof InputError) throw this.problem.error
    if (this.signal.aborted) return false
    await this.write()
    return true
  }

  private async write(): Promise<void> {
    const [{ exportDataset }, { archivePathIn }] = await Promise.all([
      import('../export/index.js'),
      import('../archive/archive-file.js'),
    ])
    const archivePath = archivePathIn(this.settings.archive)
    await exportDataset({ archivePath, outDir: this.outDir, signal: this.signal })
  }
}
