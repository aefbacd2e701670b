import type Database from 'better-sqlite3'
import { countGaps } from './gaps.js'
import { readSeeds } from './roots.js'
import type { Snapshot } from './snapshot.js'
import { isLocalAddress } from '../model/signed-url.js'
import { tableOf } from '../model/tables.js'

/** Announced by counters of the newest observation, against held; of posts whose counter is known. */
export interface Held {
  announced: number
  held: number
}

/** What only the archive itself tells, not a copy of what is shown of it. */
export interface ArchiveFacts {
  /** Lists and posts that answers mention and that are not held, beside all requests. */
  gaps: number
  /** Calls that went to this very machine. */
  local_calls: number
}

/** Told what is read next, in a word or two; what it returns is waited for. */
export type OnFacts = (what: string) => Promise<void>

/** Reads what only the archive itself tells. */
export async function readArchiveFacts(
  database: Database.Database,
  onFacts: OnFacts,
): Promise<ArchiveFacts> {
  await onFacts('calls')
  const local = callsByBase(database).filter(({ base_url }) => isLocalAddress(base_url))
  return {
    gaps: await countGaps(database, { pause: () => onFacts('gaps') }),
    local_calls: local.reduce((sum, { calls }) => sum + calls, 0),
  }
}

const callsByBase = (database: Database.Database) =>
  database
    .prepare(
      `SELECT base_url, count(*) AS calls FROM responses
       WHERE origin = 'network' AND base_url IS NOT NULL GROUP BY base_url`,
    )
    .all() as { base_url: string; calls: number }[]

/** What was measured of how a dataset came about; times in microseconds, money in micro-dollars. */
export interface DatasetFacts extends ArchiveFacts {
  answers: {
    total: number
    imported: number
    oldest_at: number | null
    newest_at: number | null
    /** Whose time is the newest one told inside, and whose is that of the file. */
    at_page: number
    at_file: number
  }
  calls: { total: number; billed: number; billed_unknown: number; cost: number }
  /** Where calls went, in order. */
  bases: string[]
  endpoints: { endpoint: string; answers: number; imported: number; calls: number }[]
  /** Every seed of every pass, in order. */
  seeds: string[]
  /**
   * Limits that runs were given, each once: dollars of a run, of the archive's whole life, and calls of a
   * run; and how many runs that sent calls had none.
   */
  budgets: { usd: number[]; usd_in_all: number[]; calls: number[]; free: number }
  /** When the posts in the dataset were posted. */
  posted: { from: number | null; to: number | null; unknown: number }
  /** Of the posts in the dataset. */
  coverage: { comments_and_replies: Held; remixes: Held }
  requests: { pending: number; failed: number; skipped: { reason: string; requests: number }[] }
  lists: { total: number; unfinished: number; ends: { reason: string; lists: number }[] }
  /** Rows, and posts, comments and people in them: each has a row for every answer that showed it. */
  absences: { reason: string; rows: number; entities: number }[]
  anomalies: number
  drift: number
}

/**
 * Reads what is to be told of a dataset. What it says of calls, lists and requests is of the whole
 * archive, what it says of posts is of the snapshot's cut; `archive` was read from the archive itself.
 * The same in whatever order answers came.
 */
