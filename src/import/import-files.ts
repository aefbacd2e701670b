import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { hasArchive, openArchive, type Archive, type Durability } from '../archive/archive.js'
import { dropUnfinishedMedia, MediaLog, storeMedia } from '../archive/media-store.js'
import { openOther, OtherArchiveError, type OtherArchive } from '../archive/other-archive.js'
import { withStorageErrors } from '../archive/storage-error.js'
import { systemClock, type Clock } from '../api/clock.js'
import { ArchiveError, InputError } from '../model/errors.js'
import { version } from '../model/version.js'
import { AnswerGroup } from './answer-group.js'
import { findInputs, type Input } from './inputs.js'
import { mergeEntries, mergeMedia } from './merge-archive.js'
import {
  importLimits,
  type Bytes,
  type ImportLimits,
  type Piece,
  type Reading,
  type Source,
} from './piece.js'
import { readAnswer, type Answer } from './read-answer.js'
import { problemOf, readSource } from './read-source.js'
import { Tally, type FileReport, type ImportReport } from './report.js'
import { videoTypeOf } from './video-type.js'

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

type Text = Extract<Piece, { kind: 'text' }>
type Video = Extract<Piece, { kind: 'video' }> & { input: Input; file: FileReport }

/** Keys of answers of ours. */
const ownKeys = /"(router|items|post|profile|children|generation_id|task_id|user_id|posted_at)"\s*:/

const seemsOurs = (bytes: Buffer): boolean =>
  ownKeys.test(bytes.subarray(0, 2 ** 16).toString('latin1'))

const progressEveryMicros = 200_000

/** The archive is opened with the first answer, so that bad input alone leaves nothing behind. */
class ImportRun {
  private readonly tally = new Tally()
  private readonly group = new AnswerGroup(() => this.open())
  private readonly videos: Video[] = []
  private readonly closers: (() => void | Promise<void>)[] = []
  private readonly clock: Clock
  private readonly limits: ImportLimits
  private archive: Archive | undefined
  private mediaLog: MediaLog | undefined
  private runId: number | undefined
  private readonly standing = { files: 0, totalFiles: 0, bytes: 0, totalBytes: 0 }
  private lastProgressAt = 0

  constructor(private readonly options: ImportOptions) {
    this.clock = options.clock ?? systemClock()
    this.limits = { ...importLimits, ...options.limits }
  }

  async importAll(): Promise<ImportReport> {
    const { report } = this.tally
    const { inputs, bad, folders, links } = await findInputs(this.options.files)
    if (folders > 0) report.containers.folder = folders
    if (links > 0) this.tally.skipped('link', links)
    this.standing.totalFiles = inputs.length
    this.standing.totalBytes = inputs.reduce((sum, { size }) => sum + size, 0)
    for (const input of inputs) {
      if (this.isAborted()) break
      await this.importInput(input)
    }
    for (const { file, problem } of bad) this.tally.bad(file, '', problem)
    if (!this.isAborted()) await this.importVideos()
    this.group.save()
    report.outcome = this.outcome()
    if (this.runId !== undefined) this.archive?.runs.end(this.runId, report.outcome, this.clock())
    return report
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close()
    this.archive?.close()
  }

  private isAborted(): boolean {
    return this.options.signal?.aborted === true
  }

  /** @throws InputError if nothing was taken */
  private outcome(): ImportReport['outcome'] {
    const { report } = this.tally
    if (this.isAborted()) return 'interrupted'
    if (report.pages + report.held + report.media + report.media_held === 0)
      throw new InputError(nothingTaken(report))
    return report.total_bad > 0 ? 'failures' : 'done'
  }

  private async importInput(input: Input): Promise<void> {
    const file = this.tally.begin(input.name)
    if (input.kind === 'archive') await this.mergeArchive(input, file)
    else await this.importFile(input, file)
    this.group.save()
    this.standing.files += 1
    this.progress(true)
  }

