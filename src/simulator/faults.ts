import { InputError } from '../model/errors.js'
import { fraction, mix } from './random.js'

/** Everything that can be made to go wrong, with what it does. */
export const faultKinds = {
  '400': 'TikHub could not get it: "Request failed. Please retry.", unbilled',
  '401': 'the key is refused, unbilled',
  '402': 'the balance is said to be gone, unbilled',
  '403': 'the key is said to lack the scope, unbilled',
  private: 'the object is said to be private, unbilled',
  '404': 'a business error that says the object is not there, unbilled',
  '429': 'too many requests, with Retry-After and without in turn',
  '500': 'internal error',
  '502': 'gateway error as JSON',
  '503': 'maintenance',
  '504': 'gateway timeout',
  html502: "Cloudflare's gateway error as HTML",
  reset: 'the connection is reset before anything is done, unbilled',
  lost: 'billed, and the connection is reset before the answer',
  cut: 'billed, and the connection ends in the middle of the body',
  garbled: 'billed, and the body is half a JSON text, complete by its length',
  empty200: 'billed, `data` is null',
  slow: 'the answer comes late; argument: milliseconds (default 1000)',
  hang: 'billed, and no answer comes; argument: milliseconds until the reset (default 120000)',
  gone: 'the route does not exist: {"detail":"Not Found"}',
  circle: 'share of the lists of three pages and more whose last cursor leads back to page two',
  endless: 'share of the lists that go on with new cursors and old items',
  broken: 'share of the pages that hold one more item, an unreadable one',
} as const

/** Name of a fault. */
export type FaultKind = keyof typeof faultKinds

/** Faults of lists and pages; all others hit single calls. */
export type ListFault = 'circle' | 'endless' | 'broken'

/** A fault that hits single calls. */
export type CallFault = Exclude<FaultKind, ListFault>

/** A fault, the share of calls it hits, and its argument. */
export interface FaultRule<Kind extends FaultKind = FaultKind> {
  kind: Kind
  share: number
  argument: number | null
}

const isFaultKind = (name: string): name is FaultKind => Object.hasOwn(faultKinds, name)

/** Reads `503=0.1,slow=0.05:400`; throws InputError that names the faulty part. */
export function readFaults(text: string): FaultRule[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const rules = parts.map(readFault)
  const sum = rules.filter(hitsCalls).reduce((total, rule) => total + rule.share, 0)
  if (sum > 1.000001) throw new InputError(`simulator: the shares of the faults add up to ${sum}`)
  return rules
}

const hitsCalls = (rule: FaultRule): rule is FaultRule<CallFault> =>
  rule.kind !== 'circle' && rule.kind !== 'endless' && rule.kind !== 'broken'

/** The share of lists or pages that a fault hits. */
export const shareOf = (rules: readonly FaultRule[], kind: ListFault): number =>
  rules.find((rule) => rule.kind === kind)?.share ?? 0

/** True if no route of the family exists any more (`gone=1`). */
export const isFamilyGone = (rules: readonly FaultRule[]): boolean =>
  rules.some(({ kind, share }) => kind === 'gone' && share === 1)

function readFault(part: string): FaultRule {
  const match = /^(\w+)=([0-9.]+)(?::([0-9]+))?$/.exec(part)
  const kind = match?.[1] ?? ''
  if (!isFaultKind(kind)) {
    const known = Object.keys(faultKinds).join(', ')
    throw new InputError(`simulator: no fault in '${part}'; write name=share, names: ${known}`)
  }
  const share = Number(match?.[2])
  if (!(share >= 0 && share <= 1)) {
    throw new InputError(`simulator: the share in '${part}' is none from 0 to 1`)
  }
  return { kind, share, argument: match?.[3] === undefined ? null : Number(match[3]) }
}

/**
 * The fault that hits the n-th time this address is asked for, if any: decided by seed, address and
 * n alone, so that it is the same in whichever order calls arrive.
 */
export function nextFault(
  rules: readonly FaultRule[],
  address: number,
  time: { seed: number; nth: number },
): FaultRule<CallFault> | null {
  let chance = fraction(mix(time.seed ^ 0x6661756c, address % 4294967296, time.nth))
  for (const rule of rules.filter(hitsCalls)) {
    if (chance < rule.share) return rule
    chance -= rule.share
  }
  return null
}
