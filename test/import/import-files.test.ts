import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { importFiles } from '../../src/import/index.js'
import { endpointOf, type EndpointName } from '../../src/model/endpoints.js'
import { InputError } from '../../src/model/errors.js'
import { accepted } from '../../src/model/recognise.js'
import { dumpOf, openRoom, type Room } from './room.js'

const samples = join(dirname(fileURLToPath(import.meta.url)), '../../../shared/samples')

const second = 0x68f0a1b2
const hex = (digits: string): string => second.toString(16) + digits.repeat(24).slice(0, 24)
const post_id = `s_${hex('0')}`
const remix_id = `s_${hex('1')}`
const comment_id = hex('2')
const user_id = 'user-0123456789abcdefABCDEF'
const other_id = 'user-9876543210abcdefABCDEF'
const task_id = 'task_01k9rsq5h7e4ta6q1r9z6w0x5c'

const profile = { user_id, username: 'somebody', display_name: 'Some Body', permalink: null }
const post = { id: post_id, shared_by: user_id, text: '雨 🎬', posted_at: second + 0.25 }
const remix = { ...post, id: remix_id, shared_by: other_id, parent_post_id: post_id }
const comment = { id: comment_id, shared_by: user_id, text: 'yes', parent_post_id: post_id }
const draft = { id: 'gen_01k9rsq5h7e4ta6q1r9z6w0x5c', kind: 'sora_draft', task_id, prompt: 'rain' }
const feedCursor = Buffer.from('{"cut":"nf2_top_7d","limit":15,"offset":15}').toString('base64')

const wrapped = { post, profile }
const envelope = (name: EndpointName, params: object, data: unknown, more: object = {}) => ({
  code: 200,
  request_id: '0f0f0f0f-0000-4000-8000-000000000000',
  time_stamp: second + 100,
  router: endpointOf(name).path,
  params,
  data,
  ...more,
})

const kinds: [name: string, content: unknown, endpoint: string, params: object][] = [
  ['feed', envelope('get_feed', {}, { items: [wrapped], cursor: null }), 'get_feed', {}],
  [
    'feed page',
    envelope('get_feed', { cursor: feedCursor, eager_views: '{"views":[]}' }, { items: [wrapped] }),
    'get_feed',
    { cursor: feedCursor },
  ],
  ['post', envelope('get_post_detail', { post_id }, wrapped), 'get_post_detail', { post_id }],
  [
    'comments',
    envelope('get_post_comments', { post_id }, { children: { items: [comment] } }),
    'get_post_comments',
    { post_id },
  ],
  [
    'replies',
    envelope('get_comment_replies', { comment_id }, { children: { items: [comment] } }),
    'get_comment_replies',
    { comment_id },
  ],
  [
    'remixes',
    envelope('get_post_remix_list', { post_id }, { items: [{ post: remix, profile }] }),
    'get_post_remix_list',
    { post_id },
  ],
  [
    'person',
    envelope('get_user_profile', { user_id }, { profile }),
    'get_user_profile',
    { user_id },
  ],
  [
    'posts of a person',
    envelope('get_user_posts', { user_id }, { items: [wrapped] }),
    'get_user_posts',
    { user_id },
  ],
  [
    'appearances',
    envelope('get_user_cameo_appearances', { user_id }, { items: [wrapped] }),
    'get_user_cameo_appearances',
    { user_id },
  ],
  [
    'followers',
    envelope('get_user_followers', { user_id }, { items: [profile] }),
    'get_user_followers',
    { user_id },
  ],
  [
    'following',
    envelope('get_user_following', { user_id }, { items: [profile] }),
    'get_user_following',
    { user_id },
  ],
  [
    'leaderboard',
    envelope('get_cameo_leaderboard', {}, { items: [profile] }),
    'get_cameo_leaderboard',
    {},
  ],
  [
    'search',
    envelope('search_users', { username: 'some' }, { items: [{ profile, token: '@somebody' }] }),
    'search_users',
    { username: 'some' },
  ],
  [
    'task',
    envelope('get_task_status', { task_id }, { id: task_id, status: 'processing' }),
    'get_task_status',
    { task_id },
  ],
  ['native feed', { items: [wrapped], cursor: feedCursor }, 'get_feed', {}],
  [
    'native feed of several authors',
    { items: [wrapped, { post: remix, profile }] },
    'get_feed',
    {},
  ],
  [
    'native posts of one person',
    { items: [wrapped, { post: { ...post, id: `s_${hex('3')}` }, profile }], cursor: 'x' },
    'get_user_posts',
    { user_id },
  ],
  ['native post', wrapped, 'get_post_detail', { post_id }],
  ['native bare post', post, 'get_post_detail', { post_id }],
  [
    'native tree',
    { ...wrapped, children: { items: [{ post: comment, profile }], cursor: null } },
    'get_post_comments',
    { post_id },
  ],
  [
    'native tree below a comment',
    { post: comment, profile, children: { items: [], cursor: null } },
    'get_comment_replies',
    { comment_id },
  ],
  ['native bare remixes', { items: [remix], cursor: null }, 'get_post_remix_list', {}],
  ['native profile', profile, 'get_user_profile', { user_id }],
  ['native people', { items: [profile], cursor: null }, 'native_people', {}],
  ['native drafts', { items: [draft], cursor: null }, 'native_drafts', {}],
  ['native draft', draft, 'native_draft', {}],
  ['native pending tasks', [{ id: task_id, status: 'running' }], 'native_pending_tasks', {}],
]

