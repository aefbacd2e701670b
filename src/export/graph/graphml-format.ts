import { join } from 'node:path'
import { readDigest } from '../file-digest.js'
import { loadTables } from '../flat-tables.js'
import type { WriteFormat } from '../format.js'
import { OutFile } from '../out-file.js'
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
  const file = await OutFile.create(join(desk.folder, path))
  try {
    let lines: string[] = []
    for (const line of toGraphml(database, graph, tables)) {
      if (lines.push(line) < linesAtATime) continue
      file.addText(lines.join(''))
      lines = []
      await file.flush()
      await desk.pause()
    }
    file.addText(lines.join(''))
    await file.close()
    const digest = await readDigest(join(desk.folder, path))
    const rows = countEdges(database, graph)
    return [{ path, table: graph.edges, format: 'graphml', rows, ...digest }]
  } catch (error) {
    await file.abandon()
    throw error
  } finally {
    database.close()
  }
}
