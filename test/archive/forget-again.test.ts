import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openArchive, openForReading } from '../../src/archive/archive.js'
import { backupArchive } from '../../src/archive/backup.js'
import { mediaPath, partialFolder, partialName } from '../../src/archive/media-store.js'
import { readOpen } from '../../src/archive/outlook.js'
import { saveCalledAbsence, saveCalledPage } from '../../src/archive/save-call.js'
import { saveFailedCall } from '../../src/archive/save-failed-call.js'
import { saveImportedPage } from '../../src/archive/save-imported-page.js'
import { verifyArchive } from '../../src/archive/verify.js'
import { exportDataset, verifyDataset } from '../../src/export/index.js'
import { importFiles } from '../../src/import/index.js'
import { readPage } from '../../src/model/read-page.js'
import { sha256 } from '../../src/model/response-id.js'
import { noLimits } from '../../src/model/walk-plan.js'
import { openSimulator, type Simulator } from '../../src/simulator/index.js'
import { crawlWorld, noon, rowsOf, temporaryFolder, valuesOf } from '../crawl/worlds.js'
import { postId, serveWorld, worldOf } from '../refresh/changing-api.js'
import { dumpDerived } from './archives.js'
import { copyOf, forgetIn, goneWith, rowsIn, tracesOf, type Gone } from './forgotten-world.js'

let simulator: Simulator
let room = ''
let [whole, forgotten, dump] = ['', '', '']
let gone: Gone
let [user, post, file] = ['', '', '']

const importInto = (archiveDir: string, ...files: string[]) =>
  importFiles({ archiveDir, files, durability: 'normal', clock: () => noon * 1000 })

function derivedOf(dir: string): string {
  const database = openForReading(dir)
  try {
    return dumpDerived(database)
  } finally {
    database.close()
  }
}

/** The kept answers of an archive, in the order in which they came, one a line. */
function writeDump(dir: string, path: string): void {
  const bodies = rowsOf(
    dir,
    `SELECT body FROM journal JOIN responses USING (response_id) JOIN bodies ON sha256 = body_sha256
     WHERE event = 'answer' ORDER BY entry`,
  )
  const lines = bodies.map(({ body }) => gunzipSync(body as Buffer).toString())
  writeFileSync(path, lines.map((each) => JSON.stringify(JSON.parse(each))).join('\n'))
}

/** `whole` lies under its name, and only the note beside its half file tells of it. */
type MediaName = 'theirs' | 'others' | 'shared' | 'partial' | 'note' | 'halfNote' | 'whole'

/** Files of one owner each, and one content that both have. */
function addMedia(dir: string): Record<MediaName, string> {
  const database = new Database(join(dir, 'archive.sqlite'))
  const key = database.prepare('SELECT asset_key FROM assets WHERE owner_id = ?').pluck()
  const [theirs, second] = key.all(file) as [string, string]
  const other = database
    .prepare(
      `SELECT asset_key FROM assets WHERE owner_kind = 'post' AND asset_key NOT IN
      (SELECT asset_key FROM assets WHERE owner_id IN (SELECT value FROM json_each(?)))`,
    )
    .pluck()
    .all(JSON.stringify([...gone.ids])) as string[]
  const insert = database.prepare(
    `INSERT INTO media (asset_key, state, sha256, path, bytes) VALUES (?, 'saved', ?, ?, 6)`,
  )
  const put = (content: string, ...keys: string[]): string => {
    const path = mediaPath(sha256(content), 'mp4')
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), content)
    for (const each of keys) insert.run(each, sha256(content), path)
    return path
  }
  const partial = join(partialFolder(''), partialName(theirs))
  const paths = {
    theirs: put('theirs', theirs),
    shared: put('shared', second, other[0]!),
    others: put('others', other[1]!),
    whole: put('whole'),
    ...{ partial, note: `${partial}.json`, halfNote: `${partial}.json~` },
  }
  for (const path of [paths.partial, paths.halfNote]) writeFileSync(join(dir, path), '{}')
  writeFileSync(join(dir, paths.note), JSON.stringify({ done: { path: paths.whole } }))
  database.close()
  return paths
}

