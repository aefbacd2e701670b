import type Database from 'better-sqlite3'
import type { Row } from '../../archive/snapshot.js'
import type { Column, ColumnType, Value } from '../../model/table.js'
import type { Outgoing } from '../format.js'
import { toIsoTime } from '../iso-time.js'
import { toRealText } from '../real-text.js'
import { edgeTable, type Graph } from './graphs.js'
import { nodeKinds, type NodeKindName } from './node-kinds.js'
import { noteNodes, readEdges, readNodeKinds, readNodes } from './read-graph.js'
import { toNodeId, toXmlText } from './xml.js'

/** How GraphML names types; a time is ISO-8601 text. */
const typeNames: Record<ColumnType, string> = {
  text: 'string',
  json: 'string',
  int: 'long',
  time: 'string',
  real: 'double',
  bool: 'boolean',
  blob: 'string',
}

const toWords: Record<ColumnType, (value: Exclude<Value, null>) => string> = {
  text: (value) => toXmlText(value as string),
  json: (value) => toXmlText(value as string),
  int: (value) => (value as bigint).toString(),
  time: (value) => toIsoTime(value as bigint),
  real: (value) => toRealText(value as number),
  bool: (value) => (value === 1n ? 'true' : 'false'),
  blob: () => '',
}

const dataOf = (column: Column, key: string, value: Value): string =>
  value === null ? '' : `<data key="${key}">${toWords[column.type](value)}</data>`

const own: readonly Column[] = [
  { name: 'kind', type: 'text', about: 'post, comment, generation or user.' },
  { name: 'label', type: 'text', about: 'Its id in the tables.' },
  {
    name: 'held',
    type: 'bool',
    about: 'Whether it is a row of this dataset; false: an edge names it.',
  },
]

/** The attributes that nodes of a graph may have, each once, but for those that do not leave. */
function attributesOf({ nodes }: Graph, tables: readonly Outgoing[]): Map<NodeKindName, Column[]> {
  return new Map(
    nodes.map((kind) => {
      const { table, attributes } = nodeKinds[kind]
      const columns = tables.find((each) => each.table.name === table)?.columns ?? []
      const names: readonly string[] = attributes
      return [kind, columns.filter(({ name }) => names.includes(name))]
    }),
  )
}

const unique = (columns: readonly Column[]): Column[] => [
  ...new Map(columns.map((each) => [each.name, each])).values(),
]

const keyLine = (id: string, end: string, { name, type, about }: Column): string =>
  `  <key id="${id}" for="${end}" attr.name="${name}" attr.type="${typeNames[type]}">` +
  `<desc>${toXmlText(about)}</desc></key>\n`

/** A graph as GraphML, a line at a time; a line holds one node or one edge. */
export function* toGraphml(
  database: Database.Database,
  graph: Graph,
  tables: readonly Outgoing[],
): Generator<string> {
  const attributes = attributesOf(graph, tables)
  const ofNodes = unique([...own, ...[...attributes.values()].flat()])
  const ofEdges = edgeTable(graph, tables).columns
  const isFact = (place: number): boolean => place >= ends
  yield `<?xml version="1.0" encoding="UTF-8"?>\n`
  yield `<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n`
  for (const [place, each] of ofNodes.entries()) yield keyLine(`n${place}`, 'node', each)
  for (const [place, each] of ofEdges.entries())
    if (isFact(place)) yield keyLine(`e${place}`, 'edge', each)
  yield `  <graph id="${graph.name}" edgedefault="directed">\n`
  yield `    <desc>${toXmlText(graph.about)}</desc>\n`
  yield* nodeLines(database, graph, attributes, ofNodes)
  for (const edge of readEdges(database, graph, { columns: ofEdges })) yield edgeLine(edge, ofEdges)
  yield '  </graph>\n</graphml>\n'
}

/** The columns with the ends of an edge, and whether they are held, which its nodes tell. */
const ends = 6

function edgeLine(edge: Row, columns: readonly Column[]): string {
  const [sourceKind, source, targetKind, target] = edge as string[]
  const facts = edge.map((value, place) =>
    place < ends ? '' : dataOf(columns[place]!, `e${place}`, value),
  )
  return (
    `    <edge source="${toNodeId(sourceKind!, source!)}" target="${toNodeId(targetKind!, target!)}">` +
    `${facts.join('')}</edge>\n`
  )
}

function* nodeLines(
  database: Database.Database,
  graph: Graph,
  attributes: ReadonlyMap<NodeKindName, readonly Column[]>,
  keys: readonly Column[],
): Generator<string> {
  noteNodes(database, graph)
  for (const kind of readNodeKinds(database)) {
    const columns = attributes.get(kind as NodeKindName) ?? []
    const keyOf = columns.map(({ name }) => `n${keys.findIndex((each) => each.name === name)}`)
    const names = columns.map((each) => each.name)
    for (const [id, held, ...cells] of readNodes(database, kind, names))
      yield (
        `    <node id="${toNodeId(kind, id as string)}"><data key="n0">${toXmlText(kind)}</data>` +
        `<data key="n1">${toXmlText(id as string)}</data>` +
        `<data key="n2">${held === 1n ? 'true' : 'false'}</data>` +
        `${cells.map((value, place) => dataOf(columns[place]!, keyOf[place]!, value)).join('')}</node>\n`
      )
  }
}
