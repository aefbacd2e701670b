import { clocks, type AnswerClock } from './answer-time.js'

/**
 * The fields with which a WARC of ours tells of an answer as it was kept, before signatures and keys were
 * taken out of it; readers that do not know them skip them, as WARC/1.1 asks.
 */
export const warcFields = {
  responseId: 'X-Afterfeed-Response-Id',
  originalDigest: 'X-Afterfeed-Original-Payload-Digest',
  clock: 'X-Afterfeed-Clock',
  absence: 'X-Afterfeed-Absence',
} as const

/** What the first three of these fields say. */
export interface KeptAs {
  responseId: string
  sha256: string
  /** Whose clock told when the answer was given. */
  clock: AnswerClock
}

/** What the fields of a record say; NULL where they do not say all of it, in the form that we write. */
export function toKeptAs(fieldOf: (name: string) => string | null | undefined): KeptAs | null {
  const sha256 = /^sha256:([0-9a-f]{64})$/.exec(fieldOf(warcFields.originalDigest) ?? '')?.[1]
  const responseId = fieldOf(warcFields.responseId) ?? ''
  const clock = clocks.find((each) => each === fieldOf(warcFields.clock))
  if (sha256 === undefined || responseId === '' || clock === undefined) return null
  return { responseId, sha256, clock }
}
