import { setImmediate } from 'node:timers/promises'
import type { Archive } from '../archive/archive.js'
import type { AssetRow, MediaAssets } from '../archive/media-assets.js'
import type { MediaStates } from '../archive/media-states.js'
import { Column } from './column.js'
import type { KnownFiles } from './known-files.js'
import type { Link, Links } from './links.js'
import type { MediaFile } from './media-file.js'
import { keyOf, type KnownOwner } from './renew.js'
import { checkUrl, type UrlRules } from './safe-url.js'
import type { Schedule } from './schedule.js'
import { usualSize } from './variants.js'
import { isTakenUp, wantedOf, type WantedRow, type Wish } from './wanted.js'

/** What finding the wanted files needs. */
export interface IntakeRoom {
  archive: Archive
  assets: MediaAssets
  states: MediaStates
  files: KnownFiles
  schedule: Schedule
  wish: Wish
  links: Links
  rules: UrlRules
  largestBytes: number
  clock: () => number
}

/** Finds the files that are wanted, notes each of them, and has them wait. */
export class Intake {
  /** Wanted files that this run does not take up: lost or refused for good. */
  leftOut = 0
  /** Files that were refused by their address or size. */
  refused = 0
  /** 1 at the place of a file that this run does not take up. */
  private readonly passedOver = new Column(Uint8Array)
  private place = 0
  private heldVideos: ReadonlySet<string> = new Set()

  constructor(private readonly room: IntakeRoom) {}

  /** Takes up all that is wanted by now. */
  async takeAll(): Promise<void> {
    const { assets, schedule } = this.room
    for (const { variant, bytes, files } of assets.savedSizes())
      schedule.sizes.learn(variant, bytes, files)
    this.heldVideos = assets.ownersWithHeldVideo()
    this.place = assets.lastPlace()
    for (const owners of assets.owners()) {
      this.takeOwners(owners)
      await setImmediate()
    }
  }

  /** Takes up what came since. */
  takeNew(): void {
    const { owners, place } = this.room.assets.ownersSince(this.place)
    this.place = place
    if (owners.length > 0) this.takeOwners(owners)
  }

  private takeOwners(owners: readonly AssetRow[][]): void {
    this.room.archive.transaction(() => {
      for (const rows of owners) this.takeOwner(rows)
    })
  }

  private takeOwner(rows: readonly AssetRow[]): void {
    const { owner_kind, owner_id } = rows[0]!
    const isVideoHeld = this.heldVideos.has(keyOf({ owner_kind, owner_id }))
    const wanted = wantedOf(rows, this.room.wish, isVideoHeld)
    if (wanted.length === 0) return
    const place = this.room.assets.placeOfOwner({ owner_kind, owner_id })
    for (const each of wanted) this.take(each, { owner_kind, owner_id, place })
  }

  private take({ row, use }: WantedRow, owner: KnownOwner): void {
    const { asset_key: assetKey, variant, size_bytes } = row
    const { assets, files, schedule, states, links, largestBytes } = this.room
    const place = assets.placeOf(assetKey)
    const known = files.numberAt(place)
    if (known > 0) return this.join(known, owner, row)
    if (this.passedOver.at(place) === 1) return
    if (!isTakenUp(row, largestBytes)) return this.passOver(row, place)
    const link = links.best(assetKey) ?? { url: row.url, deadline: row.expires_at }
    if (this.refuse(row, link)) return this.passedOver.set(place, 1)
    const { deadline } = link
    states.want(assetKey, deadline)
    const size = { bytes: size_bytes ?? usualSize(variant), isGuessed: size_bytes === null }
    schedule.enter(files.add(place, { variant, use, owner, deadline, ...size }))
  }

  /** Another owner of the same file; the link that lasts longest counts. */
  private join(number: number, owner: KnownOwner, row: AssetRow): void {
    const { files, schedule } = this.room
    if (!schedule.isOpen(number)) return
    const file = files.whole(number)
    const isOther = !file.owners.some(({ place }) => place === owner.place)
    const isLater = isBetter(row, file)
    if (isOther) file.owners.push(owner)
    if (isLater) file.deadline = row.expires_at
    if (isOther || isLater) files.keep(file)
    if (isLater) schedule.refresh()
  }

  private passOver({ state }: AssetRow, place: number): void {
    this.passedOver.set(place, 1)
    if (state !== 'saved') this.leftOut += 1
  }

  /** Refuses what need not be asked for to be refused. */
  private refuse({ asset_key, size_bytes }: AssetRow, link: Link): boolean {
    const { rules, states, largestBytes, clock } = this.room
    const checked = checkUrl(link.url, rules)
    const isTooLarge = size_bytes !== null && size_bytes > largestBytes
    if (checked.isSafe && !isTooLarge) return false
    states.want(asset_key, link.deadline)
    states.end({
      ...{ asset_key, state: 'refused', deadline_at: link.deadline, ended_at: clock() },
      attempts: 0,
      ...(checked.isSafe
        ? { reason: 'too_large', error: `${size_bytes} bytes are announced`, bytes: size_bytes }
        : { reason: checked.reason, error: checked.problem, bytes: null }),
    })
    this.refused += 1
    return true
  }
}

/** The link lasts longer than the one that is known, and is not one that was refused. */
const isBetter = ({ url, expires_at }: AssetRow, { deadline, refusedUrl }: MediaFile): boolean =>
  url !== refusedUrl && deadline !== null && (expires_at ?? Infinity) > deadline
