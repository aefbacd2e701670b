import { parentPort, workerData } from 'node:worker_threads'
import { checkCopy } from './check-copy.js'
import type { CheckAnswer } from './check-thread.js'

function answer(): CheckAnswer {
  try {
    return checkCopy(workerData as string)
  } catch (error) {
    const { message, stack = '', code } = error as Error & { code?: unknown }
    return { message, stack, code }
  }
}

parentPort!.postMessage(answer())
