/** Expected values of a row; a column that is not named here is not certain. */
export type Row = Record<string, string | number | bigint | null>

/** What a perfect archive of this network holds after a crawl from the seed `feed`. */
export interface Truth {
  posts: Map<string, Row>
  /** Ids named by a `parent_path` only: a row for them is neither asked for nor wrong. */
  namedPosts: Set<string>
  comments: Map<string, Row>
  users: Map<string, Row>
  attachments: Map<string, Row>
  /** `parent>child` */
  remixes: Set<string>
  /** `post>user` */
  cameos: Set<string>
  /**
   * The number of requests that a perfect walker sends from the seed `feed`: the sum, over all
   * listings that must be asked, of their pages up to the end of the listing, where
   * - a listing that ends at a null, absent or "" cursor counts every page of it, empty ones too;
   * - a circling one (A -> B -> A) counts the first page, A and B: A is not sent twice;
   * - an endless one counts its pages with new ids and the three after them: the rule must see
   *   three pages in a row without a new id, so the third is sent as well;
   * - one with `has_more: false` beside a cursor ends there if the announced count is reached,
   *   and goes on otherwise (nothing announced: goes on);
   * - a comment with part of its replies inlined and a nested cursor counts one, whether it is
   *   asked from the start or from that cursor (both are one page here on purpose);
   *   (the same where all replies are inlined, but beside a cursor);
   * - profiles and details are not asked: the feed tells both in full.
   */
  fewest: number
  /** Every request a perfect walker sends; where one of several does, all of them. */
  expected: string[][]
  /** Listings that were announced as empty, or never announced, and were asked all the same. */
  forbidden: string[]
  /** Answered requests that a perfect walker does not send, or sends once. */
  wasted: string[]
  /** Request -> items in its page that cannot be read as expected: an anomaly each, at least. */
  brokenItems: Map<string, number>
  /** Listings that circle or never end, by `listingName`: they end with an anomaly. */
  oddEnds: Map<string, 'circle' | 'endless'>
  /** Every listing that is asked, by `listingName`: how many pages of it. */
  pages: Map<string, number>
}

/** A listing's name in all these tables; the feed's subject is "". */
export const listingName = (endpoint: string, subject: string): string => `${endpoint} ${subject}`

/** A request's name in all these tables; the first page's cursor is "". */
export const requestName = (endpoint: string, subject: string, cursor: string): string =>
  `${endpoint} ${subject} ${cursor}`

export const emptyTruth = (): Truth => ({
  posts: new Map(),
  namedPosts: new Set(),
  comments: new Map(),
  users: new Map(),
  attachments: new Map(),
  remixes: new Set(),
  cameos: new Set(),
  fewest: 0,
  expected: [],
  forbidden: [],
  wasted: [],
  brokenItems: new Map(),
  oddEnds: new Map(),
  pages: new Map(),
})
