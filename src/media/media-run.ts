import { setMaxListeners } from 'node:events'
import PQueue from 'p-queue'
import { followSignal } from '../api/follow-signal.js'
import { MediaAssets } from '../archive/media-assets.js'
import { MediaStates } from '../archive/media-states.js'
import type { Durability } from '../archive/archive.js'
import { requireSpace } from '../archive/storage-error.js'
import { Bandwidth } from './bandwidth.js'
import { Bell } from './bell.js'
import type { DownloadRoom } from './download.js'
import { FileEnds } from './file-ends.js'
import { FileSaves } from './file-saves.js'
import { Intake } from './intake.js'
import { KnownFiles } from './known-files.js'
import { endLeftFiles } from './left-files.js'
import { Links } from './links.js'
import { MediaClient } from './media-client.js'
import type { FilledSettings } from './options.js'
import type { Speed } from './order.js'
import { dropPartials } from './partials.js'
import { RateMeter } from './rate-meter.js'
import { Renewals } from './renewals.js'
import type { RenewalRoom } from './renewer.js'
import type { MediaReport } from './report.js'
import { toUrlRules } from './safe-url.js'
import { Schedule } from './schedule.js'
import { toReport, toStanding, type Tallied } from './tallied.js'

/** What a run shares with others of its process: the archive, the API's client, pace and budget. */
export interface MediaRoom extends Omit<RenewalRoom, 'random' | 'retryBaseMs' | 'hardSignal'> {
  durability: Durability
  /** Calls may be paid for. */
  hasKey: boolean
  /** True once nothing brings new files any more. */
  isOver: () => boolean
  /** Told whenever files begin, or cease, to be in danger of coming too late. */
  onEndangered?: (isEndangered: boolean) => void
}

/** A paid call under way may end within this time after the run is to. */
const graceMs = 3000
const progressEveryMs = 200
const lookEveryMs = 1000

/** One run: saves the wanted files of an archive until none is left that can be saved. */
export class MediaRun implements Tallied {
  private readonly assets
  private readonly links
  readonly states
  readonly files
  readonly schedule
  readonly intake
  private readonly client
  private readonly queue
  private readonly meter = new RateMeter()
  private readonly bell = new Bell()
  readonly ends
  readonly renewals: Renewals
  private readonly saves: FileSaves
  private readonly hardStop = new AbortController()
  /** Nothing more is begun, and downloads are broken off: the run was interrupted, or broke. */
  private readonly ending = new AbortController()
  private bug: { error: unknown } | null = null
  private lastProgressMs = -Infinity
  private lastLookMs = -Infinity
  private isEndangered = false

  constructor(
    private readonly room: MediaRoom,
    private readonly settings: FilledSettings,
  ) {
    const { archive, clock } = room
    const { signal } = this.ending
    const { wish, largestBytes, hosts, concurrency } = settings
    const rules = toUrlRules(hosts, room.baseUrl)
    this.assets = new MediaAssets(archive.database)
    this.states = new MediaStates(archive.database)
    this.links = new Links(this.assets, rules)
    this.files = new KnownFiles(this.assets)
    this.schedule = new Schedule(this.files)
    const { assets, links, states, files, schedule } = this
    this.intake = new Intake({
      ...{ archive, assets, links, states, files, schedule, wish, rules, largestBytes, clock },
    })
    this.client = new MediaClient(settings)
    this.queue = new PQueue({ concurrency })
    setMaxListeners(0, signal)
    this.ends = new FileEnds({ states, links, schedule, clock })
    const { retryBaseMs, random } = settings
    const hardSignal = this.hardStop.signal
    this.renewals = new Renewals({
      calls: { ...room, signal, retryBaseMs, random, hardSignal },
      ...{ links, files, schedule, ends: this.ends },
      isAllowed: settings.renew && room.hasKey,
      speed: () => this.speed(),
    })
    const downloads: DownloadRoom = {
      ...{ dir: archive.dir, client: this.client, rules, largestBytes, clock, signal },
      ...{ meter: this.meter, bandwidth: new Bandwidth(settings.bytesPerSecond) },
      isSynced: room.durability === 'full',
      untyped: settings.untyped,
      leastBytesPerSecond: settings.leastBytesPerSecond,
      idleTimeoutMs: settings.idleTimeoutMs,
      hasOthers: () => this.schedule.hasStartable,
      requireSpace: (bytes) => requireSpace(archive.dir, bytes),
    }
    this.saves = new FileSaves({
      ...{ assets, links, schedule, downloads, retryBaseMs, random, signal },
      ...{ ends: this.ends, renewals: this.renewals },
      onPauseOver: () => this.bell.ring(),
      onBytes: () => this.progress(false),
    })
  }

