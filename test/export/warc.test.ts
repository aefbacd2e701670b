import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { exportDataset, verifyDataset, type ExportOptions } from '../../src/export/index.js'
import { InputError } from '../../src/model/errors.js'
import { tableOf } from '../../src/model/tables.js'
import { rowsOf, type Row } from '../crawl/worlds.js'
import { hostileRows, makeArchive, temporaryFolder } from './archives.js'
import { mixedArchive, readRecords, signature, type ReadRecord } from './warcs.js'

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** Exports, and reads every WARC that came of it. */
async function exportWarc(archivePath: string, more: Partial<ExportOptions> = {}) {
  const outDir = join(temporaryFolder(), 'out')
  await exportDataset({ archivePath, outDir, formats: ['warc'], tables: ['posts'], ...more })
  const names = readdirSync(join(outDir, 'warc')).sort()
  const files = names.map((name) => readFileSync(join(outDir, 'warc', name)))
  const records = await Promise.all(files.map(readRecords))
  return { outDir, names, files, records, all: records.flat() }
}

/** What the records of a call say of it, the row of the ledger first. */
function byCall(records: readonly ReadRecord[]): Map<string, ReadRecord[]> {
  const calls = new Map<string, ReadRecord[]>()
  let waiting: ReadRecord[] = []
  for (const record of records) {
    if (record.type === 'warcinfo') continue
    waiting.push(record)
    if (record.type !== 'metadata') continue
    const { response_id } = JSON.parse(record.payload.toString()) as { response_id: string }
    calls.set(response_id, waiting)
    waiting = []
  }
  return calls
}

const ledger = 'SELECT * FROM responses ORDER BY response_id'

/** As the API writes instants, by a way of its own. */
const toIso = (micros: unknown): string =>
  new Date(Number(BigInt(micros as bigint) / 1000n))
    .toISOString()
    .replace('Z', `${String(BigInt(micros as bigint) % 1000n).padStart(3, '0')}Z`)

