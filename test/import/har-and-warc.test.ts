import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { WARCRecord, WARCSerializer } from 'warcio'
import { InputError } from '../../src/model/errors.js'
import {
  commentId,
  detail,
  envelope,
  openRoom,
  originsIn,
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
  it('takes the answers, each at its own time, and nothing of what was asked', async () => {
    const room = openRoom()
    const har = harOf(
      { url: `${backend}/project_y/post/${postId(1)}`, body: wrapped(1) },
      { url: 'https://sora.chatgpt.com/app.js', body: 'let x = 1', mimeType: 'text/javascript' },
      { url: `${backend}/public/nf2/feed?limit=3`, body: { items: [wrapped(2)] }, isBase64: true },
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

    const report = await room.take(room.put('x.har', har))

    expect(report.skipped).toEqual({
      ...{ binary: 2, 'not ours': 1, 'HTTP 429': 1, 'account data': 1 },
    })
    expect(report.bad.map(({ place }) => place)).toEqual(['#entries/4', '#entries/5', '#entries/8'])
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
    )
    const [, , aborted, asked] = har.log.entries
    Object.assign(aborted!.response, { _error: 'net::ERR_ABORTED', content: { size: 9 } })
    Object.assign(asked!.request, { method: 'OPTIONS' })
    Object.assign(asked!.response, { content: { size: -1 } })

    const report = await room.take(room.put('x.har', har))

    expect(report).toMatchObject({ outcome: 'done', pages: 1, bad: [] })
    expect(report.skipped).toEqual({ 'HTTP 304': 1, 'no answer': 2, 'no content': 1 })
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

const date = new Date((second + 700) * 1000).toISOString()

interface Recorded {
  url: string
  body: Buffer | string
  headers?: Record<string, string>
  status?: string
  type?: 'response' | 'resource' | 'request'
}

async function warcOf(records: readonly Recorded[], isPacked = false): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for (const { url, body, headers = {}, status = '200 OK', type = 'response' } of records) {
    const one = WARCRecord.create(
      {
        ...{ url, date, type, warcVersion: 'WARC/1.1', statusline: `HTTP/1.1 ${status}` },
        httpHeaders: type === 'resource' ? {} : headers,
      },
      (async function* () {
        yield Buffer.from(body)
      })(),
    )
    parts.push(await WARCSerializer.serialize(one, { gzip: isPacked }))
  }
  return Buffer.concat(parts)
}

/** A record by hand: headers may say of the body what is not so. */
function recordOf(url: string, body: Buffer | string, headers: Record<string, string>): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const block = Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\n${lines.join('')}\r\n`),
    Buffer.from(body),
  ])
  const head = [
    ...['WARC/1.1', 'WARC-Type: response', `WARC-Target-URI: ${url}`, `WARC-Date: ${date}`],
    `Content-Length: ${block.length}`,
  ]
  return Buffer.concat([
    Buffer.from(`${head.join('\r\n')}\r\n\r\n`),
    block,
    Buffer.from('\r\n\r\n'),
  ])
}

/** A record that repeats another; what its HTTP head says may be left out. */
const revisitOf = (url: string, digest: string, block: string): Buffer => {
  const head = [
    ...['WARC/1.1', 'WARC-Type: revisit', `WARC-Target-URI: ${url}`, `WARC-Date: ${date}`],
    ...[`WARC-Payload-Digest: ${digest}`, `Content-Length: ${block.length}`],
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${block}\r\n\r\n`)
}

const chunked = (body: string): string => {
  const bytes = Buffer.from(body)
  const half = Math.floor(bytes.length / 2)
  const parts = [bytes.subarray(0, half), bytes.subarray(half)]
  return `${parts.map((part) => `${part.length.toString(16)}\r\n${part.toString('latin1')}\r\n`).join('')}0\r\n\r\n`
}

