/** Whose clock told when an answer was given, the truest first. */
export const clocks = ['local', 'envelope', 'har', 'warc', 'page', 'file'] as const

/** Whose clock told a time. */
export type AnswerClock = (typeof clocks)[number]

/** When an answer was given, as one of those who hold it tells. */
export interface AnswerTime {
  /** Microseconds since 1970. */
  at: number
  clock: AnswerClock
  /** As the ledger names where it is from. */
  origin: string
}

/** The origin of an answer that is held from elsewhere too, and timed by a call of the archive itself. */
export const originOfCall = (callId: string): string => `network#${callId}`

/** True if a call of the archive itself told the time; other archives' calls have the clock local too. */
const isOwn = ({ clock, origin }: Pick<AnswerTime, 'clock' | 'origin'>): boolean =>
  clock === 'local' && (origin === 'network' || origin.startsWith(originOfCall('call-')))

const rankOf = (time: AnswerTime): number => (isOwn(time) ? -1 : clocks.indexOf(time.clock))

/**
 * True if the first of two tellings of one answer is to be believed, not the second: that of the better
 * clock, the archive's own calls before all; of one clock the earlier. So it does not matter which was
 * known first; where both tell the same time, nothing is to be changed.
 */
export const isTruer = (one: AnswerTime, other: AnswerTime): boolean =>
  (rankOf(one) - rankOf(other) || one.at - other.at) < 0

/** True if the tables tell the same of an answer by either telling: its origin stands in none of them. */
export const isSameTime = (one: AnswerTime, other: AnswerTime): boolean =>
  one.at === other.at && one.clock === other.clock

/** True for the clocks under which the time in an envelope was believed, or not asked for. */
export const believesEnvelope = (clock: string): boolean =>
  clock === 'envelope' || clock === 'local'
