import { BatchBuilder, rowsPerBatch } from '../batch-builder.js'
import { loadTables } from '../flat-tables.js'
import type { WriteFormat } from '../format.js'
import { toPages } from '../pages.js'
import { startEncoder } from '../parquet-encoder.js'
import { pathsAt, writeParts } from '../parquet-parts.js'
import { edgeTable, graphNamed, needsOf, placeOf } from './graphs.js'
import { countEdges, readEdges } from './read-graph.js'

/** Writes `graph/<name>.parquet`: an edge a row, in the order of its ends. */
export const writeEdges: WriteFormat = async ({ tables, graph: name }, desk) => {
  const encoder = await desk.keep('encoder', startEncoder)
  const graph = graphNamed(name!)
  const database = await loadTables(desk, tables, needsOf(graph))
  try {
    const { table, columns } = edgeTable(graph, tables)
    const batch = new BatchBuilder(columns)
    const rowsPerGroup = rowsPerBatch(columns.length)
    const totalRows = countEdges(database, graph)
    const tell = (rows: number) => desk.step({ table: table.name, step: 'write', rows, totalRows })
    const pages = toPages(readEdges(database, graph, { columns }), tell)
    return await writeParts(
      { desk, encoder, table: table.name, batch, rowsPerGroup, pages },
      pathsAt(placeOf(graph), totalRows <= desk.options.rowsPerPart),
    )
  } finally {
    database.close()
  }
}