describe('importFiles', () => {
  it.each(kinds)(
    'finds out by content what a file is: %s',
    async (_, content, endpoint, params) => {
      const room = openRoom()
      const file = room.put('any-name.txt', content)

      const report = await room.take(file)

      expect(report).toMatchObject({
        ...{ outcome: 'done', pages: 1, held: 0, odd: 0, anomalies: 0, skipped: {}, bad: [] },
        ...{ containers: { answer: 1 }, answers: { [endpoint]: 1 } },
        files: [{ file, containers: { answer: 1 }, answers: { [endpoint]: 1 }, pages: 1 }],
      })
      const origin = 'any-name.txt'
      expect(room.rows('SELECT endpoint, params, origin, billed, status FROM responses')).toEqual([
        { endpoint, params: JSON.stringify(params), origin, billed: 'no', status: null },
      ])
      expect(room.rows('SELECT * FROM requests')).toEqual([])
    },
  )

  it('keeps what the file says, exactly', async () => {
    const room = openRoom()
    const text = JSON.stringify(wrapped).replace('"text"', '"view_count":9007199254740993,"text"')
    const file = room.put('post.json', text)

    await room.take(file)

    const sql = `SELECT post_id, author_id, text, posted_at, CAST(view_count AS TEXT) AS view_count
      FROM posts`
    expect(room.rows(sql)).toEqual([
      {
        post_id,
        author_id: user_id,
        text: '雨 🎬',
        posted_at: (second + 0.25) * 1e6,
        view_count: '9007199254740993',
      },
    ])
    expect(room.rows('SELECT user_id, username, display_name FROM users')).toEqual([
      { user_id, username: 'somebody', display_name: 'Some Body' },
    ])
  })

  it('changes nothing with the same files again, in whatever order and under whatever name', async () => {
    const room = openRoom()
    const files = kinds.map(([name, content]) => room.put(`${name}.json`, content))
    const first = await room.take(files)
    const before = dumpOf(room)

    const copy = room.put('copy.json', kinds[0]![1])
    const second = await room.take([...files.toReversed(), copy])

    expect(first).toMatchObject({ outcome: 'done', pages: kinds.length, held: 0 })
    expect(second).toMatchObject({ outcome: 'done', pages: 0, held: kinds.length + 1, bad: [] })
    expect(dumpOf(room)).toEqual(before)
  })

  it('holds the same whichever file comes first', async () => {
    const rooms = [openRoom(), openRoom()]
    for (const [turn, room] of rooms.entries()) {
      const files = kinds
        .filter(([, content]) => 'time_stamp' in (content as object))
        .map(([name, content]) => room.put(`${name}.json`, content))
      await room.take(turn === 0 ? files : files.toReversed())
    }

    const [one, other] = rooms.map((room) => {
      const { posts, comments, remixes, users, cameos, follows, observations } = dumpOf(room)
      return { posts, comments, remixes, users, cameos, follows, observations }
    })
    const sorted = (dump: typeof one) =>
      Object.fromEntries(
        Object.entries(dump!).map(([name, rows]) => [
          name,
          rows!.map((row) => JSON.stringify(row)).sort(),
        ]),
      )
    expect(sorted(one)).toEqual(sorted(other))
  })

  it('takes a file with a byte order mark', async () => {
    const room = openRoom()

    const report = await room.take(room.put('a.json', `\uFEFF${JSON.stringify(wrapped)}`))

    expect(report).toMatchObject({ outcome: 'done', pages: 1, bad: [] })
  })

  it('tells of each file as it goes', async () => {
    const room = openRoom()
    const files = [room.put('a.json', wrapped), room.put('b.json', profile)]
    const told: unknown[] = []

    await importFiles({
      archiveDir: room.archiveDir,
      files,
      durability: 'normal',
      clock: () => 1,
      onProgress: (progress) => told.push(progress),
    })

    const sizes = files.map((file) => statSync(file).size)
    const totalBytes = sizes[0]! + sizes[1]!
    expect(told).toEqual([
      { files: 1, totalFiles: 2, bytes: sizes[0], totalBytes, pages: 1 },
      { files: 2, totalFiles: 2, bytes: totalBytes, totalBytes, pages: 2 },
    ])
  })

  it('ends between two files when it is interrupted, and says so', async () => {
    const room = openRoom()
    const files = [room.put('a.json', wrapped), room.put('b.json', profile)]
    const controller = new AbortController()

    const report = await importFiles({
      archiveDir: room.archiveDir,
      files,
      durability: 'normal',
      signal: controller.signal,
      onProgress: () => controller.abort(),
    })

    expect(report).toMatchObject({ outcome: 'interrupted', pages: 1, bad: [] })
    expect(room.rows('SELECT outcome FROM runs')).toEqual([{ outcome: 'interrupted' }])
  })

  it('notes what it cannot read as expected, and keeps the rest', async () => {
    const room = openRoom()
    const items = [wrapped, { post: { id: null } }, 17]
    const file = room.put('feed.json', envelope('get_feed', {}, { items }))

    const report = await room.take(file)

    expect(report).toMatchObject({ outcome: 'done', pages: 1, anomalies: 2 })
    expect(room.rows('SELECT post_id FROM posts')).toEqual([{ post_id }])
    const sql = 'SELECT json_pointer FROM anomalies ORDER BY json_pointer'
    expect(room.rows(sql)).toEqual([
      { json_pointer: '/data/items/1/post/id' },
      { json_pointer: '/data/items/2' },
    ])
  })
})

