/** What a run may send and spend at most. */
export interface SpendingLimits {
  maxRequests: number
  budgetUsd: number
}

/** Rounding of sums of prices must not cost a call. */
const tolerance = 1e-9

/**
 * What a run has sent and spent. Calls under way count in full: however many there are, billed and
 * possibly billed calls together never pass the budget.
 */
export class Spending {
  requestsSent = 0
  costUsd = 0
  private underWayUsd = 0

  constructor(private readonly limits: SpendingLimits) {}

  /** Reserves one call. @returns the limit that forbids it; NULL if it may go */
  reserve(priceUsd: number): string | null {
    const { maxRequests, budgetUsd } = this.limits
    if (this.requestsSent >= maxRequests) return `stopped at --max-requests ${maxRequests}`
    if (this.costUsd + this.underWayUsd + priceUsd > budgetUsd + tolerance)
      return `stopped at --budget ${budgetUsd}`
    this.requestsSent += 1
    this.underWayUsd += priceUsd
    return null
  }

  /** Settles a reserved call. */
  settle(priceUsd: number, isPossiblyBilled: boolean): void {
    this.underWayUsd -= priceUsd
    if (isPossiblyBilled) this.costUsd += priceUsd
  }
}