describe('export --format warc', () => {
  it('holds what was asked, what came and the row of the ledger, for every call', async () => {
    const { archiveDir, archivePath } = await mixedArchive()

    const calls = byCall((await exportWarc(archivePath)).all)

    const rows = rowsOf(archiveDir, ledger)
    expect([...calls.keys()].sort()).toEqual(rows.map((row) => row['response_id']))
    for (const row of rows) {
      const records = calls.get(row['response_id'] as string)!
      expect(records.map(({ type }) => type)).toEqual(typesOf(row))
      const date = toIso(row['received_at'] ?? row['sent_at'])
      expect(new Set(records.map(({ fields }) => fields['WARC-Date']))).toEqual(new Set([date]))
      expectLinked(records)
      expect(records.at(-1)!.uri).toBe(`urn:x-afterfeed:response:${row['response_id'] as string}`)
      const came = records.find(({ type }) => type === 'response' || type === 'resource')
      if (came && row['body_sha256'] !== null)
        expect(came.fields['X-Afterfeed-Original-Payload-Digest']).toBe(
          `sha256:${row['body_sha256'] as string}`,
        )
    }
  })

  it('digests what is written, and names each record once', async () => {
    const { archivePath } = await mixedArchive()

    const { all } = await exportWarc(archivePath)

    for (const { fields, block, payload, head } of all) {
      expect(fields['WARC-Block-Digest']).toBe(`sha256:${sha256(block)}`)
      expect(fields['WARC-Record-ID']).toMatch(
        /^<urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}>$/,
      )
      if (head !== '') expect(fields['WARC-Payload-Digest']).toBe(`sha256:${sha256(payload)}`)
      const length = /^content-length: (\d+)$/im.exec(head)?.[1]
      if (head.startsWith('HTTP/')) expect(Number(length)).toBe(payload.length)
    }
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  })

  it('tells a POST with its body, an error, an empty answer, and a call that was lost', async () => {
    const { archivePath } = await mixedArchive()

    const { all } = await exportWarc(archivePath)

    const at = (path: string) =>
      all.filter(({ uri }) => uri.startsWith(`https://api.tikhub.io${path}`))
    const [request, response] = at('/relay/api/v1/sora2/create_video')
    expect(request!.head).toBe(
      'POST /relay/api/v1/sora2/create_video HTTP/1.1\r\nHost: api.tikhub.io\r\n' +
        'Content-Type: application/json\r\nContent-Length: 54\r\n\r\n',
    )
    expect(JSON.parse(request!.payload.toString())).toEqual({
      ...{ orientation: 'portrait', prompt: 'ein Boot — 舟' },
    })
    expect(response!.head).toContain('x-orig-content-length: 1\r\n')
    expect(JSON.parse(response!.payload.toString())).toMatchObject({
      data: { url: 'https://videos.openai.com/az/files/x%2Fraw' },
      cache_url: '[redacted]',
    })
    const [asked, empty] = at('/relay/api/v1/sora2/get_post_detail')
    expect(asked!.uri).toMatch(/\?post_url=https%3A%2F%2Fsora.chatgpt.com%2Fp%2Fs_1$/)
    expect(empty!.head).toMatch(/^HTTP\/1\.1 500 Internal Server Error\r\n/)
    expect(empty!.payload).toHaveLength(0)
    const calls = [...byCall(all).values()]
    const types = (path: string) =>
      calls
        .filter(([first]) => first!.uri.startsWith(`https://api.tikhub.io${path}`))
        .map((records) => records.map(({ type }) => type))
    expect(types('/relay/api/v1/sora2/get_task_status')).toEqual([['request', 'metadata']])
    expect(types('/relay/api/v1/sora2/get_cameo_leaderboard')).toEqual([['request', 'metadata']])
  })

  it('holds no signature, no key and no cache_url of the source', async () => {
    const { archivePath, key } = await mixedArchive()
    const secrets = [...secretsIn(archivePath), signature, key]
    expect(secrets.length).toBeGreaterThan(100)

    const { files } = await exportWarc(archivePath, { secrets: [key] })

    const text = files.map((each) => gunzipSync(each).toString()).join()
    expect(secrets.filter((each) => text.includes(each))).toEqual([])
    expect(text).not.toContain('cache.tikhub.io')
  })

  it('keeps signatures where they are asked for: bodies are the kept ones, but for cache_url', async () => {
    const { archivePath } = await mixedArchive()

    const { all } = await exportWarc(archivePath, { withSignedUrls: true })

    const bodies = bodiesIn(archivePath)
    const came = all.filter(({ fields }) => fields['X-Afterfeed-Original-Payload-Digest'])
    for (const { fields, payload } of came) {
      const digest = fields['X-Afterfeed-Original-Payload-Digest']!.slice('sha256:'.length)
      const kept = bodies
        .get(digest)!
        .toString()
        .replace(/"cache_url":"[^"]*"/, '"cache_url":"[redacted]"')
      expect(payload.toString()).toBe(kept)
    }
    expect(came.length).toBeGreaterThan(10)
  })

  it('goes on in another file where one is full, each with its own warcinfo', async () => {
    const { archivePath } = await mixedArchive()

    const one = await exportWarc(archivePath)
    const many = await exportWarc(archivePath, { bytesPerWarc: 20_000 })

    expect(one.names).toEqual(['answers-00000.warc.gz'])
    expect(many.names.length).toBeGreaterThan(3)
    expect(many.names).toEqual(
      many.names.map((_, at) => `answers-${String(at).padStart(5, '0')}.warc.gz`),
    )
    for (const [at, records] of many.records.entries()) {
      const [info, ...rest] = records
      expect([info!.type, info!.fields['WARC-Filename']]).toEqual(['warcinfo', many.names[at]])
      expect(new Set(rest.map(({ fields }) => fields['WARC-Warcinfo-ID']))).toEqual(
        new Set([info!.id]),
      )
    }
    const ids = (records: ReadRecord[]) =>
      records.filter(({ type }) => type !== 'warcinfo').map(({ id }) => id)
    expect(ids(many.all)).toEqual(ids(one.all))
  })

  it('is the same bytes again, and is verified with the package', async () => {
    const { archivePath } = await mixedArchive()

    const [one, other] = [await exportWarc(archivePath), await exportWarc(archivePath)]

    const sums = ({ outDir }: { outDir: string }) =>
      readFileSync(join(outDir, 'SHA256SUMS'), 'utf8')
    expect(sums(one)).toContain('  warc/answers-00000.warc.gz\n')
    expect(sums(other)).toBe(sums(one))
    expect(await verifyDataset({ datasetDir: one.outDir, archivePath })).toEqual([])
  })

  it('is a WARC with a warcinfo alone where nothing was ever asked', async () => {
    const { all } = await exportWarc(makeArchive(temporaryFolder(), {}))

    expect(all.map(({ type }) => type)).toEqual(['warcinfo'])
  })

  it('is whole whatever stands in the ledger', async () => {
    const split = {
      ...{ response_id: 'r_\r\nWARC-Type: warcinfo\r\n\r\n', endpoint: 'get_feed', params: '{}' },
      ...{ headers: '{"server":"x\\r\\n\\r\\nbody","a\\r\\nb":"c"}', status: 200 },
      ...{ base_url: 'https://x.y', origin: 'network' },
    }
    const rows = [split, ...hostileRows(tableOf('responses'), 40)]
    const archivePath = makeArchive(temporaryFolder(), { responses: rows })

    const { all } = await exportWarc(archivePath)

    expect(byCall(all).size).toBe(41)
    expect(all.filter(({ type }) => type === 'warcinfo')).toHaveLength(1)
    const answer = all.find(
      ({ uri, type }) => uri.startsWith('https://x.y/') && type === 'response',
    )
    expect(answer!.head.split('\r\n')).toContain('server: x body')
    expect(answer!.payload).toHaveLength(0)
    for (const { fields } of all)
      expect(fields['WARC-Date']).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z$/)
  })

  it('is refused for any profile but full, and where deleted posts are blanked or dropped', async () => {
    const outDir = join(temporaryFolder(), 'out')
    const { archivePath } = await mixedArchive()
    const exporting = (more: Partial<ExportOptions>) =>
      exportDataset({ archivePath, outDir, formats: ['parquet', 'warc', 'wacz'], ...more })

    await expect(exporting({ profile: 'research' })).rejects.toThrow(
      new InputError(
        'warc and wacz would hold the answers as they came, for yourself only; ' +
          'they do not go with profile research: leave them out of --format',
      ),
    )
    await expect(exporting({ profile: 'ids', formats: ['wacz'] })).rejects.toThrow(InputError)
    await expect(exporting({ tombstones: 'drop' })).rejects.toThrow(/--tombstones drop/)
    await expect(exporting({ tombstones: 'blank' })).rejects.toThrow(/--tombstones blank/)
    expect(existsSync(outDir)).toBe(false)
  })
})

