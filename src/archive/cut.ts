import type Database from 'better-sqlite3'
import type { Table } from '../model/table.js'
import { exportedTables, type ExportedTableName } from '../model/tables.js'
import { kindOf, noteRoots, requestsOfRoots, subjectOf, type Root } from './roots.js'
import { quoted } from './sql.js'

/** Which part of an archive is read; times in microseconds. */
export interface Cut {
  /** Posts from here on, and what hangs below them. */
  since?: number
  /** Posts before this, and what hangs below them. */
  until?: number
  /** Only what the requests that these began were answered with. */
  roots?: readonly Root[]
}

/** True if a cut leaves nothing out. */
const isWhole = ({ since, until, roots }: Cut): boolean =>
  since === undefined && until === undefined && roots === undefined

const isChosen = (kind: string, id: string): string =>
  `EXISTS (SELECT 1 FROM temp.chosen WHERE chosen.kind = ${kind} AND chosen.id = ${id})`

const owner = isChosen('owner_kind', 'owner_id')
const entity = isChosen('entity_kind', 'entity_id')
const response = isChosen("'response'", 'response_id')
const source = isChosen("'source'", 'response_id')

/** Which rows of each table stay; NULL: all of them. */
const conditions: Readonly<Record<ExportedTableName, string | null>> = {
  users: isChosen("'user'", 'user_id'),
  posts: isChosen("'post'", 'post_id'),
  comments: isChosen("'comment'", 'comment_id'),
  remixes: `(${isChosen("'post'", 'parent_post_id')} OR ${isChosen("'post'", 'remix_post_id')})`,
  attachments: owner,
  generations: isChosen("'generation'", 'generation_id'),
  assets: owner,
  cameos: owner,
  reposts: owner,
  follows: `(${isChosen("'user'", 'follower_id')} AND ${isChosen("'user'", 'followee_id')})`,
  text_facets: owner,
  tasks: isChosen("'task'", 'task_id'),
  feed_entries: isChosen("'post'", 'post_id'),
  leaderboard_entries: isChosen("'user'", 'user_id'),
  search_entries: isChosen("'user'", 'user_id'),
  observations: entity,
  revisions: entity,
  absences: entity,
  media: `asset_key IN (SELECT asset_key FROM assets WHERE ${owner})`,
  ...{ anomalies: null, drift: null, listings: null, passes: null, runs: null },
  ...{ requests: null, responses: null },
}

/** What stays of the log, where seeds are named: what they led to, and what rows that stay name. */
const logOfSeeds: Readonly<Record<string, string>> = {
  anomalies: `(${response} OR ${source})`,
  responses: `(${response} OR ${source})`,
  requests: `(${isChosen("'request'", 'CAST(request_id AS TEXT)')}
    OR ${isChosen("'asked'", 'CAST(request_id AS TEXT)')})`,
}

/** What stays of the tables of answers and calls, where seeds are named. */
const conditionsOfSeeds: Readonly<Record<string, string>> = {
  feed_entries: response,
  leaderboard_entries: response,
  search_entries: response,
  ...logOfSeeds,
}

/** The condition that a row of a table stays under a cut; NULL if all do. */
export function conditionOf({ name }: Table, cut: Cut): string | null {
  if (isWhole(cut)) return null
  const all = [conditions[name as ExportedTableName], cut.roots && conditionsOfSeeds[name]]
  return all.filter((each) => each).join(' AND ') || null
}

/** Notes in a temporary table, on this connection only, what stays under a cut. */
export function chooseRows(database: Database.Database, cut: Cut): void {
  if (isWhole(cut)) return
  database.exec('DROP TABLE IF EXISTS temp.chosen')
  database.exec(
    'CREATE TEMP TABLE chosen (kind TEXT, id TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID',
  )
  if (cut.roots) chooseReached(database, cut.roots)
  choosePosts(database, cut)
  for (const sql of below(cut)) database.exec(`INSERT OR IGNORE INTO temp.chosen ${sql}`)
  if (cut.roots)
    for (const sql of sources(cut)) database.exec(`INSERT OR IGNORE INTO temp.chosen ${sql}`)
}

/** The answers that rows which stay name, though others led to them too, and their requests. */
const sources = (cut: Cut): string[] => [
  ...exportedTables(true)
    .filter(({ name }) => !Object.hasOwn(logOfSeeds, name))
    .flatMap((table: Table) => {
      const condition = conditionOf(table, cut)
      const names = table.columns.filter(({ name }) => /(^|_)response_id$/.test(name))
      return names.map(
        ({ name }) =>
          `SELECT 'source', ${quoted(name)} FROM ${quoted(table.name)}
           WHERE ${quoted(name)} IS NOT NULL AND ${condition ?? 'TRUE'}`,
      )
    }),
  `SELECT 'asked', request_id FROM responses WHERE request_id IS NOT NULL AND ${source}`,
]

