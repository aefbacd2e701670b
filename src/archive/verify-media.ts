import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'

interface SavedFile {
  sha256: string
  path: string
  bytes: number
}

interface MediaToVerify {
  dir: string
  database: Database.Database
  onFile: (done: number, total: number) => void
  signal: AbortSignal | undefined
}

/** Files between two looks into the archive. */
const filesAtATime = 256

/**
 * Reads every file that is noted as saved, each once, and yields a sentence for each that is not there or
 * not what it was.
 * @throws the signal's reason when aborted
 */
export async function* verifyMedia(media: MediaToVerify): AsyncGenerator<string> {
  const { dir, database, onFile, signal } = media
  const saved = `FROM media WHERE state = 'saved' AND sha256 IS NOT NULL AND path IS NOT NULL`
  const total = database.prepare(`SELECT count(DISTINCT path) ${saved}`).pluck().get() as number
  const after = database.prepare(
    `SELECT sha256, path, max(bytes) AS bytes ${saved} AND (sha256, path) > (:sha256, :path)
     GROUP BY sha256, path ORDER BY sha256, path LIMIT ${filesAtATime}`,
  )
  let last: Pick<SavedFile, 'sha256' | 'path'> = { sha256: '', path: '' }
  for (let done = 0; ;) {
    const files = after.all({ sha256: last.sha256, path: last.path }) as SavedFile[]
    for (const file of files) {
      const problem = await problemOf(join(dir, file.path), file)
      signal?.throwIfAborted()
      if (problem !== null) yield `${file.path} ${problem}`
      onFile((done += 1), total)
    }
    if (files.length < filesAtATime) return
    last = files.at(-1)!
  }
}

async function problemOf(path: string, { sha256, bytes }: SavedFile): Promise<string | null> {
  const hash = createHash('sha256')
  let size = 0
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      hash.update(chunk)
      size += chunk.length
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'is not there' : `cannot be read: ${message}`
  }
  if (size !== bytes) return `has ${size} bytes, not ${bytes}`
  return hash.digest('hex') === sha256 ? null : 'has another content than its name says'
}
