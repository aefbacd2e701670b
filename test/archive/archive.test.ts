import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openArchive, openForReading, type Archive } from '../../src/archive/archive.js'
import type { FrontierRequest, RequestPlan } from '../../src/archive/frontier-request.js'
import { saveFailedCall } from '../../src/archive/save-failed-call.js'
import { savePage, type AnsweredPage } from '../../src/archive/save-page.js'
import { ArchiveError } from '../../src/model/errors.js'
import type { Params } from '../../src/model/page.js'
import { listingKey } from '../../src/model/params.js'
import { readPage } from '../../src/model/read-page.js'
import { noLimits } from '../../src/model/walk-plan.js'
import {
  columnsOf,
  dumpDerived,
  importAnswer,
  newArchive,
  pageOf,
  rowsOf,
  temporaryFolder,
} from './archives.js'

const postId = 's_68ef1920000081910000000000000001'
const remixId = 's_68ef1d08000081910000000000000002'
const commentId = (n: number): string => `68ef192a00008191${String(n).padStart(16, '0')}`

/** A folder with a file in the archive's place, and that file's bytes. */
function folderWith(make: (path: string) => void): { dir: string; path: string; bytes: Buffer } {
  const dir = temporaryFolder()
  const path = join(dir, 'archive.sqlite')
  make(path)
  return { dir, path, bytes: readFileSync(path) }
}

const makeDatabase =
  (...statements: string[]) =>
  (path: string): void => {
    const database = new Database(path)
    for (const statement of statements) database.exec(statement)
    database.close()
  }

/** What each view of an archive is made by. */
function viewsIn(dir: string): string[] {
  const database = new Database(join(dir, 'archive.sqlite'), { readonly: true })
  const sql = "SELECT sql FROM sqlite_schema WHERE type = 'view' ORDER BY sql"
  const views = database.prepare(sql).pluck().all() as string[]
  database.close()
  return views
}

