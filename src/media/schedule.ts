import { inTurn, isInTime, planOrder, type Speed, type Waiting } from './order.js'
import type { Owner } from './renew.js'
import { usualSize } from './variants.js'
import type { Use } from './wanted.js'

/** A file that is wanted and not saved yet. */
export interface MediaFile extends Waiting {
  assetKey: string
  variant: string
  owners: Owner[]
  /** Nobody has told its size. */
  isGuessed: boolean
  /** Tries of this run, with the link that it has. */
  tries: number
  /** Tries that the archive does not know of yet. */
  untoldTries: number
  /** A link that the server took no more. */
  refusedUrl: string | null
}

const replanEveryMicros = 5e6

/** The files that wait, and whose turn it is. */
export class Schedule {
  private readonly waiting = new Map<string, MediaFile>()
  private sorted: MediaFile[] = []
  private plan: MediaFile[] = []
  private next = 0
  private plannedAt = 0
  private plannedRate = Infinity
  private plannedMs = 0
  private tookMs = 0
  private isStale = true
  private late = new Set<MediaFile>()
  private readonly sizes = new Map<string, { files: number; bytes: number }>()

  /** How many wait. */
  get size(): number {
    return this.waiting.size
  }

  /** Files that cannot be whole in time as things go. */
  get atRisk(): number {
    return this.late.size
  }

  /** True while there are files whose turn may come. */
  get hasStartable(): boolean {
    return this.size > 0 && (this.isStale || this.next < this.plan.length)
  }

  /** True for a file that waits. */
  has({ assetKey }: MediaFile): boolean {
    return this.waiting.has(assetKey)
  }

  /** Adds a file, or has it wait again. */
  add(file: MediaFile): void {
    this.waiting.set(file.assetKey, file)
    this.isStale = true
  }

  /** Has the next turn planned anew: something about a file is different. */
  refresh(): void {
    this.isStale = true
  }

  /** Takes a file out. */
  remove(file: MediaFile): void {
    this.waiting.delete(file.assetKey)
    this.late.delete(file)
  }

  /** Learns how large files of a variant are. */
  learn(variant: string, bytes: number, files = 1): void {
    const known = this.sizes.get(variant) ?? { files: 0, bytes: 0 }
    this.sizes.set(variant, { files: known.files + files, bytes: known.bytes + bytes })
  }

  /** Size of a file by experience. */
  guess(variant: string): number {
    const known = this.sizes.get(variant)
    return known === undefined || known.files < leastToTell
      ? usualSize(variant)
      : Math.round(known.bytes / known.files)
  }

  /** The file whose turn it is, taken out; NULL if none can be whole in time. */
  take(speed: Speed): MediaFile | null {
    this.replan(speed)
    for (let at = this.next; at < this.plan.length; at += 1) {
      const file = this.plan[at]!
      this.next = at + 1
      if (!this.waiting.has(file.assetKey)) continue
      if (isInTime(file, speed)) {
        this.remove(file)
        return file
      }
      this.late.add(file)
    }
    return null
  }

  /** The files that wait and cannot be saved by the link that they have. */
  tooLate(speed: Speed): MediaFile[] {
    this.replan(speed)
    return [...this.late]
  }

  /** All that wait, in turn. */
  all(): MediaFile[] {
    return inTurn([...this.waiting.values()])
  }

  /** The first end of a link of a file that waits. */
  nearestDeadline(now: number): number | null {
    for (let at = this.next; at < this.plan.length; at += 1) {
      const { deadline, assetKey } = this.plan[at]!
      if ((deadline ?? 0) > now && this.waiting.has(assetKey)) return deadline
    }
    return null
  }

  /** Bytes that wait, partly guessed. */
  bytes(): number {
    let sum = 0
    for (const { bytes } of this.waiting.values()) sum += bytes
    return sum
  }

  private replan(speed: Speed): void {
    const isOld = speed.now - this.plannedAt > replanEveryMicros
    const isOtherRate = changed(this.plannedRate, speed.bytesPerSecond)
    if (!this.isStaleLong() && !isOld && !isOtherRate) return
    const begin = performance.now()
    this.planAnew(speed)
    this.plannedMs = performance.now()
    this.tookMs = this.plannedMs - begin
  }

  /** Planning for very many files takes a while: what is new waits for it, for a fiftieth of the time at most. */
  private isStaleLong(): boolean {
    if (!this.isStale) return false
    const isExhausted = this.next >= this.plan.length
    return isExhausted || performance.now() - this.plannedMs >= 50 * this.tookMs
  }

  private planAnew(speed: Speed): void {
    for (const file of this.waiting.values())
      if (file.isGuessed) file.bytes = this.guess(file.variant)
    this.sorted = inTurn(
      this.isStale ? [...this.waiting.values()] : this.sorted.filter((file) => this.has(file)),
    )
    const { order, tooLate } = planOrder(this.sorted, speed)
    this.plan = order
    this.next = 0
    this.late = new Set(tooLate)
    this.plannedAt = speed.now
    this.plannedRate = speed.bytesPerSecond
    this.isStale = false
  }
}

/** So few files say little of the size of others. */
const leastToTell = 5

const changed = (before: number, now: number): boolean =>
  before !== now && !(now > before * 0.8 && now < before * 1.25)

/**
 * A file as it enters the schedule. Written out field by field: an object that is spread from the rest
 * of another takes three times the memory, and there may be millions.
 */
export function toMediaFile(
  file: { assetKey: string; variant: string; use: Use; owner: Owner },
  link: { deadline: number | null; sizeBytes: number | null },
): MediaFile {
  return {
    assetKey: file.assetKey,
    variant: file.variant,
    use: file.use,
    owners: [file.owner],
    deadline: link.deadline,
    bytes: link.sizeBytes ?? usualSize(file.variant),
    isGuessed: link.sizeBytes === null,
    tries: 0,
    untoldTries: 0,
    refusedUrl: null,
  }
}
