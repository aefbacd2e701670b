import { parentPort } from 'node:worker_threads'
import type { EncodedStream, OnBytes } from './parquet-encoder.js'
import { ParquetStream } from './parquet-stream.js'
import type { Answer, Question } from './parquet-thread.js'

const port = parentPort!
let stream: EncodedStream | null = null

const sendBytes: OnBytes = (bytes) =>
  port.postMessage({ kind: 'bytes', bytes } satisfies Answer, [bytes.buffer])

/** Does what the other thread asks, in order; each question gets one answer. */
async function answer(question: Question): Promise<void> {
  switch (question.ask) {
    case 'start':
      stream = new ParquetStream(question.encoding, sendBytes)
      return
    case 'write':
      return stream!.write(question.batch)
    case 'close':
      return stream!.close()
    case 'abandon':
      return stream?.abandon()
  }
}

port.on('message', (question: Question) => {
  answer(question).then(
    () => port.postMessage({ kind: 'done' } satisfies Answer),
    (error: unknown) => port.postMessage({ kind: 'failed', error } satisfies Answer),
  )
})
