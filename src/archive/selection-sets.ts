import type Database from 'better-sqlite3'
import { tableOf, type TableName } from '../model/tables.js'
import type { Taking } from './selection.js'
import type { Snapshot } from './snapshot.js'

const noted = (table: string): string =>
  `CREATE TEMP TABLE ${table} (kind TEXT, id TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID`

/** SQL for "this object is noted in that temporary table", of SQL for its kind and its id. */
export const isNoted = (table: string, kind: string, id: string): string =>
  `EXISTS (SELECT 1 FROM temp.${table} AS noted WHERE noted.kind = ${kind} AND noted.id = ${id})`

/** Seen as deleted, or not there any more when it was last asked for. */
const isGone = (kind: string, id: string): string =>
  `(tombstoned_at IS NOT NULL OR EXISTS (
     SELECT 1 FROM absences WHERE entity_kind = '${kind}' AND entity_id = ${id}
       AND absences.reason IN ('tombstoned', 'not_found')
       AND absences.observed_at > coalesce(full_at, summary_at, 0)))`

/** Refused when it was last asked for: no longer public. */
const isForbidden = (kind: string, id: string): string =>
  `EXISTS (SELECT 1 FROM absences WHERE entity_kind = '${kind}' AND entity_id = ${id}
     AND absences.reason = 'forbidden' AND absences.observed_at > coalesce(full_at, summary_at, 0))`

/** No answer said that it is not public: `unlisted` and `private` are not. */
const isNotHidden = `coalesce(posted_to_public, 1) <> 0 AND coalesce(share_setting, 'public') = 'public'`

/** Notes what was deleted, and the drafts behind it. */
export function findGone(database: Database.Database): void {
  database.exec(noted('gone'))
  const add = (sql: string) => database.exec(`INSERT OR IGNORE INTO temp.gone ${sql}`)
  add(`SELECT 'post', post_id FROM posts WHERE ${isGone('post', 'post_id')}`)
  add(`SELECT 'comment', comment_id FROM comments WHERE ${isGone('comment', 'comment_id')}`)
  add(`SELECT 'generation', generation_id FROM generations
       WHERE post_id IS NOT NULL AND ${isNoted('gone', "'post'", 'post_id')}`)
  add(`SELECT 'generation', generation_id FROM attachments
       WHERE generation_id IS NOT NULL AND ${isNoted('gone', 'owner_kind', 'owner_id')}`)
}

/** Notes what is left out of everything held: what was deleted, and threads below it, if so asked. */
export function findLeftOut(database: Database.Database, { tombstones }: Taking): void {
  database.exec(noted('left_out'))
  if (tombstones !== 'drop') return
  const add = (sql: string) => database.exec(`INSERT OR IGNORE INTO temp.left_out ${sql}`)
  add(`SELECT kind, id FROM temp.gone`)
  add(`SELECT 'comment', comment_id FROM comments
       WHERE post_id IS NOT NULL AND ${isNoted('gone', "'post'", 'post_id')}`)
  add(repliesBelow('left_out'))
}

/** Replies to comments that are noted, to any depth. */
const repliesBelow = (table: string): string =>
  `WITH RECURSIVE below (comment_id) AS (
     SELECT id FROM temp.${table} WHERE kind = 'comment'
     UNION
     SELECT comments.comment_id FROM comments
     JOIN below ON comments.parent_comment_id = below.comment_id
   )
   SELECT 'comment', comment_id FROM below`

/** Notes what is known to be public, and the people who are named there. */
export function findPublic(snapshot: Snapshot, { tombstones }: Taking): void {
  const { database } = snapshot
  for (const table of ['public', 'hidden']) database.exec(noted(table))
  const inCut = (name: TableName) => snapshot.conditionOf(tableOf(name)) ?? 'TRUE'
  const kept = (kind: string, id: string) =>
    [
      isNotHidden,
      `NOT ${isForbidden(kind, id)}`,
      tombstones === 'drop' ? `NOT ${isNoted('gone', `'${kind}'`, id)}` : 'TRUE',
    ].join(' AND ')
  const add = (table: string, sql: string) =>
    database.exec(`INSERT OR IGNORE INTO temp.${table} ${sql}`)
  add(
    'public',
    `SELECT 'post', post_id FROM posts WHERE ${inCut('posts')} AND ${kept('post', 'post_id')}
       AND (posted_to_public = 1 OR share_setting = 'public'
            OR EXISTS (SELECT 1 FROM feed_entries WHERE feed_entries.post_id = posts.post_id))`,
  )
  add(
    'hidden',
    `SELECT 'comment', comment_id FROM comments
     WHERE post_id IS NULL OR NOT ${isNoted('public', "'post'", 'post_id')}
        OR NOT (${kept('comment', 'comment_id')})`,
  )
  add('hidden', repliesBelow('hidden'))
  add(
    'public',
    `SELECT 'comment', comment_id FROM comments
     WHERE ${inCut('comments')} AND NOT ${isNoted('hidden', "'comment'", 'comment_id')}`,
  )
  for (const people of peopleNamed(inCut)) add('public', people)
}

/** The people who are named in what is public, in lists of people, or on a page of their own. */
const peopleNamed = (inCut: (name: TableName) => string): string[] => {
  const ofOwner = `owner_kind IN ('post', 'comment') AND ${isNoted('public', 'owner_kind', 'owner_id')}`
  const user = (column: string, rest: string) =>
    `SELECT 'user', ${column} FROM ${rest} AND ${column} IS NOT NULL`
  return [
    user('author_id', `posts WHERE ${isNoted('public', "'post'", 'post_id')}`),
    user('repost_of_user_id', `posts WHERE ${isNoted('public', "'post'", 'post_id')}`),
    user('author_id', `comments WHERE ${isNoted('public', "'comment'", 'comment_id')}`),
    user('user_id', `cameos WHERE ${ofOwner}`),
    user('user_id', `reposts WHERE ${ofOwner}`),
    user('user_id', `text_facets WHERE ${ofOwner}`),
    user('follower_id', `follows WHERE ${inCut('follows')}`),
    user('followee_id', `follows WHERE ${inCut('follows')}`),
    user('user_id', `leaderboard_entries WHERE ${inCut('leaderboard_entries')}`),
    user('user_id', `search_entries WHERE ${inCut('search_entries')}`),
    user(
      'entity_id',
      `sightings WHERE entity_kind = 'user' AND response_id IN (
         SELECT response_id FROM responses WHERE endpoint = 'get_user_profile')
       AND entity_id IN (SELECT user_id FROM users WHERE ${inCut('users')})`,
    ),
    user('owner_user_id', `users WHERE ${isNoted('public', "'user'", 'user_id')}`),
  ]
}