/** Which records a row of the ledger is to have. */
function typesOf(row: Row): string[] {
  const isKnown = row['origin'] === 'network' || row['endpoint'] === 'get_feed'
  const came = row['status'] !== null || (row['body_sha256'] !== null && isKnown)
  if (!isKnown) return ['resource', 'metadata']
  return came ? ['request', 'response', 'metadata'] : ['request', 'metadata']
}

function expectLinked(records: readonly ReadRecord[]): void {
  const [request, response] = ['request', 'response'].map((type) =>
    records.find((each) => each.type === type),
  )
  if (request && response) {
    expect(request.fields['WARC-Concurrent-To']).toBe(response.id)
    expect(response.fields['WARC-Concurrent-To']).toBe(request.id)
  }
  const main = records.find(({ type }) => type === 'response' || type === 'resource') ?? request
  expect(records.at(-1)!.fields['WARC-Refers-To']).toBe(main!.id)
}

function bodiesIn(archivePath: string): Map<string, Buffer> {
  const database = new Database(archivePath, { readonly: true })
  const rows = database.prepare('SELECT sha256, body FROM bodies').all() as {
    sha256: string
    body: Buffer
  }[]
  database.close()
  return new Map(rows.map(({ sha256, body }) => [sha256, gunzipSync(body)]))
}

/** Every value of a `sig` or `sign` in the kept bodies. */
const secretsIn = (archivePath: string): string[] =>
  [...bodiesIn(archivePath).values()].flatMap((body) =>
    [...body.toString().matchAll(/[?&]sign?=([^"&\\\s]+)/g)].map(([, value]) => value!),
  )
