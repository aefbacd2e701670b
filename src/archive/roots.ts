import type Database from 'better-sqlite3'
import { quoted } from './sql.js'

/** The request with which a seed begins. */
export interface Root {
  endpoint: string
  params: Readonly<Record<string, string>>
}

/** A request that began a walk, and the place of the root that it is of, among those that were noted. */
export const requestsOfRoots = `SELECT request_id, root.place
  FROM requests
  CROSS JOIN (SELECT DISTINCT endpoint, path FROM temp.roots) AS form
    ON form.endpoint = requests.endpoint
  CROSS JOIN temp.roots AS root
    ON root.endpoint = form.endpoint AND root.path = form.path
      AND root.subject = iif(form.path = '', '', json_extract(requests.params, form.path))
  WHERE requests.parent_request_id IS NULL`

/** Notes roots in a temporary table of this connection: however many, requests are gone through once. */
export function noteRoots(database: Database.Database, roots: readonly Root[]): void {
  database.exec('DROP TABLE IF EXISTS temp.roots')
  database.exec(
    `CREATE TEMP TABLE roots (endpoint TEXT, path TEXT, subject TEXT, place INTEGER,
       PRIMARY KEY (endpoint, path, subject, place)) WITHOUT ROWID`,
  )
  const note = database.prepare('INSERT INTO temp.roots VALUES (?, ?, ?, ?)')
  for (const [place, root] of roots.entries()) {
    const [name] = Object.keys(root.params)
    const path = name === undefined ? '' : `$.${name}`
    for (const endpoint of endpointsOf[root.endpoint] ?? [root.endpoint])
      note.run(endpoint, path, subjectOf(root), place)
  }
}

/** What a root is about; empty for the feed. */
export const subjectOf = ({ params }: Root): string => Object.values(params)[0] ?? ''

/** A seed for an object that was held already began with the lists below it. */
const endpointsOf: Readonly<Record<string, readonly string[]>> = {
  get_post_detail: ['get_post_detail', 'get_post_comments', 'get_post_remix_list'],
  get_user_profile: ['get_user_profile', 'get_user_posts'],
}

const objectOf: Readonly<Record<string, string>> = {
  get_post_detail: 'post',
  get_user_profile: 'user',
  get_task_status: 'task',
  get_task_detail: 'generation',
}

/** What kind of object a root is about; undefined for a list. */
export const kindOf = ({ endpoint }: Root): string | undefined => objectOf[endpoint]

/** The roots that an archive was never asked for, and whose object it does not hold. */
export function unknownRoots<Each extends Root>(
  database: Database.Database,
  roots: readonly Each[],
): Each[] {
  noteRoots(database, roots)
  const asked = database.prepare(`SELECT DISTINCT place FROM (${requestsOfRoots})`).pluck()
  const known = new Set(asked.all() as number[])
  return roots.filter((root, place) => !known.has(place) && !holdsObject(database, root))
}

function holdsObject(database: Database.Database, root: Root): boolean {
  const kind = kindOf(root)
  if (kind === undefined) return false
  const held = `SELECT EXISTS (SELECT 1 FROM ${quoted(`${kind}s`)} WHERE ${quoted(`${kind}_id`)} = ?)`
  return database.prepare(held).pluck().get(subjectOf(root)) === 1
}

/** Every seed of every pass, as it was written. */
export const readSeeds = (database: Database.Database): string[] =>
  database
    .prepare<[], string>(
      `SELECT DISTINCT value AS seed
       FROM passes, json_each(CASE WHEN json_valid(passes.seeds) THEN passes.seeds ELSE '[]' END)
       ORDER BY seed`,
    )
    .pluck()
    .all()
