/** A real number as text, as Data Package wants it: `INF` and `-INF` for what has no digits. */
export const toRealText = (value: number): string =>
  Number.isFinite(value) ? String(value) : value > 0 ? 'INF' : '-INF'
