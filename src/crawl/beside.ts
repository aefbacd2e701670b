import type { Archive, Durability } from '../archive/archive.js'
import type { ApiClient } from '../api/client.js'
import { followSignal } from '../api/follow-signal.js'
import type { Pace } from '../api/pace.js'
import type { Spending } from '../api/spending.js'

/** What a walk shares with work that goes on beside it, in its process. */
export interface SharedRun {
  archive: Archive
  client: ApiClient
  pace: Pace
  spending: Spending
  clock: () => number
  runId: number
  baseUrl: string
  durability: Durability
  hasKey: boolean
  /** Ends the work cleanly: the run was interrupted, or broke. */
  signal: AbortSignal
  /** True once the walk is over. */
  isOver: () => boolean
  /** Has the walk wait, or go on. */
  hold: (isHeld: boolean) => void
}

/** Work beside a walk; its run ends when both have. */
export type Beside = (shared: SharedRun) => Promise<void>

/** Runs a walk and the work beside it; where one breaks, the other is ended, and its error is thrown. */
export async function runBoth<Result>(
  walk: () => Promise<Result>,
  work: (signal: AbortSignal, isOver: () => boolean) => Promise<void>,
  { signal, stop }: { signal: AbortSignal | undefined; stop: () => void },
): Promise<Result> {
  const ending = new AbortController()
  const letGo = followSignal(ending, signal)
  let isOver = false
  const end = (error: unknown): never => {
    stop()
    ending.abort()
    throw error
  }
  const walked = walk().finally(() => (isOver = true))
  const worked = work(ending.signal, () => isOver)
  const [result, other] = await Promise.allSettled([walked.catch(end), worked.catch(end)])
  letGo()
  if (result.status === 'rejected') throw result.reason
  if (other.status === 'rejected') throw other.reason
  return result.value
}
