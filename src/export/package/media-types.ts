import type { FileFormat } from '../format.js'

/** What a file is, as IANA and the makers of its format call it. */
export const mediaTypes: Readonly<Record<FileFormat, string>> = {
  parquet: 'application/vnd.apache.parquet',
  sqlite: 'application/vnd.sqlite3',
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
  arrow: 'application/vnd.apache.arrow.file',
  graphml: 'application/graphml+xml',
  warc: 'application/warc',
  wacz: 'application/wacz',
}
