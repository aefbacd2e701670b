import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { forget, type ForgetOptions, type ForgetReport } from '../../src/archive/forget/forget.js'
import { sha256 } from '../../src/model/response-id.js'
import type { Value } from '../../src/model/table.js'
import { tables } from '../../src/model/tables.js'
import type { Truth } from '../../src/simulator/truth.js'
import { noon, temporaryFolder } from '../crawl/worlds.js'

/** What is to be gone, by what the simulator knows; nothing here asks the program. */
export interface Gone {
  /** Ids of people, posts and comments. */
  ids: ReadonlySet<string>
  /** Comments that are gone while others' replies to them stay. */
  answered: ReadonlySet<string>
  handles: readonly string[]
  /** Texts and names that nobody else has. */
  words: readonly string[]
}

/** What goes with a person: their characters, posts, comments, and what hangs below their posts. */
export function goneWith(truth: Truth, { users = [], posts = [] }: Record<string, string[]>): Gone {
  const people = truth.users.filter(
    ({ user_id, owner_user_id }) => users.includes(user_id) || users.includes(owner_user_id ?? ''),
  )
  const isOf = (author: string | null) => people.some(({ user_id }) => user_id === author)
  const gonePosts = truth.posts.filter(
    (post) => posts.includes(post.post_id) || isOf(post.author_id),
  )
  const isBelow = new Set(gonePosts.map(({ post_id }) => post_id))
  const goneComments = truth.comments.filter(
    (each) => isOf(each.author_id) || isBelow.has(each.post_id),
  )
  const ids = [
    ...people.map(({ user_id }) => user_id),
    ...gonePosts.map(({ post_id }) => post_id),
    ...goneComments.map(({ comment_id }) => comment_id),
  ]
  const others = [...truth.posts, ...truth.comments].filter(
    (each) => !ids.includes('comment_id' in each ? each.comment_id : each.post_id),
  )
  const words = [...gonePosts, ...goneComments]
    .filter(({ tombstoned }) => !tombstoned)
    .map(({ text }) => text)
    .filter((text) => text.length > 8 && !others.some((each) => each.text.includes(text)))
  const answered = goneComments.filter(({ post_id }) => !isBelow.has(post_id))
  const stays = new Set(answered.map(({ comment_id }) => comment_id))
  return {
    ids: new Set(ids),
    answered: stays,
    handles: people.map(({ username }) => username),
    words,
  }
}

const open = (dir: string) => new Database(join(dir, 'archive.sqlite'), { readonly: true })

/** Every file below a folder. */
const filesBelow = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name))

/** Where a needle is found in the bytes of an archive, or in its answers unpacked. */
export function tracesOf(dir: string, { ids, handles, words }: Gone): string[] {
  const needles = [...ids, ...handles, ...words].map((each) => Buffer.from(each))
  const inJson = words.map((each) => Buffer.from(JSON.stringify(each).slice(1, -1)))
  const plain = [...ids].map((each) => Buffer.from(each.replace('s_', '')))
  const packed = [...ids, ...handles].map((id) => Buffer.from(id).toString('base64').slice(2, -4))
  const all = [...needles, ...inJson, ...plain, ...packed.map((each) => Buffer.from(each))]
  const found = (place: string, bytes: Buffer) =>
    all.flatMap((each) => (bytes.includes(each) ? [`${place}: ${each.toString()}`] : []))
  const database = open(dir)
  const bodies = database.prepare('SELECT sha256, body FROM bodies').all() as Body[]
  database.close()
  return [
    ...filesBelow(dir).flatMap((path) =>
      found(path, Buffer.concat([Buffer.from(path.slice(dir.length)), readFileSync(path)])),
    ),
    ...bodies.flatMap(({ sha256, body }) => found(sha256, gunzipSync(body))),
  ]
}

interface Body {
  sha256: string
  body: Buffer
}

/** A copy of an archive. */
export function copyOf(dir: string): string {
  const copy = temporaryFolder()
  cpSync(dir, copy, { recursive: true })
  return copy
}