describe('importFiles: when an answer was given', () => {
  const clockOf = (room: Room) => room.rows('SELECT received_at, clock FROM responses')

  it('takes the time of the envelope', async () => {
    const room = openRoom()
    await room.take(room.put('a.json', envelope('get_post_detail', { post_id }, wrapped)))

    expect(clockOf(room)).toEqual([{ received_at: (second + 100) * 1e6, clock: 'envelope' }])
    expect(room.rows('SELECT first_seen_at FROM posts')).toEqual([
      { first_seen_at: (second + 100) * 1e6 },
    ])
  })

  it('takes the newest time in the page where there is no envelope', async () => {
    const room = openRoom()
    const told = { ...post, updated_at: second + 60.5 }
    await room.take(room.put('a.json', { post: told, profile }))

    expect(clockOf(room)).toEqual([{ received_at: (second + 60.5) * 1e6, clock: 'page' }])
  })

  it.each([0, -5, null, '1700000000'])(
    'does so too where the envelope says %j',
    async (time_stamp) => {
      const room = openRoom()
      const answer = envelope('get_post_detail', { post_id }, wrapped, { time_stamp })
      await room.take(room.put('a.json', answer))

      expect(clockOf(room)).toEqual([{ received_at: (second + 0.25) * 1e6, clock: 'page' }])
    },
  )

  it('believes no envelope that is more than a day ahead, and says so', async () => {
    const room = openRoom()
    const time_stamp = second + 2 * 24 * 3600
    const answer = envelope('get_post_detail', { post_id }, wrapped, { time_stamp })
    const files = [room.put('a.json', answer)]
    const clock = () => second * 1e6

    const { archiveDir } = room
    const report = await importFiles({ archiveDir, files, clock, durability: 'normal' })

    expect(report.anomalies).toBe(1)
    expect(clockOf(room)).toEqual([{ received_at: (second + 0.25) * 1e6, clock: 'page' }])
    expect(room.rows('SELECT json_pointer, excerpt FROM anomalies')).toEqual([
      { json_pointer: '/time_stamp', excerpt: String(time_stamp) },
    ])
  })

  it('takes the time of the file where nothing else tells one', async () => {
    const room = openRoom()
    const file = room.put('a.json', profile)
    utimesSync(file, second, second)
    await room.take(file)

    expect(clockOf(room)).toEqual([{ received_at: second * 1e6, clock: 'file' }])
  })
})

