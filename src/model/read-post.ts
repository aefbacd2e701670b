import { readFields } from './fields.js'
import { isAnonymous, isCommentId, isPostId, isUserId, timeOfId } from './ids.js'
import {
  commentFields,
  deletedCommentFields,
  deletedPostFields,
  postFields,
  shareSetting,
} from './post-fields.js'
import { readAttachments } from './read-attachments.js'
import { readCameos } from './read-cameos.js'
import { carriedBy } from './read-carried.js'
import {
  readParents,
  readPlace,
  tellEdge,
  type CommentPlace,
  type Parents,
} from './read-parents.js'
import { readProfile } from './read-profile.js'
import { readTextFacets } from './read-text-facets.js'
import { isWire, under, type Path, type Placed, type Reading, type Wire } from './reading.js'
import type { Value } from './table.js'

/** A post that was read. */
export interface PostRead {
  kind: 'post' | 'comment'
  id: string
  /** The object itself names its parent, or did so where it was told in full. */
  namesParent: boolean
}

/** A post that was read where it stood. */
export interface WrappedRead extends PostRead {
  /** Who reposted it there; NULL where nobody did. */
  reposter: string | null
}

/** A post or comment as it came: wrapped beside its profile, or bare. */
export interface PostSource {
  post: unknown
  profile: unknown
  path: Path
  profilePath: Path
  /** Where the list that held it says it hangs. */
  place?: CommentPlace
}

/** Full objects tell whether they were deleted; TikHub's short forms do not. */
const isFullPost = (post: Wire): boolean => 'tombstoned_at' in post

const nestingLimit = 16

/**
 * Reads a post or a comment, told apart by the id (`data-shapes` 3.2, 3.9 to 3.11), with its author,
 * parents, attachments, cast and mentions. A post that is carried along by another (`nesting`) is
 * passed over where the answer told it in full already: every comment carries its whole parent.
 * @returns NULL if it is neither; the anomaly is noted
 */
function readPost(reading: Reading, source: PostSource, nesting = 0): PostRead | null {
  const { post, path } = source
  if (!isWire(post)) {
    reading.note(path, 'expected a post', post)
    return null
  }
  const id = post['id']
  if (!isPostId(id) && !isCommentId(id)) {
    reading.note(under(path, 'id'), 'expected the id of a post or comment', id)
    return null
  }
  const kind = isPostId(id) ? 'post' : 'comment'
  if (nesting > 0 && reading.toldInFull.has(id) && !isTombstone(post)) {
    readProfile(reading, source.profile, source.profilePath)
    return { kind, id, namesParent: true }
  }
  const told = { reading, post, path, kind, id, source } as const
  const notes = reading.anomalies.length
  const namesParent = isTombstone(post) ? readTombstone(told) : readLiving(told)
  const isWhole = isFullPost(post) && !isTombstone(post) && reading.anomalies.length === notes
  if (isWhole) reading.toldInFull.add(id)
  readRelated(reading, post, path, nesting)
  return { kind, id, namesParent }
}

interface Told {
  reading: Reading
  post: Wire
  path: Path
  kind: 'post' | 'comment'
  id: string
  source: PostSource
}

const deletedText = 'This post has been deleted'

/** What `tombstoned_at` is where nothing was deleted: `0.0` is a time that is none (1.2). */
const untold: readonly unknown[] = [undefined, null, 0, false, '', '0']

/** Marked as deleted; in TikHub's short forms only the text and the missing author tell it. */
const isTombstone = (post: Wire): boolean =>
  !untold.includes(post['tombstoned_at']) ||
  (post['text'] === deletedText && isAnonymous(post['shared_by'] ?? post['posted_by']))

const keyOf = ({ kind, id }: Told): Record<string, Value> =>
  kind === 'post' ? { post_id: id } : { comment_id: id }

function readTombstone(told: Told): boolean {
  const { reading, post, path, kind, id, source } = told
  const values = keyOf(told)
  const fields = kind === 'post' ? deletedPostFields : deletedCommentFields
  readFields(reading, { object: post, path, isFull: true }, fields, values)
  checkTime(told, values)
  const parents = readParents(reading, post, path, id)
  if (kind === 'comment') Object.assign(values, readPlace(parents, source.place))
  reading.tell(kind === 'post' ? 'posts' : 'comments', values)
  reading.absences.push({ entity_kind: kind, entity_id: id, reason: 'tombstoned' })
  readProfile(reading, source.profile, source.profilePath)
  return namesParent(parents)
}

