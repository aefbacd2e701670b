import type { Billed } from '../model/billed.js'
import type { EndpointName } from '../model/endpoints.js'
import { InputError } from '../model/errors.js'
import { costOf, dayOf, priceOf, type Prices } from '../model/prices.js'

/** What a run may send and spend at most, and what was spent before it. */
export interface SpendingOptions {
  maxRequests: number
  /** Of this run. */
  budgetUsd: number
  /** Of all runs of the archive. */
  budgetTotalUsd: number
  /** Spent by the runs before, calls of killed runs in full. */
  spentBeforeUsd: number
  prices: Prices
  /** How long a call may be under way, in microseconds. */
  longestCall: number
  /** Paid calls surely billed since an instant in microseconds; asked when a day begins. */
  billedSince: (at: number) => number
}

/** What a run is allowed; nothing is limited that is not named. */
export interface Allowance extends Partial<
  Pick<SpendingOptions, 'maxRequests' | 'budgetUsd' | 'budgetTotalUsd' | 'prices'>
> {
  /** How long an answer is waited for. */
  timeoutMs?: number
}

/** A ledger, as far as it tells what was spent. */
export interface SpentBefore extends Pick<SpendingOptions, 'billedSince'> {
  /** Spent by all runs, calls without an answer in full. */
  spentUsd: () => number
}

/** A call that was reserved, or why it may not go; `isForNow`: it may once a call under way turns out unbilled. */
export type Reservation = { priceUsd: number } | { forbidding: string; isForNow: boolean }

/** Rounding of sums of prices must not cost a call. */
const tolerance = 1e-9

/**
 * What a run has sent and spent. Calls under way count in full: however many there are, billed and
 * possibly billed calls together never pass a budget.
 */
export class Spending {
  requestsSent = 0
  costUsd = 0
  /** A call was refused for the sake of those under way, none of which has ended since. */
  isWaiting = false
  private underWayUsd = 0
  private day = -1
  private billedToday = 0

  constructor(private readonly options: SpendingOptions) {}

  /** Reserves one call, sent at `now` (microseconds). */
  reserve(endpoint: EndpointName, now: number): Reservation {
    const priceUsd = this.priceOf(endpoint, now)
    const forbidding = this.limitAgainst(priceUsd)
    if (forbidding !== null) {
      // A sum of fractions may leave a trace of calls that have all ended: nothing would wake who waits.
      this.isWaiting = this.underWayUsd > tolerance && this.limitAgainst(priceUsd, 0) === null
      return { forbidding, isForNow: this.isWaiting }
    }
    this.requestsSent += 1
    this.underWayUsd += priceUsd
    return { priceUsd }
  }

  /** Settles a reserved call that ended at `now` (microseconds). */
  settle(priceUsd: number, billed: Billed, now: number): void {
    this.underWayUsd -= priceUsd
    this.isWaiting = false
    this.costUsd += costOf(billed, priceUsd)
    // What ends soon after midnight may have been billed the day before.
    const isOfThisDay = dayOf(now - this.options.longestCall) === this.day
    if (billed === 'yes' && priceUsd > 0 && isOfThisDay) this.billedToday += 1
  }

  private limitAgainst(priceUsd: number, underWayUsd = this.underWayUsd): string | null {
    const { maxRequests, budgetUsd, budgetTotalUsd, spentBeforeUsd } = this.options
    if (this.requestsSent >= maxRequests) return `stopped at --max-requests ${maxRequests}`
    const withThis = this.costUsd + underWayUsd + priceUsd
    if (priceUsd > budgetUsd + tolerance)
      return `stopped at --budget ${budgetUsd}: the next call alone costs $${priceUsd}. Name more to go on`
    if (withThis > budgetUsd + tolerance)
      return `stopped at --budget ${budgetUsd}: the next call could pass it. The same command goes on with as much again`
    if (spentBeforeUsd + withThis > budgetTotalUsd + tolerance)
      return (
        `stopped at --budget-total ${budgetTotalUsd}: with all runs before, the next call could pass it ` +
        '(calls that may have been billed count in full). Raise it to go on'
      )
    return null
  }

  /** Never too low: counted are calls that were surely billed, and a day's last moments are full price. */
  private priceOf(endpoint: EndpointName, now: number): number {
    const { prices, billedSince, longestCall } = this.options
    if (!prices.tiers?.length) return priceOf(prices, endpoint, 0)
    const day = dayOf(now)
    if (day !== this.day) {
      this.day = day
      this.billedToday = billedSince(day)
    }
    // A call of the last moments of a day may be billed in the next, where no tier is reached yet.
    const isTurnNear = dayOf(now + longestCall) !== day
    return priceOf(prices, endpoint, isTurnNear ? 0 : this.billedToday)
  }
}

/**
 * What a run may spend, given the ledger of its archive.
 * @throws InputError for a limit that limits nothing: no number, or below 0
 */
export function openSpending(ledger: SpentBefore, allowance: Allowance): Spending {
  const { maxRequests = Infinity, budgetUsd = Infinity, budgetTotalUsd = Infinity } = allowance
  const { prices = {}, timeoutMs = 60_000 } = allowance
  for (const [name, most] of Object.entries({ maxRequests, budgetUsd, budgetTotalUsd }))
    if (!(most >= 0)) throw new InputError(`${name} is ${most}; give a number from 0 on`)
  return new Spending({
    ...{ maxRequests, budgetUsd, budgetTotalUsd, prices },
    spentBeforeUsd: budgetTotalUsd === Infinity ? 0 : ledger.spentUsd(),
    billedSince: (at) => ledger.billedSince(at),
    longestCall: (timeoutMs + 60_000) * 1000,
  })
}
