import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { headBytes } from '../model/file-kind.js'
import type { Archive } from './archive.js'

/** A file that was laid down, under the name of its content. */
export interface StoredFile {
  sha256: string
  bytes: number
  /** Below the archive folder. */
  path: string
}

const incoming = '.incoming-'

/** The place of a content below the archive folder: `media/sha256/ab/cd/<sha256>.<extension>`. */
export const mediaPath = (sha256: string, extension: string): string =>
  ['media', 'sha256', sha256.slice(0, 2), sha256.slice(2, 4), `${sha256}.${extension}`].join('/')

/** What such a path looks like, as a piece of a regular expression. */
export const mediaPathForm = String.raw`media/sha256/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64}\.\w{1,8}`

/** The asset key of a video that came with the official export, where no answer names its file. */
export const exportedKey = (generationId: string): string => `export/${generationId}`

/** The generation that such a key names; NULL for the key of any other file. */
export const exportedGeneration = (assetKey: string): string | null =>
  /^export\/(.+)$/s.exec(assetKey)?.[1] ?? null

/** Where the partial files of an archive are. */
export const partialFolder = (dir: string): string => join(dir, 'media', 'sha256')

/** Name of the partial file of an asset; nothing of an answer is in it. */
export const partialName = (assetKey: string): string =>
  `.partial-${createHash('sha256').update(assetKey).digest('hex')}`

/**
 * Lays down a stream of bytes under the name of its content: first in a file beside, which gets its name
 * when it is whole. `kindOf` says by the first bytes what it is; NULL: it is not taken.
 * @returns NULL if it was not taken
 */
export async function storeMedia<Kind extends { extension: string }>(
  dir: string,
  bytes: AsyncIterable<Uint8Array>,
  { kindOf, isSynced }: { kindOf: (head: Buffer) => Kind | null; isSynced: boolean },
): Promise<(StoredFile & { kind: Kind }) | null> {
  const folder = partialFolder(dir)
  await mkdir(folder, { recursive: true })
  const beside = join(folder, `${incoming}${randomUUID()}`)
  try {
    const written = await writeBeside(beside, bytes, isSynced)
    const kind = kindOf(written.head)
    if (kind === null) return null
    const { sha256, bytes: size } = written
    const path = await layDown(dir, beside, { sha256, extension: kind.extension, isSynced })
    return { sha256, bytes: size, path, kind }
  } finally {
    await rm(beside, { force: true })
  }
}

/**
 * Gives a whole file the name of its content; the same content is kept once. `isSynced`: it is there
 * also after a loss of power, as its bytes must be already.
 * @returns its path below the archive folder
 */
export async function layDown(
  dir: string,
  beside: string,
  { sha256, extension, isSynced }: { sha256: string; extension: string; isSynced: boolean },
): Promise<string> {
  const path = mediaPath(sha256, extension)
  if (existsSync(join(dir, path))) return path
  const folder = join(dir, path, '..')
  await mkdir(folder, { recursive: true })
  await rename(beside, join(dir, path))
  if (isSynced) await syncFolder(folder)
  return path
}

/** Windows has no folders that could be synced. */
async function syncFolder(path: string): Promise<void> {
  if (sep === '\\') return
  const folder = await open(path, 'r')
  await folder.sync().finally(() => folder.close())
}

async function writeBeside(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  isSynced: boolean,
): Promise<{ sha256: string; bytes: number; head: Buffer }> {
  const hash = createHash('sha256')
  let head = Buffer.alloc(0)
  let size = 0
  const file = await open(path, 'wx')
  try {
    for await (const chunk of bytes) {
      if (head.length < headBytes) head = Buffer.concat([head, chunk]).subarray(0, headBytes)
      hash.update(chunk)
      size += chunk.length
      await file.writeFile(chunk)
    }
    if (isSynced) await file.sync()
  } finally {
    await file.close()
  }
  return { sha256: hash.digest('hex'), bytes: size, head }
}

/** Takes away what a killed run left unfinished; only the archive's writer may. */
export async function dropUnfinishedMedia(dir: string): Promise<void> {
  const folder = partialFolder(dir)
  if (!existsSync(folder)) return
  for (const name of await readdir(folder))
    if (name.startsWith(incoming)) await rm(join(folder, name), { force: true })
}

/** A file that is held, as the table `media` says it. */
export interface SavedMedia {
  asset_key: string
  sha256: string
  bytes: number
  content_type: string | null
  path: string
  saved_at: number
}

/** Keeps which files are held. */
export class MediaLog {
  private readonly statements

  constructor(private readonly archive: Pick<Archive, 'database' | 'denylist'>) {
    const { database } = archive
    this.statements = {
      owned: database.prepare('SELECT 1 FROM assets WHERE asset_key = ? LIMIT 1').pluck(),
      held: database.prepare(`SELECT 1 FROM media WHERE asset_key = ? AND state = 'saved'`).pluck(),
      save: database.prepare(
        `INSERT INTO media (asset_key, state, sha256, bytes, content_type, path, saved_at, attempts)
         VALUES (:asset_key, 'saved', :sha256, :bytes, :content_type, :path, :saved_at, 0)
         ON CONFLICT DO UPDATE SET state = 'saved', sha256 = excluded.sha256, error = NULL,
           bytes = excluded.bytes, content_type = excluded.content_type, path = excluded.path,
           saved_at = excluded.saved_at
         WHERE state <> 'saved'`,
      ),
      ofGeneration: database
        .prepare(
          `SELECT asset_key FROM assets
           WHERE owner_kind = 'generation' AND owner_id = ?
           ORDER BY variant <> 'url', last_seen_at DESC, asset_key LIMIT 1`,
        )
        .pluck(),
    }
  }

  /**
   * True for a file that is not taken in: a video of a draft that is forgotten, or, where anybody is, a
   * file that nothing in the archive names. Whose it is cannot be told then.
   */
  isDenied(assetKey: string): boolean {
    const { denylist } = this.archive
    if (denylist.isEmpty) return false
    const exported = exportedGeneration(assetKey)
    return exported === null
      ? this.statements.owned.get(assetKey) !== 1
      : denylist.kindOf(exported) !== null
  }

  /** True if the file is held. */
  isHeld(assetKey: string): boolean {
    return this.statements.held.get(assetKey) === 1
  }

  /** Notes a file that is held now; one that was held stays as it is. */
  save(media: SavedMedia): boolean {
    return this.statements.save.run(media).changes > 0
  }

  /** The file that the answers name as the video of a generation. */
  keyOfGeneration(generationId: string): string | null {
    return (this.statements.ofGeneration.get(generationId) as string | undefined) ?? null
  }
}
