/** An old Parquet reader by iron.io and ZJONSSON; it has no types of its own. Throws texts, not errors, too. */
declare module 'parquetjs-lite' {
  /** Goes from row group to row group; NULL behind the last. Columns that are NULL may be absent. */
  interface ParquetCursor {
    nextRowGroup(): Promise<Readonly<Record<string, unknown>>[] | null>
  }

  interface ParquetReader {
    getCursor(): ParquetCursor
    close(): Promise<void>
  }

  const parquetjs: { ParquetReader: { openFile(path: string): Promise<ParquetReader> } }
  export default parquetjs
}
