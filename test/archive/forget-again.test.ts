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
import { saveCalledPage } from '../../src/archive/save-call.js'
import { verifyArchive } from '../../src/archive/verify.js'
import { exportDataset, verifyDataset } from '../../src/export/index.js'
import { importFiles } from '../../src/import/index.js'
import { readPage } from '../../src/model/read-page.js'
import { sha256 } from '../../src/model/response-id.js'
import { openSimulator, type Simulator } from '../../src/simulator/index.js'
import { crawlWorld, noon, rowsOf, temporaryFolder, valuesOf } from '../crawl/worlds.js'
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

/** Files of one owner each, and one content that both have. */
function addMedia(dir: string): Record<'theirs' | 'others' | 'shared' | 'partial', string> {
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
  const paths = {
    theirs: put('theirs', theirs),
    shared: put('shared', second, other[0]!),
    others: put('others', other[1]!),
    partial: join(partialFolder(''), partialName(theirs)),
  }
  for (const end of ['', '.json']) writeFileSync(join(dir, paths.partial + end), '{}')
  database.close()
  return paths
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

    await importInto(dir, forgotten)
    await importInto(dir, dump)
    await importInto(dir, whole)

    expect(tracesOf(dir, gone)).toEqual([])
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

    expect(tracesOf(dir, gone)).toEqual([])
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
  }, 60_000)

  it('takes its media files with it, half ones too; a content that others share stays', async () => {
    const dir = copyOf(whole)
    const paths = addMedia(dir)

    const report = await forgetIn(dir, [`user:${user}`, `post:${post}`])

    const isThere = Object.entries(paths).map(([name, path]) => [name, existsSync(join(dir, path))])
    expect(Object.fromEntries(isThere)).toEqual({
      ...{ theirs: false, shared: true, others: true, partial: false },
    })
    expect(report).toMatchObject({ media_files: 1, media_bytes: 6 })
    expect(tracesOf(dir, gone)).toEqual([])
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

  it('leaves requests about it unsent, under names without meaning', () => {
    const about = rowsOf(
      forgotten,
      `SELECT state, reason, request_key FROM requests WHERE request_key LIKE '%forgotten-%'`,
    )

    expect(about.length).toBeGreaterThan(0)
    expect(new Set(about.map(({ state }) => state))).not.toContain('pending')
  })
})
