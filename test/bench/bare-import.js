// The yardstick of the import benchmark: reads lines, parses, hashes and compresses them, and writes the
// bodies and the same rows into a new database with the product's schema.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { gzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { openBareRows, openBareTarget } from './bare-rows.js'

const [, , schema, target, file] = process.argv
const started = process.cpuUsage()
const startedAt = performance.now()
const from = new Database(schema, { readonly: true })
const database = openBareTarget(from, target)
const { upsert, writePage } = openBareRows(database)

const spent = { parse: 0, hash: 0, compress: 0, write: 0 }
const timed = (step, work) => {
  const from = performance.now()
  const result = work()
  spent[step] += performance.now() - from
  return result
}
const writeAll = database.transaction((batch) => {
  for (const line of batch) {
    const answer = timed('parse', () => JSON.parse(line))
    const sha256 = timed('hash', () => createHash('sha256').update(line).digest('hex'))
    const body = timed('compress', () => gzipSync(line, { level: 3 }))
    timed('write', () => {
      const { router, params, data, request_id, time_stamp } = answer
      const endpoint = router.split('/').at(-1)
      const response = `r_${sha256.slice(0, 24)}`
      const at = Math.round(time_stamp * 1e6)
      upsert('bodies', 1, { sha256, encoding: 'gzip', body })
      upsert('responses', 1, {
        ...{ response_id: response, endpoint, params: JSON.stringify(params), received_at: at },
        ...{ billed: 'no', origin: file, clock: 'envelope', outcome: 'page' },
        ...{ upstream_request_id: request_id, body_sha256: sha256, body_bytes: line.length },
      })
      writePage({ endpoint, params, data, response, at }, () => undefined)
    })
  }
})
let pages = 0
let batch = []
for await (const line of createInterface({ input: createReadStream(file) })) {
  pages += 1
  if (batch.push(line) < 64) continue
  writeAll(batch)
  batch = []
}
writeAll(batch)
database.close()
const { user, system } = process.cpuUsage(started)
const seconds = (performance.now() - startedAt) / 1000
process.stdout.write(JSON.stringify({ pages, seconds, spent, cpuSeconds: (user + system) / 1e6 }))
