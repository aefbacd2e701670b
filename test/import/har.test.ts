import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/model/errors.js'
import {
  commentId,
  detail,
  openRoom,
  person,
  postId,
  second,
  textsIn,
  userId,
  wrapped,
} from './room.js'

const backend = 'https://sora.chatgpt.com/backend'
const relayed = 'https://api.tikhub.io/api/v1/sora2'

interface Answered {
  url: string
  body: unknown
  status?: number
  mimeType?: string
  isBase64?: boolean
  packing?: string
}

const startedAt = new Date((second + 500) * 1000 + 250).toISOString()

const entryOf = ({
  url,
  body,
  status = 200,
  mimeType = 'application/json',
  isBase64,
  packing,
}: Answered) => {
  const text = Buffer.isBuffer(body) || typeof body === 'string' ? body : JSON.stringify(body)
  const secret = { name: 'Cookie', value: 'session=very-secret' }
  return {
    startedDateTime: startedAt,
    time: 750,
    request: { method: 'GET', url, headers: [secret], cookies: [secret] },
    response: {
      status,
      headers: packing ? [secret, { name: 'Content-Encoding', value: packing }] : [secret],
      content: {
        ...{ size: text.length, mimeType },
        ...(isBase64
          ? { encoding: 'base64', text: Buffer.from(text).toString('base64') }
          : { text: text.toString() }),
      },
    },
  }
}

const harOf = (...answers: Answered[]) => ({
  log: {
    ...{ version: '1.2', creator: { name: 'a "browser"}' }, pages: [{ title: '],"entries":[' }] },
    entries: answers.map(entryOf),
  },
})

