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
  deprecated?: boolean
  readPage: PageReader
}
