import type { Outcome } from '../archive/run-log.js'
import { costOf } from '../model/prices.js'
import type { FileEnds } from './file-ends.js'
import type { KnownFiles } from './known-files.js'
import type { Links } from './links.js'
import type { MediaFile } from './media-file.js'
import type { Speed } from './order.js'
import { keyOf, planRenewals, renewalFor, renewerOf, stateAfter, type Renewal } from './renew.js'
import { renew, type RenewalResult, type RenewalRoom } from './renewer.js'
import type { Schedule } from './schedule.js'

/** What renewing links needs. */
export interface RenewalsRoom {
  calls: RenewalRoom
  links: Links
  files: KnownFiles
  schedule: Schedule
  ends: FileEnds
  /** Paid calls may be made. */
  isAllowed: boolean
  speed: () => Speed
}

const atATime = 2
/** Fresh links of one owner are asked for once in so long. */
const againMicros = 24 * 3600e6
/** Calls in a row without an answer, each tried several times, after which none is made any more. */
const failuresLimit = 5
/** So many owners in a row whose fresh links no server takes, after which none is paid for any more. */
const uselessLimit = 5

/** A call that pays, and the files that depend on it. */
interface PayingRenewal extends Renewal {
  files: MediaFile[]
}

/** Makes the calls that pay for fresh links, the one that brings back the most first. */
export class Renewals {
  underWay = 0
  /** Calls of this run, and what they cost. */
  readonly paid = { calls: 0, usd: 0 }
  /** Why no more calls are made; NULL: they are. */
  stopped: { outcome: Outcome; message: string } | null = null
  private readonly calls: RenewalRoom
  /** When calls were made for owners, by their places. */
  private readonly renewedAt = new Map<number, number>()
  /** Numbers of files that calls bring back, those of the next call last. */
  private planned: number[] = []
  private failuresInARow = 0
  /** Owners whose fresh links did not work, since one did. */
  private readonly useless = new Set<string>()
  /** Files whose link a call of this run brought. */
  private readonly paidFor = new Set<MediaFile>()

  constructor(private readonly room: RenewalsRoom) {
    this.calls = { ...room.calls, spending: this.countSpending(room.calls.spending) }
  }

  /** A call would sign a file anew, it may be made, and none was made for it lately. */
  mayRenew(file: MediaFile): boolean {
    return this.mayAskAbout(renewerOf(file))
  }

  /** A call would sign a file anew, were it not for the budget, and none was made for it lately. */
  isRenewable(file: Pick<MediaFile, 'owners'>): boolean {
    return this.isAskable(renewerOf(file))
  }

  private mayAskAbout(renewer: number): boolean {
    return this.stopped === null && this.isAskable(renewer)
  }

  private isAskable(renewer: number): boolean {
    if (!this.room.isAllowed || renewer === 0) return false
    const last = this.renewedAt.get(renewer)
    return last === undefined || this.calls.clock() - last > againMicros
  }

  /** The next call on which files depend, to be made now; NULL if there is none, or enough are under way. */
  next(): (() => Promise<void>) | null {
    if (this.underWay >= atATime) return null
    const renewal = this.nextPaying()
    if (renewal === undefined) return null
    for (const file of renewal.files) this.room.schedule.takeOut(file)
    this.renewedAt.set(renewerOf(renewal.files[0]!), this.calls.clock())
    this.underWay += 1
    return () => this.make(renewal).finally(() => (this.underWay -= 1))
  }

  /** A link that lasts longer came with some other answer: the file has its turn again. */
  isBack(file: MediaFile): boolean {
    const { deadline } = file
    const best = this.room.links.best(file.assetKey)
    if (deadline === null || best === undefined || best.url === file.refusedUrl) return false
    const { now, margin } = this.room.speed()
    const ends = best.deadline ?? Infinity
    if (ends <= deadline || ends <= now + margin) return false
    this.room.ends.giveLink(file, best.deadline)
    return true
  }

  /** A file that only a call could save: it waits for one that the budget allows, or is lost. */
  giveUp(file: MediaFile, cause: { reason: string; problem: string }): void {
    const { stopped, room } = this
    if (stopped === null || !this.isRenewable(file)) return room.ends.end(file, 'lost', cause)
    room.ends.end(file, 'wanted', { reason: 'expired', problem: stopped.message })
  }

  /** Its link is one that a call of this run was made for. */
  isPaidFor(file: MediaFile): boolean {
    return this.paidFor.has(file)
  }

  /** The server did not take the fresh link either: another call would bring the like. */
  endPaidFor(file: MediaFile, { problem }: { problem: string }): void {
    this.paidFor.delete(file)
    this.useless.add(keyOf(file.owners[0]!))
    if (this.useless.size >= uselessLimit)
      this.stopped ??= { outcome: 'refused', message: uselessLinks(problem) }
    const cause = `its fresh link did not work either: ${problem}`
    this.room.ends.end(file, 'lost', { reason: 'not_renewed', problem: cause })
  }

