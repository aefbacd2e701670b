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

/**
 * What a cell becomes in a published dataset; a column that does not say is not in it.
 * `keep`: numbers, times and flags as they are · `own`: text of this program · `id`: id of a post, a
 * comment, a video or of content, as it is · `post`, `comment`: an id that leads to a published row,
 * else NULL · `person`: a pseudonym · `object`: the id of a person or of something else, by the kind
 * beside it · `handle`: the pseudonym of the row's person · `text`: without mentions, addresses and
 * ids of people · `glyph`: signs that are no letters · `word`: one of `words`, else `other` · `day`:
 * the day alone · `answer`, `file`, `list`: a keyed digest · `change`: as the column that changed ·
 * `seeds`, `settings`, `origin`: what is harmless of them · `place`: names of fields, and numbers.
 */
export type Publish =
  | 'keep'
  | 'own'
  | 'id'
  | 'post'
  | 'comment'
  | 'person'
  | 'object'
  | 'handle'
  | 'text'
  | 'glyph'
  | 'word'
  | 'day'
  | 'answer'
  | 'file'
  | 'list'
  | 'change'
  | 'seeds'
  | 'settings'
  | 'origin'
  | 'place'

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
  publish?: Publish
  /** What a `word` may be. */
  words?: readonly string[]
  /** Part of the profile `ids`: an id, or what tells one edge from another. */
  ids?: boolean
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
  /** New ones stand behind the others that answers tell: archives number those by their place. */
  columns: readonly Column[]
  /** The `entity_kind` under which sightings, observations and revisions of its rows are kept. */
  entity?: 'user' | 'post' | 'comment'
  exported: 'always' | 'with-log' | 'never'
  /** Left out of everything published, because nobody knows it to be public. */
  private?: boolean
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

/** A column of text. */
export const text = column('text')
/** A column of whole numbers. */
export const int = column('int')
/** A column of numbers. */
export const real = column('real')
/** A column of true and false: 1 and 0 in SQLite. */
export const bool = column('bool')
/** A column of instants: microseconds since 1970 UTC. */
export const time = column('time')
/** A column of JSON, as text. */
export const json = column('json')
/** A column of bytes. */
export const blob = column('blob')

/** A published word of a fixed list, which may be written as `a b c`. */
export const word = (list: string | readonly string[]): Pick<Column, 'publish' | 'words'> => ({
  publish: 'word',
  words: typeof list === 'string' ? list.split(' ') : list,
})

/** A published id; part of the profile `ids`. */
export const linked = (publish: Publish): Pick<Column, 'publish' | 'ids'> => ({
  publish,
  ids: true,
})

/** Marks columns as one group. */
export const grouped = (group: Group, ...columns: Column[]): Column[] =>
  columns.map((each) => ({ ...each, group }))

/** A column of counts: group `counters`. */
export const counter = (name: string, about: string): Column =>
  int(name, about, { group: 'counters', unit: 'count', publish: 'keep' })

/** The times of the newest observation of each group; the archive keeps them. */
export const groupTimes: readonly Column[] = [
  time('summary_at', 'Time of the newest answer that told a column of the group `summary`.', {
    publish: 'keep',
  }),
  time('full_at', 'Time of the newest answer that told a column of the group `full`.', {
    publish: 'keep',
  }),
  time('counters_at', 'Time of the newest answer that told a counter.', {
    publish: 'keep',
  }),
]

/** What every entity and edge table ends with. */
export const seen: readonly Column[] = [
  time('first_seen_at', 'Time of the earliest answer that told this row.', {
    required: true,
    publish: 'keep',
  }),
  time('last_seen_at', 'Time of the newest answer that told this row.', {
    required: true,
    publish: 'keep',
  }),
  text('first_response_id', 'The earliest answer that told this row.', {
    required: true,
    publish: 'answer',
  }),
  text('last_response_id', 'The newest answer that told this row.', {
    required: true,
    publish: 'answer',
  }),
]

/** Bookkeeping with which late answers find their place, column by column (see `archive/merge-row.ts`). */
export const stamps: readonly Column[] = [
  int('told', 'Bit mask of the columns that the newest answer told.', { internal: true }),
  json('older', 'Columns told last by an older answer: name → [time, response].', {
    internal: true,
  }),
]
