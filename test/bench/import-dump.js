// Writes the answers of a crawl of the local API as a dump: an envelope a line.
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import Database from 'better-sqlite3'

const [, , archive, target, times = '1'] = process.argv
const database = new Database(archive, { readonly: true })
const out = createWriteStream(target)
const bodies = database.prepare(
  `SELECT body FROM responses JOIN bodies ON sha256 = body_sha256
   WHERE outcome = 'page' ORDER BY responses.rowid`,
)
let lines = 0
for (let round = 0; round < Number(times); round += 1)
  for (const { body } of bodies.iterate()) {
    // Each round tells of other objects: ids keep their form and their time.
    const mark = String(round).padStart(3, '0')
    const text = gunzipSync(body).toString('utf8')
    const fresh =
      round === 0
        ? text
        : text
            .replace(/([0-9a-f]{12}8191[0-9a-f]{13})[0-9a-f]{3}/g, `$1${mark}`)
            .replace(/(user-[0-9A-Za-z]{21})[0-9A-Za-z]{3}/g, `$1${mark}`)
    if (!out.write(`${fresh}\n`)) await once(out, 'drain')
    lines += 1
  }
out.end()
await once(out, 'finish')
process.stdout.write(JSON.stringify({ lines }))
