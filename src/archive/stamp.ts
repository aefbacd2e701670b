/** When an answer told something, and which: a total order, the same wherever answers are merged. */
export interface Stamp {
  at: number
  responseId: string
}

/** Negative if the first is older; the id decides between answers of one instant. */
export const compareStamps = (one: Stamp, other: Stamp): number =>
  one.at - other.at ||
  (one.responseId < other.responseId ? -1 : one.responseId > other.responseId ? 1 : 0)
