import { parentPort } from 'node:worker_threads'
import type { ExportedFile } from './format.js'
import { LocalLane } from './lane.js'
import type { LaneAnswer, LaneQuestion } from './lane-thread.js'

const port = parentPort!
const tell = (answer: LaneAnswer): void => port.postMessage(answer)
const lane = new LocalLane((progress) => tell({ kind: 'progress', progress }))

/** Does what the other thread asks, in order. */
async function answer(question: LaneQuestion): Promise<ExportedFile[]> {
  switch (question.ask) {
    case 'open':
      await lane.open(question.archivePath)
      return []
    case 'start':
      await lane.start(question.setup)
      return []
    case 'run':
      return lane.run(question.job)
    case 'stop':
      lane.stop(new Error('stopped'))
      return []
    case 'end':
      await lane.end()
      return []
  }
}

port.on('message', (question: LaneQuestion) => {
  answer(question).then(
    (files) => question.ask !== 'stop' && tell({ kind: 'done', files }),
    (error: Error & { code?: unknown }) =>
      tell({ kind: 'failed', message: error.message, stack: error.stack, code: error.code }),
  )
})
