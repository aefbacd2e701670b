import { setImmediate } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import type Database from 'better-sqlite3'
import { sha256 } from '../model/response-id.js'

interface BodiesToVerify {
  database: Database.Database
  onBody: (done: number, total: number) => void
  signal: AbortSignal | undefined
}

/** Bodies between two looks at the signal. */
const bodiesAtATime = 64

/**
 * Unpacks every kept body, and yields a sentence for each that is not what its digest says, and one if
 * answers tell another size than theirs.
 * @throws the signal's reason when aborted
 */
export async function* verifyBodies(bodies: BodiesToVerify): AsyncGenerator<string> {
  const { database, onBody, signal } = bodies
  const total = database.prepare('SELECT count(*) FROM bodies').pluck().get() as number
  database.exec('CREATE TEMP TABLE sizes (sha256 TEXT PRIMARY KEY, bytes INTEGER) WITHOUT ROWID')
  const note = database.prepare('INSERT INTO temp.sizes VALUES (?, ?)')
  const after = database.prepare(
    `SELECT sha256, body FROM bodies WHERE sha256 > ? ORDER BY sha256 LIMIT ${bodiesAtATime}`,
  )
  let last = ''
  for (let done = 0; ;) {
    const rows = after.all(last) as { sha256: string; body: Buffer }[]
    if (rows.length === 0) break
    for (const { sha256: digest, body } of rows) {
      const { problem, bytes } = checkBody(digest, body)
      if (problem !== null) yield problem
      else note.run(digest, bytes)
    }
    last = rows.at(-1)!.sha256
    onBody((done += rows.length), total)
    await setImmediate()
    signal?.throwIfAborted()
  }
  const wrong = countWrongSizes(database)
  if (wrong > 0) yield `${wrong} answers whose size is not that of their body`
}

function countWrongSizes(database: Database.Database): number {
  const wrong = database.prepare(
    `SELECT count(*) FROM responses JOIN temp.sizes ON sizes.sha256 = responses.body_sha256
     WHERE body_bytes <> bytes`,
  )
  return wrong.pluck().get() as number
}

function checkBody(digest: string, body: Buffer): { problem: string | null; bytes: number } {
  try {
    const unpacked = gunzipSync(body)
    const isSame = sha256(unpacked) === digest
    const problem = isSame ? null : `body ${digest} has another content than its digest says`
    return { problem, bytes: unpacked.length }
  } catch {
    return { problem: `body ${digest} cannot be unpacked`, bytes: 0 }
  }
}
