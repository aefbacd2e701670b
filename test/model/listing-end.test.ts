import { describe, expect, it } from 'vitest'
import { nextOfListing, type ListingNext, type ListingState } from '../../src/model/listing-end.js'
import type { EndReason } from '../../src/model/reasons.js'

/** A list in full swing: a new cursor, new items, nothing announced. */
const goingOn: ListingState = {
  cursor: 'next',
  hasMore: null,
  isCursorUsed: false,
  stalePages: 0,
  itemsHeld: 10,
  announced: null,
  isRestKnown: false,
  isCursorUnreadable: false,
}

const on: ListingNext = { isEnd: false, cursor: 'next' }
const end = (reason: EndReason, problem: string | null = null): ListingNext => ({
  isEnd: true,
  reason,
  problem,
})
const repeated = end('cursor_repeated', 'the cursor was already used in this list, which ends here')
const stale = end('no_new_items', '3 pages in a row without a new item; the list ends here')

describe('nextOfListing', () => {
  it.each<[string, Partial<ListingState>, ListingNext]>([
    ['goes on at a new cursor', {}, on],
    ['goes on at an empty page', { itemsHeld: 0, stalePages: 1 }, on],
    ['goes on at a second page without a new item', { stalePages: 2 }, on],
    ['goes on where has_more is true', { hasMore: true }, on],
    ['goes on where has_more is false and nothing is announced', { hasMore: false }, on],
    [
      'goes on where has_more is false and more is announced',
      { hasMore: false, announced: 11 },
      on,
    ],
    ['goes on where as much is held as announced', { announced: 10 }, on],
    ['goes on where has_more is true, whatever is announced', { hasMore: true, announced: 1 }, on],
    ['ends without a cursor', { cursor: null }, end('end')],
    ['ends without a cursor where has_more is true', { cursor: null, hasMore: true }, end('end')],
    ['ends without a cursor before all is held', { cursor: null, announced: 99 }, end('end')],
    [
      'ends where has_more is false and as much is held as announced',
      { hasMore: false, announced: 10 },
      end('count_reached'),
    ],
    [
      'ends where has_more is false and more is held than announced',
      { hasMore: false, announced: 3 },
      end('count_reached'),
    ],
    ['ends at a cursor used before, and says so', { isCursorUsed: true }, repeated],
    ['ends at the third page without a new item, and says so', { stalePages: 3 }, stale],
    ['ends at a later page without a new item too', { stalePages: 7 }, stale],
    [
      'ends quietly where it is complete, though its cursor repeats',
      { hasMore: false, announced: 10, isCursorUsed: true, stalePages: 3 },
      end('count_reached'),
    ],
    ['ends quietly without a cursor, though stale', { cursor: null, stalePages: 3 }, end('end')],
  ])('%s', (_, told, expected) => {
    const next = nextOfListing({ ...goingOn, ...told })

    expect(next).toEqual(expected)
  })
})
