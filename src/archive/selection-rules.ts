import { entityTables } from '../model/entity-tables.js'
import type { Column, Table } from '../model/table.js'
import type { ExportedTableName } from '../model/tables.js'

/** SQL for "this object is taken", of SQL for its kind and its id. */
export type Stays = (kind: string, id: string) => string

/** Revisions tell of these columns, by kind of object; of others a published dataset tells none. */
const toldInRevisions = ['keep', 'own', 'id', 'post', 'comment', 'person', 'text', 'glyph', 'word']

/** Columns that say whether an object is public; that it was not is nobody's business. */
const whetherPublic = ['posted_to_public', 'share_setting']

/** The columns that hold words. */
const isWords = ({ publish }: Column): boolean => publish === 'text' || publish === 'glyph'

const names = (columns: readonly Column[]): string =>
  columns.map((each) => `'${each.name}'`).join(', ')

/** The condition that a row is taken where nothing is left out but objects and what hangs on them. */
export function everyCondition({ name }: Table, stays: Stays): string | null {
  return conditions(stays)[name as ExportedTableName] ?? null
}

/** The condition that a row of a table is known to be public; NULL if every row may leave. */
export function publicCondition({ name }: Table, stays: Stays): string | null {
  return publicConditions(stays)[name as ExportedTableName] ?? null
}

/** By table; NULL: every row. */
type Conditions = Record<ExportedTableName, string | null>

/** The log tells of calls and answers, not of objects. */
const ofLog = {
  ...{ anomalies: null, drift: null, listings: null, passes: null, runs: null },
  ...{ requests: null, responses: null },
}

const conditions = (stays: Stays): Conditions => {
  const owner = stays('owner_kind', 'owner_id')
  const entity = stays('entity_kind', 'entity_id')
  return {
    users: null,
    posts: stays("'post'", 'post_id'),
    comments: stays("'comment'", 'comment_id'),
    remixes: `${stays("'post'", 'parent_post_id')} AND ${stays("'post'", 'remix_post_id')}`,
    attachments: owner,
    generations: stays("'generation'", 'generation_id'),
    assets: owner,
    cameos: owner,
    reposts: owner,
    follows: null,
    text_facets: owner,
    tasks: null,
    feed_entries: stays("'post'", 'post_id'),
    leaderboard_entries: null,
    search_entries: null,
    observations: entity,
    revisions: entity,
    absences: entity,
    media: `EXISTS (SELECT 1 FROM assets WHERE assets.asset_key = media.asset_key AND ${owner})`,
    ...ofLog,
  }
}

const publicConditions = (stays: Stays): Conditions => {
  const { posts, comments, remixes, feed_entries, observations, absences } = conditions(stays)
  const owner = `owner_kind IN ('post', 'comment') AND ${stays('owner_kind', 'owner_id')}`
  const person = stays("'user'", 'user_id')
  // The plus keeps SQLite from going through the files of all people for each row.
  const notOfAPerson = (table: string) =>
    `NOT EXISTS (SELECT 1 FROM assets AS other
                 WHERE other.asset_key = ${table}.asset_key AND +other.owner_kind = 'user')`
  return {
    ...{ posts, comments, remixes, feed_entries, observations, absences },
    users: person,
    attachments: owner,
    generations: 'FALSE',
    assets: `${owner} AND ${notOfAPerson('assets')}`,
    cameos: `${owner} AND ${person}`,
    reposts: `${owner} AND ${person}`,
    follows: `${stays("'user'", 'follower_id')} AND ${stays("'user'", 'followee_id')}`,
    text_facets: owner,
    tasks: 'FALSE',
    leaderboard_entries: person,
    search_entries: person,
    revisions: `${stays('entity_kind', 'entity_id')} AND ${toldChanges()}`,
    media: `EXISTS (SELECT 1 FROM assets WHERE assets.asset_key = media.asset_key AND ${owner})
            AND ${notOfAPerson('media')}`,
    ...ofLog,
  }
}

/** Words from a time when an object may not have been public are no change that may be told. */
const toldChanges = (): string => {
  const kinds = (entityTables as readonly Table[]).flatMap(({ entity, columns }) => {
    if (entity === undefined) return []
    const told = columns.filter(
      ({ publish, name }) =>
        publish && toldInRevisions.includes(publish) && !whetherPublic.includes(name),
    )
    const words = columns.filter(isWords)
    const isOnceHidden = `EXISTS (
      SELECT 1 FROM revisions AS other WHERE other.entity_kind = revisions.entity_kind
        AND other.entity_id = revisions.entity_id
        AND other.field IN (${whetherPublic.map((each) => `'${each}'`).join(', ')}))`
    return [
      `entity_kind = '${entity}' AND field IN (${names(told)})
       AND NOT (field IN (${names(words)}) AND ${isOnceHidden})`,
    ]
  })
  return `(${kinds.join(' OR ')})`
}
