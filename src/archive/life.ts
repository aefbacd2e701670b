import type Database from 'better-sqlite3'
import { InputError } from '../model/errors.js'
import { isCommentId, isPostId, isUserId } from '../model/ids.js'
import type { Value } from '../model/table.js'
import { rowFromSql } from './sql.js'

/**
 * What happened to a post, comment or person, by the answer that told it; times in microseconds. `again`:
 * the first answer that showed it after it was absent.
 */
export interface LifeEvent {
  at: number
  response_id: string
  /** Counters as told; `changed` where the answer told another value of a column; what was missing. */
  what:
    | { kind: 'counters'; counters: Record<string, number | bigint> }
    | { kind: 'changed'; field: string; old: string | null; new: string | null }
    | { kind: 'absent'; reason: string }
    | { kind: 'again' }
}

/** The life of a post, comment or person as the archive saw it, in order of time. */
export interface Life {
  kind: 'post' | 'comment' | 'user'
  id: string
  /** NULL, both: it was asked for, and never seen. */
  first_seen_at: number | null
  last_seen_at: number | null
  /** How many answers told it. */
  sightings: number
  events: LifeEvent[]
}

const tables = { post: 'posts', comment: 'comments', user: 'users' } as const
const ofEntity = 'entity_kind = ? AND entity_id = ?'

/** The kind of object that an id names; NULL if it names none. */
export function kindOfId(id: string): Life['kind'] | null {
  if (isPostId(id)) return 'post'
  if (isCommentId(id)) return 'comment'
  return isUserId(id) ? 'user' : null
}

/**
 * Reads the life of an object.
 * @throws InputError if the archive holds none
 */
export function readLife(database: Database.Database, kind: Life['kind'], id: string): Life {
  const table = tables[kind]
  const seen = database
    .prepare(
      `SELECT first_seen_at, last_seen_at, (SELECT count(*) FROM sightings WHERE ${ofEntity}) AS sightings
       FROM ${table} WHERE ${kind}_id = ?`,
    )
    .get(kind, id, id) as Pick<Life, 'first_seen_at' | 'last_seen_at' | 'sightings'> | undefined
  const events = [
    ...readCounters(database, kind, id),
    ...readChanges(database, kind, id),
    ...readAbsences(database, kind, id),
    ...readReturns(database, kind, id),
  ]
  if (seen === undefined && events.length === 0)
    throw new InputError(`the archive holds no ${kind} ${id}`)
  events.sort((one, other) => one.at - other.at)
  const never = { first_seen_at: null, last_seen_at: null, sightings: 0 }
  return { kind, id, ...(seen ?? never), events }
}

function readCounters(database: Database.Database, kind: string, id: string): LifeEvent[] {
  const rows = database
    .prepare(`SELECT * FROM observations WHERE ${ofEntity}`)
    .safeIntegers()
    .all(kind, id) as Record<string, Value>[]
  return rows.map(rowFromSql).map((row) => ({
    at: row['observed_at'] as number,
    response_id: row['response_id'] as string,
    what: {
      kind: 'counters',
      counters: Object.fromEntries(
        Object.entries(row).filter(([name, value]) => name.endsWith('_count') && value !== null),
      ) as Record<string, number | bigint>,
    },
  }))
}

function readChanges(database: Database.Database, kind: string, id: string): LifeEvent[] {
  const rows = database
    .prepare(`SELECT observed_at, response_id, field, old, new FROM revisions WHERE ${ofEntity}`)
    .all(kind, id) as {
    observed_at: number
    response_id: string
    field: string
    old: string | null
    new: string | null
  }[]
  return rows.map(({ observed_at: at, response_id, ...change }) => ({
    at,
    response_id,
    what: { kind: 'changed', ...change },
  }))
}

function readAbsences(database: Database.Database, kind: string, id: string): LifeEvent[] {
  const rows = database
    .prepare(`SELECT observed_at, response_id, reason FROM absences WHERE ${ofEntity}`)
    .all(kind, id) as { observed_at: number; response_id: string; reason: string }[]
  return rows.map(({ observed_at: at, response_id, reason }) => ({
    at,
    response_id,
    what: { kind: 'absent', reason },
  }))
}

function readReturns(database: Database.Database, kind: string, id: string): LifeEvent[] {
  const rows = database
    .prepare(
      `SELECT observed_at AS at, response_id, 1 AS isAbsent FROM absences WHERE ${ofEntity}
       UNION ALL
       SELECT observed_at, response_id, 0 FROM sightings WHERE ${ofEntity}
         AND response_id NOT IN (SELECT response_id FROM absences WHERE ${ofEntity})
       ORDER BY at, isAbsent`,
    )
    .all(kind, id, kind, id, kind, id) as { at: number; response_id: string; isAbsent: number }[]
  return rows
    .filter(({ isAbsent }, n) => isAbsent === 0 && rows[n - 1]?.isAbsent === 1)
    .map(({ at, response_id }) => ({ at, response_id, what: { kind: 'again' } }))
}