describe('openArchive', () => {
  it('makes an archive of version 5 that tells whose it is, in WAL', () => {
    const { database } = newArchive()

    const pragma = (name: string) => database.pragma(name, { simple: true })
    expect(['user_version', 'application_id', 'journal_mode'].map(pragma)).toEqual([
      5,
      0x66656564,
      'wal',
    ])
  })

  it('survives a loss of power by default, and writes back and caches as was measured best', () => {
    const measured = {
      wal_autocheckpoint: 10_000,
      cache_size: -16_000,
      page_size: 4096,
      mmap_size: 0,
    }
    const pragmas =
      ({ database }: Archive) =>
      (name: string) => [name, database.pragma(name, { simple: true })]

    const full = openArchive(temporaryFolder())
    const normal = openArchive(temporaryFolder(), { durability: 'normal' })
    onTestFinished(() => [full, normal].forEach((each) => each.close()))

    expect(Object.fromEntries(Object.keys(measured).map(pragmas(full)))).toEqual(measured)
    expect([full, normal].map((each) => pragmas(each)('synchronous')[1])).toEqual([2, 1])
    expect([full, normal].map((each) => pragmas(each)('fullfsync')[1])).toEqual([1, 0])
  })

  it('makes the folders on the way', () => {
    const dir = join(temporaryFolder(), 'a', 'b')

    openArchive(dir).close()

    expect(existsSync(join(dir, 'archive.sqlite'))).toBe(true)
  })

  it('opens what it made, with all that is in it', () => {
    const dir = temporaryFolder()
    const first = openArchive(dir)
    importAnswer(first, { endpoint: 'get_feed', params: {}, body: '{"items": []}', receivedAt: 1 })
    const held = dumpDerived(first.database)
    first.close()

    const second = openArchive(dir)

    expect(dumpDerived(second.database)).toBe(held)
    second.close()
  })

  it('makes the views of another build anew where it writes, and leaves all others', () => {
    const dir = temporaryFolder()
    openArchive(dir).close()
    const ours = viewsIn(dir)
    const theirs = 'CREATE VIEW coverage AS SELECT post_id FROM posts'
    const mine = 'CREATE VIEW mine AS SELECT 1 AS one'
    const path = join(dir, 'archive.sqlite')
    makeDatabase('DROP VIEW coverage', theirs, 'DROP VIEW presence', mine)(path)

    openForReading(dir).close()
    const read = viewsIn(dir)
    openArchive(dir).close()

    expect(read).toContain(theirs)
    expect(viewsIn(dir)).toEqual([...ours, mine].sort())
  })

  it('writes no view that is as ours', () => {
    const dir = temporaryFolder()
    openArchive(dir).close()
    const before = readFileSync(join(dir, 'archive.sqlite'))

    openArchive(dir).close()

    expect(readFileSync(join(dir, 'archive.sqlite')).equals(before)).toBe(true)
  })

  it('takes an empty file as a new archive', () => {
    const { dir } = folderWith((path) => writeFileSync(path, ''))

    const archive = openArchive(dir)

    expect(rowsOf(archive.database, 'posts')).toEqual([])
    archive.close()
  })

  it.each([
    [
      'is newer than this program',
      (path: string) => {
        openArchive(join(path, '..')).close()
        makeDatabase('PRAGMA user_version = 6')(path)
      },
      /schema version 6; this program knows up to 5\. Install a newer afterfeed/,
    ],
    ...[0, -5].map((version): [string, (path: string) => void, RegExp] => [
      `has the version ${version}`,
      (path) => {
        openArchive(join(path, '..')).close()
        makeDatabase(`PRAGMA user_version = ${version}`)(path)
      },
      /schema version -?\d, which no afterfeed writes/,
    ]),
    [
      "is another program's",
      makeDatabase('CREATE TABLE notes (text)', "INSERT INTO notes VALUES ('keep')"),
      /is an SQLite file of another program; name another --archive/,
    ],
    [
      "is another program's, in WAL",
      makeDatabase('PRAGMA journal_mode = WAL', 'CREATE TABLE notes (text)'),
      /is an SQLite file of another program/,
    ],
    [
      "is another program's, of the same version",
      makeDatabase('PRAGMA user_version = 1', 'CREATE TABLE users (name)'),
      /is an SQLite file of another program/,
    ],
    [
      'is no SQLite file',
      (path: string) => writeFileSync(path, 'Dear diary, '.repeat(100)),
      /cannot open .*archive\.sqlite: file is not a database/,
    ],
  ])('refuses a file that %s, and leaves it as it is, byte for byte', (_, make, message) => {
    const { dir, path, bytes } = folderWith(make)

    const open = () => openArchive(dir)
    const read = () => openForReading(dir)

    expect(open).toThrow(ArchiveError)
    expect(open).toThrow(message)
    expect(read).toThrow(message)
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })

  it.each([
    ["another program's", makeDatabase('CREATE TABLE notes (text)')],
    ["another program's, in WAL", makeDatabase('PRAGMA journal_mode = WAL', 'CREATE TABLE n (t)')],
    ['no SQLite file', (path: string) => writeFileSync(path, 'Dear diary, '.repeat(100))],
  ])('leaves nothing beside a file that it refuses: %s', (_, make) => {
    const { dir } = folderWith(make)
    const before = readdirSync(dir)

    const open = () => openArchive(dir)

    expect(open).toThrow(ArchiveError)
    expect(readdirSync(dir)).toEqual(before)
  })

  it('lets go of an archive that it refuses', () => {
    const dir = temporaryFolder()
    const archive = openArchive(dir)
    archive.rebuilds.demand()
    archive.close()
    const before = readdirSync(dir)

    const open = () => openArchive(dir)

    expect(open).toThrow(/a rebuild of .* is due/)
    expect(readdirSync(dir)).toEqual(before)
  })

  it('says so where the folder cannot be made', () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')

    const open = () => openArchive(join(file, 'archive'))

    expect(open).toThrow(/cannot make the folder .*archive/)
  })

  it('says so where a folder stands in the place of the file', () => {
    const dir = temporaryFolder()
    mkdirSync(join(dir, 'archive.sqlite'))

    const open = () => openArchive(dir)

    expect(open).toThrow(ArchiveError)
  })
})

