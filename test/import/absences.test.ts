import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { detail, openRoom, postId, type Room } from './room.js'

const sha256 = createHash('sha256').update('{"detail":"gone"}').digest('hex')
const [first, other] = [1, 2].map((n) => `<urn:uuid:00000000-0000-4000-8000-00000000000${n}>`)

function recordOf(fields: Record<string, string>, block: string): string {
  const lines = Object.entries({ ...fields, 'Content-Length': String(Buffer.byteLength(block)) })
  return `WARC/1.1\r\n${lines.map((each) => `${each.join(': ')}\r\n`).join('')}\r\n${block}\r\n\r\n`
}

/** What came of a call, as a WARC of ours holds it. */
const answer = recordOf(
  {
    ...{ 'WARC-Type': 'response', 'WARC-Record-ID': first!, 'WARC-Date': '2026-01-02T03:04:05Z' },
    'WARC-Target-URI': 'https://api.tikhub.io/api/v1/sora2/get_post_detail',
    ...{ 'X-Afterfeed-Response-Id': `e_${'0'.repeat(24)}`, 'X-Afterfeed-Clock': 'local' },
    'X-Afterfeed-Original-Payload-Digest': `sha256:${sha256}`,
  },
  'HTTP/1.1 404 Not Found\r\n\r\n{"detail":"gone"}',
)

/** The row of the ledger behind it; fields that are NULL are left out. */
function rowOf(row: object, more: Record<string, string | null> = {}): string {
  const fields = {
    ...{ 'WARC-Type': 'metadata', 'WARC-Date': '2026-01-02T03:04:05.678901Z' },
    ...{ 'WARC-Refers-To': first!, 'X-Afterfeed-Absence': 'not_found' },
    'X-Afterfeed-Response-Id': `e_${'0'.repeat(24)}`,
    ...more,
  }
  const kept = Object.entries(fields).filter(([, value]) => value !== null)
  return recordOf(Object.fromEntries(kept) as Record<string, string>, JSON.stringify(row))
}

const asked = {
  endpoint: 'get_post_detail',
  params: JSON.stringify({ post_id: postId(1) }),
  clock: 'envelope',
  upstream_request_id: 'request-1',
}

const absencesIn = (room: Room): unknown[] =>
  room.rows(`SELECT entity_kind, entity_id, absences.reason, observed_at, endpoint, params, clock,
    upstream_request_id AS upstream, body_sha256 AS body
    FROM absences JOIN responses USING (response_id)`)

const taken = {
  ...{ entity_kind: 'post', entity_id: postId(1), reason: 'not_found' },
  observed_at: Date.UTC(2026, 0, 2, 3, 4, 5) * 1000 + 678_901,
  ...{ endpoint: 'get_post_detail', params: asked.params, clock: 'envelope' },
  ...{ upstream: 'request-1', body: sha256 },
}

describe('import of what a WARC of ours says was not there', () => {
  it.each<[string, string, object]>([
    ['as it says', rowOf(asked), taken],
    [
      'without the body of another answer',
      rowOf(asked, { 'WARC-Refers-To': other! }),
      { ...taken, body: null },
    ],
    [
      'without a body, where it names none',
      rowOf(asked, { 'WARC-Refers-To': null }),
      { ...taken, body: null },
    ],
    [
      'by the clock of who made the call, where it tells another',
      rowOf({ ...asked, clock: 'sundial', upstream_request_id: 7 }),
      { ...taken, clock: 'local', upstream: null },
    ],
    [
      'without parameters that the endpoint does not know',
      rowOf({ ...asked, params: JSON.stringify({ post_id: postId(1), token: 'secret' }) }),
      taken,
    ],
  ])('takes it %s', async (_, row, expected) => {
    const room = openRoom()

    const report = await room.take(room.put('x.warc', answer + row))

    expect(report).toMatchObject({ outcome: 'done', missing: 1, bad: [] })
    expect(absencesIn(room)).toEqual([expected])
  })

  it('takes it once, also where it claims the name of an answer that is held', async () => {
    const room = openRoom()
    await room.take(room.put('a.json', detail(2)))
    const [{ id }] = room.rows('SELECT response_id AS id FROM responses') as [{ id: string }]
    const file = room.put('x.warc', answer + rowOf(asked, { 'X-Afterfeed-Response-Id': id }))

    await room.take(file)
    await room.take(file)

    expect(absencesIn(room)).toEqual([taken])
  })

  it.each<[string, string]>([
    ['says no reason that we know', rowOf(asked, { 'X-Afterfeed-Absence': 'lost' })],
    ['tells no time', rowOf(asked, { 'WARC-Date': 'never' })],
    ['is of no object', rowOf({ ...asked, endpoint: 'get_feed', params: '{}' })],
    ['is of an endpoint that is no text', rowOf({ ...asked, endpoint: 7 })],
    [
      'is of a later page',
      rowOf({
        ...asked,
        endpoint: 'get_post_comments',
        params: `{"post_id":"${postId(1)}","cursor":"a"}`,
      }),
    ],
    ...['null', '7', '"x"', '[]', `["${postId(1)}"]`, '{"post_id":7}', '{', undefined].map(
      (params): [string, string] => [`has the parameters ${params}`, rowOf({ ...asked, params })],
    ),
    ['is a list', rowOf([])],
  ])('leaves alone what %s', async (_, row) => {
    const room = openRoom()
    const whole = rowOf({ ...asked, params: JSON.stringify({ post_id: postId(2) }) })

    const report = await room.take(room.put('x.warc', answer + row + whole))

    expect(report).toMatchObject({ outcome: 'done', missing: 1, bad: [] })
    expect(report.skipped).toEqual({ 'HTTP 404': 1, 'metadata record': 1 })
    expect(absencesIn(room)).toMatchObject([{ entity_id: postId(2) }])
  })
})
