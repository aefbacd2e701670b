import { setImmediate } from 'node:timers/promises'
import { absenceReader, type ReadAbsence } from '../archive/absence-of-call.js'
import { Bodies } from '../archive/bodies.js'
import type { Cut } from '../archive/cut.js'
import { Snapshot, type NewRows, type Row, type Slice } from '../archive/snapshot.js'
import {
  answerFormats,
  type Desk,
  type DeskStep,
  type ExportedFile,
  type Job,
  type Outgoing,
  type WriteOptions,
} from './format.js'
import { writeFormat } from './formats.js'
import { inChunks } from './pages.js'
import { signatureRemover } from './signatures.js'

/** Rows that are handed on at once: so few that they die young in the collector's eyes. */
const rowsPerPage = 32

/** Rows between two looks at the signal, with a word on progress; fewer where each brings an answer. */
const rowsPerStep = 256

/** How far a job is. */
export interface LaneProgress {
  table: string
  format: string
  /** What is done that is not reading a table's rows; NULL while they are read. */
  step: string | null
  /** Of the table, or of the step; both 0 where a step has no such measure. */
  rows: number
  totalRows: number
  /** Rows that the job has read, of all its tables. */
  read: number
}

/** How far an export is. */
export interface ExportProgress extends Omit<LaneProgress, 'read'> {
  /** Rows that were read, and those to be read, for all files together. */
  done: number
  total: number
}

/** What all jobs of an export have in common. */
export interface Setup {
  /** An empty folder that exists. */
  folder: string
  cut: Cut
  options: WriteOptions
}

/** Does jobs one after the other, on a snapshot of its own. */
export interface Lane {
  /** Takes the snapshot, or takes it anew. */
  open(archivePath: string): Promise<void>
  start(setup: Setup): Promise<void>
  run(job: Job): Promise<ExportedFile[]>
  /** Asks the job under way to end. */
  stop(reason: unknown): void
  /** Lets go of everything. Never throws. */
  end(): Promise<void>
}

/** A step, and for which format it is taken. */
type StepOf = DeskStep & { format: string }

/** A lane in this thread. */
export class LocalLane implements Lane {
  readonly #onProgress: (progress: LaneProgress) => void
  readonly #kept = new Map<string, Promise<{ end(): Promise<void> }>>()
  readonly #abort = new AbortController()
  #snapshot: Snapshot | null = null
  #setup: Setup | null = null
  #read = 0

  constructor(onProgress: (progress: LaneProgress) => void) {
    this.#onProgress = onProgress
  }

  get snapshot(): Snapshot {
    if (this.#snapshot === null) throw new Error('the snapshot is not taken yet')
    return this.#snapshot
  }

  open(archivePath: string): Promise<void> {
    this.#snapshot?.close()
    this.#snapshot = new Snapshot(archivePath)
    return Promise.resolve()
  }

  start(setup: Setup): Promise<void> {
    this.snapshot.cutTo(setup.cut)
    this.#setup = setup
    return Promise.resolve()
  }

  run(job: Job): Promise<ExportedFile[]> {
    const { folder, options } = this.#setup!
    this.#read = 0
    let bodies: Bodies | undefined
    let readAbsence: ReadAbsence | undefined
    const desk: Desk = {
      folder,
      options,
      readPages: (outgoing, slice = null) => this.#readPages(job.format, outgoing, slice),
      pause: () => this.#pause(),
      step: (step) => this.step({ format: job.format, ...step }),
      readBody: (sha256) =>
        (bodies ??= new Bodies(this.snapshot.database)).readBytes(sha256) ?? null,
      rewrittenFrom: (responseId) => this.snapshot.rewrittenFrom(responseId),
      readAbsence: (call) => (readAbsence ??= absenceReader(this.snapshot.database))(call),
      newestAt: () => this.snapshot.newestAnswerAt(),
      keep: (name, start) => this.#keep(name, start),
    }
    return writeFormat[job.format](job, desk)
  }

  /** Tells what is done next that is not reading rows, lets others work, and looks at the signal. */
  async step({ format, table, step, rows = 0, totalRows = 0 }: StepOf): Promise<void> {
    this.#onProgress({ table, format, step, rows, totalRows, read: this.#read })
    await this.#pause()
  }

  stop(reason: unknown): void {
    this.#abort.abort(reason)
  }

  async end(): Promise<void> {
    for (const kept of this.#kept.values()) await kept.then((each) => each.end()).catch(() => {})
    this.#snapshot?.close()
  }

  #keep<T extends { end(): Promise<void> }>(name: string, start: () => Promise<T>): Promise<T> {
    const kept = this.#kept.get(name) ?? start()
    this.#kept.set(name, kept)
    return kept as Promise<T>
  }

  async *#readPages(
    format: string,
    outgoing: Outgoing,
    slice: Slice | NewRows | null,
  ): AsyncGenerator<Row[]> {
    const table = outgoing.table.name
    const totalRows = slice?.rows ?? outgoing.rows
    const most = answerFormats.some((each) => each === format) ? rowsPerPage : rowsPerStep
    let rows = 0
    let nextStep = most
    for (const page of this.#pages(outgoing, slice)) {
      yield page
      rows += page.length
      this.#read += page.length
      if (rows < nextStep && rows !== totalRows) continue
      nextStep = rows + most
      this.#onProgress({ table, format, step: null, rows, totalRows, read: this.#read })
      await this.#pause()
    }
  }

  async #pause(): Promise<void> {
    await setImmediate()
    this.#abort.signal.throwIfAborted()
  }

  *#pages(outgoing: Outgoing, slice: Slice | NewRows | null): Generator<Row[]> {
    const { withSignedUrls } = this.#setup!.options
    const removeSignatures = withSignedUrls ? null : signatureRemover(outgoing.columns)
    const rows = this.snapshot.readRows(outgoing.table, outgoing.columns, slice)
    for (const page of inChunks(rows, rowsPerPage)) {
      if (removeSignatures) for (const row of page) removeSignatures(row)
      yield page
    }
  }
}
