import { isSameTime, isTruer, originOfCall } from '../model/answer-time.js'
import { responseIdOf } from '../model/response-id.js'
import type { Archive } from './archive.js'
import type { SecondCall, TimeTold } from './answer-times.js'

/**
 * Takes a telling of when a held answer was given, if it is truer than the one that is held, and notes
 * that the tables, filled by the other, are to be built again. The caller holds the transaction.
 * @returns whether tables tell otherwise by it
 */
export function correctTime(archive: Archive, responseId: string, told: TimeTold): boolean {
  const held = archive.times.of(responseId)
  if (held === undefined || !isTruer(told, held)) return false
  archive.times.restamp(responseId, told)
  if (isSameTime(told, held)) return false
  archive.rebuilds.demand()
  return true
}

/**
 * Gives answers that were imported before the archive itself got them the times of its own calls: as if
 * they had come in the other order.
 * @returns how many
 */
export function correctTimes(archive: Archive): number {
  let count = 0
  for (const calls of archive.times.secondCalls())
    count += archive.transaction(() => calls.filter((call) => correctByCall(archive, call)).length)
  return count
}

function correctByCall(archive: Archive, call: SecondCall): boolean {
  const responseId = archive.intake.answerIdOf(call.callId) ?? responseIdOf(call)
  // A call of its own that told it first keeps its row in the ledger as it is.
  if (archive.times.of(responseId)?.origin === 'network') return false
  const { callId, receivedAt, runId, upstreamRequestId } = call
  const told: TimeTold = {
    ...{ at: receivedAt, clock: 'local', origin: originOfCall(callId) },
    ...{ runId, upstreamRequestId },
  }
  return correctTime(archive, responseId, told)
}
