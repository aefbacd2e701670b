import type Database from 'better-sqlite3'
import { InputError } from '../../model/errors.js'
import { plainHandle } from '../../model/forgotten-names.js'
import { isCommentId, isPostId, isUserId, postIdOfPermalink } from '../../model/ids.js'
import type { Learned } from '../../model/theirs.js'
import { insertSql } from '../sql.js'

/** The forms of what can be forgotten, for help and messages. */
const forgetForms: readonly string[] = [
  'user:<user-… or ch_…>',
  'user:@<handle>',
  'post:<id or address>',
  'comment:<id>',
]

/** What is missing if nobody is named. */
export const nobodyNamed = `name whom or what to forget: ${forgetForms.join(', ')}, or @file with one a line`

/**
 * What a seed names.
 * @throws InputError if it names nothing that can be forgotten
 */
export function toSubject(seed: string): Learned {
  const [, word, rest = ''] = /^(user|post|comment):(.+)$/s.exec(seed) ?? []
  const post = isPostId(rest) ? rest : postIdOfPermalink(seed.startsWith('https:') ? seed : rest)
  if (word === 'user' && isUserId(rest)) return { kind: 'user', name: rest }
  if (word === 'user' && /^@[0-9A-Za-z._-]{1,64}$/.test(rest))
    return { kind: 'handle', name: plainHandle(rest) }
  if (word === 'comment' && isCommentId(rest)) return { kind: 'comment', name: rest }
  if (word !== 'user' && word !== 'comment' && post !== null) return { kind: 'post', name: post }
  throw new InputError(
    `${seed} names nothing that can be forgotten. Give one of: ${forgetForms.join(', ')}`,
  )
}

const named = (kind: string): string => `(SELECT name FROM forgetting_names WHERE kind = '${kind}')`

/** Adds rows to the names, as a query of one column. */
const add = (kind: string, query: string): string =>
  `INSERT OR IGNORE INTO forgetting_names (kind, name) SELECT '${kind}', each FROM (${query})
   WHERE each IS NOT NULL`

/** What a handle was changed to is the one of today, or was changed in its turn. */
const formerHandles = `SELECT old AS each FROM revisions
   WHERE entity_kind = 'user' AND field = 'username' AND entity_id IN ${named('user')}`

/** What was once told to be theirs is theirs. */
const everBy = (kind: 'post' | 'comment'): string =>
  `SELECT ${kind}_id AS each FROM ${kind}s WHERE author_id IN ${named('user')}
   UNION SELECT entity_id FROM revisions
   WHERE entity_kind = '${kind}' AND field = 'author_id'
     AND (old IN ${named('user')} OR new IN ${named('user')})`

/** A handle as it is named: without `@`, in small letters. */
const plain = (column: string): string => `lower(ltrim(${column}, '@＠'))`

/**
 * Who has one of these handles (a JSON list); whoever had it once, if nobody has it now. A handle that goes
 * along with a person names nobody: others may have had it before, or have it now.
 */
const handleOwners = `SELECT user_id AS each FROM users
   WHERE ${plain('username')} IN (SELECT value FROM json_each(:handles))
   UNION SELECT entity_id FROM revisions
   WHERE entity_kind = 'user' AND field = 'username' AND ${plain('old')} IN
     (SELECT value FROM json_each(:handles) EXCEPT SELECT ${plain('username')} FROM users)`

/** Who and what goes with what was named, in this order. */
const closure: readonly string[] = [
  add('user', `SELECT user_id AS each FROM users WHERE owner_user_id IN ${named('user')}`),
  add('handle', `SELECT username AS each FROM users WHERE user_id IN ${named('user')}`),
  add('handle', formerHandles),
  add('post', everBy('post')),
  add(
    'post',
    `WITH RECURSIVE below (each) AS (
       SELECT comment_id FROM comments WHERE post_id IN ${named('post')}
       UNION SELECT comment_id FROM comments JOIN below ON parent_comment_id = each)
     SELECT each FROM below`,
  ),
  add('comment', everBy('comment')),
  ...['generation_id', 'task_id'].map((id) =>
    add(
      'thing',
      `SELECT ${id} AS each FROM attachments WHERE owner_id IN ${named('post')}
       OR owner_id IN ${named('comment')}`,
    ),
  ),
  ...['generation_id', 'task_id'].map((id) =>
    add(
      'thing',
      `SELECT ${id} AS each FROM generations WHERE post_id IN ${named('post')}
       OR generation_id IN ${named('thing')}`,
    ),
  ),
  add(
    'file',
    `SELECT asset_key AS each FROM assets WHERE owner_id IN
       (SELECT name FROM forgetting_names WHERE kind NOT IN ('handle', 'file'))`,
  ),
]

