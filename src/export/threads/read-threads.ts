import type Database from 'better-sqlite3'
import type { Row } from '../../archive/snapshot.js'
import { columnList } from '../../archive/sql.js'
import type { Column } from '../../model/table.js'
import type { ListColumn } from '../format.js'
import { threadOrder } from './thread-order.js'
import { threadLists } from './thread-table.js'

/**
 * A row of `threads`: the cells of the post, and the rows of each of its lists, which are whoever's that
 * reads them; cells behind those of the columns mean nothing.
 */
export interface Thread {
  post: Row
  lists: readonly Row[][]
}

const listOf = (columns: readonly Column[]): string => columnList(columns.map(({ name }) => name))

/** Every post in the order of its id, with all that hangs below it; one thread at a time. */
export function* readThreads(
  database: Database.Database,
  columns: readonly Column[],
  lists: readonly ListColumn[],
): Generator<Thread> {
  const readers = lists.map((list) => listReader(database, list))
  const posts = database
    .prepare<[], Row>(`SELECT post_id, ${listOf(columns)} FROM posts ORDER BY post_id`)
    .raw()
    .safeIntegers()
  for (const [postId, ...post] of posts.iterate() as IterableIterator<Row>)
    yield { post, lists: readers.map((read) => read(postId as string)) }
}

/** Reads the rows of a list by the post they hang below. */
function listReader(
  database: Database.Database,
  { name, columns }: ListColumn,
): (postId: string) => Row[] {
  const { owner, where, order } = threadLists.find((each) => each.table === name)!
  const place = name === 'comments' ? ', comment_id, parent_comment_id' : ''
  const statement = database
    .prepare<[string], Row>(
      `SELECT ${listOf(columns)}${place} FROM "${name}"
       WHERE "${owner}" = ? ${where === undefined ? '' : `AND ${where}`} ORDER BY ${order}`,
    )
    .raw()
    .safeIntegers()
  return name === 'comments'
    ? (postId) => inThreadOrder(statement.all(postId))
    : (postId) => statement.all(postId)
}

/** Comments in the order of their thread, which the two ids behind their cells tell. */
function inThreadOrder(rows: readonly Row[]): Row[] {
  const replies = rows.map((row) => ({
    id: row.at(-2) as string,
    parentId: row.at(-1) as string | null,
  }))
  return threadOrder(replies).map((place) => rows[place]!)
}
