/** Marks of a node, as bits. */
export const mark = {
  tombstoned: 1,
  /** A comment that carries a video. */
  video: 2,
  /** Told with the keys of 2026. */
  keys2026: 4,
  /** `view_count` above 2^53. */
  huge: 8,
  /** First of everything, so that even a small network is deep. */
  chain: 16,
} as const

/** Has the mark. */
export const isMarked = (
  { marks }: { marks: ArrayLike<number> },
  node: number,
  which: number,
): boolean => ((marks[node] ?? 0) & which) !== 0

/** The node was deleted. */
export const isGone = (nodes: { marks: ArrayLike<number> }, node: number): boolean =>
  isMarked(nodes, node, mark.tombstoned)
