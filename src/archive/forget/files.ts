import { existsSync, readFileSync } from 'node:fs'
import { opendir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Archive } from '../archive.js'
import {
  dropUnfinishedMedia,
  exportedGeneration,
  exportedKey,
  mediaPathForm,
  partialFolder,
  partialName,
} from '../media-store.js'
import { insertSql } from '../sql.js'
import type { Watch } from './state.js'

/** What was deleted. */
export interface DroppedFiles {
  files: number
  bytes: number
}

interface MediaRow {
  asset_key: string
  path: string | null
  sha256: string | null
  bytes: number | null
}

const assetsAtATime = 5000

/**
 * Notes, before the tables are filled anew, which files belong to what is forgotten.
 * @returns false if it was aborted
 */
export async function noteFiles(
  { database, denylist }: Archive,
  { tell, isAborted }: Watch,
): Promise<boolean> {
  const total = database.prepare('SELECT count(*) FROM assets').pluck().get() as number
  const select = database
    .prepare(
      `SELECT rowid, owner_id, asset_key FROM assets WHERE rowid > ? ORDER BY rowid LIMIT ${assetsAtATime}`,
    )
    .raw()
  const note = database.prepare(insertSql('forgetting_names', ['kind', 'name'], 'INSERT OR IGNORE'))
  for (let last = 0, done = 0; ;) {
    const rows = select.all(last) as [number, string, string][]
    database.transaction(() => {
      for (const [, owner, key] of rows) if (denylist.kindOf(owner) !== null) note.run('file', key)
    })()
    tell((done += rows.length), total)
    await setImmediate()
    if (isAborted()) return false
    if (rows.length < assetsAtATime) return true
    last = rows.at(-1)![0]
  }
}

/** A path is made of its digest, and only the digest has an index. */
export const isSharedSql = 'SELECT 1 FROM media WHERE sha256 = ? AND path = ? AND asset_key <> ?'

/**
 * Deletes the media files that belonged to what is forgotten and belong to nothing that is told any more,
 * half ones too. A content that a file of others shares stays.
 */
export async function dropFiles(archive: Archive): Promise<DroppedFiles> {
  const { database, dir } = archive
  const dropped: DroppedFiles = { files: 0, bytes: 0 }
  const forget = database.prepare('DELETE FROM media WHERE asset_key = ?')
  const isShared = database.prepare(isSharedSql).pluck()
  for (const { asset_key, path, sha256, bytes } of theirFiles(archive)) {
    await dropPartial(archive, asset_key)
    if (path !== null && isShared.get(sha256, path, asset_key) === undefined) {
      await rm(join(dir, path), { force: true })
      dropped.files += 1
      dropped.bytes += bytes ?? 0
    }
    // The row goes last: a kill before it leaves a row whose file is deleted the next time.
    forget.run(asset_key)
  }
  await dropUnfinishedMedia(dir)
  return dropped
}

/** Files of owners that are gone, and videos of the official export that became their posts. */
function theirFiles({ database, denylist }: Archive): MediaRow[] {
  const gone = database
    .prepare(
      `SELECT name AS asset_key, path, sha256, bytes FROM forgetting_names LEFT JOIN media ON asset_key = name
       WHERE kind = 'file' AND name NOT IN (SELECT asset_key FROM assets)`,
    )
    .all() as MediaRow[]
  const exported = database
    .prepare(
      `SELECT asset_key, path, sha256, bytes FROM media WHERE asset_key GLOB '${exportedKey('*')}'`,
    )
    .all() as MediaRow[]
  return [
    ...gone,
    ...exported.filter(({ asset_key }) => denylist.kindOf(exportedGeneration(asset_key)!) !== null),
  ]
}

/** A half file, its note, and what the note says was whole and had not been taken into the table. */
async function dropPartial({ database, dir }: Archive, assetKey: string): Promise<void> {
  const beside = join(partialFolder(dir), partialName(assetKey))
  const path = wholePathIn(`${beside}.json`)
  const isUsed = database.prepare('SELECT 1 FROM media WHERE path = ?').pluck()
  if (path !== null && isUsed.get(path) === undefined) await rm(join(dir, path), { force: true })
  for (const end of ['', '.json', '.json~']) await rm(beside + end, { force: true })
}

const notedPath = new RegExp(`"path":"(${mediaPathForm})"`)

function wholePathIn(note: string): string | null {
  if (!existsSync(note)) return null
  return notedPath.exec(readFileSync(note, 'utf8'))?.[1] ?? null
}

/** Every file in a folder, below it too, as a path; one at a time, however many there are. */
export async function* filesIn(dir: string): AsyncGenerator<string> {
  for await (const each of await opendir(dir)) {
    const path = join(dir, each.name)
    if (each.isDirectory()) yield* filesIn(path)
    else if (each.isFile()) yield path
  }
}
