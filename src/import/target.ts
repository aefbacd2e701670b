import { openArchive, type Archive, type Durability } from '../archive/archive.js'
import { hasArchive } from '../archive/archive-file.js'
import { dropUnfinishedMedia, MediaLog } from '../archive/media-store.js'
import { finishRebuild, type RebuildReport, type ReplayOptions } from '../archive/rebuild.js'
import type { Outcome } from '../archive/run-log.js'
import { isOnlyWalked } from '../archive/save-imported-page.js'
import type { Clock } from '../api/clock.js'
import type { AnswerTime } from '../model/answer-time.js'
import { version } from '../model/version.js'

/** What the archive that is imported into needs to be told. */
export interface TargetOptions {
  archiveDir: string
  files: readonly string[]
  durability?: Durability
  clock: Clock
}

/** The archive that is imported into; it is opened with the first answer, so that bad input alone leaves nothing behind. */
export class Target {
  private archive: Archive | undefined
  private log: MediaLog | undefined
  private runId: number | undefined

  constructor(private readonly options: TargetOptions) {}

  /** The archive, made if there is none. */
  open(): Archive {
    const { archiveDir, durability } = this.options
    return (this.archive ??= openArchive(archiveDir, durability ? { durability } : {}))
  }

  /** The archive, opened if it is there already. */
  private existing(): Archive | undefined {
    return this.archive ?? (hasArchive(this.options.archiveDir) ? this.open() : undefined)
  }

  /** When an answer was given, if it is held. */
  timeOf(responseId: string): AnswerTime | undefined {
    return this.existing()?.times.of(responseId)
  }

  /** True if a walk got an answer, and no import told of it: its lists are news. */
  isOnlyWalked(responseId: string): boolean {
    const archive = this.existing()
    return archive !== undefined && isOnlyWalked(archive, responseId)
  }

  /** Its files. */
  media(): MediaLog {
    return (this.log ??= new MediaLog(this.open()))
  }

  /** A run is noted with the first news: an import of what is held changes nothing. */
  begin(): number {
    const { files, clock } = this.options
    const startedAt = clock()
    return (this.runId ??= this.open().runs.begin({
      ...{ command: 'import', seeds: files, config: {}, version, startedAt },
    }))
  }

  /** Builds the tables again if times of answers in them were corrected. @returns NULL if none were */
  async finishRebuild(options: ReplayOptions): Promise<RebuildReport | null> {
    return this.archive === undefined ? null : finishRebuild(this.archive, options)
  }

  /** Notes how the run ended, if one was noted. */
  end(outcome: Outcome): void {
    if (this.runId !== undefined) this.open().runs.end(this.runId, outcome, this.options.clock())
  }

  async close(): Promise<void> {
    if (this.archive === undefined) return
    await dropUnfinishedMedia(this.options.archiveDir)
    this.archive.close()
  }
}