  private async importFile(input: Input, file: FileReport): Promise<void> {
    let lastProblem = ''
    for await (const piece of readSource(this.sourceOf(input), this.reading())) {
      if (this.isAborted()) return
      lastProblem = this.takePiece(piece, input, file) ?? lastProblem
      this.progress(false)
    }
    this.refuseForeign(input, file, lastProblem)
  }

  private sourceOf(input: Input): Source {
    const { kind, path, name } = input
    const bytes =
      kind === 'pipe' ? this.options.stdin : createReadStream(path, { highWaterMark: 2 ** 20 })
    const source = { place: '', name: basename(name), depth: 0 }
    return {
      ...source,
      bytes: this.counted(bytes ?? noBytes()),
      path: kind === 'pipe' ? null : path,
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
      found: (container) => this.tally.found(container),
      later: (close) => this.closers.push(close),
    }
  }

  /** A file that was named for itself and holds nothing of ours is a mistake; one in a folder is not. */
  private refuseForeign(input: Input, file: FileReport, lastProblem: string): void {
    const found = Object.keys(file.answers).length > 0 || file.bad > 0
    if (!input.isNamed || found || this.videos.some((each) => each.file === file)) return
    const reasons = Object.entries(file.skipped).map(([reason, times]) => `${times} ${reason}`)
    const times = Object.values(file.skipped).reduce((sum, each) => sum + each, 0)
    const problem =
      times === 1 && lastProblem !== ''
        ? lastProblem
        : `holds no answer${reasons.length > 0 ? ` (${reasons.join(', ')})` : ''}`
    this.tally.bad(input.name, '', problem)
  }

  /** @returns why it was not taken, if it was not */
  private takePiece(piece: Piece, input: Input, file: FileReport): string | null {
    switch (piece.kind) {
      case 'skipped':
        this.tally.skipped(piece.reason)
        return piece.problem ?? null
      case 'bad':
        this.tally.bad(input.name, piece.place, piece.problem)
        return piece.problem
      case 'video':
        this.tally.found('video')
        this.videos.push({ ...piece, input, file })
        return null
      case 'text':
        return this.takeText(piece, input, file)
    }
  }

  private takeText(piece: Text, input: Input, file: FileReport): string | null {
    const now = this.clock()
    const { bytes, told, place } = piece
    const text = { bytes, fileAt: input.modifiedAt ?? now, now, ...(told ? { told } : {}) }
    const read = readAnswer(text, (responseId) => this.isHeld(responseId))
    switch (read.kind) {
      case 'held':
        this.tally.answer(read.endpoint)
        this.tally.held(file)
        return null
      case 'answer':
        this.take(read.answer, `${input.origin}${place}`, file)
        return null
      case 'unreadable':
        return this.refuseText(read.problem, piece, input)
      case 'not taken':
        this.tally.skipped(read.reason)
        return read.problem
    }
  }

  /** What is no JSON is told where it ought to be ours; elsewhere it is none of ours, and no wonder. */
  private refuseText(problem: string, piece: Text, input: Input): string {
    const isWholeFile = !piece.place.includes('#') && (piece.place !== '' || !input.isNamed)
    const isForeign = piece.told !== undefined && piece.told.route === null
    if (isForeign || (isWholeFile && !seemsOurs(piece.bytes))) this.tally.skipped('not ours')
    else this.tally.bad(input.name, piece.place, problem)
    return problem
  }

  private take(answer: Answer, origin: string, file: FileReport): void {
    this.tally.answer(answer.endpoint)
    const runId = () => this.begin()
    const anomalies = answer.page.anomalies.length
    this.group.add({
      imported: { ...answer, origin, runId },
      settled: ({ isNew, isOdd }) => {
        if (isNew) this.tally.saved(file, { isOdd, anomalies: isOdd ? 1 : anomalies })
        else this.tally.held(file)
      },
    })
  }

  private isHeld(responseId: string): boolean {
    return this.existing()?.ledger.has(responseId) ?? false
  }

  private async mergeArchive(input: Input, file: FileReport): Promise<void> {
    const { archiveDir } = this.options
    let other: OtherArchive | undefined
    try {
      other = openOther(input.path, archiveDir)
      await this.merge(other, input, file)
    } catch (error) {
      if (!(error instanceof OtherArchiveError)) throw error
      this.tally.bad(input.name, '', error.message)
    } finally {
      other?.close()
    }
  }