export async function readFacts(
  snapshot: Snapshot,
  archive: ArchiveFacts,
  onFacts: OnFacts,
): Promise<DatasetFacts> {
  const { database } = snapshot
  const one = <Result>(sql: string) => database.prepare(sql).get() as Result
  const all = <Result>(sql: string) => database.prepare(sql).all() as Result[]
  const part = async <Result>(what: string, read: () => Result): Promise<Result> => {
    await onFacts(what)
    return read()
  }
  const inCut = (name: 'posts' | 'absences') => snapshot.conditionOf(tableOf(name)) ?? 'TRUE'
  const cost = 'coalesce(total(round(cost_usd * 1e6)) FILTER'
  return {
    ...archive,
    answers: await part('answers', () =>
      one(
        `SELECT count(*) AS total, count(*) FILTER (WHERE origin <> 'network') AS imported,
              min(received_at) AS oldest_at, max(received_at) AS newest_at,
              count(*) FILTER (WHERE clock = 'page') AS at_page,
              count(*) FILTER (WHERE clock = 'file') AS at_file
       FROM responses WHERE outcome = 'page'`,
      ),
    ),
    calls: await part('calls', () =>
      one(
        `SELECT count(*) AS total, count(*) FILTER (WHERE billed = 'yes') AS billed,
              count(*) FILTER (WHERE billed = 'unknown') AS billed_unknown,
              ${cost} (WHERE billed <> 'no'), 0) AS cost
       FROM responses WHERE origin = 'network'`,
      ),
    ),
    bases: all<{ base_url: string }>(
      `SELECT DISTINCT base_url FROM responses
       WHERE origin = 'network' AND base_url IS NOT NULL ORDER BY base_url`,
    ).map(({ base_url }) => base_url),
    endpoints: await part('endpoints', () =>
      all(
        `SELECT endpoint, count(*) FILTER (WHERE outcome = 'page') AS answers,
              count(*) FILTER (WHERE outcome = 'page' AND origin <> 'network') AS imported,
              count(*) FILTER (WHERE origin = 'network') AS calls
       FROM responses GROUP BY endpoint ORDER BY endpoint`,
      ),
    ),
    seeds: readSeeds(database),
    budgets: {
      usd: limitsOfRuns(database, 'budgetUsd'),
      usd_in_all: limitsOfRuns(database, 'budgetTotalUsd'),
      calls: limitsOfRuns(database, 'maxRequests'),
      free: countFreeRuns(database),
    },
    posted: await part('posts', () =>
      one(
        `SELECT min(posted_at) AS "from", max(posted_at) AS "to",
              count(*) FILTER (WHERE posted_at IS NULL) AS unknown
       FROM posts WHERE ${inCut('posts')}`,
      ),
    ),
    coverage: {
      comments_and_replies: await part('comments', () =>
        one(heldSql('recursive_reply_count', 'comments', 'post_id', inCut)),
      ),
      remixes: await part('remixes', () =>
        one(heldSql('remix_count', 'remixes', 'parent_post_id', inCut)),
      ),
    },
    requests: await part('requests', () => ({
      ...one<{ pending: number; failed: number }>(
        `SELECT count(*) FILTER (WHERE state = 'pending') AS pending,
                count(*) FILTER (WHERE state = 'failed') AS failed FROM requests`,
      ),
      skipped: all(
        `SELECT coalesce(reason, 'by choice') AS reason, count(*) AS requests FROM requests
         WHERE state = 'skipped' GROUP BY 1 ORDER BY 1`,
      ),
    })),
    lists: await part('lists', () => ({
      ...one<{ total: number; unfinished: number }>(
        `SELECT count(*) AS total, count(*) FILTER (WHERE end_reason IS NULL) AS unfinished
         FROM listings`,
      ),
      ends: all(
        `SELECT end_reason AS reason, count(*) AS lists FROM listings
         WHERE end_reason IS NOT NULL GROUP BY 1 ORDER BY 1`,
      ),
    })),
    absences: await part('absences', () =>
      all(
        `SELECT reason, count(*) AS rows,
              count(DISTINCT entity_kind || ' ' || entity_id) AS entities
       FROM absences WHERE ${inCut('absences')} GROUP BY 1 ORDER BY 1`,
      ),
    ),
    ...one<{ anomalies: number; drift: number }>(
      `SELECT (SELECT count(*) FROM anomalies) AS anomalies,
              (SELECT count(*) FROM drift) AS drift`,
    ),
  }
}

const limitsOfRuns = (database: Database.Database, name: string): number[] =>
  database
    .prepare(
      `SELECT DISTINCT value FROM runs, json_each(iif(json_valid(config), config, '{}'))
       WHERE key = ? AND value IS NOT NULL ORDER BY value`,
    )
    .pluck()
    .all(name) as number[]

const countFreeRuns = (database: Database.Database): number =>
  database
    .prepare(
      `SELECT count(*) FROM runs
       WHERE run_id IN (SELECT run_id FROM responses WHERE origin = 'network')
         AND NOT EXISTS (
           SELECT 1 FROM json_each(iif(json_valid(config), config, '{}'))
           WHERE key IN ('budgetUsd', 'budgetTotalUsd', 'maxRequests') AND value IS NOT NULL)`,
    )
    .pluck()
    .get() as number

const heldSql = (
  counter: string,
  table: string,
  key: string,
  inCut: (name: 'posts') => string,
): string =>
  `SELECT total(${counter}) AS announced,
          (SELECT count(*) FROM ${table} WHERE ${key} IN (
             SELECT post_id FROM posts WHERE ${counter} IS NOT NULL AND (${inCut('posts')}))) AS held
   FROM posts WHERE ${inCut('posts')}`
