import type { Archive } from '../archive/archive.js'
import type { KnownFiles } from './known-files.js'
import type { MediaFile } from './media-file.js'
import { isOfDraft, renewalFor } from './renew.js'
import type { Renewals } from './renewals.js'
import type { Schedule } from './schedule.js'

/** What ending the files that are left needs. */
export interface LeftFilesRoom {
  archive: Archive
  files: KnownFiles
  schedule: Schedule
  renewals: Renewals
  /** Paid calls for fresh links may be made. */
  isRenewing: boolean
}

/** Nothing more can be done for what is left: its links ended by `until`, or end too soon. */
export function endLeftFiles(room: LeftFilesRoom, until: number): void {
  room.archive.transaction(() => {
    for (const number of room.schedule.inTurn()) endLeft(room, room.files.whole(number), until)
  })
}

function endLeft({ renewals, isRenewing }: LeftFilesRoom, file: MediaFile, until: number): void {
  const isPast = (file.deadline ?? Infinity) <= until
  renewals.giveUp(file, {
    reason: isPast ? 'expired' : 'too_late',
    problem: isPast
      ? `its link has ended, and ${whyNot(file, isRenewing)}`
      : 'its link ends before it could be whole at the measured rate',
  })
}

const whyNot = (file: MediaFile, isRenewing: boolean): string => {
  if (renewalFor(file) !== null)
    return isRenewing ? 'a fresh one was asked for already' : 'no fresh one is asked for'
  return isOfDraft(file) ? "a draft's cannot be renewed" : 'no call renews it'
}
