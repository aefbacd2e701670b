import { InputError } from '../model/errors.js'
import type { ExportedFile, FormatName, Job, Outgoing } from './format.js'
import { edgeTable, graphs, graphsOf } from './graph/graphs.js'
import { threadTables, toThreadTable } from './threads/thread-table.js'

/** The formats whose files are each made of several tables, and the tables of which one must be there. */
const made: Readonly<Partial<Record<FormatName, readonly string[]>>> = {
  edges: graphs.map((each) => each.from),
  graphml: graphs.map((each) => each.from),
  threads: ['posts'],
}

/**
 * Checks that there is something to make them of.
 * @throws InputError if a format is asked for whose tables are left out
 */
export function requireSources(formats: readonly FormatName[], tables: readonly string[]): void {
  for (const format of formats) {
    const sources = made[format]
    if (sources === undefined || sources.some((each) => tables.includes(each))) continue
    throw new InputError(
      `${format} is made of ${sources.join(' or ')}, which --tables leaves out; name it there too`,
    )
  }
}

/** The jobs of a format whose files are made of several tables; NULL for any other. */
export function toMadeJobs(format: FormatName, outgoing: readonly Outgoing[]): Job[] | null {
  if (format === 'threads') return [{ format, tables: threadTables(outgoing) }]
  if (format !== 'edges' && format !== 'graphml') return null
  return graphsOf(outgoing).map(({ graph, tables }) => ({ format, tables, graph: graph.name }))
}

/** The tables that were made of others, as they are described; `rows` as they were written. */
export function madeTables(
  outgoing: readonly Outgoing[],
  files: readonly ExportedFile[],
): Outgoing[] {
  const edges = graphsOf(outgoing).map(({ graph, tables }) => edgeTable(graph, tables))
  const threads = outgoing.some((each) => each.table.name === 'posts')
    ? [toThreadTable(threadTables(outgoing))]
    : []
  return [...threads, ...edges].flatMap((each) => {
    const held = files.filter(
      ({ format, table }) => format === 'parquet' && table === each.table.name,
    )
    const rows = held.reduce((sum, file) => sum + file.rows!, 0)
    return held.length === 0 ? [] : [{ ...each, rows }]
  })
}