describe('importFiles of what is no answer', () => {
  const bad: [what: string, put: (room: Room) => string, problem: string][] = [
    [
      'no JSON',
      (room) => room.put('x', 'hello'),
      'is no JSON object or list (it begins with "hello")',
    ],
    ['a cut JSON', (room) => room.put('x', '{"items":['), 'is cut off inside its first answer'],
    ['nothing', (room) => room.put('x', ''), 'is empty'],
    ['a number', (room) => room.put('x', '17'), 'is no JSON object or list (it begins with "17")'],
    [
      'an error answer',
      (room) => room.put('x', { detail: { code: 402, message: 'Insufficient balance' } }),
      'is an error answer (Insufficient balance), not a page. Expected: ',
    ],
    [
      'an error of the app',
      (room) => room.put('x', { error: { message: 'Hmmm' } }),
      'is an error answer (Hmmm), not a page. Expected: ',
    ],
    [
      'an unknown object',
      (room) => room.put('x', { name: 'x', version: 1 }),
      'is an object with the keys name, version. Expected: ',
    ],
    [
      'an answer of another family',
      (room) => room.put('x', { code: 200, router: '/api/v1/tiktok/x', data: { a: 1 } }),
      'is an answer of /api/v1/tiktok/x. Expected: ',
    ],
    [
      'an empty list',
      (room) => room.put('x', { items: [], cursor: null }),
      'is a list without items, which tells not of what. Expected: ',
    ],
    [
      'a list of something else',
      (room) => room.put('x', { items: [{ a: 1 }] }),
      'is a list of objects with the keys a. Expected: ',
    ],
    ['a missing file', (room) => join(room.folder, 'y'), 'cannot be read: ENOENT'],
    [
      'an address',
      () => 'https://sora.chatgpt.com/p/s_1',
      'is an address: nothing is fetched here; save what it answers, and name the file',
    ],
    ['a folder', (room) => mkdtempSync(join(room.folder, 'z')), 'is an empty folder'],
    [
      'no UTF-8',
      (room) => room.put('x', Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])),
      'is no text in UTF-8. Expected: ',
    ],
    [
      'UTF-16',
      (room) => room.put('x', Buffer.from(JSON.stringify(wrapped), 'utf16le')),
      'is text in UTF-16: save it in UTF-8',
    ],
  ]

  it.each(bad)('says so, and changes nothing: %s', async (_, put, problem) => {
    const room = openRoom()
    const file = put(room)

    const taking = room.take(file)

    await expect(taking).rejects.toThrow(InputError)
    await expect(taking).rejects.toThrow(`${file} ${problem}`)
    expect(existsSync(room.archiveDir)).toBe(false)
  })

  it('lists every one, each on a line, and says what is accepted', async () => {
    const room = openRoom()
    const files = [room.put('a', '{}'), room.put('b', '[]'), join(room.folder, 'c')]

    const taking = room.take(files)

    const error = await taking.catch((caught: unknown) => caught as InputError)
    expect((error as InputError).message.split('\n').toSorted()).toEqual([
      `${files[0]!} is an object with the keys . Expected: ${accepted}`,
      `${files[1]!} is a list of something unknown. Expected: ${accepted}`,
      expect.stringMatching(/^.*c cannot be read: ENOENT/) as string,
    ])
    expect(existsSync(room.archiveDir)).toBe(false)
  })

  it('counts a missing file against no other', async () => {
    const room = openRoom()
    const good = room.put('good.json', wrapped)

    const report = await room.take([good, join(room.folder, 'gone.json')])

    expect(report).toMatchObject({ total_bad: 1, files: [{ file: good, pages: 1, bad: 0 }] })
  })

  it('takes no file at all for wrong usage', async () => {
    const room = openRoom()

    await expect(room.take([])).rejects.toThrow(new InputError('no file was named'))
    expect(existsSync(room.archiveDir)).toBe(false)
  })

  it('takes the good ones of a batch, and lists the bad ones', async () => {
    const room = openRoom()
    const good = [room.put('a.json', wrapped), room.put('b.json', { post: remix, profile })]
    const wrong = [room.put('c.json', 'hello'), join(room.folder, 'd.json')]

    const report = await room.take([wrong[0]!, good[0]!, wrong[1]!, good[1]!])

    expect(report).toMatchObject({ outcome: 'failures', pages: 2, held: 0 })
    const taken = report.files.filter(({ pages }) => pages > 0).map(({ file }) => file)
    expect(taken).toEqual(good)
    expect(report.bad.map(({ file }) => file).sort()).toEqual(wrong)
    const sql = 'SELECT post_id FROM posts ORDER BY post_id'
    expect(room.rows(sql)).toEqual([{ post_id }, { post_id: remix_id }])
    expect(room.rows('SELECT outcome FROM runs')).toEqual([{ outcome: 'failures' }])
  })

  it('leaves an archive as it is where all files are bad', async () => {
    const room = openRoom()
    await room.take(room.put('a.json', wrapped))
    const before = dumpOf(room)

    await expect(room.take(room.put('b.json', 'hello'))).rejects.toThrow(InputError)

    expect(dumpOf(room)).toEqual(before)
  })
})

