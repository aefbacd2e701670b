import type { Endpoint } from '../model/endpoint.js'
import { endpoints } from '../model/endpoints.js'
import type { EndpointName } from '../model/endpoints.js'
import { dayOf, priceOf } from '../model/prices.js'
import type { PriceTier } from '../model/prices.js'
import { openAllowance } from './allowance.js'
import type { Settings } from './options.js'

/** What was asked of the simulator so far. */
export interface Calls {
  /** Calls of the 17 endpoints, with those that were refused. */
  calls: number
  /** Calls that the same address had asked for before. */
  repeated: number
  by_endpoint: Record<string, number>
  by_status: Record<string, number>
  /** What was paid from free credit is in it. */
  billed_usd: number
  /** NULL where it is unlimited. */
  balance_usd: number | null
  free_credit_usd: number
}

/** One key's balance, pace and tally. */
export interface Account {
  /** Which time this address is asked for, 1 the first. */
  count(endpoint: string, address: number): number
  /** Takes a call from the allowance of the second; false where there is none. */
  admits(endpoint: Endpoint, now: number): boolean
  /** The same for the account's own paths: one a second. */
  admitsQuestion(now: number): boolean
  canPay(endpoint: Endpoint, now: number): boolean
  bill(endpoint: Endpoint, now: number): void
  settle(status: number | 'broken'): void
  calls(): Calls
}

/** The discounts that TikHub's documentation gives as an example (`tikhub-api` section 6). */
const tiers: readonly PriceTier[] = [1000, 5000, 10_000, 20_000, 30_000].map((from, index) => ({
  from,
  off: (index + 1) / 10,
}))

/** Free credit is documented for all but uploads. */
export const takesFreeCredit = ({ rateClass }: Pick<Endpoint, 'rateClass'>): boolean =>
  rateClass !== 'uploads'

const micros = (usd: number): number => Math.round(usd * 1e6)

type Money = Pick<Settings, 'balanceUsd' | 'freeCreditUsd' | 'discounts'>

/** What calls cost, and what is there to pay them from; all in millionths of a dollar. */
class Purse {
  private balance: number
  private credit: number
  billed = 0
  private day = 0
  private billedToday = 0

  constructor(private readonly money: Money) {
    this.balance = money.balanceUsd * 1e6
    this.credit = micros(money.freeCreditUsd)
  }

  canPay(endpoint: Endpoint, now: number): boolean {
    const price = this.priceOf(endpoint, now)
    return price <= this.balance + 0.5 || this.isFree(endpoint, price)
  }

  /** Free credit goes first, where it pays for the whole call. */
  bill(endpoint: Endpoint, now: number): void {
    const price = this.priceOf(endpoint, now)
    if (this.isFree(endpoint, price)) this.credit -= price
    else this.balance -= price
    this.billed += price
    if (price > 0) this.billedToday += 1
  }

  /** What is left, in dollars; the balance is NULL where it is unlimited. */
  left(): { balance_usd: number | null; free_credit_usd: number } {
    const isLimited = Number.isFinite(this.balance)
    const balance_usd = isLimited ? Math.round(this.balance) / 1e6 : null
    return { balance_usd, free_credit_usd: this.credit / 1e6 }
  }

  private isFree(endpoint: Endpoint, price: number): boolean {
    return takesFreeCredit(endpoint) && this.credit > 0 && price <= this.credit
  }

  /** Tiers count the paid calls of a UTC day. */
  private priceOf({ name }: Endpoint, now: number): number {
    const day = dayOf(now * 1000)
    if (day !== this.day) this.billedToday = 0
    this.day = day
    const prices = this.money.discounts ? { tiers } : {}
    return micros(priceOf(prices, name as EndpointName, this.billedToday))
  }
}

/** Opens the account of one key. */
export function openAccount(options: Money & Pick<Settings, 'rateLimit' | 'ratePer'>): Account {
  const { rateLimit, ratePer } = options
  const times = new Map<number, number>()
  const byEndpoint = new Map<string, number>(endpoints.map(({ name }) => [name, 0]))
  const byStatus = new Map<string, number>()
  const allowance = openAllowance()
  const purse = new Purse(options)
  const slowRate = Math.min(rateLimit, 1)
  let calls = 0
  let repeated = 0

  return {
    count(endpoint, address) {
      const nth = (times.get(address) ?? 0) + 1
      times.set(address, nth)
      calls++
      if (nth > 1) repeated++
      byEndpoint.set(endpoint, (byEndpoint.get(endpoint) ?? 0) + 1)
      return nth
    },
    admits({ rateClass, path }, now) {
      const isSlow = rateClass !== 'reads'
      if (isSlow && !allowance.admits(rateClass, slowRate, now)) return false
      return allowance.admits(ratePer === 'path' ? path : 'key', rateLimit, now)
    },
    admitsQuestion: (now) => allowance.admits('account', slowRate, now),
    canPay: (endpoint, now) => purse.canPay(endpoint, now),
    bill: (endpoint, now) => purse.bill(endpoint, now),
    settle(status) {
      byStatus.set(String(status), (byStatus.get(String(status)) ?? 0) + 1)
    },
    calls: () => ({
      calls,
      repeated,
      by_endpoint: Object.fromEntries([...byEndpoint].filter(([, count]) => count > 0)),
      by_status: Object.fromEntries([...byStatus].sort()),
      billed_usd: purse.billed / 1e6,
      ...purse.left(),
    }),
  }
}
