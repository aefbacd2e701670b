import type { Use } from './wanted.js'

/** A file that waits to be saved, as far as its turn is concerned. */
export interface Waiting {
  /** Microseconds since 1970; NULL: its link tells no end. */
  deadline: number | null
  use: Use
  bytes: number
  /** Bytes a second that its own server gave at most; absent: not known. */
  ownRate?: number
}

/** How fast files come. */
export interface Speed {
  /** Microseconds since 1970. */
  now: number
  /** Infinity: not known yet. */
  bytesPerSecond: number
  /** A link is used up to this long before it ends, in microseconds. */
  margin: number
  /** Files that share the speed (default 1): each comes so many times slower. */
  streams?: number
  /** Bytes that are still to come of files under way (default 0). */
  bytesUnderWay?: number
}

/** Files in the order in which they are to be saved, and those that would come too late. */
export interface Plan<File> {
  order: File[]
  tooLate: File[]
}

/**
 * Plans which of files in turn are saved. A file that cannot be whole before its deadline, with all that
 * goes before it and what comes beside it, gives way. So at most one file's bytes for every stream are
 * lost against the best that could be done: a file gives way only where all time before its deadline is
 * taken.
 */
export function planOrder<File>(
  files: Iterable<File>,
  waitingOf: (file: File) => Waiting,
  speed: Speed,
): Plan<File> {
  const order: File[] = []
  const tooLate: File[] = []
  const hasRoom = roomInTurn(speed)
  for (const file of files) (hasRoom(waitingOf(file)) ? order : tooLate).push(file)
  return { order, tooLate }
}

/** Asked of files in turn, one by one: true for one that can be whole in time with those before it that can. */
export function roomInTurn(speed: Speed): (file: Waiting) => boolean {
  const { streams = 1, bytesUnderWay = 0 } = speed
  let taken = bytesUnderWay * (1 - 1 / streams)
  return (file) => {
    const isInTimeAlone = file.bytes <= bytesUntil(file.deadline, ownSpeed(file, speed))
    const hasRoom =
      isInTimeAlone && taken + file.bytes * streams <= bytesUntil(file.deadline, speed)
    if (hasRoom) taken += file.bytes
    return hasRoom
  }
}

/** True if a file that is begun now is whole before its link ends. */
export const isInTime = (file: Waiting, speed: Speed): boolean =>
  file.bytes * (speed.streams ?? 1) <= bytesUntil(file.deadline, speed) &&
  file.bytes <= bytesUntil(file.deadline, ownSpeed(file, speed))

const ownSpeed = ({ ownRate = Infinity }: Waiting, speed: Speed): Speed => ({
  ...speed,
  bytesPerSecond: ownRate,
})

/** Bytes that come before a link ends; below 0 for one that has ended. */
function bytesUntil(deadline: number | null, { now, bytesPerSecond, margin }: Speed): number {
  if (deadline === null) return Infinity
  const left = deadline - margin - now
  return left <= 0 ? -1 : (left / 1e6) * bytesPerSecond
}

/**
 * The least bytes a second at which every one of files in turn would be whole before its deadline;
 * Infinity if a link has ended.
 */
export function neededRate(files: Iterable<Waiting>, { now, margin }: Speed): number {
  let taken = 0
  let rate = 0
  for (const { deadline, bytes } of files) {
    if (deadline === null) break
    taken += bytes
    const seconds = (deadline - margin - now) / 1e6
    rate = Math.max(rate, seconds <= 0 ? Infinity : taken / seconds)
  }
  return rate
}
