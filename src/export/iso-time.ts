const microsPerSecond = 1_000_000n
const secondsPerDay = 86_400

/**
 * Microseconds since 1970 as ISO-8601 in UTC with all six decimals: 2025-10-15T16:03:16.886897Z.
 * Exact for every 64-bit value; years outside 0 to 9999 get a sign and six digits, as ISO asks.
 */
export function toIsoTime(micros: bigint): string {
  const fraction = ((micros % microsPerSecond) + microsPerSecond) % microsPerSecond
  const seconds = Number((micros - fraction) / microsPerSecond)
  const days = Math.floor(seconds / secondsPerDay)
  const clock = toClock(seconds - days * secondsPerDay)
  return `${toDate(days)}T${clock}.${fraction.toString().padStart(6, '0')}Z`
}

function toClock(second: number): string {
  const parts = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60]
  return parts.map(twoDigits).join(':')
}

/** Days since 1970 to a date of the proleptic Gregorian calendar, by eras of 400 years from March. */
function toDate(days: number): string {
  const fromMarch0 = days + 719_468
  const era = Math.floor(fromMarch0 / 146_097)
  const dayOfEra = fromMarch0 - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${toYear(year)}-${twoDigits(month)}-${twoDigits(day)}`
}

const twoDigits = (number: number): string => (number < 10 ? `0${number}` : `${number}`)

function toYear(year: number): string {
  if (year >= 0 && year <= 9999) return year.toString().padStart(4, '0')
  return `${year < 0 ? '-' : '+'}${Math.abs(year).toString().padStart(6, '0')}`
}

const isoTime = /^([+-]?\d{4,6})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{6})Z$/

/**
 * The microseconds of a time as `toIsoTime` writes it.
 * @throws RangeError for any other text
 */
export function fromIsoTime(text: string): bigint {
  const parts = (isoTime.exec(text) ?? []).slice(1).map(Number)
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, fraction = 0] = parts
  const seconds = toDays(year, month, day) * secondsPerDay + hour * 3600 + minute * 60 + second
  const micros = BigInt(seconds) * microsPerSecond + BigInt(fraction)
  if (toIsoTime(micros) !== text) throw new RangeError(`${text} is no time as export writes it`)
  return micros
}

/** Days since 1970 of a date, by its place among 400 years, after which the calendar repeats. */
function toDays(year: number, month: number, day: number): number {
  const era = Math.floor((year - 2000) / 400)
  const inEra = Date.UTC(year - era * 400, month - 1, day) / (secondsPerDay * 1000)
  return era * 146_097 + inEra
}
