/**
 * Numbers, times and flags in another writing than the API's own, read where the value leaves no doubt:
 * TikHub writes its own parameters as texts, and its records of downloads are not Sora's JSON. That a
 * known key has a new type is noted as drift.
 */

const numberText = /^-?(?:0|[1-9]\d{0,38})(?:\.\d{1,20})?$/

/** The number that a text is nothing but, exact however long; all else as it came. */
export function numberOf(came: unknown): unknown {
  if (typeof came !== 'string' || !numberText.test(came)) return came
  const number = Number(came)
  return came.includes('.') || Number.isSafeInteger(number) ? number : BigInt(came)
}

/** True or false, as JSON, as 1 and 0, or as a word; undefined for all else. */
export function flagOf(came: unknown): boolean | undefined {
  if (typeof came === 'boolean') return came
  const word = typeof came === 'string' ? came.toLowerCase() : came
  if (word === 1 || word === 'true') return true
  return word === 0 || word === 'false' ? false : undefined
}

const isoText =
  /^(\d{4}-\d\d-(\d\d)T\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(?:Z|([+-])([01]\d|2[0-3]):?([0-5]\d))$/

/** Microseconds since 1970 of an ISO date with its time and zone; NULL for all else: no zone, no instant. */
export function isoMicros(came: unknown): number | null {
  const parts = typeof came === 'string' ? isoText.exec(came) : null
  if (parts === null) return null
  const [, instant, day, fraction = '', sign, hours, minutes] = parts
  const local = Date.parse(`${instant}Z`)
  // `Date.parse` takes 30 February for a day in March, and knows no 25 o'clock.
  if (Number.isNaN(local) || new Date(local).getUTCDate() !== Number(day)) return null
  const aheadMs = sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * 60_000
  const millis = sign === '-' ? local + aheadMs : local - aheadMs
  return millis * 1000 + Number(fraction.padEnd(6, '0'))
}
