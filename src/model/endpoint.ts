import type { PageReader } from './page.js'

/** A parameter as the API documents it. */
export interface Parameter {
  name: string
  about: string
  required?: boolean
  /** Loose check before a call is paid for; the API's documents show ids by example only. */
  pattern?: RegExp
  /** What a pattern cannot say. */
  isFit?: (value: string) => boolean
  /** At least one parameter of the same group must be given. */
  oneOf?: string
  /** What the API takes for one that is not sent. */
  default?: string
  /** Where a POST carries it. */
  in?: 'query' | 'json' | 'file'
  maxLength?: number
  values?: readonly string[]
}

/** Calls of one class share a pace (TikHub documents 10 a second; 1 for two endpoints and the account). */
export type RateClass = 'reads' | 'task_status' | 'uploads' | 'account'

/** One endpoint: what client, crawler, simulator and importer know of it. */
export interface Endpoint {
  name: string
  /** The step of the walk, as `--only`, `--max-pages` and `--max-depth` name it. */
  step: string
  method: 'GET' | 'POST'
  path: string
  about: string
  parameters: readonly Parameter[]
  /** Price of one answered call, in USD, before discounts. */
  priceUsd: number
  /** Items on a full page; NULL where there are no pages. */
  pageSize: number | null
  rateClass: RateClass
  /** The parameter that names what is asked about; NULL for the feed and the leaderboard. */
  subject: string | null
  /** Has a cursor. */
  paged: boolean
  /** What its list holds; NULL for an answer that is no list. */
  items: 'posts' | 'comments' | 'users' | null
  /** The counter of its subject that announces how many items the list holds, where one does. */
  announcedBy?: string
  /**
   * Part of the thread of a post: `--only` chooses among these, `--since` and `--until` leave them out,
   * and a later pass walks them again only where counters changed. Their lists are mostly short.
   */
  ofThread?: boolean
  /**
   * Shows the newest first, as profiles do; only there do known items say that the rest is known. The feed
   * is a ranking, and the order of comments, remixes and followers is not documented.
   */
  newestFirst?: boolean
  /** An answer holds for the moment it was given: an old one does not stand for a new call. */
  momentary?: boolean
  deprecated?: boolean
  readPage: PageReader
}
