// The yardstick of the rebuild benchmark: reads the kept answers of an archive, decompresses and parses
// them, and writes the same rows into a new database with the same schema.
import { gunzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { openBareRows, openBareTarget } from './bare-rows.js'

const [, , source, target] = process.argv
const started = process.cpuUsage()
const startedAt = performance.now()
const from = new Database(source, { readonly: true })
const database = openBareTarget(from, target)
const { writePage } = openBareRows(database)

const answers = from.prepare(
  `SELECT response_id, endpoint, params, received_at, body
   FROM responses JOIN bodies ON sha256 = body_sha256
   WHERE responses.rowid > ? AND outcome = 'page' ORDER BY responses.rowid LIMIT 100`,
)
const lastRow = from.prepare('SELECT rowid FROM responses WHERE response_id = ?').pluck()
const writeAll = database.transaction((batch) => {
  for (const { response_id, endpoint, params, received_at, body } of batch) {
    const { data } = JSON.parse(gunzipSync(body).toString('utf8'))
    const call = { endpoint, params: JSON.parse(params), data }
    writePage({ ...call, response: response_id, at: received_at }, () => undefined)
  }
})
let pages = 0
for (let last = 0; ;) {
  const batch = answers.all(last)
  if (batch.length === 0) break
  writeAll(batch)
  pages += batch.length
  last = lastRow.get(batch.at(-1).response_id)
}
database.close()
const { user, system } = process.cpuUsage(started)
const seconds = (performance.now() - startedAt) / 1000
process.stdout.write(JSON.stringify({ pages, seconds, cpuSeconds: (user + system) / 1e6 }))
