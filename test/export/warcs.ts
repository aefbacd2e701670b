import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import WARCStream, { type Record as WarcRecord } from 'warc'
import { openArchive } from '../../src/archive/archive.js'
import { saveCalledPage, settleCall } from '../../src/archive/save-call.js'
import { importFiles } from '../../src/import/index.js'
import type { EndpointName } from '../../src/model/endpoints.js'
import { readPage } from '../../src/model/read-page.js'
import { crawlWorld, noon, openWorld, temporaryFolder } from '../crawl/worlds.js'
import { importPages } from './imported.js'

/** A record, as a reader gives it that neither we nor the maker of our writer wrote. */
export interface ReadRecord {
  type: string
  id: string
  uri: string
  fields: Record<string, string>
  /** The block, and what of it is the head of HTTP and the payload. */
  block: Buffer
  head: string
  payload: Buffer
}

/** Every record of packed bytes. */
export async function readRecords(packed: Buffer): Promise<ReadRecord[]> {
  const records: ReadRecord[] = []
  const stream = Readable.from([gunzipSync(packed)], { objectMode: false }).pipe(new WARCStream())
  for await (const record of stream as AsyncIterable<WarcRecord>) records.push(toRead(record))
  return records
}

function toRead({ headers, content }: WarcRecord): ReadRecord {
  const isHttp = headers['Content-Type']!.startsWith('application/http')
  const at = isHttp ? content.indexOf('\r\n\r\n') + 4 : 0
  return {
    type: headers['WARC-Type']!,
    id: headers['WARC-Record-ID']!,
    uri: headers['WARC-Target-URI'] ?? '',
    fields: headers,
    block: content,
    head: content.subarray(0, at).toString('latin1'),
    payload: content.subarray(at),
  }
}

/** A clock by which every look takes two seconds: what is to wait for a second waits no time. */
function strides(from = noon): () => number {
  let now = from * 1000
  return () => (now += 2_000_123)
}

/** The signature of the link in the answer to the POST. */
export const signature = 'c2lnbmF0dXJlIG9mIGEgdmlkZW8='

const ended = (status: number | null, outcome: string) => ({
  ...{ receivedAt: noon * 1000 + 77_000_123, status, durationMs: 5, upstreamRequestId: null },
  ...({
    billed: 'no',
    costUsd: 0,
    outcome,
    headers: { 'content-length': '1', date: 'today' },
  } as const),
})

/** An archive with answers of a crawl, imported ones, a POST, an empty answer, an error and a lost call. */
export async function mixedArchive(): Promise<{
  archiveDir: string
  archivePath: string
  key: string
}> {
  const archiveDir = join(temporaryFolder(), 'archive')
  mkdirSync(archiveDir)
  let now = noon
  const faults = '503=0.1,400=0.1'
  const world = await openWorld({ posts: 4, comments: 3, seed: 5, faults, clock: () => now })
  const followers = `followers:${world.truth().posts[0]!.author_id}`
  const gone = 'post:s_68f0a1b2000081910000000000000404'
  const seeds = ['feed', gone, followers, 'leaderboard', 'search:a']
  await crawlWorld(world, archiveDir, { seeds, clock: strides() })
  now += 3 * 24 * 3600 * 1000
  await crawlWorld(world, archiveDir, { refresh: true, clock: strides(now) })
  const { folder } = await importPages(['feed.json', 'drafts.json', 'pending-tasks.json'])
  addLaterFeed(join(folder, 'pages'))
  await importFiles({ archiveDir, files: [join(folder, 'pages')] })
  addCalls(archiveDir)
  return { archiveDir, archivePath: join(archiveDir, 'archive.sqlite'), key: world.key }
}

/** The same feed, read later, with another text in it. */
function addLaterFeed(folder: string): void {
  const feed = JSON.parse(readFileSync(join(folder, 'feed.json'), 'utf8')) as {
    time_stamp: number
    data: { items: { post: { text: string } }[] }
  }
  feed.time_stamp += 3600
  feed.data.items[0]!.post.text = 'another text'
  writeFileSync(join(folder, 'later.json'), JSON.stringify(feed))
}

/** Answers that no crawl brings: to a POST, none at all, an empty one, and one that was lost. */
function addCalls(archiveDir: string): void {
  const archive = openArchive(archiveDir)
  const startedAt = noon * 1000
  const run = { command: 'call', seeds: [], config: {}, version: 'test', startedAt } as const
  const runId = archive.runs.begin(run)
  const call = (endpoint: EndpointName, params: Record<string, string>) => {
    const start = { requestId: null, runId, endpoint, params, attempt: 1, priceUsd: 0 }
    const baseUrl = 'https://api.tikhub.io/relay/'
    const callId = archive.ledger.begin({ ...start, baseUrl, sentAt: startedAt + 5 })
    return { callId, endpoint, params }
  }
  const posted = call('create_video', { prompt: 'ein Boot — 舟', orientation: 'portrait' })
  const { page } = readPage(posted.endpoint, posted.params, createdBody)
  const end = ended(200, 'page')
  saveCalledPage(archive, { ...posted, end, body: createdBody, page, odd: null })
  const postUrl = `https://sora.chatgpt.com/p/s_1?sig=${signature}`
  settleCall(archive, {
    ...call('get_post_detail', { post_url: postUrl }),
    end: ended(500, 'server'),
  })
  settleCall(archive, {
    ...call('get_task_status', { task_id: 'task_1' }),
    end: ended(null, 'network'),
  })
  call('get_cameo_leaderboard', {})
  archive.close()
}

const createdBody =
  '{"code":200,"router":"/api/v1/sora2/create_video","params":{"prompt":"ein Boot — 舟","orientation":"portrait"},"data":{"id":"task_1","url":' +
  `"https:\\/\\/videos.openai.com\\/az\\/files\\/x%2Fraw?se=2026-02-09T00%3A00%3A00Z&sig=${signature}"},` +
  '"cache_url":"https://cache.tikhub.io/api/v1/cache/public/1?sign=abcdef"}'