/** Forgets in an archive as a test does. */
export const forgetIn = (
  archiveDir: string,
  seeds: readonly string[],
  more: Partial<ForgetOptions> = {},
): Promise<ForgetReport> =>
  forget({ archiveDir, seeds, durability: 'normal', clock: () => noon * 1000, ...more })

type Row = Record<string, Value>

/** The rows of every derived table that keeps what answers told of others. */
export function rowsIn(dir: string): Record<string, Row[]> {
  const database = open(dir)
  const told = tables.filter(
    ({ derived, kind }) => derived && ['entity', 'edge', 'entry', 'history'].includes(kind),
  )
  const rows = told.map(({ name, key }) => [
    name,
    database.prepare(`SELECT * FROM ${name} ORDER BY ${key.join(', ')}`).all() as Row[],
  ])
  database.close()
  return Object.fromEntries(rows) as Record<string, Row[]>
}

/** Columns that name a parent; without it the row is still another's. */
const parents = ['parent_post_id', 'parent_comment_id', 'root_post_id', 'repost_of_post_id']

/** The rows of others: those that name nobody who is gone but as their parent, which is not told then. */
export function rowsOfOthers(
  rows: Record<string, Row[]>,
  { ids, handles }: Gone,
): Record<string, Row[]> {
  const isGone = (value: Value | undefined) => typeof value === 'string' && ids.has(value)
  const masked = (value: Value): Value =>
    handles.reduce<Value>(
      (text, handle) =>
        typeof text === 'string'
          ? text.replaceAll(`@${handle}`, `@${'\u2588'.repeat(handle.length)}`)
          : text,
      value,
    )
  const others = (table: string, row: Row): Row[] => {
    const isEdge = table === 'remixes'
    const named = Object.entries(row).filter(([name]) => isEdge || !parents.includes(name))
    if (named.some(([, value]) => isGone(value))) return []
    if (isGone(row['attachment_id']?.toString().replace(/-attachment-\d+$/, ''))) return []
    const cells = Object.entries(row).map(([name, value]) => [
      name,
      parents.includes(name) && isGone(value) ? null : masked(value),
    ])
    const left = Object.fromEntries(cells) as Row
    // What a parent that is gone told of the root is gone with it.
    if (table === 'posts' && isGone(row['parent_post_id'])) left['root_post_id'] = null
    return [left]
  }
  return Object.fromEntries(
    Object.entries(rows).map(([table, each]) => [table, each.flatMap((row) => others(table, row))]),
  )
}

/** Takes whatever is theirs out of the kept answers of an archive, knowing by the simulator what it is. */
export function cutBodies(dir: string, gone: Gone): void {
  const database = new Database(join(dir, 'archive.sqlite'))
  const rows = database.prepare('SELECT sha256, body FROM bodies').all() as Body[]
  const insert = database.prepare('INSERT OR IGNORE INTO bodies VALUES (?, ?, ?)')
  const move = database.prepare(
    'UPDATE responses SET body_sha256 = ?, body_bytes = ? WHERE body_sha256 = ?',
  )
  for (const row of rows) {
    const bytes = gunzipSync(row.body)
    const cut = Buffer.from(JSON.stringify(cutOut(JSON.parse(bytes.toString()), gone)))
    insert.run(sha256(cut), 'gzip', gzipSync(cut))
    move.run(sha256(cut), cut.length, row.sha256)
  }
  database.close()
}

/** JSON in which objects of theirs are null. */
function cutOut(value: unknown, gone: Gone): unknown {
  if (Array.isArray(value)) return value.map((each) => cutOut(each, gone))
  if (typeof value !== 'object' || value === null) return value
  const { post, profile, id, post_id, user_id } = value as Record<string, unknown>
  const inside = (post ?? {}) as Record<string, unknown>
  const isTheirs = [id, post_id, user_id, inside['id']].some((each) => gone.ids.has(each as string))
  if (gone.answered.has(inside['id'] as string) && 'children' in value)
    return { children: cutOut(value.children, gone) }
  const isWrapper =
    post === undefined && gone.ids.has((profile as Row | null)?.['user_id'] as string)
  if (isTheirs || (isWrapper && !('text' in value))) return null
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, cutOut(each, gone)]))
}