describe('one writer, readers beside it', () => {
  it('refuses a second writer with advice, and lets it in once the first is gone', () => {
    const dir = temporaryFolder()
    const first = openArchive(dir)

    const second = () => openArchive(dir)

    expect(second).toThrow(ArchiveError)
    expect(second).toThrow(/another afterfeed process writes to this archive.*`crawl --media`/s)
    first.close()
    second().close()
  })

  it('refuses a second writer in another process, which may read', () => {
    const archive = newArchive()
    importAnswer(archive, {
      endpoint: 'get_feed',
      params: {},
      body: `{"items": [{"id": "${postId}"}]}`,
      receivedAt: 1,
    })
    const script = `
      const Database = require('better-sqlite3')
      const [, dir] = process.argv
      const lock = new Database(dir + '/writer.lock', { timeout: 0 })
      let refused = 'no'
      try { lock.exec('BEGIN EXCLUSIVE') } catch (error) { refused = error.code }
      const reader = new Database(dir + '/archive.sqlite', { readonly: true })
      console.log(refused, reader.prepare('SELECT count(*) FROM posts').pluck().get())`

    const said = execFileSync(process.execPath, ['-e', script, archive.dir], { encoding: 'utf8' })

    expect(said.trim()).toBe('SQLITE_BUSY 1')
  })

  it('lets a reader see what is saved, and not what is being saved', () => {
    const archive = newArchive()
    const reader = openForReading(archive.dir)
    const count = () => reader.prepare('SELECT count(*) FROM posts').pluck().get()

    const [during, after] = [
      archive.transaction(() => {
        const rows = [{ table: 'posts' as const, values: { post_id: postId } }]
        archive.pages.save(pageOf({ rows }), { at: 1, responseId: 'r' })
        return count()
      }),
      count(),
    ]

    expect([during, after]).toEqual([0, 1])
    expect(() => reader.exec('DELETE FROM posts')).toThrow(/readonly/)
    reader.close()
  })

  it('refuses to read where there is no archive, and makes none', () => {
    const dir = join(temporaryFolder(), 'none')

    const read = () => openForReading(dir)

    expect(read).toThrow(/there is no archive at .*none.*afterfeed import FILE/s)
    expect(existsSync(dir)).toBe(false)
  })

  it('says that the folder is wanted where the file is named', () => {
    const { path } = folderWith((path) => writeFileSync(path, ''))
    const message = `${path} is a file: name with --archive the folder of archive.sqlite`

    expect(() => openForReading(path)).toThrow(new ArchiveError(message))
    expect(() => openArchive(path)).toThrow(new ArchiveError(message))
  })

  it('refuses to read an empty file, with a message', () => {
    const { dir } = folderWith((path) => writeFileSync(path, ''))

    const read = () => openForReading(dir)

    expect(read).toThrow(ArchiveError)
  })
})

/** Plans a first request and starts its call. */
function startCall(
  archive: Archive,
  endpoint: RequestPlan['endpoint'],
  params: Params,
): { request: FrontierRequest; callId: string; runId: number } {
  const [subject = null] = Object.values(params)
  const runId = archive.runs.begin({
    command: 'crawl',
    seeds: [],
    config: {},
    version: '0',
    startedAt: 1,
  })
  archive.frontier.add(
    {
      endpoint,
      params,
      pass: 1,
      listingKey: listingKey(1, endpoint, subject),
      parentRequestId: null,
      page: 1,
      depth: 0,
    },
    noLimits,
    1,
  )
  const request = archive.frontier.ready(1, 100).find((each) => each.endpoint === endpoint)!
  const { requestId } = request
  const start = { requestId, runId, endpoint, params, attempt: 1, baseUrl: 'b', sentAt: 1 }
  return { request, runId, callId: archive.ledger.begin({ ...start, priceUsd: 0.05 }) }
}

const end: AnsweredPage['end'] = {
  receivedAt: 5,
  status: 200,
  headers: {},
  durationMs: 1,
  billed: 'yes',
  costUsd: 0.05,
  upstreamRequestId: null,
  outcome: 'page',
}

const commentsBody = JSON.stringify({
  children: { items: [{ id: commentId(1), reply_count: 1 }], cursor: 'next' },
})

function answer(archive: Archive): AnsweredPage {
  const params = { post_id: postId }
  const { request, callId } = startCall(archive, 'get_post_comments', params)
  const { page } = readPage('get_post_comments', params, commentsBody)
  return { callId, request, body: commentsBody, page, limits: noLimits, end }
}