/** Asks for the person by a single call, and saves the answer. */
function callForProfile(dir: string): void {
  const archive = openArchive(dir)
  const params = { user_id: user }
  const body = JSON.stringify({ user_id: user, username: gone.handles[0], created_at: 5 })
  const call = {
    endpoint: 'get_user_profile',
    params,
    attempt: 1,
    baseUrl: '',
    sentAt: 1,
  } as const
  const callId = archive.ledger.begin({ ...call, requestId: null, runId: 1, priceUsd: 0 })
  const { page } = readPage('get_user_profile', params, body)
  const end = { receivedAt: 1, status: 200, headers: {}, durationMs: 1, billed: 'no' } as const
  const told = { ...end, costUsd: 0, upstreamRequestId: null, outcome: 'page' }

  saveCalledPage(archive, { ...call, callId, body, page, odd: null, end: told })
  archive.close()
}

beforeAll(async () => {
  room = mkdtempSync(join(tmpdir(), 'afterfeed-forgotten-'))
  simulator = await openSimulator({
    clock: () => noon,
    posts: 8,
    comments: 5,
    replies: 0.5,
    users: 9,
    seed: 8,
  })
  const truth = simulator.truth()
  const posts = truth.posts.filter(({ tombstoned, in_feed }) => in_feed && !tombstoned)
  user = posts.find(
    ({ reply_count, author_id }) => reply_count > 0 && author_id !== null,
  )!.author_id!
  post = posts.find(({ reply_count, author_id }) => reply_count > 0 && author_id !== user)!.post_id
  file = posts.find(({ author_id }) => author_id === user)!.post_id
  gone = goneWith(truth, { users: [user], posts: [post] })
  whole = join(room, 'whole')
  await crawlWorld(simulator, whole, { seeds: ['feed', `user:${user}`, `followers:${user}`] })
  dump = join(room, 'dump.ndjson')
  writeDump(whole, dump)
  forgotten = join(room, 'forgotten')
  cpSync(whole, forgotten, { recursive: true })
  await forgetIn(forgotten, [`user:${user}`, `post:${post}`])
})

afterAll(async () => {
  await simulator.close()
  rmSync(room, { recursive: true, force: true })
})