describe('importFiles of a WARC', () => {
  const tree = `${backend}/project_y/post/${postId(1)}/tree?cursor=next`
  const body = JSON.stringify({ ...wrapped(1), children: { items: [], cursor: null } })

  it.each([false, true])(
    'takes the answers at the time of their records (packed: %s)',
    async (isPacked) => {
      const room = openRoom()
      const bytes = await warcOf(
        [
          { url: tree, body: '', type: 'request' },
          { url: tree, body },
          { url: 'https://x/a.html', body: '<html>' },
          {
            url: `${relayed}/get_feed`,
            body: JSON.stringify(envelope('get_feed', {}, { items: [] })),
          },
          {
            url: `${backend}/project_y/post/${postId(2)}`,
            body: JSON.stringify(wrapped(2)),
            type: 'resource',
          },
          { url: tree, body: '{}', status: '404 Not Found' },
        ],
        isPacked,
      )

      const report = await room.take(room.put('x.warc', bytes))

      expect(report).toMatchObject({
        ...{ outcome: 'done', pages: 3, bad: [] },
        skipped: { 'request record': 1, 'not ours': 1, 'HTTP 404': 1 },
      })
      expect(
        room.rows('SELECT endpoint, params, origin, clock, received_at AS at FROM responses'),
      ).toEqual([
        {
          ...{ endpoint: 'get_post_comments', origin: 'x.warc#record/1', clock: 'warc' },
          ...{ params: JSON.stringify({ cursor: 'next', post_id: postId(1) }) },
          at: (second + 700) * 1e6,
        },
        {
          ...{ endpoint: 'get_feed', params: '{}', origin: 'x.warc#record/3', clock: 'envelope' },
          at: (second + 1000) * 1e6,
        },
        {
          ...{ endpoint: 'get_post_detail', origin: 'x.warc#record/4', clock: 'warc' },
          ...{ params: JSON.stringify({ post_id: postId(2) }), at: (second + 700) * 1e6 },
        },
      ])
    },
  )

  // Brotli of some lengths begins with a bracket, as JSON does.
  const longBody = JSON.stringify({ ...(JSON.parse(body) as object), note: 'x'.repeat(100_000) })

  it.each<[string, Buffer | string, Record<string, string>]>([
    ['in chunks', chunked(body), { 'Transfer-Encoding': 'chunked' }],
    ['packed with gzip', gzipSync(body), { 'Content-Encoding': 'gzip' }],
    ['packed with brotli', brotliCompressSync(body), { 'Content-Encoding': 'br' }],
    ['packed with deflate', deflateSync(body), { 'Content-Encoding': 'deflate' }],
    ['packed with deflate, bare', deflateRawSync(body), { 'Content-Encoding': 'deflate' }],
    ['packed with brotli, at a length', brotliCompressSync(longBody), { 'Content-Encoding': 'br' }],
    ['said to be packed, and plain', body, { 'Content-Encoding': 'gzip' }],
    ['said to be packed in an unknown way, and plain', body, { 'Content-Encoding': 'zstd' }],
    ['said to be in chunks, and whole', body, { 'Transfer-Encoding': 'chunked' }],
  ])('unwraps a body: %s', async (_, content, headers) => {
    const room = openRoom()

    await room.take(room.put('x.warc', recordOf(tree, content, headers)))

    expect(textsIn(room)).toEqual(['text 1'])
  })

  it('reads a head whose lines end in a line feed alone, and tells of one without an end', async () => {
    const room = openRoom()
    const ofBytes = (head: string, text: string): Buffer => {
      const lines = ['WARC/1.0', 'WARC-Type: response', `WARC-Target-URI: <${tree}>`]
      const length = `Content-Length: ${head.length + text.length}`
      const block = [...lines, `WARC-Date: ${date}`, length].join('\r\n')
      return Buffer.from(`${block}\r\n\r\n${head}${text}\r\n\r\n`)
    }
    const pretty = JSON.stringify(JSON.parse(body), null, 1).replace('\n', '\r\n\r\n')
    const ofLines = ofBytes('HTTP/1.0 200 OK\nServer: x\n\n', pretty)
    const endless = ofBytes('HTTP/1.0 200 OK\r\nServer: x\r\n', '')

    const report = await room.take(room.put('x.warc', Buffer.concat([ofLines, endless])))

    expect(report).toMatchObject({ outcome: 'failures', pages: 1 })
    expect(report.bad).toMatchObject([{ place: '#record/1', problem: 'is no JSON' }])
    expect(textsIn(room)).toEqual(['text 1'])
  })

  it('takes what repeats an answer to something else, with or without its head', async () => {
    const room = openRoom()
    const none = JSON.stringify({ items: [], cursor: null })
    const followers = (n: number) => `${backend}/project_y/profile/${userId(n)}/followers`
    const first = (await warcOf([{ url: followers(1), body: none }])).toString()
    const digest = /WARC-Payload-Digest: (\S+)/.exec(first)![1]!
    const [ok, same, gone] = ['200 OK', '304 Not Modified', '404 Not Found'].map(
      (status) => `HTTP/1.1 ${status}\r\n\r\n`,
    ) as [string, string, string]
    const repeats = [
      ...[revisitOf(followers(2), digest, ''), revisitOf(followers(3), digest, ok)],
      ...[revisitOf(followers(4), digest, same), revisitOf(followers(5), digest, gone)],
      ...[revisitOf('https://x/', digest, ok), revisitOf(followers(6), 'sha1:X', same)],
    ]

    const report = await room.take(
      room.put('x.warc', Buffer.concat([Buffer.from(first), ...repeats])),
    )

    expect(report).toMatchObject({ outcome: 'done', pages: 4, bad: [] })
    expect(report.skipped).toEqual({ 'HTTP 404': 1, 'not ours': 1, 'HTTP 304': 1 })
    expect(room.rows('SELECT params FROM responses ORDER BY params')).toEqual(
      [1, 2, 3, 4].map((n) => ({ params: JSON.stringify({ user_id: userId(n) }) })),
    )
  })

  it('keeps what came before a cut, and says so', async () => {
    const room = openRoom()
    const bytes = await warcOf([
      { url: tree, body },
      { url: `${backend}/project_y/post/${postId(2)}`, body: JSON.stringify(wrapped(2)) },
    ])

    const report = await room.take(room.put('x.warc', bytes.subarray(0, -60)))

    expect(report).toMatchObject({ outcome: 'failures', pages: 1 })
    expect(report.bad[0]!.problem).toBe('is cut off behind 1 records: they are kept')
    expect(originsIn(room)).toEqual(['x.warc#record/0'])
  })

  it.each([
    ['a few', 'x'],
    ['more than it looks at in one go', 'x'.repeat(200_000)],
  ])(
    'tells %s bytes behind a record, on no console, and takes the records around',
    async (_, more) => {
      const warn = vi.spyOn(console, 'warn')
      const room = openRoom()
      const two = `${backend}/project_y/post/${postId(2)}`
      const first = recordOf(tree, body, {})
      const bytes = Buffer.concat([
        ...[first.subarray(0, -4), Buffer.from(`${more}\r\n\r\n`)],
        ...[recordOf(two, JSON.stringify(wrapped(2)), {}).subarray(0, -4), Buffer.from(more)],
      ])

      const report = await room.take(room.put('x.warc', bytes))

      const problem = 'is followed by bytes that are of no record: its length may be wrong'
      expect(report).toMatchObject({
        ...{ outcome: 'failures', pages: 2 },
        bad: [0, 1].map((number) => ({ place: `#record/${number}`, problem })),
      })
      expect(originsIn(room)).toEqual(['x.warc#record/0', 'x.warc#record/1'])
      expect(warn).not.toHaveBeenCalled()
    },
  )

  it('tells a packing that is not read', async () => {
    const room = openRoom()
    const zstd = Buffer.from('28b52ffd0000', 'hex')
    const bytes = recordOf(tree, zstd, { 'Content-Encoding': 'zstd' })

    await expect(room.take(room.put('x.warc', bytes))).rejects.toThrow(
      'cannot be unpacked: its packing, zstd, is not read: unpack it yourself',
    )
  })

  it('tells a packed body that is a bomb, and what is no WARC behind its first line', async () => {
    const room = openRoom()
    const bomb = gzipSync(Buffer.alloc(4 * 2 ** 20, ' '))
    const headers = { 'Content-Encoding': 'gzip' }
    const bytes = Buffer.concat([
      recordOf(`${backend}/project_y/post/${postId(2)}`, bomb, headers),
      recordOf(tree, body, {}),
    ])

    const report = await room.take(
      [room.put('x.warc', bytes), room.put('y.warc', 'WARC/1.0\r\nnothing')],
      { limits: { answer: 2 ** 20 } },
    )

    expect(report).toMatchObject({ outcome: 'failures', pages: 1 })
    expect(report.bad[0]).toMatchObject({
      place: '#record/0',
      problem: 'cannot be unpacked: it is longer than 1 MB, the most that one answer may be',
    })
  })
})
