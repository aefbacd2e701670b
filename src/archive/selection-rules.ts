import { entityTables } from '../model/entity-tables.js'
import type { Column, Table } from '../model/table.js'

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
  return conditions(stays)[name] ?? null
}

/** The condition that a row of a table is known to be public; NULL if every row may leave. */
export function publicCondition({ name }: Table, stays: Stays): string | null {
  return publicConditions(stays)[name] ?? conditions(stays)[name] ?? null
}

const conditions = (stays: Stays): Record<string, string> => {
  const owner = stays('owner_kind', 'owner_id')
  const entity = stays('entity_kind', 'entity_id')
  return {
    posts: stays("'post'", 'post_id'),
    comments: stays("'comment'", 'comment_id'),
    remixes: `${stays("'post'", 'parent_post_id')} AND ${stays("'post'", 'remix_post_id')}`,
    attachments: owner,
    assets: owner,
    cameos: owner,
    text_facets: owner,
    generations: stays("'generation'", 'generation_id'),
    feed_entries: stays("'post'", 'post_id'),
    observations: entity,
    revisions: entity,
    absences: entity,
    media: `EXISTS (SELECT 1 FROM assets WHERE assets.asset_key = media.asset_key AND ${owner})`,
  }
}

const publicConditions = (stays: Stays): Record<string, string> => {
  const owner = `owner_kind IN ('post', 'comment') AND ${stays('owner_kind', 'owner_id')}`
  // The plus keeps SQLite from going through the files of all people for each row.
  const notOfAPerson = (table: string) =>
    `NOT EXISTS (SELECT 1 FROM assets AS other
                 WHERE other.asset_key = ${table}.asset_key AND +other.owner_kind = 'user')`
  return {
    users: stays("'user'", 'user_id'),
    attachments: owner,
    assets: `${owner} AND ${notOfAPerson('assets')}`,
    media: `EXISTS (SELECT 1 FROM assets WHERE assets.asset_key = media.asset_key AND ${owner})
            AND ${notOfAPerson('media')}`,
    cameos: `${owner} AND ${stays("'user'", 'user_id')}`,
    text_facets: owner,
    follows: `${stays("'user'", 'follower_id')} AND ${stays("'user'", 'followee_id')}`,
    leaderboard_entries: stays("'user'", 'user_id'),
    search_entries: stays("'user'", 'user_id'),
    revisions: `${stays('entity_kind', 'entity_id')} AND ${toldChanges()}`,
    generations: 'FALSE',
    tasks: 'FALSE',
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
