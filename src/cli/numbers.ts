import { InvalidArgumentError } from 'commander'

/** What a number may be, bounds included. */
export interface NumberKind {
  isWhole: boolean
  least: number
  most: number
  /** 0 is taken too, and means no limit. */
  hasNoLimit?: boolean
}

/** Every kind of number that flags and settings take; those that say the same are of one kind. */
export const numbers = {
  /** Calls, pages, levels, rows, of which there may be none. */
  count: { isWhole: true, least: 0, most: Number.MAX_SAFE_INTEGER },
  /** Rows or bytes of a part. */
  size: { isWhole: true, least: 1, most: Number.MAX_SAFE_INTEGER },
  /** What goes on at a time. */
  parallel: { isWhole: true, least: 1, most: 64 },
  /** Dollars, hours, weights. */
  amount: { isWhole: false, least: 0, most: 1e9 },
  share: { isWhole: false, least: 0, most: 1 },
  /** Calls or MB a second: a wait for the next has to fit a timer. */
  speed: { isWhole: false, least: 0.001, most: 1e6, hasNoLimit: true },
  /** Seconds that are waited for something. */
  seconds: { isWhole: false, least: 0.001, most: 86400 },
  megabytes: { isWhole: false, least: 0.00001, most: 1e9 },
} as const satisfies Record<string, NumberKind>

/** True if a number is of a kind. */
export const isOfKind = (
  { isWhole, least, most, hasNoLimit = false }: NumberKind,
  value: number,
): boolean =>
  (value >= least && value <= most && (!isWhole || Number.isInteger(value))) ||
  (hasNoLimit && value === 0)

/** What is expected where a number is not of a kind. */
export function expectedOf({ isWhole, least, most, hasNoLimit }: NumberKind): string {
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} on` : `${least} to ${most}`
  const off = hasNoLimit ? ', or 0 for no limit' : ''
  return `expected a ${isWhole ? 'whole ' : ''}number from ${range}${off}`
}

/** Reads a number of a kind from the command line: digits, and a point where it need not be whole. */
export const toNumber =
  (kind: NumberKind) =>
  (text: string): number => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN
    if (!isOfKind(kind, value)) throw new InvalidArgumentError(expectedOf(kind))
    return value
  }