describe('importFiles of a HAR', () => {
  it('counts what is left out by a hundred reasons at most, however many it names', async () => {
    const room = openRoom()
    const url = `${backend}/project_y/post/${postId(1)}`
    const failed = Array.from({ length: 250 }, (_, n) => ({ url, body: 'x', status: 1000 + n }))

    const report = await room.take(room.put('x.har', harOf({ url, body: wrapped(1) }, ...failed)))

    expect(report.pages).toBe(1)
    expect(Object.keys(report.skipped)).toHaveLength(101)
    expect(report.skipped).toMatchObject({ 'HTTP 1000': 1, 'of other kinds': 150 })
  })

  it('takes the answers, each at its own time, and nothing of what was asked', async () => {
    const room = openRoom()
    const har = harOf(
      { url: `${backend}/project_y/post/${postId(1)}`, body: wrapped(1) },
      { url: 'https://sora.chatgpt.com/app.js', body: 'let x = 1', mimeType: 'text/javascript' },
      {
        ...{ url: `${backend}/public/nf2/feed?limit=3`, body: { items: [wrapped(2)] } },
        ...{ isBase64: true, mimeType: 'application/octet-stream' },
      },
    )

    const report = await room.take(room.put('x.har', har))

    expect(report).toMatchObject({
      ...{ outcome: 'done', pages: 2, bad: [], skipped: { 'not ours': 1 } },
      ...{ containers: { har: 1 }, answers: { get_post_detail: 1, get_feed: 1 } },
    })
    expect(room.rows('SELECT origin, clock, received_at AS at FROM responses')).toEqual(
      [0, 2].map((index) => ({
        ...{ origin: `x.har#entries/${index}`, clock: 'har' },
        at: (second + 501) * 1e6,
      })),
    )
    const kept = JSON.stringify(room.rows('SELECT * FROM responses'))
    expect(kept).not.toContain('secret')
  })

  it.each([
    ['nf2/feed?limit=3&cut=nf2_top', { items: [wrapped(1)] }, 'get_feed', { cut: 'nf2_top' }],
    ['project_y/feed?cursor=abc', { items: [] }, 'get_feed', { cursor: 'abc' }],
    [
      `project_y/post/${postId(1)}/tree?limit=20&max_depth=1&cursor=c`,
      { ...wrapped(1), children: { items: [], cursor: null } },
      'get_post_comments',
      { cursor: 'c', post_id: postId(1) },
    ],
    [
      `project_y/post/${commentId(7)}/tree`,
      { post: { id: commentId(7) }, children: { items: [] } },
      'get_comment_replies',
      { comment_id: commentId(7) },
    ],
    [
      `project_y/post/${postId(1)}/remix_feed?limit=20`,
      { items: [wrapped(2)], cursor: 'x' },
      'get_post_remix_list',
      { post_id: postId(1) },
    ],
    [
      `project_y/profile_feed/${userId(2)}?cut=nf2`,
      { items: [wrapped(1)] },
      'get_user_posts',
      { user_id: userId(2) },
    ],
    [
      `project_y/profile_feed/${userId(2)}?cut=appearances`,
      { items: [wrapped(1)] },
      'get_user_cameo_appearances',
      { user_id: userId(2) },
    ],
    [`project_y/profile/${userId(2)}`, person(2), 'get_user_profile', { user_id: userId(2) }],
    ['project_y/profile/username/name2', person(2), 'get_user_profile', { user_id: userId(2) }],
    [
      'project_y/profile/search_mentions?username=na&intent=cameo',
      { items: [{ profile: person(1), token: 'x' }] },
      'search_users',
      { username: 'na' },
    ],
    ['project_y/profile/drafts/v2?limit=15', { items: [] }, 'native_drafts', {}],
    ['nf/pending/v2', [{ id: 'task_01', status: 'queued' }], 'native_pending_tasks', {}],
  ])('knows by its address what was asked: %s', async (path, body, endpoint, params) => {
    const room = openRoom()

    await room.take(room.put('x.har', harOf({ url: `${backend}/${path}`, body })))

    const [row] = room.rows('SELECT endpoint, params FROM responses') as {
      endpoint: string
      params: string
    }[]
    expect({ endpoint: row!.endpoint, params: JSON.parse(row!.params) as unknown }).toEqual({
      endpoint,
      params,
    })
  })

  it.each<[unknown, number]>([
    [750, 750],
    [0.25, 0.25],
    [-1, 0],
    ['750', 0],
    [undefined, 0],
  ])('adds how long an answer took to its start: %j', async (time, tookMs) => {
    const room = openRoom()
    const har = harOf({ url: `${backend}/project_y/profile/${userId(2)}`, body: person(2) })
    Object.assign(har.log.entries[0]!, { time })

    await room.take(room.put('x.har', har))

    const at = (Date.parse(startedAt) + tookMs) * 1000
    expect(room.rows('SELECT received_at AS at, clock FROM responses')).toEqual([
      { at, clock: 'har' },
    ])
  })

  it('believes the content where the address says otherwise', async () => {
    const room = openRoom()
    const har = harOf(
      { url: `${backend}/project_y/post/${postId(9)}`, body: wrapped(1) },
      { url: `${backend}/project_y/profile/${userId(9)}`, body: { items: [wrapped(2)] } },
    )

    await room.take(room.put('x.har', har))

    expect(room.rows('SELECT endpoint, params FROM responses ORDER BY rowid')).toEqual([
      { endpoint: 'get_post_detail', params: JSON.stringify({ post_id: postId(1) }) },
      { endpoint: 'get_feed', params: '{}' },
    ])
  })

  it('holds an envelope once, in a HAR and alone; two looks at one native answer are two', async () => {
    const room = openRoom()
    const url = `${relayed}/get_post_detail?post_id=${postId(1)}`
    const native = { url: `${backend}/project_y/post/${postId(2)}`, body: wrapped(2) }
    const later = harOf(native)
    later.log.entries[0]!.time = 5000

    await room.take(room.put('one.har', harOf({ url, body: detail(1) }, native)))
    const again = await room.take([
      room.put('one.json', detail(1)),
      room.put('two.har', harOf({ url, body: detail(1) })),
      room.put('three.har', later),
      room.put('four.har', later),
    ])

    expect(again).toMatchObject({ pages: 1, held: 3 })
    const sql = 'SELECT count(*) AS n FROM sightings WHERE entity_kind = ? AND entity_id = ?'
    expect(room.rows(sql.replace('?', `'post'`).replace('?', `'${postId(2)}'`))).toEqual([{ n: 2 }])
  })

  it('counts what is binary, not ours or refused, and tells what is ours and broken', async () => {
    const room = openRoom()
    const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe])
    const tree = `${backend}/project_y/post/${postId(3)}/tree`
    const har = harOf(
      { url: 'https://x/a.png', body: picture, mimeType: 'image/png', isBase64: true },
      { url: 'https://x/b', body: picture, mimeType: '', isBase64: true },
      { url: 'https://x/c.json', body: { a: 1 } },
      { url: 'https://x/d.json', body: '', status: 404 },
      { url: tree, body: { error: { code: 'x' } }, status: 429 },
      { url: tree, body: '{"post":' },
      { url: tree, body: '<html>' },
      { url: `${backend}/project_y/v2/me`, body: { profile: person(1), my_info: { email: 'e' } } },
      { url: tree, body: wrapped(3) },
    )
    const [bare] = harOf({ url: tree, body: '' }).log.entries
    har.log.entries.push({
      ...bare!,
      response: { ...bare!.response, content: { size: 9 } as never },
    })
    har.log.entries.push(5 as never)

    const report = await room.take(room.put('x.har', har))

    expect(report.skipped).toEqual({
      ...{ binary: 2, 'not ours': 2, 'HTTP 429': 1, 'account data': 1 },
    })
    expect(report.bad.map(({ place }) => place)).toEqual(
      [5, 6, 9, 10].map((index) => `#entries/${index}`),
    )
    expect(report).toMatchObject({ outcome: 'failures', pages: 1 })
    expect(JSON.stringify(room.rows('SELECT * FROM responses'))).not.toContain('my_info')
  })

  it('takes what a browser held already and showed again, and nothing of what broke off', async () => {
    const room = openRoom()
    const tree = `${backend}/project_y/post/${postId(1)}/tree`
    const har = harOf(
      { url: tree, body: wrapped(1), status: 304 },
      { url: tree, body: '', status: 304 },
      { url: tree, body: '' },
      { url: tree, body: '' },
      { url: tree, body: '', status: 0 },
      { url: tree, body: '' },
      { url: tree, body: '' },
    )
    const [held, , aborted, asked, , looked] = har.log.entries
    Object.assign(held!.response.content, { size: 0 })
    Object.assign(aborted!.response, { _error: 'net::ERR_ABORTED', content: { size: 9 } })
    Object.assign(asked!.request, { method: 'OPTIONS' })
    Object.assign(asked!.response, { content: { size: -1 } })
    Object.assign(looked!.request, { method: 'HEAD' })
    Object.assign(looked!.response, { content: { size: -1 } })

    const report = await room.take(room.put('x.har', har))

    expect(report).toMatchObject({ outcome: 'done', pages: 1, bad: [] })
    expect(report.skipped).toEqual({ 'HTTP 304': 1, 'no answer': 2, 'no content': 3 })
    expect(room.rows('SELECT clock FROM responses')).toEqual([{ clock: 'har' }])
  })

  it.each<[string, (body: Buffer) => Buffer, string]>([
    ['with gzip', gzipSync, 'gzip'],
    ['with gzip, as it was once called', gzipSync, 'X-GZIP'],
    ['with deflate', deflateSync, 'deflate'],
    ['with deflate, bare', deflateRawSync, 'deflate'],
    ['with brotli', brotliCompressSync, ' br '],
    ['not at all, whatever the header says', (body) => body, 'br'],
  ])('unpacks a body that was left packed %s', async (_, pack, packing) => {
    const room = openRoom()
    const packed = (n: number) => pack(Buffer.from(JSON.stringify(wrapped(n))))
    const har = harOf(
      {
        ...{ url: `${backend}/project_y/post/${postId(1)}`, body: packed(1) },
        ...{ isBase64: true, packing },
      },
      { url: 'https://elsewhere/copy', body: packed(2), isBase64: true, packing },
    )

    const report = await room.take(room.put('x.har', har))

    expect(report).toMatchObject({ outcome: 'done', pages: 2, bad: [] })
    expect(textsIn(room)).toEqual(['text 1', 'text 2'])
    const asText = openRoom()
    const url = `${backend}/project_y/post/${postId(1)}`
    await asText.take(asText.put('y.har', harOf({ url, body: wrapped(1), packing })))
    const ids = 'SELECT response_id, body_sha256 FROM responses'
    expect(room.rows(ids)).toEqual(expect.arrayContaining(asText.rows(ids)))
  })

  it('refuses only what it cannot unpack, and says why', async () => {
    const room = openRoom()
    const url = `${backend}/project_y/post/${postId(1)}`
    const bomb = gzipSync(Buffer.alloc(4 * 2 ** 20, ' '))
    const zstd = Buffer.from('28b52ffd0000', 'hex')
    const packed = { url, isBase64: true }
    const har = harOf(
      { ...packed, body: zstd, packing: 'zstd' },
      { ...packed, body: gzipSync('{"post":1}').subarray(0, 20), packing: 'gzip' },
      { ...packed, body: bomb, packing: 'gzip' },
      { ...packed, body: gzipSync('<html>'), packing: 'gzip' },
      { ...packed, body: zstd, packing: 'zstd', url: 'https://elsewhere/copy' },
      { url, body: '<html>', packing: 'br' },
      { url, body: wrapped(1) },
    )
    har.log.entries.push({
      ...har.log.entries[6]!,
      response: { ...har.log.entries[6]!.response, headers: 'none' as never },
    })

    const report = await room.take(room.put('x.har', har), { limits: { answer: 2 ** 20 } })

    expect(report).toMatchObject({ outcome: 'failures', pages: 1, skipped: { binary: 1 } })
    expect(report.bad.map(({ place, problem }) => `${place} ${problem}`)).toEqual([
      '#entries/0 cannot be unpacked: its packing, zstd, is not read: unpack it yourself',
      '#entries/1 cannot be unpacked: unexpected end of file',
      '#entries/2 cannot be unpacked: it is longer than 1 MB, the most that one answer may be',
      '#entries/3 is no JSON',
      '#entries/5 is no JSON',
    ])
  })

  it('keeps what came before a cut, and says so', async () => {
    const room = openRoom()
    const url = `${relayed}/get_post_detail`
    const text = JSON.stringify(harOf({ url, body: detail(1) }, { url, body: detail(2) }))

    const report = await room.take(room.put('x.har', text.slice(0, -60)))

    expect(report).toMatchObject({ outcome: 'failures', pages: 1 })
    expect(report.bad[0]!.problem).toBe('is cut off behind 1 answers: they are kept')
  })

  it.each([
    '{"log":{"version":"1"}}',
    '{"log":{"entries":5}}',
    '{"log":{}}',
    '{"log":{"entries":[]}}',
  ])('says that a HAR holds nothing: %s', async (text) => {
    const room = openRoom()

    await expect(room.take(room.put('x.har', text))).rejects.toThrow(InputError)
  })
})