/** Writes down by name whom and what a forget takes out, as far as the tables tell. */
export function chooseNames(database: Database.Database, subjects: readonly Learned[]): void {
  const insert = database.prepare(
    insertSql('forgetting_names', ['kind', 'name'], 'INSERT OR IGNORE'),
  )
  for (const { kind, name } of subjects) insert.run(kind, name)
  const handles = subjects.filter(({ kind }) => kind === 'handle').map(({ name }) => name)
  database.prepare(add('user', handleOwners)).run({ handles: JSON.stringify(handles) })
  for (const statement of closure) database.exec(statement)
}

/**
 * Makes sure that the reason, which is kept, names nobody who is taken out: by an id, or by a handle that
 * stands as a word.
 * @throws InputError if it does
 */
export function requireNameless(database: Database.Database, reason: string): void {
  const words = reason.toLowerCase().split(/[^\p{L}\p{M}\p{N}_.-]+/u)
  const bare = words.map((word) => word.replace(/^[.-]+|[.-]+$/g, ''))
  const find = database.prepare(
    `SELECT 1 FROM forgetting_names
     WHERE kind <> 'file' AND lower(name) IN (SELECT value FROM json_each(?)) LIMIT 1`,
  )
  if (find.get(JSON.stringify([...words, ...bare])) === undefined) return
  throw new InputError(
    'the reason names whom it is given for, and would be kept: say why without a name; nothing was changed',
  )
}

/** How many handles that were named belong to nobody whom the tables know, now or once. */
export function countUnknownHandles(
  database: Database.Database,
  subjects: readonly Learned[],
): number {
  const handles = subjects.filter(({ kind }) => kind === 'handle').map(({ name }) => name)
  // However many are named, the tables are gone through once.
  const count = database.prepare(
    `SELECT count(*) FROM json_each(?) WHERE value NOT IN (
       SELECT ${plain('username')} FROM users WHERE username IS NOT NULL
       UNION ALL SELECT ${plain('old')} FROM revisions
       WHERE entity_kind = 'user' AND field = 'username' AND old IS NOT NULL)`,
  )
  return count.pluck().get(JSON.stringify(handles)) as number
}

/** The names that are to be denied: what goes with a whole thread before what stands for itself. */
export const namesToDeny = (database: Database.Database): Learned[] =>
  database
    .prepare(
      `SELECT kind, name FROM forgetting_names WHERE kind <> 'file' ORDER BY kind = 'post' DESC`,
    )
    .all() as Learned[]

/** What a forget takes out, in numbers. */
export interface ForgetCounts {
  users: number
  posts: number
  comments: number
  drafts: number
  /** Answers that told any of it. */
  answers: number
}

/** Counts what the tables hold of the names. */
export function countNamed(database: Database.Database): ForgetCounts {
  const count = (sql: string) => database.prepare(sql).pluck().get() as number
  const held = (table: string, id: string) =>
    count(`SELECT count(*) FROM ${table} WHERE ${id} IN (SELECT name FROM forgetting_names)`)
  return {
    users: held('users', 'user_id'),
    posts: held('posts', 'post_id'),
    comments: held('comments', 'comment_id'),
    drafts: held('generations', 'generation_id'),
    answers: count(
      `SELECT count(DISTINCT response_id) FROM sightings
       WHERE entity_id IN (SELECT name FROM forgetting_names)`,
    ),
  }
}
