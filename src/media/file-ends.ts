import type { MediaStates } from '../archive/media-states.js'
import type { Links } from './links.js'
import type { MediaFile } from './media-file.js'
import type { WholeFile } from './partial-file.js'
import type { Schedule } from './schedule.js'

/** Why a file is not saved. */
export interface Cause {
  /** One word. */
  reason: string
  /** One sentence. */
  problem: string
  bytes?: number
}

/** What noting the fate of files needs. */
export interface FileEndsRoom {
  states: MediaStates
  links: Links
  schedule: Schedule
  clock: () => number
}

/** Notes what becomes of files, and counts it. */
export class FileEnds {
  readonly tally = { saved: 0, lost: 0, failed: 0, refused: 0, savedBytes: 0 }

  constructor(private readonly room: FileEndsRoom) {}

  /** A file lies under its name; `isReceived`: it was not there before this run. */
  save(file: MediaFile, whole: WholeFile, isReceived: boolean): void {
    const { sha256, bytes, path, contentType: content_type } = whole
    const saved_at = this.room.clock()
    const media = { asset_key: file.assetKey, sha256, bytes, path, content_type, saved_at }
    const attempts = triesToNote(file) - (isReceived ? 0 : 1)
    this.room.states.save({ ...media, attempts })
    this.room.schedule.end(file)
    this.room.schedule.sizes.learn(file.variant, bytes)
    this.tally.saved += 1
    this.tally.savedBytes += bytes
  }

  /** A file is not saved; `wanted`: it may be later. */
  end(file: MediaFile, state: 'lost' | 'failed' | 'refused' | 'wanted', cause: Cause): void {
    const { states, links, schedule, clock } = this.room
    const { assetKey: asset_key } = file
    schedule.end(file)
    if (state !== 'wanted') this.tally[state] += 1
    states.end({
      ...{ asset_key, state, reason: cause.reason, error: cause.problem },
      bytes: cause.bytes ?? null,
      deadline_at: links.best(asset_key)?.deadline ?? null,
      ended_at: state === 'wanted' ? null : clock(),
      attempts: triesToNote(file),
    })
  }

  /** A file has a link that works: it waits for its turn. */
  giveLink(file: MediaFile, deadline: number | null): void {
    file.deadline = deadline
    file.tries = 0
    this.room.states.want(file.assetKey, deadline)
    this.room.schedule.add(file)
  }
}

function triesToNote(file: MediaFile): number {
  const { untoldTries } = file
  file.untoldTries = 0
  return untoldTries
}
