import type { Slice } from '../archive/snapshot.js'
import { BatchBuilder, rowsPerBatch } from './batch-builder.js'
import type { ExportedFile, WriteFormat } from './format.js'
import { startEncoder } from './parquet-encoder.js'
import { partName, pathsAt, writeParts } from './parquet-parts.js'

/** Where rows without a time are. A true word: pandas and dask cannot read Hive's "no value" there. */
const noMonth = 'unknown'

/** The folder of a slice, below the table's. */
const folderOf = (slice: Slice): string => `month=${slice.month ?? noMonth}`

/**
 * Writes `data/<table>.parquet`: true types, in the order of the key; a large table in parts
 * `data/<table>/part-00000.parquet`, a table laid out by month below `data/<table>/month=2025-10/`.
 */
export const writeParquet: WriteFormat = async ({ tables: [outgoing] }, desk) => {
  const encoder = await desk.keep('encoder', startEncoder)
  const { table, columns, rows, slices, added } = outgoing!
  const place = `data/${table.name}`
  const rowsPerGroup = rowsPerBatch(columns.length)
  const parts = { desk, encoder, table: table.name, batch: new BatchBuilder(columns), rowsPerGroup }
  if (added)
    return writeParts(
      { ...parts, pages: desk.readPages(outgoing!, added.rows) },
      (part) => `${place}/${partName(added.firstPart + part)}`,
    )
  if (slices === null)
    return writeParts(
      { ...parts, pages: desk.readPages(outgoing!) },
      pathsAt(place, rows <= desk.options.rowsPerPart),
    )
  const files: ExportedFile[] = []
  for (const slice of slices.length > 0 ? slices : [noRows(columns[0]!.name)])
    files.push(
      ...(await writeParts(
        { ...parts, pages: desk.readPages(outgoing!, slice) },
        pathsAt(`${place}/${folderOf(slice)}`, false),
      )),
    )
  return files
}

/** An empty table has one empty file, which tells its columns. */
const noRows = (column: string): Slice => ({ month: null, column, from: 0, to: 0, rows: 0 })
