import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import Database from 'better-sqlite3'
import { importFiles, saveMedia, type MediaOptions, type MediaReport } from '../../src/index.js'
import type { HostileMedia } from './hostile-media.js'
import { temporaryFolder } from '../temporary-folder.js'

export { temporaryFolder }

/** The id of the n-th post. */
export const idOf = (n: number): string => `s_68ef19200000819${String(n).padStart(17, '0')}`

/** The id of the n-th comment. */
export const commentIdOf = (n: number): string => `78ef19200000819${String(n).padStart(17, '0')}`

/** The id of the n-th person. */
export const userIdOf = (n: number): string => `user-${String(n).padStart(24, 'u')}`

/** The id of the n-th draft. */
export const draftIdOf = (n: number): string => `gen_01k9rsq5h7${String(n).padStart(16, '0')}`

/** Addresses of a video's files, by the API's own keys. */
export interface Files {
  source_wm?: string
  thumbnail?: string
  md?: string
  gif?: string
  /** Of `source_wm`, in bytes, where told. */
  size?: number
}

/** The keys of a video's files, as posts and drafts carry them (`data-shapes` 3.4, 3.5). */
function videoOf({ source_wm, size, ...others }: Files): object {
  const source =
    source_wm === undefined ? null : { path: source_wm, ...(size !== undefined && { size }) }
  const encodings = Object.entries(others).map(([name, path]) => [name, { path }])
  return {
    url: source_wm ?? null,
    downloadable_url: source_wm ?? null,
    encodings: { source, source_wm: source, ...Object.fromEntries(encodings) },
  }
}

/** A feed item: the n-th post, by the n-th person. */
export const postItem = (n: number, files: Files, picture?: string): object => ({
  post: {
    ...{ id: idOf(n), shared_by: userIdOf(n), posted_at: 1760500000 + n, source: 'sy' },
    ...{ text: `post ${n}`, posted_to_public: true, reply_count: 0, recursive_reply_count: 0 },
    ...{ remix_count: 0, view_count: 1, unique_view_count: 1, like_count: 0 },
    attachments: [
      {
        ...{ id: `${idOf(n)}-attachment-0`, kind: 'sora', generation_type: 'video_gen' },
        ...videoOf(files),
      },
    ],
  },
  profile: profileOf(n, picture),
})

/** The n-th person. */
export const profileOf = (n: number, picture?: string): object => ({
  ...{ user_id: userIdOf(n), username: `name${n}`, follower_count: 0, created_at: 1750000000 },
  ...(picture !== undefined && { profile_picture_url: picture }),
})

/** A draft with its files; `more` may make another of it. */
export const draftItem = (n: number, files: Files, more: object = {}): object => ({
  ...{ id: draftIdOf(n), generation_id: draftIdOf(n), kind: 'sora_draft', prompt: `draft ${n}` },
  ...{ task_id: `task_01k9rsq5h7${String(n).padStart(16, '0')}`, created_at: 1760500000 + n },
  ...videoOf(files),
  ...more,
})

/** TikHub's envelope around an answer. */
export const envelope = (endpoint: string, params: object, data: unknown): string =>
  JSON.stringify({
    ...{ code: 200, request_id: '0f0f0f0f-0000-4000-8000-000000000000', time_stamp: 1760600000 },
    ...{ router: `/api/v1/sora2/${endpoint}`, params, data },
  })

/** A page of the feed with these items. */
export const feedOf = (items: object[]): string =>
  envelope('get_feed', { cursor: '', eager_views: '{"views":[]}' }, { items, cursor: null })

/** An archive that these answers were imported into. */
export async function archiveOf(...answers: string[]): Promise<string> {
  const folder = temporaryFolder()
  const files = answers.map((answer, n) => {
    const path = join(folder, `answer-${n}.json`)
    writeFileSync(path, answer)
    return path
  })
  const archiveDir = join(folder, 'archive')
  await importFiles({ archiveDir, files, durability: 'normal' })
  return archiveDir
}

