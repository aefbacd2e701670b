import type { MediaStates } from '../archive/media-states.js'
import type { Outcome } from '../archive/run-log.js'
import { exactUsd } from '../model/prices.js'
import type { FileEnds } from './file-ends.js'
import type { Intake } from './intake.js'
import type { KnownFiles } from './known-files.js'
import type { Speed } from './order.js'
import type { Renewals } from './renewals.js'
import type { MediaProgress, MediaReport } from './report.js'
import type { Schedule } from './schedule.js'

/** What a run is told by: what it took, ended, paid for, and has yet to do. */
export interface Tallied {
  readonly files: KnownFiles
  readonly intake: Intake
  readonly ends: FileEnds
  readonly schedule: Schedule
  readonly states: MediaStates
  readonly renewals: Renewals
  readonly receivedBytes: number
}

/** Where a run stands. */
export function toStanding(run: Tallied, { bytesPerSecond, now }: Speed): MediaProgress {
  const { intake, schedule } = run
  const { saved, savedBytes, lost, failed, refused } = run.ends.tally
  return {
    files: saved,
    totalFiles: run.files.size,
    bytes: savedBytes,
    totalBytes: savedBytes + schedule.bytes(),
    bytesPerSecond,
    atRisk: schedule.atRisk,
    nearestDeadline: schedule.nearestDeadline(now),
    ...{ lost, failed, refused: refused + intake.refused },
  }
}

/** How a run that is over ended. */
export function toReport(run: Tallied, isInterrupted: boolean): MediaReport {
  const { paid, stopped } = run.renewals
  const outcome = isInterrupted ? 'interrupted' : toOutcome(run)
  return {
    outcome,
    files: run.states.counts(),
    saved_files: run.ends.tally.saved,
    received_bytes: run.receivedBytes,
    requests_sent: paid.calls,
    cost_usd: exactUsd(paid.usd),
    message: outcome === stopped?.outcome ? stopped.message : outcome,
  }
}

function toOutcome({ renewals, ends, intake }: Tallied): Outcome {
  if (renewals.stopped !== null) return renewals.stopped.outcome
  const { lost, failed, refused } = ends.tally
  const unsaved = lost + failed + refused + intake.refused + intake.leftOut
  return unsaved > 0 ? 'failures' : 'done'
}
