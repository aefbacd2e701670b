import { copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import type Database from 'better-sqlite3'
import { ArchiveError } from '../model/errors.js'
import type { BackupOptions } from './backup.js'

/** What was copied of the media of an archive. */
export interface CopiedMedia {
  media_files: number
  media_missing_files: number
  media_missing: string[]
}

/** Missing files that are named. */
const mostNamed = 1000

/**
 * Copies the files that a copied database names and that are not there yet, one by one: of a million
 * paths, one is in memory at a time.
 * @throws ArchiveError for a path outside of the folder of media
 */
export async function copyMedia(
  copy: Database.Database,
  { archiveDir, outDir, signal, onProgress }: BackupOptions,
): Promise<CopiedMedia> {
  const saved = "FROM media WHERE state = 'saved' AND path IS NOT NULL"
  const total = copy.prepare(`SELECT count(DISTINCT path) ${saved}`).pluck().get() as number
  const paths = copy.prepare(`SELECT DISTINCT path ${saved} ORDER BY path`).pluck().iterate()
  const copied: CopiedMedia = { media_files: 0, media_missing_files: 0, media_missing: [] }
  let done = 0
  for (const path of paths as IterableIterator<string>) {
    if (signal?.aborted) break
    requireMediaPath(path)
    const isThere = await copyFileOnce(join(archiveDir, path), join(outDir, path))
    if (isThere) copied.media_files += 1
    else noteMissing(copied, path)
    onProgress?.({ step: 'media', done: (done += 1), total })
  }
  return copied
}

function noteMissing(copied: CopiedMedia, path: string): void {
  copied.media_missing_files += 1
  if (copied.media_missing.length < mostNamed) copied.media_missing.push(path)
}

/** Files are named after their content: one of the same name and size is the same. */
async function copyFileOnce(from: string, to: string): Promise<boolean> {
  const [source, held] = await Promise.all([sizeOf(from), sizeOf(to)])
  if (source === null) return false
  if (source === held) return true
  await mkdir(dirname(to), { recursive: true })
  const partial = `${to}.partial`
  try {
    await copyFile(from, partial)
    await syncFile(partial)
    await rename(partial, to)
  } finally {
    await rm(partial, { force: true })
  }
  return true
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    const found = await stat(path)
    return found.isFile() ? found.size : null
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as { code?: string }).code ?? '')) return null
    throw error
  }
}

/** Copied is what lies in `media`, whatever a database says. */
function requireMediaPath(path: string): void {
  const isInside = !isAbsolute(path) && !path.split(/[\\/]/).includes('..')
  if (!isInside || !path.startsWith('media/'))
    throw new ArchiveError(`the archive names a file outside its folder media: ${path}`)
}

/** Has what was written to a file, or a folder, reach the disk. */
export async function syncFile(path: string, how = 'r+'): Promise<void> {
  const file = await open(path, how)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
