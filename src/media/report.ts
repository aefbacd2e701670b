import type { MediaState } from '../archive/media-assets.js'
import type { Outcome } from '../archive/run-log.js'

/** How a run ended. */
export interface MediaReport {
  outcome: Outcome
  /** Files of the archive by state. */
  files: Record<MediaState, number>
  /** Files that this run saved, and bytes that it received. */
  saved_files: number
  received_bytes: number
  /** Paid calls of this run for fresh links. */
  requests_sent: number
  cost_usd: number
  /** What ended the run, in words. */
  message: string
}

/** Where a run stands. */
export interface MediaProgress {
  /** Files saved so far, and all that this run found wanted. */
  files: number
  totalFiles: number
  /** Bytes of both; partly guessed. */
  bytes: number
  totalBytes: number
  /** Infinity: not known yet. */
  bytesPerSecond: number
  /** Files that cannot be whole in time as things go. */
  atRisk: number
  /** Microseconds; NULL if no link of a file that waits ends. */
  nearestDeadline: number | null
  lost: number
  failed: number
  refused: number
}
