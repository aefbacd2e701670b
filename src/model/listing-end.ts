import type { EndReason } from './reasons.js'

/** What is known of a list after one more page of it. */
export interface ListingState {
  cursor: string | null
  hasMore: boolean | null
  /** The cursor was already used in this list. */
  isCursorUsed: boolean
  /** Pages in a row, this one included, without an item that is new to this list. */
  stalePages: number
  itemsHeld: number
  /** Items that a counter announces; NULL: nothing is announced. */
  announced: number | null
  /** It cannot be read how the list goes on. */
  isCursorUnreadable: boolean
  /** The rest was walked by an earlier pass. */
  isRestKnown: boolean
}

/** How a list goes on. */
export type ListingNext =
  { isEnd: false; cursor: string } | { isEnd: true; reason: EndReason; problem: string | null }

/** Pages in a row without a new item after which a list is given up. */
const stalePagesLimit = 3

/**
 * Whether a list ends: at a null, absent or empty cursor; where `has_more` is false and as many items
 * are held as announced; at a cursor used before; after three pages in a row without a new item; in a
 * later pass also where the rest is known. An empty page with a cursor ends nothing.
 */
export function nextOfListing(state: ListingState): ListingNext {
  const { cursor, hasMore, announced, itemsHeld } = state
  if (state.isCursorUnreadable)
    return {
      isEnd: true,
      reason: 'cursor_unreadable',
      problem: 'the list goes on in an unknown way',
    }
  if (cursor === null) return { isEnd: true, reason: 'end', problem: null }
  if (hasMore === false && announced !== null && itemsHeld >= announced)
    return { isEnd: true, reason: 'count_reached', problem: null }
  if (state.isCursorUsed)
    return {
      isEnd: true,
      reason: 'cursor_repeated',
      problem: 'the cursor was already used in this list, which ends here',
    }
  if (state.stalePages >= stalePagesLimit)
    return {
      isEnd: true,
      reason: 'no_new_items',
      problem: `${stalePagesLimit} pages in a row without a new item; the list ends here`,
    }
  if (state.isRestKnown) return { isEnd: true, reason: 'known_items', problem: null }
  return { isEnd: false, cursor }
}

/** Ends at which a list was walked whole: what it no longer shows is gone from it. */
export const wholeEnds: readonly string[] = [
  'end',
  'count_reached',
  'inlined',
  'no_new_items',
  'cursor_repeated',
] satisfies EndReason[]

/** Ends after which nothing of a list is left to be walked. */
export const coveredEnds: readonly string[] = [...wholeEnds, 'known_items' satisfies EndReason]