  /** The file is saved: a fresh link that it had was worth its price. */
  goWell(file: MediaFile): void {
    if (this.paidFor.delete(file)) this.useless.clear()
  }

  private nextPaying(): PayingRenewal | undefined {
    const { files, schedule } = this.room
    if (this.planned.length === 0) this.plan()
    while (this.planned.length > 0) {
      const waiting = this.nextPlanned().filter((number) => schedule.has(number))
      const stale = waiting
        .map((number) => files.whole(number))
        .filter((file) => this.mayRenew(file) && !this.isBack(file))
      const renewal = stale[0] && renewalFor(stale[0])
      if (renewal) return { ...renewal, files: stale }
    }
    return undefined
  }

  private plan(): void {
    const { files, schedule, speed } = this.room
    const late = [...schedule.tooLate(speed())].filter((number) =>
      this.mayAskAbout(files.renewer(number)),
    )
    this.planned = planRenewals(late, (number) => files.stale(number)).reverse()
  }

  /** The files of the next call. */
  private nextPlanned(): number[] {
    const { files } = this.room
    const renewer = files.renewer(this.planned.at(-1)!)
    const numbers: number[] = []
    while (this.planned.length > 0 && files.renewer(this.planned.at(-1)!) === renewer)
      numbers.push(this.planned.pop()!)
    return numbers
  }

  private async make(renewal: PayingRenewal): Promise<void> {
    const { links } = this.room
    const former = new Map(renewal.files.map((file) => [file, links.best(file.assetKey)?.url]))
    const result = await renew(this.calls, renewal)
    this.judge(result)
    for (const [file, url] of former)
      if (!this.isLeftToOther(file, renewal, result)) this.renewed(file, url, result)
  }

  /** The owner asked about does not tell the file: it waits for another that may. */
  private isLeftToOther(file: MediaFile, { owner }: Renewal, result: RenewalResult): boolean {
    const isTold = result.kind === 'answer' && result.told.has(file.assetKey)
    if (isTold || (result.kind !== 'answer' && result.kind !== 'absent')) return false
    const others = file.owners.filter((each) => keyOf(each) !== keyOf(owner))
    if (!this.isRenewable({ owners: others })) return false
    file.owners = others
    this.room.schedule.add(file)
    return true
  }

  private judge(result: RenewalResult): void {
    this.failuresInARow = result.kind === 'failed' ? this.failuresInARow + 1 : 0
    if (result.kind === 'refused' || result.kind === 'budget') {
      if (this.stopped?.outcome !== 'refused')
        this.stopped = { outcome: result.kind, message: result.problem }
    } else if (result.kind === 'failed' && this.failuresInARow >= failuresLimit)
      this.stopped ??= { outcome: 'refused', message: tooMany(result.problem) }
  }

  private renewed(file: MediaFile, formerUrl: string | undefined, result: RenewalResult): void {
    const { ends } = this.room
    switch (result.kind) {
      case 'answer':
        return this.takeFresh(file, formerUrl, result.told.has(file.assetKey))
      case 'absent':
        return ends.end(file, 'lost', { reason: 'owner_gone', problem: 'its owner is not there' })
      case 'failed':
        return ends.end(file, 'failed', { reason: 'not_renewed', problem: result.problem })
      case 'interrupted':
        return
      case 'budget':
      case 'refused':
        return ends.end(file, 'wanted', { reason: 'expired', problem: result.problem })
    }
  }

  private takeFresh(file: MediaFile, formerUrl: string | undefined, isTold: boolean): void {
    const best = this.room.links.best(file.assetKey)
    const link = best && { deadline: best.deadline, isNew: best.url !== formerUrl }
    const state = stateAfter({ isTold, link: link ?? null }, this.room.speed())
    if (state === 'fresh') {
      this.paidFor.add(file)
      return this.room.ends.giveLink(file, best!.deadline)
    }
    const problem =
      state === 'not_told'
        ? 'a fresh answer does not name it any more'
        : 'a fresh answer brought no link that works'
    this.room.ends.end(file, 'lost', { reason: state, problem })
  }

  /** Counts the paid calls of this run beside those of the walk. */
  private countSpending(spending: RenewalRoom['spending']): RenewalRoom['spending'] {
    return {
      reserve: (endpoint, now) => {
        const reservation = spending.reserve(endpoint, now)
        if ('priceUsd' in reservation) this.paid.calls += 1
        return reservation
      },
      settle: (priceUsd, billed, now) => {
        this.paid.usd += costOf(billed, priceUsd)
        spending.settle(priceUsd, billed, now)
      },
    }
  }
}

const uselessLinks = (last: string): string =>
  `the fresh links of ${uselessLimit} posts or people in a row did not work either, the last: ${last}. ` +
  'No more are paid for: see whether the server of the files is well, then run the same command'

const tooMany = (last: string): string =>
  `${failuresLimit} calls for fresh links in a row brought none, the last: ${last}. ` +
  'See whether the API is well (`afterfeed doctor`), then run the same command'