/** Saves media without waiting: tries follow at once, silence is short. */
export const saveAt = (
  media: Pick<HostileMedia, 'url'>,
  archiveDir: string,
  more: Partial<MediaOptions> = {},
): Promise<MediaReport> =>
  saveMedia({
    ...{ archiveDir, baseUrl: media.url, apiKey: 'a-secret-key', durability: 'normal' },
    ...{ retryBaseMs: 1, idleTimeoutMs: 500, concurrency: 6, ratePerSecond: Infinity },
    ...more,
  })

/** A row of `media`. */
export interface MediaRow {
  asset_key: string
  state: string
  reason: string | null
  sha256: string | null
  bytes: number | null
  content_type: string | null
  path: string | null
  saved_at: number | null
  deadline_at: number | null
  attempts: number | null
  error: string | null
}

/** What an archive answers to a question. */
export function rowsOf<Row = Record<string, unknown>>(archiveDir: string, sql: string): Row[] {
  const database = new Database(join(archiveDir, 'archive.sqlite'), { readonly: true })
  try {
    return database.prepare(sql).all() as Row[]
  } finally {
    database.close()
  }
}

/** Every row of `media`. */
export const mediaRows = (archiveDir: string): MediaRow[] =>
  rowsOf<MediaRow>(archiveDir, 'SELECT * FROM media ORDER BY asset_key')

/** The row of a file that the server holds; its key is the blob's path (`data-shapes` 7.4). */
export const rowOf = (
  rows: readonly MediaRow[],
  { path }: { path: string },
): MediaRow | undefined => rows.find((row) => row.asset_key === keyAt(path))

/** The asset key of a path `/az/vg-assets/<blob>`. */
export const keyAt = (path: string): string =>
  decodeURIComponent(path.replace(/^\/az\/(vg-assets|files)\//, ''))

/** State and reason of a row, in one. */
export const endOf = (row: MediaRow | undefined): string =>
  row === undefined ? 'no row' : [row.state, row.reason].filter(Boolean).join(' ')

/** Every file below the archive's media folder, and whatever else the media made, below the archive. */
export function filesBelow(archiveDir: string): string[] {
  if (!existsSync(archiveDir)) return []
  return readdirSync(archiveDir, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(archiveDir, name)).isFile())
    .filter((name) => !/^archive\.sqlite(-wal|-shm|-journal)?$|^writer\.lock|\.lock$/.test(name))
    .sort()
}

const place = /^media\/sha256\/([0-9a-f]{2})\/([0-9a-f]{2})\/([0-9a-f]{64})\.([a-z0-9]{2,5})$/

/**
 * What is wrong with the files of an archive; empty where every file under a final name is whole, in its
 * place and told by a row, and every saved row has its file.
 */
export function faultsOfFiles(archiveDir: string): string[] {
  const saved = mediaRows(archiveDir).filter(({ state }) => state === 'saved')
  const paths = new Set(saved.map(({ path }) => path))
  const finals = filesBelow(archiveDir).filter((name) => !isPartial(name))
  return [
    ...finals.flatMap((name) => faultOfFile(archiveDir, name)),
    ...finals.filter((name) => !paths.has(name)).map((name) => `no row tells of ${name}`),
    ...saved.flatMap((row) => faultOfRow(archiveDir, row)),
  ]
}

/** What may lie beside the final folders while a file is under way. */
export const isPartial = (name: string): boolean => /^media\/sha256\/\.[^/]+$/.test(name)

function faultOfFile(archiveDir: string, name: string): string[] {
  const [, first, second, hash] = place.exec(name) ?? []
  if (hash === undefined) return [`stray file ${name}`]
  const actual = createHash('sha256')
    .update(readFileSync(join(archiveDir, name)))
    .digest('hex')
  if (!hash.startsWith(`${first}${second}`)) return [`in the wrong folder: ${name}`]
  return actual === hash ? [] : [`${name} holds ${actual}`]
}

function faultOfRow(archiveDir: string, row: MediaRow): string[] {
  const { asset_key, path, sha256, bytes, saved_at } = row
  const match = place.exec(path ?? '')
  if (match === null || match[3] !== sha256 || saved_at === null)
    return [`${asset_key}: ${JSON.stringify(row)}`]
  const file = join(archiveDir, relative('.', path!))
  if (!existsSync(file)) return [`${asset_key}: there is no ${path}`]
  return statSync(file).size === bytes ? [] : [`${asset_key}: ${bytes} bytes, says the row`]
}
