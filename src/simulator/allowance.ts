/** How many calls may come: token buckets, each refilled by so many a second. */
export interface Allowance {
  /** Takes a call from a bucket; false where it is empty. `perSecond` 0: no limit. */
  admits(bucket: string, perSecond: number, now: number): boolean
}

/** Opens an allowance whose buckets are all full. */
export function openAllowance(): Allowance {
  const buckets = new Map<string, { tokens: number; refilledAt: number }>()
  return {
    admits(bucket, perSecond, now) {
      if (perSecond === 0) return true
      const most = Math.max(1, perSecond)
      const known = buckets.get(bucket) ?? { tokens: perSecond, refilledAt: -Infinity }
      const refilled = (Math.max(0, now - known.refilledAt) / 1000) * perSecond
      const tokens = Math.min(most, known.tokens + refilled)
      const isAdmitted = tokens >= 1
      buckets.set(bucket, { tokens: isAdmitted ? tokens - 1 : tokens, refilledAt: now })
      return isAdmitted
    },
  }
}