describe.skipIf(!existsSync(samples))('importFiles of the captured answers', () => {
  const draftsFile = join(samples, 'native_drafts_full.json')

  it('holds the eleven drafts, with the end of every address', async () => {
    const room = openRoom()

    const report = await room.take(draftsFile)

    expect(report).toMatchObject({
      outcome: 'done',
      pages: 1,
      anomalies: 0,
      answers: { native_drafts: 1 },
    })
    const kindsHeld = 'SELECT kind, count(*) AS n FROM generations GROUP BY kind ORDER BY kind'
    expect(room.rows(kindsHeld)).toEqual([
      { kind: 'sora_content_violation', n: 2 },
      { kind: 'sora_draft', n: 8 },
      { kind: 'sora_error', n: 1 },
    ])
    const assets = room.rows('SELECT url, expires_at FROM assets') as {
      url: string
      expires_at: number | null
    }[]
    expect(assets).toHaveLength(80)
    expect(assets).toEqual(assets.map(({ url }) => ({ url, expires_at: endOf(url) })))
    expect(room.rows('SELECT * FROM requests')).toEqual([])
  })

  it('keeps the body as it was, to the byte, without the blanks around it', async () => {
    const room = openRoom()
    await room.take(draftsFile)

    expect(room.rows('SELECT body_bytes FROM responses')).toEqual([
      { body_bytes: Buffer.byteLength(readFileSync(draftsFile, 'utf8').trim()) },
    ])
  })

  it('takes every captured answer, and refuses the errors', async () => {
    const room = openRoom()
    const names = readdirSync(samples).filter((name) => name.endsWith('.json'))

    const report = await room.take(names.map((name) => join(samples, name)))

    const errors = names.filter((name) => name.startsWith('error_'))
    const bad = report.bad.map(({ file }) => file.slice(samples.length + 1))
    const endpoints = new Map(
      report.files
        .filter(({ pages }) => pages > 0)
        .map(({ file, answers }) => [file.slice(samples.length + 1), Object.keys(answers)[0]!]),
    )
    const named = [...endpoints].filter(
      ([name, endpoint]) => !name.startsWith('native_') && !name.startsWith(endpoint),
    )
    expect(errors.length).toBeGreaterThan(1)
    expect(bad).toEqual(errors)
    expect(endpoints.size).toBe(names.length - errors.length)
    expect(named).toEqual([])
    expect(room.rows('SELECT * FROM anomalies')).toEqual([])
  })
})

/** The end of a signature as the address says it (`se=`, or `exp=`), in microseconds. */
function endOf(url: string): number | null {
  const query = new URL(url).searchParams
  const end = query.get('se')
  if (end !== null) return Date.parse(end) * 1000
  const seconds = query.get('exp') ?? query.get('te')
  return seconds === null ? null : Number(seconds) * 1e6
}
