import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { CommitWatch } from '../archive/snapshot.js'
import type { ExportedFile, Job } from './format.js'
import { LocalLane, type ExportProgress, type Lane, type Setup } from './lane.js'
import { Tally } from './tally.js'

/** More lanes than this take more memory than they save time. */
const mostLanes = 4

/** Below this an archive is written sooner than threads are started. */
const leastBytesForThreads = 16 * 1024 * 1024

/** How often lanes try to see the same instant while somebody writes; then one lane does it all. */
const tries = 200

/** What lanes are opened with. */
export interface LanesStart {
  archivePath: string
  /** Jobs that can be done at the same time. */
  jobs: number
  onProgress: (progress: ExportProgress) => void
  signal?: AbortSignal | undefined
}

/** Lanes that work at the same time, all on the same instant of the archive. */
export class Lanes {
  #deafen: () => void = () => {}

  private constructor(
    /** The lane of this thread, which waits while threads work. */
    readonly local: LocalLane,
    private threads: readonly Lane[],
    private readonly tally: Tally,
  ) {}

  /**
   * Opens a lane in this thread, and others in threads of their own where that pays. Run from the
   * TypeScript sources, where Node has no file for a thread, there is only the first; the bytes are
   * the same.
   */
  static async open({ archivePath, jobs, onProgress, signal }: LanesStart): Promise<Lanes> {
    const tally = new Tally(onProgress)
    const local: LocalLane = new LocalLane((progress) => tally.tell(local, progress))
    await local.open(archivePath)
    const lanes = new Lanes(local, await startThreads(archivePath, jobs, tally), tally)
    lanes.#listenTo(signal)
    try {
      if (lanes.threads.length > 0 && !(await lanes.#agree(archivePath))) await lanes.#endThreads()
      return lanes
    } catch (error) {
      await lanes.end()
      throw error
    }
  }

  async start(setup: Setup): Promise<void> {
    await Promise.all([...this.threads, this.local].map((each) => each.start(setup)))
  }

  /** Does the jobs, the longest first; the files come in the order of the jobs. */
  async run(jobs: readonly Job[]): Promise<ExportedFile[]> {
    const files = new Map<Job, ExportedFile[]>()
    const waiting = [...jobs].sort((one, other) => rowsOf(other) - rowsOf(one))
    for (const job of jobs) this.tally.expect(rowsOf(job))
    const work = async (lane: Lane): Promise<void> => {
      for (let job = waiting.shift(); job !== undefined; job = waiting.shift())
        files.set(job, await this.#do(lane, job))
    }
    const lanes = this.threads.length > 0 ? this.threads : [this.local]
    const ends = await Promise.allSettled(
      lanes.map((lane) =>
        work(lane).catch((error: unknown) => {
          waiting.length = 0
          this.#stop(error)
          throw error
        }),
      ),
    )
    const failed = ends.find((each) => each.status === 'rejected')
    if (failed) throw failed.reason
    return jobs.flatMap((job) => files.get(job)!)
  }

  /** Does a job in this thread, on the snapshot that knows the former rows. */
  runHere(job: Job): Promise<ExportedFile[]> {
    this.tally.expect(rowsOf(job))
    return this.#do(this.local, job)
  }

  /** A step of this thread, between jobs. */
  step(table: string, step: string): Promise<void> {
    return this.local.step({ format: 'package', table, step })
  }

  async end(): Promise<void> {
    this.#deafen()
    await this.#endThreads()
    await this.local.end()
  }

  async #do(lane: Lane, job: Job): Promise<ExportedFile[]> {
    const files = await lane.run(job)
    this.tally.end(lane, rowsOf(job))
    return files
  }

  async #endThreads(): Promise<void> {
    for (const each of this.threads) await each.end()
    this.threads = []
  }

  #listenTo(signal: AbortSignal | undefined): void {
    if (signal === undefined) return
    const stop = () => this.#stop(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop)
    this.#deafen = () => signal.removeEventListener('abort', stop)
  }

  #stop(reason: unknown): void {
    for (const each of [this.local, ...this.threads]) each.stop(reason)
  }

  /** Lets all lanes take their snapshots until nobody wrote between the first and the last of them. */
  async #agree(archivePath: string): Promise<boolean> {
    const watch = new CommitWatch(archivePath)
    try {
      for (let attempt = 0; attempt < tries; attempt += 1) {
        const before = watch.look()
        await this.local.open(archivePath)
        await Promise.all(this.threads.map((each) => each.open(archivePath)))
        if (watch.look() === before) return true
      }
      return false
    } finally {
      watch.close()
    }
  }
}

/** Rows that a job reads: of a table that grew, the new ones. */
const rowsOf = (job: Job): number =>
  job.tables.reduce((sum, { rows, added }) => sum + (added?.rows.rows ?? rows), 0)

async function startThreads(archivePath: string, jobs: number, tally: Tally): Promise<Lane[]> {
  const worker = new URL('./lane-worker.js', import.meta.url)
  const lanes = Math.min(availableParallelism(), mostLanes, jobs)
  if (lanes < 2 || !existsSync(fileURLToPath(worker))) return []
  if ((await stat(archivePath)).size < leastBytesForThreads) return []
  const { ThreadLane } = await import('./lane-thread.js')
  return Array.from({ length: lanes }, () => {
    const lane: Lane = new ThreadLane(worker, (progress) => tally.tell(lane, progress))
    return lane
  })
}
