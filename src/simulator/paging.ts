import { isAmong, mix } from './random.js'

/** A list that is served in pages. */
export interface Listing {
  /** A number that stands for endpoint and subject: it decides where pages are short or empty. */
  key: number
  length: number
  /** Items on a full page. */
  size: number
  /** Items that a page repeats of the page before. */
  repeats: number
  uneven: boolean
  /** How it ends: well, by leading back to page two, or never. */
  ending: 'well' | 'circle' | 'endless'
  /** Share of the pages that hold one more item, an unreadable one. */
  brokenShare: number
  at(index: number): number
  /** The cursor's fields for the page that begins at an item. */
  cursorAt(index: number): string
  /** The item at which a cursor's page begins; -1 where the cursor is none of this list. */
  indexOf(cursor: Record<string, unknown>): number
}

/** A page: items, and where the next one begins. */
export interface Stretch {
  items: number[]
  /** NULL at the end. */
  cursor: string | null
  /** Holds one more item, an unreadable one. */
  isBroken: boolean
}

/** The page that a cursor leads to (`''`: the first); null where it is no cursor of this list. */
export function pageAt(listing: Listing, cursor: string): Stretch | null {
  const place = cursor === '' ? firstPlace : readCursor(listing, cursor)
  if (!place) return null
  const { from, count, next } = nextStep(listing, place)
  const items = Array.from({ length: count }, (_, turn) => listing.at(from + turn))
  const isBroken = isAmong(mix(listing.key, place.index, 153), listing.brokenShare)
  return { items, cursor: next && writeCursor(listing, next), isBroken }
}

/** After this many pages in a row without anything new a list is given up (issue 2, item 5). */
const patience = 3

/** How many pages it takes to see all of a list, and that it ends. */
export function pagesOf(listing: Listing): number {
  let pages = 1
  for (let place: Place = firstPlace; ; pages++) {
    const { next } = nextStep(listing, place)
    if (!next || next.index < place.index) return pages
    if (next.turn > patience) return pages
    place = next
  }
}

interface Place {
  index: number
  /** How many pages before it began at the same item: one, where that one was empty. */
  turn: number
}

const firstPlace: Place = { index: 0, turn: 0 }

interface Step {
  /** The first item of the page. */
  from: number
  count: number
  next: Place | null
}

function nextStep(listing: Listing, { index, turn }: Place): Step {
  const { length, size, key } = listing
  if (index > 0 && index >= length) {
    const from = Math.max(0, length - size)
    return { from, count: length - from, next: { index: length, turn: turn + 1 } }
  }
  const bits = mix(key, index, 151)
  if (listing.uneven && index > 0 && turn === 0 && bits % 29 === 0) {
    return { from: index, count: 0, next: { index, turn: 1 } }
  }
  const count = Math.min(sizeOfPage(listing, bits), length - index)
  if (index + count >= length) return { from: index, count, next: afterLast(listing, index) }
  const onward = Math.max(1, count - listing.repeats)
  return { from: index, count, next: { index: index + onward, turn: 0 } }
}

function sizeOfPage({ uneven, size }: Listing, bits: number): number {
  const isShort = uneven && (bits >>> 8) % 12 === 0
  return isShort ? 1 + ((bits >>> 16) % size) : size
}

/** Where the last page leads to: nowhere, unless the list is made to be endless or a circle. */
function afterLast(listing: Listing, index: number): Place | null {
  if (listing.ending === 'endless' && listing.length > 0) return { index: listing.length, turn: 1 }
  if (listing.ending === 'well' || index === 0) return null
  const second = nextStep(listing, firstPlace).next
  return second && second.index < index ? second : null
}

const writeCursor = (listing: Listing, { index, turn }: Place): string => {
  const more = turn === 0 ? '' : `,"page":${turn + 1}`
  return Buffer.from(`{${listing.cursorAt(index)}${more}}`).toString('base64')
}

function readCursor(listing: Listing, cursor: string): Place | null {
  const fields = parseObject(Buffer.from(cursor, 'base64').toString('utf8'))
  if (!fields) return null
  const turn = typeof fields.page === 'number' ? fields.page - 1 : 0
  const place = { index: listing.indexOf(fields), turn }
  return place.index > 0 && writeCursor(listing, place) === cursor ? place : null
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch {
    return null
  }
}
