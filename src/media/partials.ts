import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Archive } from '../archive/archive.js'
import { partialFolder, partialName } from '../archive/media-store.js'

/** Takes away what is left of partial files whose files are saved, refused or gone. */
export async function dropPartials({ dir, database }: Archive): Promise<void> {
  const folder = partialFolder(dir)
  if (!existsSync(folder)) return
  const names = (await readdir(folder)).filter((name) => name.startsWith('.partial-'))
  if (names.length === 0) return
  const over = database
    .prepare(
      `SELECT asset_key FROM media WHERE state IN ('saved', 'refused') OR reason IN ('gone', 'owner_gone')`,
    )
    .pluck()
  const partials = new Set(names.map(withoutEnd))
  const needless = new Set<string>()
  for (const assetKey of over.iterate() as IterableIterator<string>) {
    const name = partialName(assetKey)
    if (partials.has(name)) needless.add(name)
  }
  for (const name of names) {
    const isHalfNote = name.endsWith('~')
    if (isHalfNote || needless.has(withoutEnd(name))) await rm(join(folder, name), { force: true })
  }
}

/** The name of a partial file, also of the note beside it. */
const withoutEnd = (name: string): string => name.replace(/\.json$/, '')
