import { once } from 'node:events'
import { existsSync, truncateSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { checkCopy, type CheckedCopy } from './check-copy.js'

/** What the thread tells: what it found, or why it could not look. */
export type CheckAnswer = CheckedCopy | { message: string; stack: string; code: unknown }

/**
 * Checks a copied database in a thread of its own: this one hears of a signal meanwhile. Stopped, it
 * empties the copy, for SQLite ends a check early only where nothing is left to check. Run from the
 * TypeScript sources, where Node has no file for a thread, it is done in this one.
 * @throws the reason of the signal, once nobody reads the copy any more
 */
export async function checkCopyBeside(path: string, signal?: AbortSignal): Promise<CheckedCopy> {
  const worker = new URL('./check-worker.js', import.meta.url)
  if (!existsSync(fileURLToPath(worker))) return checkCopy(path)
  signal?.throwIfAborted()
  const empty = () => truncateSync(path)
  signal?.addEventListener('abort', empty)
  try {
    const thread = new Worker(worker, { execArgv: [], workerData: path })
    const [answer] = (await once(thread, 'message')) as [CheckAnswer]
    signal?.throwIfAborted()
    if ('message' in answer) throw Object.assign(new Error(), answer)
    return answer
  } finally {
    signal?.removeEventListener('abort', empty)
  }
}
