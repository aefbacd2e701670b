import { setTimeout as sleep } from 'node:timers/promises'
import type { Archive } from '../archive/archive.js'

/** Requests that get their place in another order before the first call: some 0.2 s. */
export const orderedAtOnce = 20_000

/** Requests that get their place at a time beside the walk: some 10 ms. */
const orderedAtATime = 1_000

/** The walk's turn between two stretches. */
const pauseMs = 10

/** How far the ordering of a run has come, and when it may go on. */
export interface OrderingUnderWay {
  runId: number
  /** The request up to which all are in place; NULL: all of them are. */
  orderedTo: number | null
  /** True once the walk has had its first request: that one waits for nothing. */
  isBegun: () => boolean
  isOver: () => boolean
}

/**
 * Brings the rest of a long frontier into the order of a run, beside its walk: a stretch, then the
 * walk's turn. What has not got its place yet goes by that in the order before. Ended anywhere, the
 * next run in this order goes on.
 */
export async function orderRest(archive: Archive, ordering: OrderingUnderWay): Promise<void> {
  const { runId, isBegun, isOver } = ordering
  for (let placed = ordering.orderedTo; placed !== null && !isOver(); await sleep(pauseMs))
    if (isBegun()) placed = orderNext(archive, runId, { after: placed, count: orderedAtATime })
}

/**
 * Brings a stretch of the frontier into the order that is followed, and notes with it how far that is.
 * @returns the request up to which all are in place; NULL: all of them are
 */
export function orderNext(
  archive: Archive,
  runId: number,
  { after, count }: { after: number; count: number },
): number | null {
  return archive.transaction(() => {
    const orderedTo = archive.frontier.order.place(after, count)
    archive.runs.noteOrdered(runId, orderedTo)
    return orderedTo
  })
}