const dumpAll = (archive: Archive): string =>
  [
    dumpDerived(archive.database),
    ...['requests', 'responses', 'bodies'].map((table) =>
      columnsOf(archive.database, table, ['state', 'attempts', 'status', 'sha256', 'request_key'])
        .map((row) => `${table} ${row.join(' ')}`)
        .join('\n'),
    ),
  ].join('\n')

describe('savePage', () => {
  it('saves the body, the rows, what follows and the end of the request', () => {
    const archive = newArchive()

    savePage(archive, answer(archive))

    const { database } = archive
    expect({
      comments: columnsOf(database, 'comments', ['comment_id', 'post_id', 'depth']),
      requests: columnsOf(database, 'requests', ['endpoint', 'params', 'state', 'page']),
      responses: columnsOf(database, 'responses', ['request_id', 'outcome', 'status', 'cost_usd']),
      bodies: rowsOf(database, 'bodies').map(({ sha256 }) => archive.bodies.read(String(sha256))),
    }).toEqual({
      comments: [[commentId(1), postId, 1n]],
      requests: [
        ['get_post_comments', `{"post_id":"${postId}"}`, 'done', 1n],
        ['get_post_comments', `{"post_id":"${postId}","cursor":"next"}`, 'pending', 2n],
        ['get_comment_replies', `{"comment_id":"${commentId(1)}"}`, 'pending', 1n],
      ],
      responses: [[1n, 'page', 200n, 0.05]],
      bodies: [commentsBody],
    })
  })

  it.each([
    ['with the body', 'BEFORE INSERT ON bodies'],
    ['with the ledger', 'BEFORE UPDATE ON responses'],
    ['with the first row', 'BEFORE INSERT ON comments'],
    ['with the list', 'BEFORE UPDATE ON listings'],
    [
      'with the second request that follows',
      "BEFORE INSERT ON requests WHEN NEW.endpoint = 'get_comment_replies'",
    ],
    ['at the very end', "BEFORE UPDATE ON requests WHEN NEW.state = 'done'"],
  ])('saves nothing where it fails %s, and can be done again', (_, moment) => {
    const archive = newArchive()
    const answered = answer(archive)
    const before = dumpAll(archive)
    archive.database.exec(
      `CREATE TRIGGER failing ${moment} BEGIN SELECT RAISE(ABORT, 'disk on fire'); END`,
    )

    const save = () => savePage(archive, answered)

    expect(save).toThrow('disk on fire')
    expect(dumpAll(archive)).toBe(before)
    expect(archive.frontier.ready(9, 9)).toEqual([answered.request])
    archive.database.exec('DROP TRIGGER failing')
    save()
    expect(archive.frontier.counts()).toEqual({ pending: 2, done: 1, failed: 0, skipped: 0 })
  })

  it('says how a list ended oddly, beside what was odd about its cursor', () => {
    const archive = newArchive()
    const saveFeed = (params: Params, body: string): void => {
      const { request, callId } = startCall(archive, 'get_feed', params)
      const { page } = readPage('get_feed', params, body)
      savePage(archive, { callId, request, body, page, limits: noLimits, end })
    }

    saveFeed({}, '{"items": [], "cursor": 17}')
    saveFeed({ cursor: '17' }, '{"items": [], "cursor": 17, "page": 2}')

    expect(columnsOf(archive.database, 'listings', ['end_reason'])).toEqual([['cursor_repeated']])
    expect(columnsOf(archive.database, 'anomalies', ['problem']).flat().sort()).toEqual([
      'expected a cursor',
      'expected a cursor; the cursor was already used in this list, which ends here',
    ])
  })

  it('goes on from an answer that is held, and tells nothing anew', () => {
    const archive = newArchive()
    importAnswer(archive, {
      endpoint: 'get_post_comments',
      params: { post_id: postId },
      body: commentsBody,
      receivedAt: 2,
    })
    const held = rowsOf(archive.database, 'comments')

    savePage(archive, answer(archive))

    expect(rowsOf(archive.database, 'comments')).toEqual(held)
    expect(archive.frontier.counts()).toEqual({ pending: 2, done: 1, failed: 0, skipped: 0 })
  })
})

