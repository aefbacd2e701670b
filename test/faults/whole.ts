import Database from 'better-sqlite3'
import { join } from 'node:path'
import {
  brokenItemsPerAnswer,
  differences,
  readTable,
  setDifferences,
  summary,
} from '../hostile/compare.js'
import { naiveWalk } from '../hostile/naive-walk.js'
import type { Row, Truth } from '../hostile/truth.js'
import { aside, nameOf, type FaultyApi } from './fault-api.js'

/** What an archive must hold in the end. */
export interface Expected extends Pick<Truth, 'posts' | 'comments' | 'users' | 'remixes'> {
  /** Ids that may be held besides. */
  maybePosts: Set<string>
  maybeUsers: Set<string>
  /** Items that cannot be read, per page, the largest first. */
  broken: number[]
  /** Listings by name: how many pages of them; null where a page of them is not to be had. */
  pages: Map<string, number> | null
}

/** All there is. */
export const wholeTruth = ({ truth }: FaultyApi): Expected => ({
  ...{ posts: truth.posts, comments: truth.comments, remixes: truth.remixes },
  ...{ maybePosts: truth.namedPosts, pages: truth.pages },
  users: only(truth.users, toldUsers(truth)),
  maybeUsers: new Set(truth.users.keys()),
  broken: [...truth.brokenItems.values()].sort((a, b) => b - a),
})

/** A small world tells those of its everyday people who posted or said something. */
function toldUsers({ users, posts, comments }: Truth): Set<string> {
  const authors = new Set([...posts.values(), ...comments.values()].map((row) => row['author_id']))
  const isTold = ([id, row]: [string, Row]): boolean =>
    authors.has(id) || !String(row['username']).startsWith('walker.')
  return new Set([...users].filter(isTold).map(([id]) => id))
}

/** What is left of it where some requests fail for good: a plain walker finds it out. */
export async function reachableTruth(api: FaultyApi): Promise<Expected> {
  const { truth, key } = api
  const found = await naiveWalk({ key, url: api.urlOf(aside) })
  return {
    posts: only(truth.posts, found.posts),
    comments: only(truth.comments, new Set(found.comments.keys())),
    users: only(truth.users, new Set(found.toldUsers.keys())),
    remixes: found.remixes,
    maybePosts: truth.namedPosts,
    maybeUsers: new Set(truth.users.keys()),
    ...{ broken: [], pages: null },
  }
}

const only = (rows: Map<string, Row>, ids: Set<string>): Map<string, Row> =>
  new Map([...rows].filter(([id]) => ids.has(id)))

/** An archive's database, for one look. */
export function look<Told>(archiveDir: string, read: (db: Database.Database) => Told): Told {
  const db = new Database(join(archiveDir, 'archive.sqlite'), { readonly: true })
  try {
    return read(db)
  } finally {
    db.close()
  }
}

/** Where an archive is not as expected; empty if it is. */
export function departures(db: Database.Database, expected: Expected): string[] {
  const { posts, comments, users, remixes, maybePosts, maybeUsers } = expected
  const edges = db
    .prepare(`SELECT parent_post_id || '>' || remix_post_id FROM remixes`)
    .pluck()
    .all() as string[]
  return summary([
    ...named('posts', rowDifferences(posts, readTable(db, 'posts', 'post_id'), maybePosts)),
    ...named('comments', rowDifferences(comments, readTable(db, 'comments', 'comment_id'))),
    ...named('users', differences(users, readTable(db, 'users', 'user_id'), maybeUsers)),
    ...named('remixes', setDifferences(remixes, new Set(edges))),
    ...named('anomalies', untoldBrokenItems(db, expected.broken)),
    ...named('listings', wrongPages(db, expected.pages)),
    ...named('integrity', damages(db)),
  ])
}

/**
 * A tombstone tells the instant of its answer, and the truth that of the first, which may have been
 * lost on the way: a time that is not before it is right.
 */
function rowDifferences(
  expected: Map<string, Row>,
  held: Map<string, Row>,
  maybe: Set<string> = new Set(),
): string[] {
  const settled = [...expected].map(([id, row]): [string, Row] => {
    const [first, seen] = [row['tombstoned_at'], held.get(id)?.['tombstoned_at']]
    const isLater = first != null && seen != null && BigInt(seen) >= BigInt(first)
    return [id, isLater ? { ...row, tombstoned_at: seen } : row]
  })
  return differences(new Map(settled), held, maybe)
}

const named = (what: string, lines: string[]): string[] => lines.map((line) => `${what}: ${line}`)

function untoldBrokenItems(db: Database.Database, served: number[]): string[] {
  const told = brokenItemsPerAnswer(db)
  const missing = served.filter((count, i) => (told[i] ?? 0) < count)
  return missing.map((count) => `${count} items broken in a page, not all told`)
}

function wrongPages(db: Database.Database, pages: Expected['pages']): string[] {
  const rows = db.prepare('SELECT endpoint, subject, pages, end_reason FROM listings').all() as {
    endpoint: string
    subject: string | null
    pages: number
    end_reason: string | null
  }[]
  const endless = rows.filter((row) => !row.end_reason).map((row) => `${row.endpoint} has no end`)
  const held = new Map(rows.map((row) => [`${row.endpoint} ${row.subject ?? ''}`, row.pages]))
  const wrong = [...(pages ?? [])].filter(([name, count]) => held.get(name) !== count)
  return [
    ...endless,
    ...wrong.map(([name, count]) => `${name}: expected ${count} pages, held ${held.get(name)}`),
  ]
}

/** What SQLite itself finds wrong. */
export function damages(db: Database.Database): string[] {
  const found = db.pragma('integrity_check') as { integrity_check: string }[]
  const foreign = db.pragma('foreign_key_check') as unknown[]
  return [
    ...found.map((row) => row.integrity_check).filter((line) => line !== 'ok'),
    ...foreign.map((row) => JSON.stringify(row)),
  ]
}

/** The names of the requests in these states, with the reason behind each. */
export function requestsIn(db: Database.Database, ...states: string[]): Map<string, string> {
  const wanted = states.map(() => '?').join()
  const sql = `SELECT endpoint, params, reason FROM requests WHERE state IN (${wanted})`
  const rows = db.prepare(sql).all(...states) as {
    endpoint: string
    params: string
    reason: string | null
  }[]
  return new Map(
    rows.map(({ endpoint, params, reason }) => [
      nameOf(endpoint, JSON.parse(params) as Record<string, string>),
      reason ?? '',
    ]),
  )
}

/** How many calls the ledger holds for each request, by name. */
export function ledgerCounts(db: Database.Database, where = 'TRUE'): Map<string, number> {
  const sql = `SELECT endpoint, params FROM responses WHERE request_id IS NOT NULL AND ${where}`
  const rows = db.prepare(sql).all() as { endpoint: string; params: string }[]
  return countedBy(
    rows.map(({ endpoint, params }) =>
      nameOf(endpoint, JSON.parse(params) as Record<string, string>),
    ),
  )
}

/** How often each name comes. */
export function countedBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}
