import type { Row } from '../archive/snapshot.js'
import type { Column } from '../model/table.js'

/** A column as a file tells it; CSV and NDJSON tell no more than its name. */
export interface FoundColumn {
  name: string
  /** As the list of tables calls it; `unknown` if it has no such type. */
  type?: string
  required?: boolean
}

/** The rows of a table in one file, read by another implementation than the one that wrote them. */
export interface FileRows {
  readonly columns: readonly FoundColumn[]
  /**
   * The rows in the archive's values (times in microseconds), some at a time.
   * @throws Error for what no export writes
   */
  readPages(): AsyncGenerator<Row[]>
  close(): Promise<void>
}

/** The formats with files of one table each, the one first that is read most surely. */
export const tableFormats = ['parquet', 'arrow', 'ndjson', 'csv'] as const

/** A format with files of one table each. */
export type TableFormat = (typeof tableFormats)[number]

/** What is known of a file before it is read. */
export interface FileToRead {
  path: string
  columns: readonly Column[]
  /** CSV has a `'` before what a spreadsheet takes for a formula. */
  isSafe: boolean
}

const openers: Record<TableFormat, (file: FileToRead) => Promise<FileRows>> = {
  parquet: async ({ path }) => (await import('./read-parquet.js')).ParquetRows.open(path),
  arrow: async ({ path }) => (await import('./read-arrow.js')).ArrowRows.open(path),
  ndjson: async (file) => (await import('./read-ndjson.js')).NdjsonRows.open(file),
  csv: async (file) => (await import('./read-csv.js')).CsvRows.open(file),
}

/** True for a format with files of one table each. */
export const isTableFormat = (format: string): format is TableFormat =>
  Object.hasOwn(openers, format)

/**
 * Opens a file to read it again; its library is loaded only then.
 * @throws Error if it is no file of that format
 */
export const openRows = (format: TableFormat, file: FileToRead): Promise<FileRows> =>
  openers[format](file)

/** Where the columns of a file are not those of the list of tables; NULL if they are. */
export function findWrongColumn(
  found: readonly FoundColumn[],
  columns: readonly Column[],
): string | null {
  const isWrong = (column: Column, place: number) => {
    const { name, type, required } = found[place] ?? {}
    const wanted = column.type === 'json' ? 'text' : column.type
    return (
      name !== column.name ||
      (type ?? wanted) !== wanted ||
      (required ?? column.required === true) !== (column.required === true)
    )
  }
  const wrong = columns.find(isWrong)?.name
  return wrong ?? (found.length > columns.length ? found[columns.length]!.name : null)
}
