import { Worker } from 'node:worker_threads'
import type { EncodedStream, Encoding, OnBytes, ParquetEncoder } from './parquet-encoder.js'

/** What the thread is asked to do. */
export type Question =
  | { ask: 'start'; encoding: Encoding }
  | { ask: 'write'; batch: Uint8Array }
  | { ask: 'close' }
  | { ask: 'abandon' }

/** What comes back: bytes at any time, and one end for each question. */
export type Answer =
  | { kind: 'bytes'; bytes: Uint8Array<ArrayBuffer> }
  | { kind: 'done' }
  | { kind: 'failed'; error: unknown }

interface Waiting {
  resolve: () => void
  reject: (error: unknown) => void
}

/** More bytes than a batch of many rows has; only a single long row, such as a thread, comes to more. */
const mostSharedBytes = 48 * 1024 * 1024

/** Encodes Parquet in a thread of its own; one batch is under way while the next is gathered. */
export class ParquetThread implements ParquetEncoder {
  readonly #worker: Worker
  readonly #waiting: Waiting[] = []
  #onBytes: OnBytes = () => {}
  #failure: Error | null = null
  #underWay: Promise<void> = Promise.resolve()
  #shared = new Uint8Array(new SharedArrayBuffer(0))

  constructor(worker: URL) {
    this.#worker = new Worker(worker, { execArgv: [] })
    this.#worker.on('message', (answer: Answer) => this.#take(answer))
    this.#worker.on('error', (error) => this.#fail(error))
    this.#worker.on('exit', () => this.#fail(new Error('the thread that encodes Parquet ended')))
  }

  start(encoding: Encoding, onBytes: OnBytes): EncodedStream {
    this.#onBytes = onBytes
    this.#begin({ ask: 'start', encoding })
    return {
      write: (batch) => this.#write(batch),
      close: async () => {
        await this.#underWay
        await this.#ask({ ask: 'close' })
      },
      abandon: () => this.#ask({ ask: 'abandon' }).catch(() => {}),
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  /** Returns when the batch before this one is encoded: the memory they share is free then. */
  async #write(batch: Uint8Array): Promise<void> {
    await this.#underWay
    if (isHuge(batch)) this.#begin({ ask: 'write', batch }, [batch.buffer])
    else this.#begin({ ask: 'write', batch: this.#share(batch) })
  }

  /** Copies a batch to memory that both threads see: nothing is left there for a collector. */
  #share(batch: Uint8Array): Uint8Array {
    if (this.#shared.length < batch.length)
      this.#shared = new Uint8Array(new SharedArrayBuffer(Math.ceil(batch.length * 1.25)))
    this.#shared.set(batch)
    return this.#shared.subarray(0, batch.length)
  }

  /** Asks, and leaves a failure to whoever waits for what is under way. */
  #begin(question: Question, handedOver: ArrayBuffer[] = []): void {
    this.#underWay = this.#ask(question, handedOver)
    this.#underWay.catch(() => {})
  }

  #ask(question: Question, handedOver: ArrayBuffer[] = []): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#worker.postMessage(question, handedOver)
    })
  }

  #take(answer: Answer): void {
    if (answer.kind === 'bytes') this.#onBytes(answer.bytes)
    else if (answer.kind === 'done') this.#waiting.shift()?.resolve()
    else this.#waiting.shift()?.reject(answer.error)
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error)
  }
}

/** A batch that is handed over, not copied: shared memory of its size would be held to the end. */
const isHuge = (batch: Uint8Array): batch is Uint8Array<ArrayBuffer> =>
  batch.length > mostSharedBytes &&
  batch.buffer instanceof ArrayBuffer &&
  batch.buffer.byteLength === batch.length
