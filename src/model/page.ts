import type { ListProblem } from './read-list.js'
import type { AbsenceReason } from './reasons.js'
import type { Stray } from './survey.js'
import type { TableName } from './tables.js'
import type { Value } from './table.js'

/**
 * One row as one answer tells it. `values` holds the key and the columns that were told:
 * an absent column was not told, a null is a told value.
 */
export interface Row {
  table: TableName
  values: Record<string, Value>
  /** Told by a summary or by TikHub's short form: within one page a full object goes before it. */
  partial?: boolean
}

/** Something that could not be read as expected, and where (RFC 6901 pointer into the answer). */
export interface Anomaly {
  json_pointer: string
  problem: string
  excerpt: string | null
}

/** An object that the answer shows as missing. */
export interface Absence {
  entity_kind: 'post' | 'comment' | 'user'
  entity_id: string
  reason: AbsenceReason
}

/** A stretch of a list: a page asked for, or children that came inside another answer. */
export interface Stretch {
  item_ids: string[]
  /** The next page; NULL at the end. */
  cursor: string | null
  /** TikHub's documents promise it, no capture has it: advisory. */
  has_more: boolean | null
  /** Set if it is not known how the list goes on. */
  problem?: ListProblem
  /** The list is null: as good as empty, unless items are announced that are not held. */
  is_null?: true
}

/** Children that came along inside an answer about something else. */
export interface InlinedListing extends Stretch {
  endpoint: string
  subject: string
}

/** An object whose own lists the walk may visit next. */
export interface Subject {
  kind: 'post' | 'comment' | 'user'
  id: string
}

/** All that one answer tells. */
export interface Page {
  rows: Row[]
  absences: Absence[]
  anomalies: Anomaly[]
  /** The stretch of the list that was asked for; NULL for answers that are no list. */
  listing: Stretch | null
  inlined: InlinedListing[]
  subjects: Subject[]
  /** The id the answer is about, where it tells one; NULL otherwise. */
  about_id: string | null
  /** Where in the answer it stands, if it is not the whole of it: `/data` (RFC 6901). */
  below?: string
  /** What it holds beyond what answers are known to hold. */
  drift?: { endpoint: string; strays: readonly Stray[] }
}

/** Parameters of a call, without the empty ones. */
export type Params = Record<string, string>

/**
 * Reads what lies below the envelope's `data` (or a native body): pure, never throws for content.
 * What cannot be read becomes an anomaly, the rest is kept.
 */
export type PageReader = (data: unknown, params: Params) => Page
