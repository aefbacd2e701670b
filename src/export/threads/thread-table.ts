import { groupTimes, seen, type Column, type Table } from '../../model/table.js'
import type { Needs } from '../flat-tables.js'
import type { ListColumn, Outgoing } from '../format.js'

/** A table whose rows hang below a post, as a list in the post's row. */
export interface ThreadList {
  table: string
  about: string
  /** The column that names the post. */
  owner: string
  /** Columns that the post's row tells already. */
  told: readonly string[]
  /** Which rows hang below posts, where not all do. */
  where?: string
  /** The order of the list. */
  order: string
}

const ofPosts = {
  owner: 'owner_id',
  told: ['owner_kind', 'owner_id'],
  where: `owner_kind = 'post'`,
}

/** The lists of a post, in the order of their columns. */
export const threadLists: readonly ThreadList[] = [
  {
    table: 'comments',
    about: 'The whole thread: each comment before the answers to it, the earlier one first.',
    owner: 'post_id',
    told: ['post_id'],
    order: 'posted_at IS NULL, posted_at, comment_id',
  },
  {
    table: 'remixes',
    about: 'The posts that remix it.',
    owner: 'parent_post_id',
    told: ['parent_post_id'],
    order: 'remix_post_id',
  },
  { table: 'attachments', about: 'Its videos.', ...ofPosts, order: 'position, attachment_id' },
  { table: 'cameos', about: 'Who is cast in it.', ...ofPosts, order: 'user_id' },
  { table: 'text_facets', about: 'Mentions in its text.', ...ofPosts, order: 'position' },
]

/** How the archive came to know a row is told by the row's own table. */
const bookkeeping = [...groupTimes, ...seen].map((each) => each.name)

const mainColumns = ({ columns }: Outgoing, told: readonly string[] = []): Column[] =>
  columns.filter(({ name }) => !bookkeeping.includes(name) && !told.includes(name))

/** The tables that threads are made of, posts first. */
export const threadTables = (outgoing: readonly Outgoing[]): Outgoing[] =>
  ['posts', ...threadLists.map((each) => each.table)].flatMap(
    (name) => outgoing.find((each) => each.table.name === name) ?? [],
  )

/** What threads need of each table. */
export function threadNeeds(tables: readonly Outgoing[]): Needs {
  const needs: Record<string, string[]> = { posts: ['post_id'] }
  for (const each of tables) {
    const list = threadLists.find(({ table }) => table === each.table.name)
    const names = [list?.owner ?? 'post_id', ...(list?.told ?? []), ...each.table.key]
    needs[each.table.name] = [
      ...new Set([...names, ...mainColumns(each).map((column) => column.name)]),
    ]
  }
  return needs
}

/** The table `threads`: a row a post, with what hangs below it as lists. */
export function toThreadTable(
  tables: readonly Outgoing[],
): Omit<Outgoing, 'rows'> & { lists: readonly ListColumn[] } {
  const of = (name: string) => tables.find((each) => each.table.name === name)
  const columns = mainColumns(of('posts')!)
  const table: Table = {
    name: 'threads',
    kind: 'entity',
    about: 'Posts, each with its whole thread in one row.',
    key: ['post_id'],
    columns,
    exported: 'always',
    derived: true,
  }
  const lists = threadLists.flatMap((list) => {
    const outgoing = of(list.table)
    if (outgoing === undefined) return []
    const { table: name, about, told } = list
    return [{ name, about, columns: mainColumns(outgoing, told) }]
  })
  return { table, columns, slices: null, lists }
}
