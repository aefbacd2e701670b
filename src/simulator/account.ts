import { endpoints } from '../model/endpoints.js'

/** What was asked of the simulator so far. */
export interface Calls {
  /** Calls of the 17 endpoints, with those that were refused. */
  calls: number
  /** Calls that the same address had asked for before. */
  repeated: number
  by_endpoint: Record<string, number>
  by_status: Record<string, number>
  billed_usd: number
  /** NULL where it is unlimited. */
  balance_usd: number | null
}

/** One key's balance, pace and tally. */
export interface Account {
  /** Which time this address is asked for, 1 the first. */
  count(endpoint: string, address: number): number
  /** Takes a call from the allowance of the second; false where there is none. */
  admits(now: number): boolean
  canPay(priceUsd: number): boolean
  bill(priceUsd: number): void
  settle(status: number | 'broken'): void
  calls(): Calls
}

/** Opens the account of one key. */
export function openAccount({
  balanceUsd,
  rateLimit,
}: {
  balanceUsd: number
  rateLimit: number
}): Account {
  const times = new Map<number, number>()
  const byEndpoint = new Map<string, number>(endpoints.map(({ name }) => [name, 0]))
  const byStatus = new Map<string, number>()
  let calls = 0
  let repeated = 0
  let billedMillis = 0
  let tokens = rateLimit
  let refilledAt = -Infinity

  return {
    count(endpoint, address) {
      const nth = (times.get(address) ?? 0) + 1
      times.set(address, nth)
      calls++
      if (nth > 1) repeated++
      byEndpoint.set(endpoint, (byEndpoint.get(endpoint) ?? 0) + 1)
      return nth
    },
    admits(now) {
      if (rateLimit === 0) return true
      tokens = Math.min(
        Math.max(1, rateLimit),
        tokens + (Math.max(0, now - refilledAt) / 1000) * rateLimit,
      )
      refilledAt = now
      if (tokens < 1) return false
      tokens--
      return true
    },
    canPay: (priceUsd) => billedMillis + priceUsd * 1000 <= balanceUsd * 1000 + 1e-6,
    bill(priceUsd) {
      billedMillis += Math.round(priceUsd * 1000)
    },
    settle(status) {
      byStatus.set(String(status), (byStatus.get(String(status)) ?? 0) + 1)
    },
    calls: () => ({
      calls,
      repeated,
      by_endpoint: Object.fromEntries([...byEndpoint].filter(([, count]) => count > 0)),
      by_status: Object.fromEntries([...byStatus].sort()),
      billed_usd: billedMillis / 1000,
      balance_usd: Number.isFinite(balanceUsd) ? balanceUsd - billedMillis / 1000 : null,
    }),
  }
}