/** The requests that seeds led to, their answers, and what those told. */
function chooseReached(database: Database.Database, roots: readonly Root[]): void {
  const add = (sql: string) => database.prepare(`INSERT OR IGNORE INTO temp.chosen ${sql}`)
  noteRoots(database, roots)
  add(
    `WITH RECURSIVE reached (request_id) AS (
       SELECT request_id FROM (${requestsOfRoots})
       UNION
       SELECT requests.request_id FROM requests
       JOIN reached ON requests.parent_request_id = reached.request_id
     )
     SELECT 'request', request_id FROM reached`,
  ).run()
  database.exec('DROP TABLE temp.roots')
  const object = add('SELECT ?, ?')
  for (const each of roots) {
    const kind = kindOf(each)
    if (kind !== undefined) object.run(kind, subjectOf(each))
  }
  for (const sql of reachedBy) add(sql).run()
}

const reachedBy: readonly string[] = [
  `SELECT 'response', response_id FROM responses
   WHERE ${isChosen("'request'", 'CAST(responses.request_id AS TEXT)')}`,
  `SELECT 'response', response_id FROM journal
   WHERE response_id IS NOT NULL AND ${isChosen("'request'", 'CAST(journal.request_id AS TEXT)')}`,
  `SELECT entity_kind, entity_id FROM sightings WHERE ${response}`,
  `SELECT entity_kind, entity_id FROM absences WHERE ${response}`,
  ...['generation', 'task'].map(
    (kind) =>
      `SELECT '${kind}', ${kind}_id FROM ${quoted(`${kind}s`)}
       WHERE ${isChosen("'response'", 'first_response_id')}
          OR ${isChosen("'response'", 'last_response_id')}`,
  ),
]

/** Posts of these days; where days are named nothing stays but what hangs below them. */
function choosePosts(database: Database.Database, { since, until, roots }: Cut): void {
  if (since === undefined && until === undefined) return
  const stays = roots ? `AND ${isChosen("'post'", 'post_id')}` : ''
  database.exec('CREATE TEMP TABLE dated (post_id TEXT PRIMARY KEY) WITHOUT ROWID')
  database
    .prepare(
      `INSERT INTO temp.dated SELECT post_id FROM posts
       WHERE posted_at >= coalesce(?, posted_at) AND posted_at < coalesce(?, posted_at + 1) ${stays}`,
    )
    .run(since ?? null, until ?? null)
  database.exec(`DELETE FROM temp.chosen WHERE kind NOT IN ('request', 'response')`)
  database.exec(`INSERT INTO temp.chosen SELECT 'post', post_id FROM temp.dated`)
  database.exec('DROP TABLE temp.dated')
}

/** What hangs below the chosen posts: threads, videos, drafts, and the people named there. */
const below = ({ since, until, roots }: Cut): readonly string[] => [
  `SELECT 'comment', comment_id FROM comments WHERE ${isChosen("'post'", 'post_id')}`,
  `SELECT 'generation', generation_id FROM generations WHERE ${isChosen("'post'", 'post_id')}`,
  `SELECT 'generation', generation_id FROM attachments WHERE generation_id IS NOT NULL AND ${owner}`,
  `SELECT 'task', task_id FROM generations
   WHERE task_id IS NOT NULL AND ${isChosen("'generation'", 'generation_id')}`,
  `SELECT 'user', author_id FROM posts
   WHERE author_id IS NOT NULL AND ${isChosen("'post'", 'post_id')}`,
  `SELECT 'user', repost_of_user_id FROM posts
   WHERE repost_of_user_id IS NOT NULL AND ${isChosen("'post'", 'post_id')}`,
  `SELECT 'user', author_id FROM comments
   WHERE author_id IS NOT NULL AND ${isChosen("'comment'", 'comment_id')}`,
  `SELECT 'user', user_id FROM cameos WHERE ${owner}`,
  `SELECT 'user', user_id FROM reposts WHERE ${owner}`,
  `SELECT 'user', user_id FROM text_facets WHERE user_id IS NOT NULL AND ${owner}`,
  ...(roots && since === undefined && until === undefined
    ? ['leaderboard_entries', 'search_entries'].map(
        (name) => `SELECT 'user', user_id FROM ${name} WHERE ${response}`,
      )
    : []),
  `SELECT 'user', owner_user_id FROM users
   WHERE owner_user_id IS NOT NULL AND ${isChosen("'user'", 'user_id')}`,
]
