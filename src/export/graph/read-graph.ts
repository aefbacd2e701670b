import type Database from 'better-sqlite3'
import type { Row } from '../../archive/snapshot.js'
import { columnList } from '../../archive/sql.js'
import type { Outgoing } from '../format.js'
import type { Graph } from './graphs.js'
import { nodeKinds, type NodeKindName } from './node-kinds.js'

/** Per row, by the kind of one of its ends; NULL for a kind that nothing describes. */
function byKind(
  end: string,
  kinds: readonly NodeKindName[],
  sqlOf: (kind: NodeKindName) => string,
) {
  const cases = kinds.map((kind) => `WHEN '${kind}' THEN ${sqlOf(kind)}`)
  return `CASE ${end}_kind ${cases.join(' ')} END`
}

const isHeld = (end: string, { nodes }: Graph): string =>
  `coalesce(${byKind(end, nodes, (kind) => {
    const { table, key } = nodeKinds[kind]
    return `EXISTS (SELECT 1 FROM "${table}" WHERE "${table}"."${key}" = edges.${end})`
  })}, 0)`

const timeOfSource = ({ nodes }: Graph): string =>
  byKind('source', nodes, (kind) => {
    const { table, key, at } = nodeKinds[kind]
    return at === null
      ? 'NULL'
      : `(SELECT "${at}" FROM "${table}" WHERE "${table}"."${key}" = edges.source)`
  })

const edgesSql = (graph: Graph, more: readonly string[]): string =>
  `SELECT ${graph.select}${more.length === 0 ? '' : `, ${columnList(more)}`} FROM "${graph.from}"
   ${graph.where === undefined ? '' : `WHERE ${graph.where}`}`

/** The rows of a query, which begins with the first row that is asked for. */
function* iterate(
  database: Database.Database,
  sql: string,
  ...values: string[]
): IterableIterator<Row> {
  const statement = database.prepare<string[], Row>(sql).raw().safeIntegers()
  yield* statement.iterate(...values) as IterableIterator<Row>
}

/** The edges of a graph, in the order of their ends, with the columns of its table of edges. */
export function readEdges(
  database: Database.Database,
  graph: Graph,
  { columns }: Pick<Outgoing, 'columns'>,
): IterableIterator<Row> {
  const made: Readonly<Record<string, string>> = {
    source_held: isHeld('source', graph),
    target_held: isHeld('target', graph),
    at: timeOfSource(graph),
  }
  const facts = columns.map(({ name }) => name).filter((name) => graph.facts.includes(name))
  const cells = columns.map(({ name }) => made[name] ?? `"${name}"`)
  return iterate(
    database,
    `WITH edges (source_kind, source, target_kind, target${facts.length === 0 ? '' : `, ${columnList(facts)}`})
     AS (${edgesSql(graph, facts)})
     SELECT ${cells.join(', ')} FROM edges
     ORDER BY source_kind, source, target_kind, target`,
  )
}

/** How many edges a graph has. */
export const countEdges = (database: Database.Database, graph: Graph): number =>
  database
    .prepare(`SELECT count(*) FROM (${edgesSql(graph, [])})`)
    .pluck()
    .get() as number

/** Notes once which nodes the edges of a graph name. */
export function noteNodes(database: Database.Database, graph: Graph): void {
  database.exec('DROP TABLE IF EXISTS named')
  database.exec('CREATE TABLE named (kind TEXT, id TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID')
  const edges = `WITH edges (source_kind, source, target_kind, target) AS (${edgesSql(graph, [])})`
  for (const end of ['source', 'target'])
    database.exec(`${edges} INSERT OR IGNORE INTO named SELECT ${end}_kind, ${end} FROM edges`)
}

/** The kinds of the nodes that were noted, in order, those included that nothing describes. */
export const readNodeKinds = (database: Database.Database): string[] =>
  database.prepare('SELECT DISTINCT kind FROM named ORDER BY kind').pluck().all() as string[]

/** The noted nodes of a kind in the order of their ids: id, whether it is held, attributes. */
export function readNodes(
  database: Database.Database,
  kind: string,
  attributes: readonly string[],
): IterableIterator<Row> {
  const known = Object.hasOwn(nodeKinds, kind) ? nodeKinds[kind as NodeKindName] : null
  if (known === null)
    return iterate(database, 'SELECT id, 0 FROM named WHERE kind = ? ORDER BY id', kind)
  const cells = attributes.map((each) => `, held."${each}"`).join('')
  return iterate(
    database,
    `SELECT named.id, held."${known.key}" IS NOT NULL${cells} FROM named
     LEFT JOIN "${known.table}" AS held ON held."${known.key}" = named.id
     WHERE named.kind = ? ORDER BY named.id`,
    kind,
  )
}
