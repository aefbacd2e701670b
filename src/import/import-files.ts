import { basename, resolve } from 'node:path'
import { addAbortSignal, Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { isUnfinished, type Durability } from '../archive/archive.js'
import { hasArchive } from '../archive/archive-file.js'
import { rebuild, type ReplayOptions } from '../archive/rebuild.js'
import { withStorageErrors } from '../archive/storage-error.js'
import { systemClock, type Clock } from '../api/clock.js'
import { InputError } from '../model/errors.js'
import { AnswerGroup } from './answer-group.js'
import { besideFile, besideNothing, bodyOfHar, harsFirst } from './beside.js'
import { findInputs, type Input } from './inputs.js'
import { openInput } from './open-input.js'
import { mergeArchive, type Merging } from './merge-archive.js'
import { importLimits, type Bytes, type ImportLimits, type Reading, type Source } from './piece.js'
import { readSource } from './read-source.js'
import { Repeats } from './repeats.js'
import { isNothing, nothingTaken, Tally, type ImportReport } from './report.js'
import { PieceTaker, type PieceImport } from './take-pieces.js'
import { Target } from './target.js'
import { Videos } from './videos.js'

/** What to import, and into what. */
export interface ImportOptions {
  archiveDir: string
  /** Files, folders, patterns; `-` for what comes through the pipe. */
  files: readonly string[]
  /** What `-` stands for. */
  stdin?: Bytes
  /** Microseconds since 1970. */
  clock?: Clock
  durability?: Durability
  /** Limits that differ from the listed ones. */
  limits?: Partial<ImportLimits>
  /** Taken out of every answer before it is kept: your own API key. */
  secrets?: readonly string[]
  /** Ends the import between two answers. */
  signal?: AbortSignal
  onProgress?: (progress: ImportProgress) => void
}

/** Where an import stands; bytes are those of the files as they lie there. */
export interface ImportProgress {
  files: number
  totalFiles: number
  bytes: number
  totalBytes: number
  pages: number
  /** Set while the tables are built again: entries of the journal. */
  rebuild?: { done: number; total: number }
}

/**
 * Brings answers that people already hold into the archive: TikHub's, in their envelope, or the app's
 * own; files of one or many, HAR, WARC, ZIP, gzip, the official export, other archives. What is none is
 * told, the rest is taken; nothing is asked of any API.
 * @throws InputError if nothing could be taken, ArchiveError if the archive cannot be used; nothing
 * was changed
 */
export function importFiles(options: ImportOptions): Promise<ImportReport> {
  return withStorageErrors(options.archiveDir, async () => {
    const run = new ImportRun(options)
    try {
      return await run.importAll()
    } finally {
      await run.close()
    }
  })
}

const progressEveryMicros = 200_000

/** One import: file by file, then what had to wait for all of them. */
class ImportRun {
  private readonly tally = new Tally()
  private readonly closers: (() => void | Promise<void>)[] = []
  private readonly clock: Clock
  private readonly limits: ImportLimits
  private readonly target: Target
  private readonly group: AnswerGroup
  private readonly videos: Videos
  private readonly isSynced: boolean
  private readonly repeats = new Repeats()
  /** Files whose bodies came in with a HAR. */
  private readonly taken = new Set<string>()
  private readonly standing = { files: 0, totalFiles: 0, bytes: 0, totalBytes: 0 }
  private lastProgressAt = 0

  constructor(private readonly options: ImportOptions) {
    const { archiveDir, files, durability } = options
    this.clock = options.clock ?? systemClock()
    this.limits = { ...importLimits, ...options.limits }
    this.isSynced = durability !== 'normal'
    const { clock, tally, isSynced } = this
    const target = new Target({ archiveDir, files, clock, ...(durability ? { durability } : {}) })
    this.target = target
    this.group = new AnswerGroup(() => target.open())
    this.videos = new Videos({ target, tally, clock, isSynced })
  }

  async importAll(): Promise<ImportReport> {
    const { report } = this.tally
    const { inputs, bad, folders, links } = await findInputs(this.options.files)
    if (folders > 0) report.containers.folder = folders
    if (links > 0) this.tally.skipped('link', links)
    this.standing.totalFiles = inputs.length
    this.standing.totalBytes = inputs.reduce((sum, { size }) => sum + size, 0)
    await this.finishEarlier()
    for (const input of inputs.sort((one, other) => harsFirst(one.path, other.path))) {
      if (this.isAborted()) break
      await this.importInput(input)
    }
    this.tally.goOn()
    for (const { file, problem } of bad) this.tally.bad(file, '', problem)
    const isAborted = () => this.isAborted()
    await this.videos.save({ isAborted, saved: () => this.progress(false) })
    const rebuilt = await this.target.finishRebuild(this.replaying())
    report.rebuilt = rebuilt?.outcome === 'done'
    report.outcome = this.outcome()
    this.target.end(report.outcome)
    return report
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close()
    await this.target.close()
  }

  /** An import that was stopped while it built the tables again left that to the next. */
  private async finishEarlier(): Promise<void> {
    const { archiveDir, durability } = this.options
    if (!hasArchive(archiveDir) || !isUnfinished(archiveDir)) return
    await rebuild({ archiveDir, ...(durability ? { durability } : {}), ...this.replaying() })
  }

  private replaying(): ReplayOptions {
    const { clock } = this
    const { signal } = this.options
    return { clock, signal, onProgress: (rebuild) => this.tellProgress({ rebuild }) }
  }

  private isAborted(): boolean {
    return this.options.signal?.aborted === true
  }

  /** @throws InputError if nothing was taken */
  private outcome(): ImportReport['outcome'] {
    const { report } = this.tally
    if (this.isAborted()) return 'interrupted'
    if (isNothing(report)) throw new InputError(nothingTaken(report))
    return report.total_bad > 0 ? 'failures' : 'done'
  }

  private async importInput(input: Input): Promise<void> {
    const file = this.tally.begin(input.name)
    const taker = new PieceTaker(this.pieces(), input, file)
    if (this.taken.has(resolve(input.path))) this.tally.skipped(bodyOfHar)
    else if (input.kind === 'archive') await mergeArchive(this.merging(input, taker))
    else await this.importFile(input, taker)
    this.group.save()
    this.standing.files += 1
    this.progress(true)
  }

  private merging(input: Input, taker: PieceTaker): Merging {
    const { target, group, tally, isSynced } = this
    const { secrets = [] } = this.options
    return {
      ...{ input, taker, target, group, tally, secrets, isSynced },
      ownDir: this.options.archiveDir,
      isAborted: () => this.isAborted(),
      progress: () => this.breathe(),
    }
  }

  private pieces(): PieceImport {
    const { target, group, videos, tally, clock } = this
    const { secrets = [] } = this.options
    return { target, group, videos, tally, clock, secrets }
  }

  private async importFile(input: Input, taker: PieceTaker): Promise<void> {
    for await (const piece of readSource(this.sourceOf(input), this.reading())) {
      if (this.isAborted()) return
      taker.take(piece)
      this.progress(false)
    }
    taker.refuseForeign()
  }

  private sourceOf(input: Input): Source {
    const { kind, path, name } = input
    const { stdin, signal } = this.options
    const bytes = path === '' ? stdin : openInput(input)
    // A pipe may be silent for long: whoever stops the import does not wait for its next word.
    if (signal && bytes instanceof Readable) addAbortSignal(signal, bytes)
    const source = { place: '', name: basename(name), depth: 0 }
    const isFile = kind !== 'pipe'
    return {
      ...source,
      bytes: this.counted(bytes ?? noBytes()),
      path: isFile ? path : null,
      openBeside: isFile ? besideFile(path, this.taken) : besideNothing,
    }
  }

  private async *counted(bytes: Bytes): Bytes & AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      this.standing.bytes += chunk.length
      yield chunk
    }
  }

  private reading(): Reading {
    return {
      limits: this.limits,
      repeats: this.repeats,
      found: (container) => this.tally.found(container),
      later: (close) => this.closers.push(close),
    }
  }

  private async breathe(): Promise<void> {
    if (this.progress(false)) await setImmediate()
  }

  private progress(isFileDone: boolean): boolean {
    const now = this.clock()
    if (!isFileDone && now - this.lastProgressAt < progressEveryMicros) return false
    this.lastProgressAt = now
    this.tellProgress({})
    return true
  }

  private tellProgress(more: Pick<ImportProgress, 'rebuild'>): void {
    const { pages, held } = this.tally.report
    this.options.onProgress?.({ ...this.standing, pages: pages + held, ...more })
  }
}

async function* noBytes(): AsyncGenerator<Uint8Array> {
  // Nothing comes through the pipe.
}
