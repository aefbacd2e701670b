import { bool, text, time, type Column, type Table } from '../../model/table.js'
import type { Needs } from '../flat-tables.js'
import type { Outgoing } from '../format.js'
import { nodeKinds, type NodeKindName } from './node-kinds.js'

/** A graph: who does something to whom; every edge points at what it is done to. */
export interface Graph {
  /** Of its files, `graph/<name>.parquet` and `graph/<name>.graphml`. */
  name: string
  /** Of its edges as a table. */
  edges: string
  about: string
  /** The table whose rows are its edges. */
  from: string
  /** Columns of that table of which the edges are made. */
  ends: readonly string[]
  /** `source_kind, source, target_kind, target` of the rows that are edges. */
  select: string
  where?: string
  nodes: readonly NodeKindName[]
  /** Columns of that table that an edge carries. */
  facts: readonly string[]
}

const seen = ['first_seen_at', 'last_seen_at']

/** Every graph; a new one is a new entry. */
export const graphs: readonly Graph[] = [
  {
    name: 'remixes',
    edges: 'remix_edges',
    about: 'Which post (source) remixes which (target).',
    from: 'remixes',
    ends: ['remix_post_id', 'parent_post_id'],
    select: `'post', remix_post_id, 'post', parent_post_id`,
    nodes: ['post'],
    facts: ['told_by', ...seen],
  },
  {
    name: 'replies',
    edges: 'reply_edges',
    about: 'Which comment (source) answers which post or comment (target).',
    from: 'comments',
    ends: ['comment_id', 'parent_comment_id', 'post_id', 'depth'],
    select: `'comment', comment_id, iif(parent_comment_id IS NULL, 'post', 'comment'),
             coalesce(parent_comment_id, post_id)`,
    where: 'parent_comment_id IS NOT NULL OR (depth = 1 AND post_id IS NOT NULL)',
    nodes: ['comment', 'post'],
    facts: ['depth', ...seen],
  },
  {
    name: 'follows',
    edges: 'follow_edges',
    about: 'Who (source) follows whom (target); the API tells no date.',
    from: 'follows',
    ends: ['follower_id', 'followee_id'],
    select: `'user', follower_id, 'user', followee_id`,
    nodes: ['user'],
    facts: seen,
  },
  {
    name: 'cameos',
    edges: 'cameo_edges',
    about: 'Which post, comment or draft (source) casts whom (target).',
    from: 'cameos',
    ends: ['owner_id', 'owner_kind', 'user_id'],
    select: `owner_kind, owner_id, 'user', user_id`,
    nodes: ['post', 'comment', 'generation', 'user'],
    facts: seen,
  },
]

/** The graph of that name; an unknown name is a bug. */
export function graphNamed(name: string): Graph {
  const graph = graphs.find((each) => each.name === name)
  if (!graph) throw new Error(`no graph ${name}`)
  return graph
}

/** Where the files of a graph are, without the ending. */
export const placeOf = ({ name }: Graph): string => `graph/${name}`

/** What a graph needs of each table. */
export function needsOf({ from, ends, nodes, facts }: Graph): Needs {
  const needs: Record<string, string[]> = { [from]: [...ends, ...facts] }
  for (const kind of nodes) {
    const { table, key, at, attributes } = nodeKinds[kind]
    const names = [key, ...attributes, ...(at === null ? [] : [at]), ...(needs[table] ?? [])]
    needs[table] = [...new Set(names)]
  }
  return needs
}

/** The graphs whose edges leave, with the tables that they are made of. */
export const graphsOf = (outgoing: readonly Outgoing[]): { graph: Graph; tables: Outgoing[] }[] =>
  graphs
    .filter(({ from }) => outgoing.some((each) => each.table.name === from))
    .map((graph) => ({
      graph,
      tables: outgoing.filter((each) => each.table.name in needsOf(graph)),
    }))

const told = { required: true }

/** What every edge tells. */
const endsOfEdge: readonly Column[] = [
  text('source_kind', 'What the source is: post, comment, generation or user.', told),
  text('source', 'Id of the source.', told),
  text('target_kind', 'What the target is: post, comment, generation or user.', told),
  text('target', 'Id of the target.', told),
  bool('source_held', 'Whether the source is a row of this dataset, or is only named here.', told),
  bool('target_held', 'Whether the target is a row of this dataset, or is only named here.', told),
]

const at = time('at', 'When the source came about; NULL where it is not held.')

/** The edges of a graph as a table; facts that do not leave are not in it. */
export function edgeTable(graph: Graph, tables: readonly Outgoing[]): Omit<Outgoing, 'rows'> {
  const of = (name: string) => tables.find((each) => each.table.name === name)?.columns ?? []
  const hasTime = graph.nodes.some((kind) =>
    of(nodeKinds[kind].table).some(({ name }) => name === nodeKinds[kind].at),
  )
  const columns = [
    ...endsOfEdge,
    ...(hasTime ? [at] : []),
    ...of(graph.from).filter(({ name }) => graph.facts.includes(name)),
  ]
  const table: Table = {
    name: graph.edges,
    kind: 'edge',
    about: graph.about,
    key: ['source_kind', 'source', 'target_kind', 'target'],
    columns,
    exported: 'always',
    derived: true,
  }
  return { table, columns, slices: null }
}
