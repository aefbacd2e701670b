import { Worker } from 'node:worker_threads'
import type { ExportedFile, Job } from './format.js'
import type { Lane, LaneProgress, Setup } from './lane.js'

/** What the thread is asked to do. */
export type LaneQuestion =
  | { ask: 'open'; archivePath: string }
  | { ask: 'start'; setup: Setup }
  | { ask: 'run'; job: Job }
  | { ask: 'stop' }
  | { ask: 'end' }

/** What comes back: progress at any time, and one end for each question but `stop`. */
export type LaneAnswer =
  | { kind: 'progress'; progress: LaneProgress }
  | { kind: 'done'; files: ExportedFile[] }
  | { kind: 'failed'; message: string; stack: string | undefined; code: unknown }

interface Waiting {
  resolve: (files: ExportedFile[]) => void
  reject: (error: unknown) => void
}

/** A lane in a thread of its own. */
export class ThreadLane implements Lane {
  readonly #worker: Worker
  readonly #onProgress: (progress: LaneProgress) => void
  readonly #waiting: Waiting[] = []
  #stopped: { reason: unknown } | null = null
  #failure: Error | null = null

  constructor(worker: URL, onProgress: (progress: LaneProgress) => void) {
    this.#onProgress = onProgress
    this.#worker = new Worker(worker, { execArgv: [] })
    this.#worker.on('message', (answer: LaneAnswer) => this.#take(answer))
    this.#worker.on('error', (error) => this.#fail(error))
    this.#worker.on('exit', () => this.#fail(new Error('a thread of the export ended')))
  }

  async open(archivePath: string): Promise<void> {
    await this.#ask({ ask: 'open', archivePath })
  }

  async start(setup: Setup): Promise<void> {
    await this.#ask({ ask: 'start', setup })
  }

  run(job: Job): Promise<ExportedFile[]> {
    return this.#ask({ ask: 'run', job })
  }

  stop(reason: unknown): void {
    this.#stopped ??= { reason }
    this.#worker.postMessage({ ask: 'stop' } satisfies LaneQuestion)
  }

  async end(): Promise<void> {
    await this.#ask({ ask: 'end' }).catch(() => {})
    await this.#worker.terminate()
  }

  #ask(question: LaneQuestion): Promise<ExportedFile[]> {
    if (this.#failure) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#worker.postMessage(question)
    })
  }

  #take(answer: LaneAnswer): void {
    if (answer.kind === 'progress') return this.#onProgress(answer.progress)
    const waiting = this.#waiting.shift()
    if (answer.kind === 'done') return waiting?.resolve(answer.files)
    const { message, stack, code } = answer
    const error = Object.assign(new Error(message), { stack, code })
    waiting?.reject(this.#stopped ? this.#stopped.reason : error)
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error)
  }
}
