/** What a cell may hold: text, a whole or real number, a whole number above 2^53, bytes, or unknown. */
export type Value = string | number | bigint | Uint8Array | null

/**
 * Column types, each with one meaning everywhere:
 * `time` is whole microseconds since 1970 UTC, `bool` is 0 or 1, `json` is JSON text.
 */
export type ColumnType = 'text' | 'int' | 'real' | 'bool' | 'time' | 'json' | 'blob'

/** Which part of an object a column belongs to; per group the newest observation wins. */
export type Group = 'summary' | 'full' | 'counters'

/** How two answers about one cell become one value, where it is not "the newest wins". */
export type Merge = 'earliest' | 'strongest'

/** One column: the same description serves SQLite, the upserts, Parquet, CSV and the data dictionary. */
export interface Column {
  name: string
  type: ColumnType
  about: string
  unit?: string
  group?: Group
  /** An explicit null in a full object is a value here, not an omission. */
  clearable?: boolean
  /** Depends on the account that asked; no export takes it. */
  viewer?: boolean
  /** Bookkeeping of the archive; no export takes it. */
  internal?: boolean
  /** Holds a URL that may be signed; exports drop its query, and changes are told by its asset key. */
  signed?: boolean
  /** A change of it is no event worth a row in `revisions`. */
  restless?: boolean
  merge?: Merge
  /** The order for `strongest`, strongest first. */
  strength?: readonly string[]
  /** `table.column` that always holds this value. */
  references?: string
  /** Never NULL. */
  required?: boolean
}

/** What a table is for, which decides how rows get in and whether they get out. */
export type TableKind =
  /** One row an object, merged from many answers. */
  | 'entity'
  /** One row a relation between objects, merged from many answers. */
  | 'edge'
  /** One row a place in one answer. */
  | 'entry'
  /** What changed, went missing or could not be read. */
  | 'history'
  /** How the archive came about. */
  | 'log'
  /** The kept answers themselves, and bookkeeping. */
  | 'store'

/** A table: its key, its columns in order, and whether `export` takes it. */
export interface Table {
  name: string
  kind: TableKind
  about: string
  key: readonly string[]
  columns: readonly Column[]
  /** The `entity_kind` under which sightings, observations and revisions of its rows are kept. */
  entity?: 'user' | 'post' | 'comment'
  exported: 'always' | 'with-log' | 'never'
  /** Filled again by a rebuild from the kept bodies. */
  derived: boolean
  indexes?: readonly (readonly string[])[]
  /** Sets of columns, besides the key, that never occur twice. */
  unique?: readonly (readonly string[])[]
}

type More = Omit<Column, 'name' | 'type' | 'about'>

const column =
  (type: ColumnType) =>
  (name: string, about: string, more: More = {}): Column => ({ name, type, about, ...more })

export const text = column('text')
export const int = column('int')
export const real = column('real')
export const bool = column('bool')
export const time = column('time')
export const json = column('json')
export const blob = column('blob')

/** Marks columns as one group. */
export const grouped = (group: Group, ...columns: Column[]): Column[] =>
  columns.map((each) => ({ ...each, group }))

/** A column of counts: group `counters`. */
export const counter = (name: string, about: string): Column =>
  int(name, about, { group: 'counters', unit: 'count' })

/** The times of the newest observation of each group; the archive keeps them. */
export const groupTimes: readonly Column[] = [
  time('summary_at', 'Time of the newest answer that told a column of the group `summary`.'),
  time('full_at', 'Time of the newest answer that told a column of the group `full`.'),
  time('counters_at', 'Time of the newest answer that told a counter.'),
]

/** What every entity and edge table ends with. */
export const seen: readonly Column[] = [
  time('first_seen_at', 'Time of the earliest answer that told this row.', { required: true }),
  time('last_seen_at', 'Time of the newest answer that told this row.', { required: true }),
  text('first_response_id', 'The earliest answer that told this row.', { required: true }),
  text('last_response_id', 'The newest answer that told this row.', { required: true }),
]

/** Bookkeeping with which late answers find their place, column by column (see `archive/merge-row.ts`). */
export const stamps: readonly Column[] = [
  int('told', 'Bit mask of the columns that the newest answer told.', { internal: true }),
  json('older', 'Columns told last by an older answer: name → [time, response].', {
    internal: true,
  }),
]
