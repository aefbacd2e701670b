// The share of each step of an import: what the product calls for each answer, one after the other, timed.
import { createReadStream } from 'node:fs'
import { isUtf8 } from 'node:buffer'
import { openArchive } from '../../dist/archive/archive.js'
import { packBytes } from '../../dist/archive/bodies.js'
import { addImportedPage } from '../../dist/archive/save-imported-page.js'
import { ByteReader } from '../../dist/import/byte-reader.js'
import { parseJson } from '../../dist/model/parse-json.js'
import { readParsed } from '../../dist/model/read-page.js'
import { recognise } from '../../dist/model/recognise.js'
import { sha256 } from '../../dist/model/response-id.js'

const [, , archiveDir, file] = process.argv
const spent = { read: 0, parse: 0, readPage: 0, hash: 0, compress: 0, sqlite: 0 }
const timed = (step, work) => {
  const from = performance.now()
  const result = work()
  spent[step] += performance.now() - from
  return result
}

const startedAt = performance.now()
const archive = openArchive(archiveDir, { durability: 'normal' })
const reader = new ByteReader(createReadStream(file, { highWaterMark: 2 ** 20 }))
let group = []
const save = () => {
  timed('sqlite', () =>
    archive.transaction(() => group.forEach((each) => addImportedPage(archive, each))),
  )
  group = []
}
for (;;) {
  const from = performance.now()
  const body = await reader.line(2 ** 28)
  spent.read += performance.now() - from
  if (body === undefined) break
  const parsed = timed('parse', () => isUtf8(body) && parseJson(body.toString()))
  const { endpoint, params, isList } = recognise(parsed.value)
  const { page, envelope } = timed('readPage', () => readParsed(endpoint, params, parsed))
  const bodySha256 = timed('hash', () => sha256(body))
  // Saving compresses too; its time is taken here, and off there.
  timed('compress', () => packBytes(body, bodySha256))
  const receivedAt = Math.round(envelope.timeStamp * 1e6)
  const row = { endpoint, params, isList, page, body, bodySha256, receivedAt, clock: 'envelope' }
  group.push({ ...row, origin: file, upstreamRequestId: envelope.requestId, runId: () => 1 })
  if (group.length === 64) save()
}
save()
archive.close()
spent.sqlite -= spent.compress
const total = performance.now() - startedAt - spent.compress
process.stdout.write(JSON.stringify({ ...spent, total }))
