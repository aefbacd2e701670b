import type Database from 'better-sqlite3'
import { MediaAssets, type AssetRow } from '../archive/media-assets.js'
import { MediaStates, type MediaReason } from '../archive/media-states.js'
import { neededRate, planOrder, type Speed } from './order.js'
import { isOfDraft, keyOf, renewalFor, type Owner } from './renew.js'
import { Schedule, toMediaFile, type MediaFile } from './schedule.js'
import { isFresh, wantedOf, type Wish } from './wanted.js'

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
  const [ended, alive] = split(waiting, ({ deadline }) => (deadline ?? Infinity) <= now + margin)
  const [renewable, unrenewable] = split(ended, (file) => renewalFor(file) !== null)
  const rate = states.recentRate()
  const speed: Speed = { now, margin, bytesPerSecond: rate ?? Infinity }
  const needed = neededRate(alive, speed)
  const { saved, lost, failed, refused } = states.counts()
  return {
    ...{ saved, waiting: waiting.length },
    at_risk: planOrder(alive, speed).tooLate.length,
    ...{ renewable: renewable.length, unrenewable: unrenewable.length },
    unrenewable_drafts: unrenewable.filter(isOfDraft).length,
    ...{ lost, failed, refused, saved_bytes: states.savedBytes() },
    waiting_bytes: waiting.reduce((sum, { bytes }) => sum + bytes, 0),
    renewal_calls: new Set(renewable.map((file) => keyOf(renewalFor(file)!.owner))).size,
    bytes_per_second: rate,
    needed_bytes_per_second: needed === 0 ? null : needed,
    deadlines: deadlinesOf(alive),
    reasons: states.reasons(),
  }
}

function readWaiting(assets: MediaAssets, wish: Wish): MediaFile[] {
  const sizes = new Schedule()
  for (const { variant, bytes, files } of assets.savedSizes()) sizes.learn(variant, bytes, files)
  const held = assets.ownersWithHeldVideo()
  const files = new Map<string, MediaFile>()
  for (const owners of assets.owners())
    for (const rows of owners)
      for (const { row, use } of wantedOf(rows, wish, held.has(keyOf(rows[0]!))))
        if (isWaiting(row)) addFile(files, { row, use }, sizes)
  return [...files.values()]
}

const isWaiting = (row: AssetRow): boolean =>
  row.state === null || row.state === 'wanted' || (row.state !== 'saved' && isFresh(row))

function addFile(
  files: Map<string, MediaFile>,
  { row, use }: { row: AssetRow; use: MediaFile['use'] },
  sizes: Schedule,
): void {
  const { asset_key: assetKey, owner_kind, owner_id, variant, expires_at: deadline } = row
  const owner: Owner = { owner_kind, owner_id }
  const known = files.get(assetKey)
  if (known === undefined) {
    const sizeBytes = row.size_bytes ?? sizes.guess(variant)
    files.set(assetKey, toMediaFile({ assetKey, variant, use, owner }, { deadline, sizeBytes }))
    return
  }
  known.owners.push(owner)
  const isLonger = known.deadline !== null && (deadline ?? Infinity) > known.deadline
  if (isLonger) known.deadline = deadline
}

function deadlinesOf(files: readonly MediaFile[]): MediaOutlook['deadlines'] {
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

function split<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))]
}