function readLiving(told: Told): boolean {
  const { reading, post, path, kind, id, source } = told
  const values = keyOf(told)
  const isFull = isFullPost(post)
  const fields = kind === 'post' ? postFields : commentFields
  const object = { object: post, path }
  readFields(reading, { ...object, isFull }, fields, values)
  checkTime(told, values)
  dropServerPermalink(values)
  readShareSetting(reading, object, values)
  const author = readAuthor(told)
  if (author !== null) values['author_id'] = author
  const parents = readParents(reading, post, path, id)
  if (kind === 'comment') Object.assign(values, readPlace(parents, source.place))
  else if (parents.parentId !== null) {
    values['parent_post_id'] = parents.parentId
    if (parents.rootId !== null) values['root_post_id'] = parents.rootId
  }
  reading.tell(kind === 'post' ? 'posts' : 'comments', values, !isFull)
  const owner = { owner_kind: kind, owner_id: id } as const
  readAttachments(reading, owner, object)
  readTextFacets(reading, owner, object)
  readCameos(reading, owner, object)
  return namesParent(parents)
}

const namesParent = ({ parentId, isForgotten }: Parents): boolean =>
  parentId !== null || isForgotten

/** The id holds the second of posting (`data-shapes` section 2). */
function checkTime({ reading, path, id }: Told, { posted_at }: Record<string, Value>): void {
  const ofId = timeOfId(id)
  if (typeof posted_at !== 'number' || ofId === null || Math.abs(posted_at - ofId) <= 1e6) return
  reading.note(under(path, 'posted_at'), 'not the time in its id; kept', posted_at / 1e6)
}

/** Comments carry `http://localhost:3000/…`, a slip of the server that leads nowhere. */
function dropServerPermalink(values: Record<string, Value>): void {
  const { permalink } = values
  if (typeof permalink === 'string' && !permalink.startsWith('https://')) delete values['permalink']
}

function readShareSetting(reading: Reading, post: Placed, values: Record<string, Value>): void {
  const permissions = reading.objectUnder(post, 'permissions', 'expected permissions')
  if (permissions !== null)
    readFields(reading, { ...permissions, isFull: false }, shareSetting, values)
}

/**
 * `shared_by`, or `posted_by`, or whose profile stands beside it; NULL for a deleted author. Captures have
 * an id there, one source a profile (`data-shapes` 3.2).
 */
function readAuthor({ reading, post, path, source }: Told): string | null {
  const key = post['shared_by'] === undefined ? 'posted_by' : 'shared_by'
  const came = post[key]
  const named = isWire(came) ? (came['user_id'] ?? null) : came
  const inside = isWire(came) ? readProfile(reading, came, under(path, key)) : null
  const beside = readProfile(reading, source.profile, source.profilePath, named)
  if (named === undefined || named === null) return beside
  if (isAnonymous(named)) return null
  if (isUserId(named)) return named
  if (!isWire(came)) reading.note(under(path, key), 'expected the id of a user', named)
  return inside ?? beside
}

/** The people and posts that an object carries along. */
function readRelated(reading: Reading, post: Wire, path: Path, nesting: number): void {
  readProfile(reading, post['original_poster'], under(path, 'original_poster'))
  const { id } = post
  for (const { item, at, isRemix } of carriedBy(reading, post, path)) {
    if (nesting >= nestingLimit) {
      reading.note(at, 'nested too deep to be read', undefined)
      continue
    }
    const read = readWrapped(reading, item, at, undefined, nesting + 1)
    const isUntold = isRemix && read !== null && !read.namesParent
    if (isUntold && isPostId(id) && isPostId(read.id)) tellEdge(reading, id, read.id, 'remix_list')
  }
}

/**
 * Reads an item that is a wrapper `{post, profile, …}` or the bare post.
 * @returns NULL if it holds no post; the anomaly is noted
 */
export function readWrapped(
  reading: Reading,
  item: unknown,
  path: Path,
  place?: CommentPlace,
  nesting = 0,
): WrappedRead | null {
  if (!isWire(item)) {
    reading.note(path, 'expected a post', item)
    return null
  }
  const isWrapper = 'post' in item && (item['post'] !== null || !('id' in item))
  const source: PostSource = {
    post: isWrapper ? item['post'] : item,
    profile: item['profile'],
    path: isWrapper ? under(path, 'post') : path,
    profilePath: under(path, 'profile'),
    ...(place ? { place } : {}),
  }
  const reposter = isWrapper ? readReposter(reading, item, path) : null
  const read = readPost(reading, source, nesting)
  if (read === null) return null
  if (reposter !== null)
    reading.tell('reposts', { owner_kind: read.kind, owner_id: read.id, user_id: reposter })
  return { ...read, reposter }
}

const readReposter = (reading: Reading, wrapper: Wire, path: Path): string | null =>
  readProfile(reading, wrapper['reposter_profile'], under(path, 'reposter_profile'))
