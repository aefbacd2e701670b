import { loadTables } from '../flat-tables.js'
import type { WriteFormat } from '../format.js'
import { toPages } from '../pages.js'
import { startEncoder } from '../parquet-encoder.js'
import { pathsAt, writeParts } from '../parquet-parts.js'
import { readThreads } from './read-threads.js'
import { ThreadBatch } from './thread-batch.js'
import { threadNeeds, toThreadTable } from './thread-table.js'

/** Posts in a row group: a group is in memory as a whole, and threads are long. */
const rowsPerGroup = 2048

/** Writes `data/threads.parquet`: a row a post, with its whole thread as lists. */
export const writeThreads: WriteFormat = async ({ tables }, desk) => {
  const encoder = await desk.keep('encoder', startEncoder)
  const database = await loadTables(desk, tables, threadNeeds(tables))
  try {
    const { table, columns, lists } = toThreadTable(tables)
    const batch = new ThreadBatch(columns, lists)
    const totalRows = tables[0]!.rows
    const tell = (rows: number) => desk.step({ table: table.name, step: 'write', rows, totalRows })
    const pages = toPages(readThreads(database, columns, lists), tell, 1)
    return await writeParts(
      { desk, encoder, table: table.name, batch, rowsPerGroup, pages },
      pathsAt(`data/${table.name}`, totalRows <= desk.options.rowsPerPart),
    )
  } finally {
    database.close()
  }
}