describe('a request that is reached by a shorter way', () => {
  it('brings what lies below it nearer, and wakes nothing that is forgotten', () => {
    const { frontier, database } = newArchive()
    const limits = { ...noLimits, maxDepth: { remixes: 2 } }
    const endpoint = 'get_post_remix_list'
    const plan = (id: string, depth: number, parentRequestId: number | null): RequestPlan => ({
      ...{ endpoint, params: { post_id: id }, pass: 1, page: 1, depth, parentRequestId },
      listingKey: listingKey(1, endpoint, id),
    })
    frontier.add(plan('s_1', 2, null), limits, 1)
    frontier.add(plan('s_2', 3, 1), limits, 1)
    frontier.add(plan('forgotten-000000000000', 3, 1), limits, 1)
    database.exec(`UPDATE requests SET reason = 'forgotten' WHERE request_id = 3`)

    frontier.add(plan('s_1', 1, null), limits, 2)

    expect(columnsOf(database, 'requests', ['depth', 'state', 'reason'])).toEqual([
      [1n, 'pending', null],
      [2n, 'pending', null],
      [2n, 'skipped', 'forgotten'],
    ])
  })
})

describe('saveFailedCall', () => {
  const failure = { ...end, status: 404, billed: 'no' as const, costUsd: 0, outcome: 'not found' }

  it('ends the list asked for; a call that is no page of a list leaves none', () => {
    const archive = newArchive()
    const calls = [
      startCall(archive, 'get_post_comments', { post_id: postId }),
      startCall(archive, 'search_users', { username: 'two words' }),
    ]

    for (const call of calls)
      saveFailedCall(archive, {
        ...call,
        body: '{"detail": {}}',
        end: failure,
        fate: { kind: 'failed', reason: 'failed' },
      })

    expect(
      columnsOf(archive.database, 'listings', ['listing_key', 'subject', 'end_reason']),
    ).toEqual([[`1 get_post_comments ${postId}`, postId, 'failed']])
  })

  it('notes what is not there, and asks no more', () => {
    const archive = newArchive()
    const call = startCall(archive, 'get_post_detail', { post_id: postId })

    saveFailedCall(archive, {
      ...call,
      body: null,
      end: failure,
      fate: { kind: 'absent', reason: 'not_found' },
    })

    expect(rowsOf(archive.database, 'absences')).toEqual([
      {
        entity_kind: 'post',
        entity_id: postId,
        response_id: call.callId,
        observed_at: 5n,
        reason: 'not_found',
      },
    ])
    expect(archive.frontier.counts()).toEqual({ pending: 0, done: 1, failed: 0, skipped: 0 })
  })

  it('leaves a request that is tried again pending, not before its time', () => {
    const archive = newArchive()
    const call = startCall(archive, 'get_post_detail', { post_id: postId })

    saveFailedCall(archive, {
      ...call,
      request: { ...call.request, attempts: 1 },
      body: '',
      end: { ...failure, status: 429 },
      fate: { kind: 'again', notBefore: 1000 },
    })

    expect(archive.frontier.ready(999, 9)).toEqual([])
    expect(archive.frontier.ready(1000, 9)).toEqual([{ ...call.request, attempts: 1 }])
  })
})

