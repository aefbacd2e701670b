import { isForgottenMark } from './forgotten-mark.js'
import { isCommentId, isPostId } from './ids.js'
import type { Path, Reading, Wire } from './reading.js'
import { under } from './reading.js'
import type { Value } from './table.js'

/** What an object says of what it hangs under. */
export interface Parents {
  /** The nearest parent: a post or a comment. */
  parentId: string | null
  /** The root of the whole chain, remixes included. */
  rootId: string | null
  /** Nearest parent first; empty where not told; a mark where one is forgotten. */
  path: string[]
  /** The object named its parent, which is forgotten. */
  isForgotten: boolean
}

/** Where a list says that its comments hang, for items that do not say it themselves. */
export interface CommentPlace {
  post_id?: string
  /** NULL: on the post itself. Absent: not known. */
  parent_comment_id?: string | null
  depth?: number
}

const isParentId = (id: unknown): id is string => isPostId(id) || isCommentId(id)

/**
 * Reads `parent_post_id`, `root_post_id` and `parent_path` (nearest first), and tells the remix edges
 * in them: an edge per `parent_post_id` of a post and per two consecutive posts of a path.
 */
export function readParents(reading: Reading, object: Wire, path: Path, id: string): Parents {
  const parentId = readId(reading, object, path, 'parent_post_id')
  const chain = readChain(reading, object['parent_path'], under(path, 'parent_path'))
  const parents: Parents = {
    parentId: parentId ?? idOrNull(chain[0]),
    rootId: readId(reading, object, path, 'root_post_id') ?? idOrNull(chain.at(-1)),
    path: chain,
    isForgotten: isForgottenMark(object['parent_post_id']) || isForgottenMark(chain[0]),
  }
  if (isPostId(id) && isPostId(parentId)) tellEdge(reading, parentId, id, 'parent_post_id')
  tellPathEdges(reading, [id, ...chain])
  return parents
}

const idOrNull = (id: string | undefined): string | null => (isParentId(id) ? id : null)

function readId(reading: Reading, object: Wire, path: Path, key: string): string | null {
  const came = object[key]
  if (came === undefined || came === null) return null
  if (isParentId(came) && came !== object['id']) return came
  reading.note(under(path, key), 'expected the id of a post or comment', came)
  return null
}

function readChain(reading: Reading, came: unknown, path: Path): string[] {
  if (came === undefined || came === null) return []
  const isPlace = (each: unknown): each is string => isParentId(each) || isForgottenMark(each)
  if (Array.isArray(came) && came.every(isPlace)) return came
  reading.note(path, 'expected a list of ids, nearest parent first', came)
  return []
}

function tellPathEdges(reading: Reading, chain: readonly string[]): void {
  for (let index = 0; index + 1 < chain.length; index += 1) {
    const remix = chain[index]!
    const parent = chain[index + 1]!
    if (isPostId(remix) && isPostId(parent)) tellEdge(reading, parent, remix, 'parent_path')
  }
}

/** Notes that one post remixes another, and what says so. */
export function tellEdge(
  reading: Reading,
  parent: string,
  remix: string,
  told_by: 'parent_post_id' | 'parent_path' | 'draft' | 'remix_list',
): void {
  if (parent !== remix)
    reading.tell('remixes', { parent_post_id: parent, remix_post_id: remix, told_by })
}

/**
 * Where a comment hangs: under the first post of its path, never under `root_post_id`, which is the
 * root of the remix chain (`data-shapes` 3.10). What the comment does not say, its list does.
 */
export function readPlace(parents: Parents, place?: CommentPlace): Record<string, Value> {
  if (parents.isForgotten) return placeBelowForgotten(parents, place)
  if (parents.parentId === null) return placeOfList(place)
  if (isPostId(parents.parentId))
    return { post_id: parents.parentId, parent_comment_id: null, depth: 1 }
  const values: Record<string, Value> = { parent_comment_id: parents.parentId }
  const levels = parents.path.findIndex(isPostId)
  if (levels > 0) {
    values['post_id'] = parents.path[levels]!
    values['depth'] = levels + 1
  } else if (place?.parent_comment_id === parents.parentId) {
    Object.assign(values, placeOfList(place))
  }
  return values
}

/** The post and the depth are known from the path, or from the list; which comment it answers is not. */
function placeBelowForgotten({ path }: Parents, place?: CommentPlace): Record<string, Value> {
  const levels = path.findIndex(isPostId)
  if (levels > 0) return { post_id: path[levels]!, depth: levels + 1 }
  return place?.post_id === undefined ? {} : { post_id: place.post_id }
}

const placeOfList = (place: CommentPlace | undefined): Record<string, Value> => ({
  ...(place?.post_id === undefined ? {} : { post_id: place.post_id }),
  ...(place?.parent_comment_id === undefined ? {} : { parent_comment_id: place.parent_comment_id }),
  ...(place?.depth === undefined ? {} : { depth: place.depth }),
})
