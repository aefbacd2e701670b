import type Database from 'better-sqlite3'
import { MediaAssets, type AssetRow } from '../archive/media-assets.js'
import { MediaStates, type MediaReason } from '../archive/media-states.js'
import { Column } from './column.js'
import { neededRate, roomInTurn, type Speed } from './order.js'
import { isOfDraft, keyOf, renewalOf, type Owner } from './renew.js'
import { Sizes } from './sizes.js'
import { WaitingFiles, type NamedFile, type WaitingFile } from './waiting-files.js'
import { isFresh, wantedOf, type WantedRow, type Wish } from './wanted.js'

/** What is saved, what waits and until when, what is lost; times in microseconds. */
export interface MediaOutlook {
  /** Files of the table `media`. */
  saved: number
  /** Wanted and not tried to the end yet; the ones below are of these. */
  waiting: number
  /** Their links end before they could be whole, at the rate of the last downloads. */
  at_risk: number
  /** Their links have ended, and a paid call would renew them. */
  renewable: number
  /** Their links have ended, and no call renews them; drafts among them. */
  unrenewable: number
  unrenewable_drafts: number
  lost: number
  failed: number
  refused: number
  saved_bytes: number
  /** Partly guessed. */
  waiting_bytes: number
  /** Paid calls that would renew the links that have ended. */
  renewal_calls: number
  /** Bytes a second of the last downloads; NULL: too few so far. */
  bytes_per_second: number | null
  /** At which all whose links have not ended would be in time; NULL: no link ends. */
  needed_bytes_per_second: number | null
  /** The next ends of links, by the hour. */
  deadlines: { ends_at: number; files: number; bytes: number }[]
  /** Why files are lost, failed or refused. */
  reasons: MediaReason[]
}

const hour = 3600e6
const deadlinesShown = 10

/** Reads how things stand with the files that are wanted; `now` in microseconds. */
export function readOutlook(
  database: Database.Database,
  { wish, now, margin }: { wish: Wish; now: number; margin: number },
): MediaOutlook {
  const assets = new MediaAssets(database)
  const states = new MediaStates(database)
  const waiting = readWaiting(assets, wish)
  const ended = countEnded(waiting, now + margin)
  const rate = states.recentRate()
  const speed: Speed = { now, margin, bytesPerSecond: rate ?? Infinity }
  const needed = neededRate(alive(waiting, now + margin), speed)
  const { saved, lost, failed, refused } = states.counts()
  return {
    ...{ saved, waiting: waiting.size },
    at_risk: countTooLate(alive(waiting, now + margin), speed),
    ...{ renewable: ended.renewable, unrenewable: ended.unrenewable },
    unrenewable_drafts: ended.unrenewableDrafts,
    ...{ lost, failed, refused, saved_bytes: states.savedBytes() },
    waiting_bytes: bytesOf(waiting.inTurn()),
    renewal_calls: ended.renewers,
    bytes_per_second: rate,
    needed_bytes_per_second: needed === 0 ? null : needed,
    deadlines: deadlinesOf(alive(waiting, now + margin)),
    reasons: states.reasons(),
  }
}

/** The files that wait, of every owner; owners are numbered as they come. */
function readWaiting(assets: MediaAssets, wish: Wish): WaitingFiles {
  const sizes = new Sizes()
  for (const { variant, bytes, files } of assets.savedSizes()) sizes.learn(variant, bytes, files)
  const held = assets.ownersWithHeldVideo()
  const waiting = new WaitingFiles()
  let number = 0
  for (const owners of assets.owners())
    for (const rows of owners) {
      const owner = { ...ownerOf(rows[0]!), number: (number += 1) }
      for (const { row, use } of wantedOf(rows, wish, held.has(keyOf(owner))))
        if (isWaiting(row))
          waiting.add(assets.placeOf(row.asset_key), toNamed({ row, use }, owner, sizes))
    }
  return waiting
}

const ownerOf = ({ owner_kind, owner_id }: AssetRow): Owner => ({ owner_kind, owner_id })

function toNamed(
  { row, use }: WantedRow,
  owner: Owner & { number: number },
  sizes: Sizes,
): NamedFile {
  return {
    ...{ deadline: row.expires_at, use },
    bytes: row.size_bytes ?? sizes.guess(row.variant),
    isOfDraft: isOfDraft({ owners: [owner] }),
    renewer: renewalOf(owner) === null ? 0 : owner.number,
  }
}

const isWaiting = (row: AssetRow): boolean =>
  row.state === null || row.state === 'wanted' || (row.state !== 'saved' && isFresh(row))

/** Files whose links have not ended, in turn. */
function* alive(files: WaitingFiles, until: number): Generator<WaitingFile> {
  for (const file of files.inTurn()) if ((file.deadline ?? Infinity) > until) yield file
}

/** Files whose links have ended, and how many owners are asked about for fresh ones. */
interface Ended {
  renewable: number
  unrenewable: number
  unrenewableDrafts: number
  renewers: number
}

function countEnded(files: WaitingFiles, until: number): Ended {
  const ended: Ended = { renewable: 0, unrenewable: 0, unrenewableDrafts: 0, renewers: 0 }
  const isCounted = new Column(Uint8Array)
  for (const { deadline, renewer, isOfDraft } of files.inTurn()) {
    if ((deadline ?? Infinity) > until) break
    if (renewer > 0) {
      ended.renewable += 1
      if (isCounted.at(renewer) === 0) ended.renewers += 1
      isCounted.set(renewer, 1)
    } else {
      ended.unrenewable += 1
      if (isOfDraft) ended.unrenewableDrafts += 1
    }
  }
  return ended
}

function countTooLate(files: Iterable<WaitingFile>, speed: Speed): number {
  const hasRoom = roomInTurn(speed)
  let count = 0
  for (const file of files) if (!hasRoom(file)) count += 1
  return count
}

function bytesOf(files: Iterable<WaitingFile>): number {
  let sum = 0
  for (const { bytes } of files) sum += bytes
  return sum
}

function deadlinesOf(files: Iterable<WaitingFile>): MediaOutlook['deadlines'] {
  const hours = new Map<number, { ends_at: number; files: number; bytes: number }>()
  for (const { deadline, bytes } of files) {
    if (deadline === null) continue
    const key = Math.floor(deadline / hour)
    const known = hours.get(key) ?? { ends_at: deadline, files: 0, bytes: 0 }
    const ends_at = Math.min(known.ends_at, deadline)
    hours.set(key, { ends_at, files: known.files + 1, bytes: known.bytes + bytes })
  }
  const inOrder = [...hours.values()].sort((one, other) => one.ends_at - other.ends_at)
  return inOrder.slice(0, deadlinesShown)
}
