/**
 * The fields with which a WARC of ours tells of an answer as it was kept, before signatures and keys were
 * taken out of it; readers that do not know them skip them, as WARC/1.1 asks.
 */
export const warcFields = {
  responseId: 'X-Afterfeed-Response-Id',
  originalDigest: 'X-Afterfeed-Original-Payload-Digest',
  absence: 'X-Afterfeed-Absence',
} as const

/** What the first two of these fields say. */
export interface KeptAs {
  responseId: string
  sha256: string
}

/** What the fields of a record say; NULL where they do not say all of it, in the form that we write. */
export function toKeptAs(fieldOf: (name: string) => string | null | undefined): KeptAs | null {
  const sha256 = /^sha256:([0-9a-f]{64})$/.exec(fieldOf(warcFields.originalDigest) ?? '')?.[1]
  const responseId = fieldOf(warcFields.responseId) ?? ''
  return sha256 === undefined || responseId === '' ? null : { responseId, sha256 }
}
