import { setImmediate } from 'node:timers/promises'
import type { Archive } from '../archive/archive.js'
import type { AssetRow, MediaAssets } from '../archive/media-assets.js'
import type { MediaStates } from '../archive/media-states.js'
import type { Link, Links } from './links.js'
import { keyOf, type Owner } from './renew.js'
import { checkUrl, type UrlRules } from './safe-url.js'
import { toMediaFile, type MediaFile, type Schedule } from './schedule.js'
import { isTakenUp, wantedOf, type WantedRow, type Wish } from './wanted.js'

/** What finding the wanted files needs. */
export interface IntakeRoom {
  archive: Archive
  assets: MediaAssets
  states: MediaStates
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
  /** Files that this run took up, by key. */
  readonly files = new Map<string, MediaFile>()
  private readonly passedOver = new Set<string>()
  private place = 0
  private heldVideos: ReadonlySet<string> = new Set()

  constructor(private readonly room: IntakeRoom) {}

  /** Takes up all that is wanted by now. */
  async takeAll(): Promise<void> {
    const { assets, schedule } = this.room
    for (const { variant, bytes, files } of assets.savedSizes())
      schedule.learn(variant, bytes, files)
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
    const isVideoHeld = this.heldVideos.has(keyOf(rows[0]!))
    for (const wanted of wantedOf(rows, this.room.wish, isVideoHeld)) this.take(wanted)
  }

  private take({ row, use }: WantedRow): void {
    const { asset_key: assetKey, owner_kind, owner_id, variant } = row
    const owner: Owner = { owner_kind, owner_id }
    const known = this.files.get(assetKey)
    if (known !== undefined) return this.join(known, owner, row)
    if (this.passedOver.has(assetKey)) return
    if (!isTakenUp(row, this.room.largestBytes)) return this.passOver(row)
    const link = this.room.links.best(assetKey) ?? { url: row.url, deadline: row.expires_at }
    if (this.refuse(row, link)) return
    this.room.states.want(assetKey, link.deadline)
    const { deadline } = link
    const file = toMediaFile(
      { assetKey, variant, use, owner },
      { deadline, sizeBytes: row.size_bytes },
    )
    this.files.set(assetKey, file)
    this.room.schedule.add(file)
  }

  /** Another owner of the same file; the link that lasts longest counts. */
  private join(file: MediaFile, owner: Owner, row: AssetRow): void {
    if (!file.owners.some((each) => keyOf(each) === keyOf(owner))) file.owners.push(owner)
    if (!isBetter(row, file)) return
    file.deadline = row.expires_at
    this.room.schedule.refresh()
  }

  private passOver({ asset_key, state }: AssetRow): void {
    this.passedOver.add(asset_key)
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
    this.passedOver.add(asset_key)
    this.refused += 1
    return true
  }
}

/** The link lasts longer than the one that is known, and is not one that was refused. */
const isBetter = ({ url, expires_at }: AssetRow, { deadline, refusedUrl }: MediaFile): boolean =>
  url !== refusedUrl && deadline !== null && (expires_at ?? Infinity) > deadline
