// The yardstick of the crawl benchmark: undici and better-sqlite3 by hand, nothing else. It walks the
// same lists and stores the same rows as plain upserts: no history of late answers, no anomalies, no
// redaction, no retries, no limits, and the shapes of the local API only.
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { Pool } from 'undici'
import { openBareRows } from './bare-rows.js'

const [, , url, key, path, schemaOf] = process.argv
const started = process.cpuUsage()
const database = new Database(path)
database.pragma('journal_mode = WAL')
database.pragma('synchronous = normal')
database.pragma('wal_autocheckpoint = 10000')
for (const { sql } of new Database(schemaOf, { readonly: true })
  .prepare("SELECT sql FROM sqlite_schema WHERE type IN ('table', 'index') AND sql IS NOT NULL")
  .all())
  database.exec(sql)

const { upsert, writePage } = openBareRows(database)

const planned = new Set()
const queue = []
function plan(endpoint, params) {
  const id = `${endpoint} ${JSON.stringify(params)}`
  if (planned.has(id)) return
  planned.add(id)
  queue.push({ endpoint, params, id: planned.size, key: id })
  const cells = {
    request_id: planned.size,
    endpoint,
    params: JSON.stringify(params),
    request_key: id,
  }
  upsert('requests', 1, {
    ...cells,
    pass: 1,
    priority: 1,
    page: 1,
    depth: 1,
    state: 'pending',
    attempts: 0,
    created_at: 1,
  })
}

const finish = database.prepare("UPDATE requests SET state = 'done' WHERE request_id = ?")
const save = database.transaction((request, text, at) => {
  const { data, request_id } = JSON.parse(text)
  const digest = createHash('sha256').update(text).digest('hex')
  const response = `r_${digest.slice(0, 24)}`
  upsert('bodies', 1, { sha256: digest, encoding: 'gzip', body: gzipSync(text, { level: 3 }) })
  const { endpoint, params } = request
  upsert('responses', 1, {
    ...{
      response_id: response,
      request_id: request.id,
      run_id: 1,
      endpoint,
      params: JSON.stringify(params),
    },
    ...{
      attempt: 1,
      base_url: url,
      sent_at: at,
      received_at: at,
      status: 200,
      headers: '{}',
      duration_ms: 1,
    },
    ...{
      billed: 'yes',
      cost_usd: 0.05,
      upstream_request_id: request_id,
      origin: 'network',
      clock: 'local',
    },
    ...{ outcome: 'page', body_sha256: digest, body_bytes: text.length },
  })
  writePage({ endpoint, params, data, response, at }, plan)
  finish.run(request.id)
})

const pool = new Pool(url, { connections: 4 })
let pages = 0
let bytes = 0
let underWay = 0
async function worker() {
  for (;;) {
    const request = queue.pop()
    if (!request && underWay === 0) return
    if (!request) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      continue
    }
    underWay += 1
    const query = new URLSearchParams(request.params).toString()
    const answer = await pool.request({
      method: 'GET',
      path: `/api/v1/sora2/${request.endpoint}?${query}`,
      headers: { authorization: `Bearer ${key}` },
    })
    const text = await answer.body.text()
    save(request, text, Date.now() * 1000)
    pages += 1
    bytes += text.length
    underWay -= 1
  }
}
plan('get_feed', {})
await Promise.all([worker(), worker(), worker(), worker()])
await pool.close()
database.close()
const { user, system } = process.cpuUsage(started)
process.stdout.write(JSON.stringify({ pages, bytes, cpuSeconds: (user + system) / 1e6 }))
