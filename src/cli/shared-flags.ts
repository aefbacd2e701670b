import { InvalidArgumentError, type Command } from 'commander'
import { numbers, toNumber } from './numbers.js'

/** Flags that every command takes. */
export interface SharedFlags {
  archive?: string
  config?: string
  json?: boolean
  quiet?: boolean
}

/** Adds the flags that every command takes. */
export const addSharedFlags = (command: Command): Command =>
  command
    .option('--archive <dir>', 'the archive folder (default: data/archive)')
    .option('--config <file>', 'settings in YAML; see config/default.yaml')
    .option('--json', 'progress as NDJSON on stderr, one result object on stdout')
    .option('--quiet', 'no progress')

const toCount = toNumber(numbers.count)

/** `remixes=3,replies=2` as an object; the names are checked. */
export const toLimits =
  (names: readonly string[]) =>
  (text: string): Record<string, number> =>
    Object.fromEntries(
      text.split(',').map((part) => {
        const [name = '', value = '', ...more] = part.split('=')
        if (!names.includes(name) || more.length > 0)
          throw new InvalidArgumentError(`expected NAME=NUMBER; names are ${names.join(', ')}`)
        return [name, toCount(value)]
      }),
    )

/** `comments,replies` as a list; the names are checked. */
export const toNames =
  (names: readonly string[]) =>
  (text: string): string[] =>
    text.split(',').map((name) => {
      if (names.includes(name)) return name
      throw new InvalidArgumentError(`expected a list of ${names.join(', ')}`)
    })

/** A date, or date and time, in UTC where it names no zone; as microseconds since 1970. */
export function toMicros(text: string): number {
  const iso = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text
  const hasZone = /(Z|[+-]\d\d:?\d\d)$/.test(iso)
  const millis = Date.parse(hasZone ? iso : `${iso}Z`)
  const day = /^\d{4}-\d\d-\d\d/.exec(text)?.[0]
  if (Number.isNaN(millis) || day === undefined || !isDay(day))
    throw new InvalidArgumentError('expected a date such as 2025-10-15')
  return millis * 1000
}

/** False for the 30th of February. */
const isDay = (day: string): boolean => new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)
