import type Database from 'better-sqlite3'
import { quoted } from './sql.js'

/** The request with which a seed begins. */
export interface Root {
  endpoint: string
  params: Readonly<Record<string, string>>
}

/** The statement that finds the requests of a root, by `toValues`. */
export const requestsOfRoot = `SELECT request_id FROM requests
  WHERE parent_request_id IS NULL AND endpoint IN (SELECT value FROM json_each(:endpoints))
    AND (:params = '{}' OR json_extract(params, :path) = :subject)`

/** A root as statements take it; `subject` is what it is about, empty for the feed. */
export function toValues({ endpoint, params }: Root) {
  const [[name, subject] = ['', '']] = Object.entries(params)
  const endpoints = JSON.stringify(endpointsOf[endpoint] ?? [endpoint])
  return { endpoints, params: JSON.stringify(params), path: `$.${name}`, subject }
}

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

/** True if an archive was ever asked for a root, or holds the object that it is about. */
export function isKnownRoot(database: Database.Database, root: Root): boolean {
  const { subject, ...values } = toValues(root)
  const asked = database.prepare(`SELECT EXISTS (${requestsOfRoot})`).pluck()
  if (asked.get({ ...values, subject }) === 1) return true
  const kind = kindOf(root)
  if (kind === undefined) return false
  const held = `SELECT EXISTS (SELECT 1 FROM ${quoted(`${kind}s`)} WHERE ${quoted(`${kind}_id`)} = ?)`
  return database.prepare(held).pluck().get(subject) === 1
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