describe('what was forgotten', () => {
  it('does not come back by the dump of the same answers: they are held', async () => {
    const dir = temporaryFolder()
    await importInto(dir, dump)
    await forgetIn(dir, [`user:${user}`, `post:${post}`])
    const held = derivedOf(dir)

    const report = await importInto(dir, dump)

    expect([report.pages, report.held > 0]).toEqual([0, true])
    expect(tracesOf(dir, gone)).toEqual([])
    expect(derivedOf(dir)).toBe(held)
  })

  it('does not come in by answers that come later: the same is held as if they had come before', async () => {
    const [before, after] = [temporaryFolder(), temporaryFolder()]
    await importInto(before, dump)
    await forgetIn(before, [`user:${user}`, `post:${post}`])
    openArchive(after).close()
    await forgetIn(after, [`user:${user}`, `post:${post}`])

    await importInto(after, dump)

    expect(tracesOf(after, gone)).toEqual([])
    expect(rowsIn(after)).toEqual(rowsIn(before))
    expect(await verifyArchive({ archiveDir: after })).toEqual([])
  })

  it('does not come back by merging an archive that holds it', async () => {
    const [dir, other] = [copyOf(forgotten), copyOf(whole)]
    const media = addMedia(other)

    await importInto(dir, other)

    expect(tracesOf(dir, gone)).toEqual([])
    const isThere = [media.theirs, media.others].map((path) => existsSync(join(dir, path)))
    expect(isThere).toEqual([false, true])
    expect(valuesOf(dir, 'SELECT count(*) FROM posts')).toEqual(
      valuesOf(forgotten, 'SELECT count(*) FROM posts'),
    )
    expect(await verifyArchive({ archiveDir: dir })).toEqual([])
  })

  it('is denied, too, by an archive that takes over another', async () => {
    const dir = temporaryFolder()

    const first = await importInto(dir, forgotten)
    const again = await importInto(dir, forgotten)
    await importInto(dir, dump)
    await importInto(dir, whole)

    expect(tracesOf(dir, gone)).toEqual([])
    const names = valuesOf(forgotten, 'SELECT count(*) FROM denylist')
    expect([[BigInt(first.denied)], again.denied]).toEqual([names, 0])
    expect(rowsOf(dir, 'SELECT problem FROM anomalies')).toEqual([])
  })

  it('does not come back by a crawl', async () => {
    const dir = copyOf(forgotten)

    await crawlWorld(simulator, dir, { refresh: true, extras: ['profiles', 'ancestors'] })
    await crawlWorld(simulator, dir, { seeds: ['leaderboard', `user:${user}`] })

    expect(tracesOf(dir, gone)).toEqual([])
    expect(await verifyArchive({ archiveDir: dir })).toEqual([])
    await expect(crawlWorld(simulator, dir, { seeds: [`post:${post}`] })).rejects.toThrow(
      /was forgotten in this archive for good/,
    )
  })

  it('does not come back by a single call', () => {
    const dir = copyOf(forgotten)

    callForProfile(dir)

    expect(tracesOf(dir, gone)).toEqual([])
  })

  it.each(['by id', 'by handle'])('does not come in by the name of a file, %s', async (how) => {
    const dir = copyOf(forgotten)
    const [handle] = gone.handles
    const name = how === 'by id' ? user : `posts of ${handle}/all-${handle!.toUpperCase()}.2026`
    const file = join(temporaryFolder(), `${name}.json`)
    mkdirSync(dirname(file), { recursive: true })
    const data = {
      items: [{ user_id: 'user-other', username: 'other', created_at: 1 }],
      cursor: null,
    }
    const envelope = { code: 200, router: '/api/v1/sora2/get_user_followers', data }
    writeFileSync(
      file,
      JSON.stringify({ ...envelope, params: { user_id: user }, time_stamp: 1760000000 }),
    )

    const report = await importInto(dir, file)

    expect(report.pages).toBe(1)
    expect(valuesOf(dir, `SELECT username FROM users WHERE user_id = 'user-other'`)).toEqual([
      'other',
    ])
    expect(tracesOf(dir, gone)).toEqual([])
    expect(tracesOf(dir, { ...gone, handles: [handle!.toUpperCase()] })).toEqual([])
  })

  it.each([
    ['a handle', (handle: string) => handle],
    ['a handle behind many words', (handle: string) => `${'a-'.repeat(25)}${handle}`],
    ['a handle twice', (handle: string) => `${handle}_of.${handle}`],
  ])('does not stay by the name of a file: %s', async (_, named) => {
    const dir = temporaryFolder()
    const file = join(temporaryFolder(), `${named(gone.handles[0]!)}.ndjson`)
    cpSync(dump, file)
    await importInto(dir, file)

    await forgetIn(dir, [`user:${user}`, `post:${post}`])

    expect(tracesOf(dir, gone)).toEqual([])
  })

  it('neither stays nor comes in by the id that an answer gave its request', async () => {
    const [before, after] = [copyOf(whole), copyOf(forgotten)]
    const file = join(temporaryFolder(), 'answer.json')
    const [router, profile] = ['/api/v1/sora2/get_user_profile', { user_id: 'user-other' }]
    const answer = { code: 200, router, params: profile, data: profile, request_id: `of ${user}` }
    writeFileSync(file, JSON.stringify({ ...answer, time_stamp: 1760000000 }))

    for (const dir of [before, after]) await importInto(dir, file)
    const report = await forgetIn(before, [`user:${user}`, `post:${post}`])

    expect(report).toMatchObject({ outcome: 'done', found_again: [] })
    for (const dir of [before, after]) expect(tracesOf(dir, gone)).toEqual([])
  })

  it('does not come in by calls that fail, that find nothing, or that tell of something else', async () => {
    const [dir, other] = [copyOf(forgotten), copyOf(whole)]
    const call = { receivedAt: 1, headers: {}, durationMs: 1, costUsd: 0, upstreamRequestId: null }
    const end = { ...call, status: 404, billed: 'no' as const, outcome: 'not_found' }
    const about = { endpoint: 'get_user_profile', params: { user_id: user } } as const
    for (const each of [dir, other]) {
      const archive = openArchive(each)
      const start = { ...about, attempt: 1, baseUrl: '', sentAt: 1, requestId: null, runId: 1 }
      const callId = archive.ledger.begin({ ...start, priceUsd: 0 })
      saveCalledAbsence(archive, { ...about, callId, end }, 'not_found')
      archive.close()
    }
    const archive = openArchive(dir)
    const plan = { pass: 9, listingKey: null, parentRequestId: null, page: 1, depth: 0 }
    archive.frontier.add({ ...plan, endpoint: 'get_feed', params: {} }, noLimits, 1)
    const request = archive.frontier.ready(1, 99).find(({ pass }) => pass === 9)!
    const { requestId } = request
    const start = { requestId, endpoint: 'get_feed', params: {}, attempt: 1, baseUrl: '' } as const
    const callId = archive.ledger.begin({ ...start, runId: 1, sentAt: 1, priceUsd: 0 })
    const body = `the server fell over ${user}`
    const fate = { kind: 'failed', reason: 'server' } as const
    saveFailedCall(archive, { callId, request, body, end: { ...end, status: 500 }, fate })
    const anomaly = { json_pointer: '', problem: `not ${user}`, excerpt: user }
    const odd = { reason: 'other_object', anomaly } as const
    const page = readPage('get_feed', {}, '{}').page
    const imported = {
      ...{ endpoint: 'get_feed', params: {}, page, odd, receivedAt: 1 },
      isList: true,
    }
    const from = { clock: 'file', origin: '', upstreamRequestId: null, runId: () => 1 } as const
    saveImportedPage(archive, { ...imported, ...from, body: '{"a":1}' })
    archive.close()

    await importInto(dir, other)

    expect(tracesOf(dir, gone)).toEqual([])
    expect(valuesOf(dir, `SELECT entity_id FROM absences WHERE reason = 'not_found'`)).toEqual([])
  })

  it('is known by the ids that its answers had, and by the digests of what came', async () => {
    const dir = copyOf(whole)
    for (let turn = 0; turn < 2; turn += 1) callForProfile(dir)
    const sql = 'SELECT response_id, body_sha256 FROM responses'
    const came = new Map(rowsOf(dir, sql).map((row) => [row['response_id'], row['body_sha256']]))

    await forgetIn(dir, [`user:${user}`, `post:${post}`])

    const rows = rowsOf(dir, 'SELECT * FROM rewritten ORDER BY response_id')
    const twice = rows.filter(({ response_id }) => String(response_id).startsWith('call-'))
    expect(twice.length).toBeGreaterThan(0)
    expect(rows.length).toBeGreaterThan(twice.length)
    for (const { response_id, answer_id, original_sha256 } of rows) {
      expect(came.get(answer_id!)).toBe(original_sha256)
      expect(came.get(response_id!)).toBe(original_sha256)
    }
  })

  it('is in no backup that is made afterwards, nor in a dataset that is brought up to date', async () => {
    const [dir, backup] = [copyOf(whole), join(temporaryFolder(), 'backup')]
    const outDir = join(temporaryFolder(), 'dataset')
    const archivePath = join(dir, 'archive.sqlite')
    const to = { archivePath, outDir, formats: ['parquet', 'sqlite'] as const, withLog: true }
    await exportDataset(to)
    await forgetIn(dir, [`user:${user}`, `post:${post}`])

    await backupArchive({ archiveDir: dir, outDir: backup })
    await exportDataset({ ...to, append: true })

    expect(tracesOf(backup, gone)).toEqual([])
    const dataset = readFileSync(join(outDir, 'dataset.sqlite'))
    expect([...gone.ids, ...gone.words].filter((each) => dataset.includes(each))).toEqual([])
    expect(await verifyDataset({ datasetDir: outDir, archivePath })).toEqual([])
  })

  it('is in no WARC that is made afterwards, which brings back the others under the same ids', async () => {
    const [dir, outDir] = [copyOf(whole), join(temporaryFolder(), 'dataset')]
    const again = temporaryFolder()
    await forgetIn(dir, [`user:${user}`, `post:${post}`])

    const archivePath = join(dir, 'archive.sqlite')
    await exportDataset({ archivePath, outDir, formats: ['warc'], tables: ['posts'] })
    const warc = join(outDir, 'warc/answers-00000.warc.gz')
    await importFiles({ archiveDir: again, files: [warc] })

    const told = gunzipSync(readFileSync(warc))
    expect([...gone.ids, ...gone.words].filter((each) => told.includes(each))).toEqual([])
    const posts = 'SELECT post_id, text, author_id FROM posts ORDER BY 1'
    // The id of an answer about what is forgotten is made of a question that is masked now.
    const answers = `SELECT response_id FROM responses WHERE response_id GLOB 'r_*'
      AND params NOT LIKE '%forgotten%' ORDER BY 1`
    expect(rowsOf(dir, 'SELECT * FROM rewritten').length).toBeGreaterThan(0)
    expect(rowsOf(again, posts)).toEqual(rowsOf(dir, posts))
    expect(rowsOf(again, answers)).toEqual(expect.arrayContaining(rowsOf(dir, answers)))
    expect(rowsOf(again, 'SELECT problem FROM anomalies')).toEqual([])
    const lists = 'SELECT DISTINCT endpoint, subject FROM listings ORDER BY 1, 2'
    expect(rowsOf(again, lists)).toEqual(rowsOf(dir, lists))
  })

  it('takes its media files with it, half ones too; a content that others share stays', async () => {
    const dir = copyOf(whole)
    const paths = addMedia(dir)

    const report = await forgetIn(dir, [`user:${user}`, `post:${post}`])

    const isThere = Object.entries(paths).map(([name, path]) => [name, existsSync(join(dir, path))])
    expect(Object.fromEntries(isThere)).toEqual({
      ...{ theirs: false, shared: true, others: true },
      ...{ whole: false, partial: false, note: false, halfNote: false },
    })
    expect(report).toMatchObject({ media_files: 1, media_bytes: 6 })
    expect(tracesOf(dir, gone)).toEqual([])
  })

  it('is in no log: neither of errors and headers, nor of what runs were given', async () => {
    const dir = copyOf(whole)
    addMedia(dir)
    const text = `nothing came of ${user}, that is @${gone.handles[0]!}, nor of ${post}`
    const database = new Database(join(dir, 'archive.sqlite'))
    const json = JSON.stringify({ note: text })
    for (const [table, column, value] of [
      ['requests', 'error', text],
      ['responses', 'outcome', text],
      ['responses', 'upstream_request_id', text],
      ['responses', 'origin', text],
      ['responses', 'headers', json],
      ['media', 'error', text],
      ['runs', 'config', json],
      ['runs', 'seeds', JSON.stringify([text])],
    ] as const)
      database
        .prepare(
          `UPDATE ${table} SET ${column} = ? WHERE rowid = (SELECT max(rowid) FROM ${table})`,
        )
        .run(value)
    database.close()

    const report = await forgetIn(dir, [`user:${user}`, `post:${post}`])

    expect(tracesOf(dir, gone)).toEqual([])
    expect(report).toMatchObject({ outcome: 'done', found_again: [] })
    expect(
      valuesOf(dir, `SELECT count(*) FROM requests WHERE error GLOB 'nothing came of *'`),
    ).toEqual([1n])
  })

  it('is told by the log, by nothing but an HMAC, when, and why', () => {
    const rows = rowsOf(forgotten, 'SELECT * FROM forgotten ORDER BY kind')

    expect(rows).toEqual(
      ['post', 'user'].map((kind) => ({
        ...{ hmac: expect.stringMatching(/^[0-9a-f]{64}$/), kind },
        ...{ at: BigInt(noon * 1000), reason: null },
      })),
    )
    const names = valuesOf(forgotten, 'SELECT hmac FROM denylist')
    const digests = new Set(
      [...gone.ids].flatMap((id) => [sha256(id), sha256(id.replace('s_', ''))]),
    )
    expect(names.filter((hmac) => digests.has(hmac as string))).toEqual([])
  })

  it('leaves requests about it unsent, under names without meaning', async () => {
    const dir = temporaryFolder()
    const seeds = [`user:${user}`, `post:${post}`, 'feed']
    const limits = { only: new Set(['feed', 'post', 'profile', 'comments']) }
    await crawlWorld(simulator, dir, { seeds, maxRequests: 3, limits })
    await forgetIn(dir, [`user:${user}`, `post:${post}`])
    const about = () =>
      rowsOf(
        dir,
        `SELECT state, reason, request_key FROM requests
         WHERE request_key LIKE '%forgotten-%' AND state <> 'done' ORDER BY request_id`,
      )
    const left = about()

    const report = await crawlWorld(simulator, dir)

    expect(report.outcome).toBe('done')
    expect(left.length).toBeGreaterThan(1)
    expect(new Set(left.map(({ state, reason }) => `${state}, ${reason}`))).toEqual(
      new Set(['skipped, forgotten']),
    )
    expect(about()).toEqual(left)
    expect(tracesOf(dir, gone)).toEqual([])
    const database = openForReading(dir)
    expect(readOpen(database).map(({ reason }) => reason)).not.toContain('forgotten')
    database.close()
  })

  it('stays unsent where a shorter way comes to the list that showed it', async () => {
    const world = worldOf(4, () => 0)
    for (const n of [1, 2, 3]) world.posts.get(postId(n))!.remixes = [postId(n + 1)]
    const api = await serveWorld(world)
    const dir = temporaryFolder()
    const limits = { maxDepth: { remixes: 2 } }
    const crawlFrom = (n: number) =>
      crawlWorld(simulator, dir, { baseUrl: api.url, seeds: [`post:${postId(n)}`], limits })
    await crawlFrom(1)
    await forgetIn(dir, [`post:${postId(3)}`])
    const asked = api.asked()

    const report = await crawlFrom(2)

    expect(asked.length).toBe(3)
    expect(api.asked()).toEqual([])
    expect(report).toMatchObject({ outcome: 'done', requests_sent: 0, skipped: 1 })
  })
})
