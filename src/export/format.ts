import type { ReadAbsence } from '../archive/absence-of-call.js'
import type { NewRows, Row, Slice } from '../archive/snapshot.js'
import type { Column, Table } from '../model/table.js'

/** The formats that hold the tables as they are. */
export const plainFormats = ['parquet', 'sqlite', 'csv', 'ndjson', 'arrow'] as const

/** Names of the formats, in the order in which they are listed. */
export const formatNames = [
  ...plainFormats,
  ...(['edges', 'graphml', 'threads'] as const),
  ...(['warc', 'wacz'] as const),
] as const

/** Name of a format. */
export type FormatName = (typeof formatNames)[number]

/** What a file may be: edges and threads are Parquet too. */
export type FileFormat = Exclude<FormatName, 'edges' | 'threads'>

/** The formats that hold the kept answers themselves, not tables made of them. */
export const answerFormats: readonly FormatName[] = ['warc', 'wacz']

/** True for a format that is written in one go, not table by table. */
export const isWhole = (format: FormatName): boolean =>
  format === 'sqlite' || answerFormats.includes(format)

/** How Parquet is written: small and fast to read, or so plain that old readers read it right. */
export const parquetKinds = ['zstd', 'compat'] as const

/** How Parquet is written. */
export type ParquetKind = (typeof parquetKinds)[number]

/** A table and those of its columns that are in a package. */
export interface PackagedTable {
  table: Table
  columns: readonly Column[]
}

/** A table as it leaves, with how many rows it has. */
export interface Outgoing extends PackagedTable {
  rows: number
  /** Where Parquet is laid out by month: the months; else NULL. */
  slices: readonly Slice[] | null
  /** Columns that hold lists, behind the others. */
  lists?: readonly ListColumn[]
  /** The new rows to add to earlier parts, and how many parts there are; else absent. */
  added?: { rows: NewRows; firstPart: number }
}

/** A column of lists, whose items have columns themselves. */
export interface ListColumn {
  name: string
  about: string
  columns: readonly Column[]
}

/** A file of an export; `table` is null for a file that holds several, or none. */
export interface ExportedFile {
  /** Relative to the export's folder, with `/`. */
  path: string
  table: string | null
  /** Null for a file that describes others. */
  format: FileFormat | null
  /** NULL for a file that holds no rows: what describes the others. */
  rows: number | null
  bytes: number
  sha256: string
}

/** How files are written, whatever the format. */
export interface WriteOptions {
  withSignedUrls: boolean
  csvSafe: boolean
  parquet: ParquetKind
  /** A table with more rows than this is written in parts. */
  rowsPerPart: number
  /** A WARC file that has this many bytes is ended, and another one begun. */
  bytesPerWarc: number
  /** The title of the dataset. */
  title: string
  /** Keys that are taken out of answers, wherever they stand. */
  secrets: readonly string[]
}

/**
 * What a format writes in one go: `dataset.sqlite` all tables, formats of answers the ledger in the order
 * of time, the others one table or what is made of a few.
 */
export interface Job {
  format: FormatName
  tables: readonly Outgoing[]
  /** The name of the graph, where one is made. */
  graph?: string
}

/** A step of a job that is not reading a table's rows. */
export interface DeskStep {
  table: string
  /** In a word or two. */
  step: string
  /** How far it is, where that can be told. */
  rows?: number
  totalRows?: number
}

/** What a job is given to do its work with. */
export interface Desk {
  /** An empty folder that exists. */
  folder: string
  options: WriteOptions
  /** The rows of a table, few at a time; looks at the signal and tells progress on the way. */
  readPages(outgoing: Outgoing, slice?: Slice | NewRows | null): AsyncGenerator<Row[]>
  /** Lets others work, and looks at the signal. */
  pause(): Promise<void>
  /** The same, and tells what is done next, or how far that is. */
  step(step: DeskStep): Promise<void>
  /** A kept body, in UTF-8; NULL if it is not held. */
  readBody(sha256: string): Buffer | null
  /** The digest with which an answer came whose kept body was rewritten since; NULL for any other. */
  rewrittenFrom: (responseId: string) => string | null
  /** Why the object of a call was not there; NULL where the call does not say that. */
  readAbsence: ReadAbsence
  /** The instant of the newest answer, in microseconds. */
  newestAt(): bigint | null
  /** Ends what outlives a job, e.g. a thread. */
  keep<T extends { end(): Promise<void> }>(name: string, start: () => Promise<T>): Promise<T>
}

/** Writes the tables of a job; what it returns is complete on disk. */
export type WriteFormat = (job: Job, desk: Desk) => Promise<ExportedFile[]>