  get receivedBytes(): number {
    return this.saves.receivedBytes
  }

  /** Saves until nothing is left that can be saved, or the signal comes. */
  async run(): Promise<MediaReport> {
    const stop = () => {
      setTimeout(() => this.hardStop.abort(), graceMs).unref()
      this.bell.ring()
    }
    const { signal } = this.ending
    signal.addEventListener('abort', stop)
    const letGo = followSignal(this.ending, this.room.signal)
    try {
      await dropPartials(this.room.archive)
      await this.intake.takeAll()
      this.lastLookMs = performance.now()
      while (!signal.aborted) if (await this.step()) break
      await this.queue.onIdle()
      while (this.renewals.underWay > 0) await this.bell.wait(lookEveryMs)
      if (this.bug !== null) throw this.bug.error
      if (!this.room.signal.aborted) this.endRest()
      return toReport(this, this.room.signal.aborted)
    } finally {
      letGo()
      signal.removeEventListener('abort', stop)
      this.tellEndangered(false)
      this.progress(true)
      await this.client.close()
    }
  }

  /** Does the next thing, or waits for something to happen. @returns true if nothing is left to do */
  private async step(): Promise<boolean> {
    this.look()
    this.progress(false)
    const isFull = this.queue.pending + this.queue.size >= this.settings.concurrency
    const file = isFull ? null : this.schedule.take(this.speed())
    if (file !== null) {
      void this.queue.add(() => this.guarded(() => this.saves.save(file)))
      return false
    }
    const call = isFull ? null : this.renewals.next()
    if (call !== null) {
      void this.guarded(call)
      return false
    }
    const isIdle = this.queue.pending + this.renewals.underWay + this.saves.pausing === 0
    if (isIdle && this.room.isOver()) return !this.hasLinksBack() && this.hasLookedLast()
    await this.bell.wait(isFull ? progressEveryMs : lookEveryMs)
    return false
  }

  /** What the walk brought since the last look. */
  private look(): void {
    const now = performance.now()
    if (this.room.isOver() || now - this.lastLookMs < lookEveryMs) return
    this.lastLookMs = now
    this.intake.takeNew()
    const speed = this.speed()
    this.tellEndangered(this.schedule.isEndangered(speed))
  }

  private tellEndangered(isEndangered: boolean): void {
    if (isEndangered === this.isEndangered) return
    this.isEndangered = isEndangered
    this.room.onEndangered?.(isEndangered)
  }

  /** Links of files that wait which other answers brought. */
  private hasLinksBack(): boolean {
    const back = this.schedule
      .inTurn()
      .filter((number) => this.renewals.isBack(this.files.whole(number)))
    return back.length > 0
  }

  /** What came while the walk ended. */
  private hasLookedLast(): boolean {
    const before = this.files.size
    this.intake.takeNew()
    return this.files.size === before
  }

  private speed(): Speed {
    const measured = this.meter.rate()
    const { marginMs, concurrency } = this.settings
    const { underWay, bytesUnderWay } = this.saves
    return {
      now: this.room.clock(),
      bytesPerSecond: Math.min(measured, this.settings.bytesPerSecond),
      margin: marginMs * 1000,
      streams: Math.max(1, Math.min(concurrency, underWay + this.schedule.size)),
      bytesUnderWay,
    }
  }

  /** Runs work in the background; what it throws ends the run. */
  private async guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.bug ??= { error }
      this.ending.abort()
    } finally {
      this.bell.ring()
    }
  }

  private endRest(): void {
    const { now, margin } = this.speed()
    const { files, schedule, renewals } = this
    const { archive, hasKey } = this.room
    const isRenewing = this.settings.renew && hasKey
    endLeftFiles({ archive, files, schedule, renewals, isRenewing }, now + margin)
  }

  private progress(isLast: boolean): void {
    const { onProgress } = this.settings
    const nowMs = performance.now()
    if (!onProgress || (!isLast && nowMs - this.lastProgressMs < progressEveryMs)) return
    this.lastProgressMs = nowMs
    onProgress(toStanding(this, this.speed()))
  }
}
