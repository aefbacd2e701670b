import type { Row } from '../archive/snapshot.js'
import type { Column, Table } from '../model/table.js'

/** A table as it leaves: its description, the columns that are taken, and how many rows it has. */
export interface Outgoing {
  table: Table
  columns: readonly Column[]
  rows: number
}

/** A file of an export; `table` is null for a file that holds several. */
export interface ExportedFile {
  /** Relative to the export's folder, with `/`. */
  path: string
  table: string | null
  rows: number
  bytes: number
}

/** Takes the rows of one table, in order. */
export interface TableWriter {
  writeRows(rows: readonly Row[]): Promise<void>
  /** Ends the table. */
  close(): Promise<void>
}

/** Writes tables in one format, one after the other, into a folder. */
export interface FormatWriter {
  openTable(outgoing: Outgoing): Promise<TableWriter>
  /** Ends the format; what it returns is complete on disk. */
  close(): Promise<ExportedFile[]>
  /** Lets go of everything held open; the folder is removed by the caller. Never throws. */
  abandon(): Promise<void>
}

/** What a format is told when it starts. */
export interface FormatStart {
  /** An empty folder that exists. */
  folder: string
  /** All tables that will come, in order. */
  tables: readonly Outgoing[]
}
