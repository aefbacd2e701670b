import { join } from 'node:path'
import { readDigest } from '../file-digest.js'
import { loadTables } from '../flat-tables.js'
import type { WriteFormat } from '../format.js'
import { OutFile } from '../out-file.js'
import { toPages } from '../pages.js'
import { toGraphml } from './graphml.js'
import { graphNamed, needsOf, placeOf } from './graphs.js'
import { countEdges } from './read-graph.js'

/** Lines that are put together before they are written. */
const linesAtATime = 256

/** Writes `graph/<name>.graphml`: every node that an edge names, and every edge. */
export const writeGraphml: WriteFormat = async ({ tables, graph: name }, desk) => {
  const graph = graphNamed(name!)
  const path = `${placeOf(graph)}.graphml`
  const database = await loadTables(desk, tables, needsOf(graph))
  try {
    await OutFile.write(join(desk.folder, path), async (file) => {
      const tell = (rows: number) => desk.step({ table: graph.edges, step: 'lines', rows })
      for await (const lines of toPages(toGraphml(database, graph, tables), tell, linesAtATime)) {
        file.addText(lines.join(''))
        await file.flush()
      }
    })
    const digest = await readDigest(join(desk.folder, path))
    const rows = countEdges(database, graph)
    return [{ path, table: graph.edges, format: 'graphml', rows, ...digest }]
  } finally {
    database.close()
  }
}
