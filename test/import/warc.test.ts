import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WARCRecord, WARCSerializer } from 'warcio'
import { envelope, openRoom, originsIn, postId, second, textsIn, userId, wrapped } from './room.js'

const backend = 'https://sora.chatgpt.com/backend'
const relayed = 'https://api.tikhub.io/api/v1/sora2'

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

  it.each([
    ['2026-02-03T04:05:06Z', 1770091506_000000],
    ['2026-02-03T04:05:06.789123', 1770091506_789123],
    ['2026-02-03T05:05:06.789123456+01:00', 1770091506_789123],
    ['2026-02-03', 1770076800_000000],
  ])('takes the time of a record for the same on machines in any zone: %s', async (written, at) => {
    vi.stubEnv('TZ', 'America/New_York')
    onTestFinished(() => void vi.unstubAllEnvs())
    const room = openRoom()
    const record = recordOf(tree, body, {}).toString().replace(date, written)

    await room.take(room.put('x.warc', record))

    expect(room.rows('SELECT received_at, clock FROM responses')).toEqual([
      { received_at: at, clock: 'warc' },
    ])
  })

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
      onTestFinished(() => warn.mockRestore())
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

  it.each([
    ['no type', 'WARC-Date: x\r\nContent-Length: 2\r\n\r\n{}\r\n\r\n'],
    ['no length', 'WARC-Type: response\r\n\r\n{}\r\n\r\n'],
    ['a length below 0', 'WARC-Type: response\r\nContent-Length: -2\r\n\r\n{}\r\n\r\n'],
    ['a length and more', 'WARC-Type: response\r\nContent-Length: 2 MB\r\n\r\n{}\r\n\r\n'],
  ])('refuses a record with %s, and keeps what came before', async (_, rest) => {
    const room = openRoom()
    const bytes = Buffer.concat([recordOf(tree, body, {}), Buffer.from(`WARC/1.1\r\n${rest}`)])

    const report = await room.take(room.put('x.warc', bytes))

    expect(report).toMatchObject({ outcome: 'failures', pages: 1 })
    expect(report.bad).toMatchObject([
      { problem: expect.stringContaining('a record lacks its type or length') as string },
    ])
  })

  it('reads no header without an end', async () => {
    const room = openRoom()
    const head = `WARC/1.1\r\nWARC-Type: ${'x'.repeat(20 * 2 ** 20)}`

    await expect(room.take(room.put('x.warc', head))).rejects.toThrow('a header has no end')
  })

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