describe('the views', () => {
  const view = (archive: Archive, name: string) =>
    archive.database.prepare(`SELECT * FROM "${name}" ORDER BY 1, 2, 3`).all()

  it('replies: the comments below the first level', () => {
    const archive = newArchive()
    const comment = (n: number, depth: number | null) => ({
      table: 'comments' as const,
      values: { comment_id: commentId(n), ...(depth === null ? {} : { depth }) },
    })
    const page = pageOf({ rows: [comment(1, 1), comment(2, 2), comment(3, 3), comment(4, null)] })

    archive.transaction(() => archive.pages.save(page, { at: 1, responseId: 'r' }))

    expect(view(archive, 'replies')).toEqual([
      expect.objectContaining({ comment_id: commentId(2), depth: 2 }),
      expect.objectContaining({ comment_id: commentId(3), depth: 3 }),
    ])
  })

  it('current_assets: of each role the file seen last', () => {
    const archive = newArchive()
    const save = (at: number, responseId: string, variant: string, asset_key: string) => {
      const values = { owner_kind: 'post', owner_id: postId, variant, asset_key, url: asset_key }
      const page = pageOf({ rows: [{ table: 'assets', values }] })
      archive.transaction(() => archive.pages.save(page, { at, responseId }))
    }

    save(3, 'r_3', 'source', 'new')
    save(1, 'r_1', 'source', 'old')
    save(1, 'r_1', 'md', 'small')
    save(4, 'r_4', 'thumbnail', 'first')
    save(4, 'r_5', 'thumbnail', 'second')

    expect(view(archive, 'current_assets')).toEqual([
      expect.objectContaining({ variant: 'md', asset_key: 'small' }),
      expect.objectContaining({ variant: 'source', asset_key: 'new' }),
      expect.objectContaining({ variant: 'thumbnail', asset_key: 'second' }),
    ])
  })

  it('costs: calls, answers and money of each run and endpoint; what was imported cost nothing', () => {
    const archive = newArchive()
    savePage(archive, answer(archive))
    const refused = startCall(archive, 'get_user_profile', { user_id: 'user-a' })
    saveFailedCall(archive, {
      ...refused,
      body: null,
      end: { ...end, outcome: 'refused', billed: 'no' },
      fate: { kind: 'failed', reason: 'refused' },
    })
    const lost = startCall(archive, 'get_feed', {})
    importAnswer(archive, { endpoint: 'get_feed', params: {}, body: '{}', receivedAt: 1 })

    const costs = view(archive, 'costs')

    expect(lost.runId).toBe(3)
    expect(costs).toEqual([
      {
        run_id: 1,
        endpoint: 'get_post_comments',
        calls: 1,
        answers: 1,
        billed: 1,
        billed_unknown: 0,
        cost_usd: 0.05,
      },
      {
        run_id: 2,
        endpoint: 'get_user_profile',
        calls: 1,
        answers: 0,
        billed: 0,
        billed_unknown: 0,
        cost_usd: 0,
      },
      {
        run_id: 3,
        endpoint: 'get_feed',
        calls: 1,
        answers: 0,
        billed: 0,
        billed_unknown: 1,
        cost_usd: 0.05,
      },
    ])
  })

  it('coverage: of each post what is announced and what is held', () => {
    const archive = newArchive()
    const post = (post_id: string, counters: Record<string, number>) => ({
      table: 'posts' as const,
      values: { post_id, ...counters },
    })
    const comment = (n: number, depth: number) => ({
      table: 'comments' as const,
      values: { comment_id: commentId(n), post_id: postId, depth },
    })
    const edge = { parent_post_id: postId, remix_post_id: remixId, told_by: 'parent_path' }
    const page = pageOf({
      rows: [
        post(postId, { reply_count: 2, recursive_reply_count: 5, remix_count: 3 }),
        post(remixId, {}),
        comment(1, 1),
        comment(2, 2),
        comment(3, 3),
        { table: 'remixes', values: edge },
      ],
    })

    archive.transaction(() => archive.pages.save(page, { at: 1, responseId: 'r' }))

    const unknown = {
      announced_comments_and_replies: null,
      announced_comments: null,
      announced_replies: null,
      announced_remixes: null,
    }
    const nothing = { held_comments: 0, held_replies: 0, held_remixes: 0 }
    expect(view(archive, 'coverage')).toEqual([
      {
        post_id: postId,
        announced_comments_and_replies: 5,
        announced_comments: 2,
        held_comments: 1,
        announced_replies: 3,
        held_replies: 2,
        announced_remixes: 3,
        held_remixes: 1,
        ...{ tombstoned_at: null, counters_at: 1 },
        ...{ thread_difference: 'not asked', remix_difference: 'not asked' },
      },
      {
        ...{ post_id: remixId, ...unknown, ...nothing, tombstoned_at: null, counters_at: null },
        ...{ thread_difference: null, remix_difference: null },
      },
    ])
  })

  it('coverage: looks for what was left out by the list, not through all requests', () => {
    const { database } = newArchive()

    const plan = database.prepare('EXPLAIN QUERY PLAN SELECT * FROM coverage').all()

    const steps = (plan as { detail: string }[]).map(({ detail }) => detail)
    const ways = steps.filter((each) => each.includes(' requests '))
    expect([...new Set(ways)]).toEqual([
      'SEARCH requests USING INDEX requests_left (listing_key=?)',
    ])
  })
})
