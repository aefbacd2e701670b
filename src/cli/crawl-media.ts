import type { Outcome } from '../archive/run-log.js'
import type { Beside } from '../crawl/beside.js'
import type { MediaProgress, MediaReport } from '../media/index.js'
import { toMediaSettings } from './media-settings.js'
import type { Settings } from './settings.js'

/** Saving media beside a walk. */
export interface MediaBeside {
  beside: Beside
  /** Where it stands; NULL before it began. */
  progress: () => MediaProgress | null
  /** How it ended; NULL before. */
  report: () => MediaReport | null
}

/** What `crawl --media` runs beside the walk. */
export function mediaBeside({ media }: Settings): MediaBeside {
  let [progress, report]: [MediaProgress | null, MediaReport | null] = [null, null]
  return {
    progress: () => progress,
    report: () => report,
    beside: async ({ hold, ...shared }) => {
      const { saveMediaBeside } = await import('../media/index.js')
      const isFirst = media.priority === 'deadline'
      report = await saveMediaBeside(isFirst ? { ...shared, onEndangered: hold } : shared, {
        ...toMediaSettings(media, {}),
        onProgress: (now) => (progress = now),
      })
    },
  }
}

const gravest: readonly Outcome[] = ['interrupted', 'refused', 'budget', 'failures', 'done']

/** How two that ran beside each other ended together. */
export const jointOutcome = (one: Outcome, other: Outcome): Outcome =>
  gravest.find((each) => each === one || each === other)!