  private async merge(other: OtherArchive, input: Input, file: FileReport): Promise<void> {
    this.tally.found('archive')
    await mergeEntries(other, {
      archive: () => this.open(),
      group: this.group,
      runId: () => this.begin(),
      origin: input.origin,
      isHeld: (responseId) => this.isHeld(responseId),
      isAborted: () => this.isAborted(),
      held: (endpoint) => {
        this.tally.answer(endpoint)
        this.tally.held(file)
      },
      take: (answer, origin) => this.take(answer, origin, file),
      progress: () => this.breathe(),
    })
    this.group.save()
    await mergeMedia(other, {
      archive: () => this.open(),
      isAborted: () => this.isAborted(),
      log: () => this.media(),
      isSynced: this.options.durability !== 'normal',
      copied: (isNew) => this.tally.media(isNew),
      damaged: (key) => this.tally.bad(input.name, `#${key}`, 'is not what its digest says'),
    })
  }

  private async importVideos(): Promise<void> {
    this.group.save()
    for (const video of this.videos) {
      if (this.isAborted()) return
      try {
        await this.importVideo(video)
      } catch (error) {
        if (error instanceof ArchiveError) throw error
        this.tally.bad(video.input.name, video.place, problemOf(error))
      }
      this.progress(false)
    }
  }

  private async importVideo({ generationId, place, input, open }: Video): Promise<void> {
    const archive = this.open()
    const assetKey = this.media().keyOfGeneration(generationId) ?? `export/${generationId}`
    if (this.media().isHeld(assetKey)) return this.tally.media(false)
    const isSynced = this.options.durability !== 'normal'
    const stored = await storeMedia(archive.dir, await open(), { kindOf: videoTypeOf, isSynced })
    if (stored === null)
      return this.tally.bad(
        input.name,
        place,
        'is no video or picture: its first bytes are of neither',
      )
    this.begin()
    const { sha256, bytes, path, kind } = stored
    const file = { asset_key: assetKey, sha256, bytes, content_type: kind.contentType, path }
    this.tally.media(this.media().save({ ...file, saved_at: this.clock() }))
  }

  private media(): MediaLog {
    return (this.mediaLog ??= new MediaLog(this.open().database))
  }

  /** The archive, opened if it is there already. */
  private existing(): Archive | undefined {
    return this.archive ?? (hasArchive(this.options.archiveDir) ? this.open() : undefined)
  }

  private open(): Archive {
    if (this.archive) return this.archive
    const { archiveDir, durability } = this.options
    this.archive = openArchive(archiveDir, durability ? { durability } : {})
    this.closers.push(() => dropUnfinishedMedia(archiveDir))
    return this.archive
  }

  /** A run is noted with its first new answer: an import of what is held changes nothing. */
  private begin(): number {
    const { files } = this.options
    const startedAt = this.clock()
    return (this.runId ??= this.open().runs.begin({
      ...{ command: 'import', seeds: files, config: {}, version, startedAt },
    }))
  }

  private async breathe(): Promise<void> {
    if (this.progress(false)) await new Promise((resolve) => setImmediate(resolve))
  }

  private progress(isFileDone: boolean): boolean {
    const now = this.clock()
    if (!isFileDone && now - this.lastProgressAt < progressEveryMicros) return false
    this.lastProgressAt = now
    const { pages, held } = this.tally.report
    this.options.onProgress?.({ ...this.standing, pages: pages + held })
    return true
  }
}

async function* noBytes(): AsyncGenerator<Uint8Array> {
  // Nothing comes through the pipe.
}

const nothingTaken = ({ bad, skipped }: ImportReport): string => {
  if (bad.length > 0)
    return bad.map(({ file, place, problem }) => `${file}${place} ${problem}`).join('\n')
  const reasons = Object.entries(skipped).map(([reason, times]) => `${times} ${reason}`)
  return reasons.length === 0 ? 'no file was named' : `no answer was found (${reasons.join(', ')})`
}
