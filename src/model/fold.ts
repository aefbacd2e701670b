/** Signs that nobody sees: joiners, marks of direction, soft hyphens, selectors of variants. */
const unseen = /[\p{Cf}\u034f\u115f\u1160\u3164\ufe00-\ufe0f\uffa0]/gu

/** A name in the form in which it is compared: wide, small, invisible signs are no difference. */
export const fold = (name: string): string =>
  name.normalize('NFKC').replace(unseen, '').toLowerCase().trim().replace(/^@+/, '')
