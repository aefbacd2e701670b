import type { KnownFiles } from './known-files.js'
import type { MediaFile } from './media-file.js'
import { isInTime, planOrder, type Speed } from './order.js'
import { Sizes } from './sizes.js'

const replanEveryMicros = 5e6

/** The files that wait, by their numbers, and whose turn it is. */
export class Schedule {
  readonly sizes = new Sizes()
  private readonly waiting = new Set<number>()
  private sorted: number[] = []
  private plan: number[] = []
  private next = 0
  private plannedAt = 0
  private plannedRate = Infinity
  private plannedMs = 0
  private tookMs = 0
  private isStale = true
  private late = new Set<number>()

  constructor(private readonly files: KnownFiles) {}

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
  has(number: number): boolean {
    return this.waiting.has(number)
  }

  /** True for a file that waits, or was taken out and has not ended. */
  isOpen(number: number): boolean {
    return this.has(number) || this.files.isKept(number)
  }

  /** Has a file wait for the first time. */
  enter(number: number): void {
    this.waiting.add(number)
    this.isStale = true
  }

  /** Has a file wait, or wait again, as it is now. */
  add(file: MediaFile): void {
    this.files.keep(file)
    this.enter(file.number)
  }

  /** Has the next turn planned anew: something about a file is different. */
  refresh(): void {
    this.isStale = true
  }

  /** Takes a file out; it may be added again. */
  takeOut(file: MediaFile): void {
    this.files.keep(file)
    this.remove(file.number)
  }

  /** Takes a file out for good. */
  end({ number }: MediaFile): void {
    this.remove(number)
    this.files.drop(number)
  }

  /** The file whose turn it is, taken out; NULL if none can be whole in time. */
  take(speed: Speed): MediaFile | null {
    this.replan(speed)
    for (let at = this.next; at < this.plan.length; at += 1) {
      const number = this.plan[at]!
      this.next = at + 1
      if (!this.has(number)) continue
      if (isInTime(this.files.waiting(number), speed)) {
        const file = this.files.whole(number)
        this.takeOut(file)
        return file
      }
      this.late.add(number)
    }
    return null
  }

  /** The files that wait and cannot be saved by the link that they have. */
  tooLate(speed: Speed): ReadonlySet<number> {
    this.replan(speed)
    return this.late
  }

  /** True if one of them could be, were there more time for it. */
  isEndangered(speed: Speed): boolean {
    for (const number of this.tooLate(speed))
      if ((this.files.deadline(number) ?? 0) > speed.now + speed.margin) return true
    return false
  }

  /** All that wait, in turn. */
  inTurn(): number[] {
    return this.files.sort([...this.waiting])
  }

  /** The first end of a link of a file that waits. */
  nearestDeadline(now: number): number | null {
    for (let at = this.next; at < this.plan.length; at += 1) {
      const number = this.plan[at]!
      const deadline = this.files.deadline(number)
      if ((deadline ?? 0) > now && this.has(number)) return deadline
    }
    return null
  }

  /** Bytes that wait, partly guessed. */
  bytes(): number {
    let sum = 0
    for (const number of this.waiting) sum += this.files.bytes(number)
    return sum
  }

  private remove(number: number): void {
    this.waiting.delete(number)
    this.late.delete(number)
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
    for (const number of this.waiting) this.files.guess(number, this.sizes)
    this.sorted = this.files.sort(
      this.isStale ? [...this.waiting] : this.sorted.filter((number) => this.has(number)),
    )
    const { order, tooLate } = planOrder(this.sorted, (number) => this.files.waiting(number), speed)
    this.plan = order
    this.next = 0
    this.late = new Set(tooLate)
    this.plannedAt = speed.now
    this.plannedRate = speed.bytesPerSecond
    this.isStale = false
  }
}

const changed = (before: number, now: number): boolean =>
  before !== now && !(now > before * 0.8 && now < before * 1.25)
