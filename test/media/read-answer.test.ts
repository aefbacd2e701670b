import { describe, expect, it } from 'vitest'
import { readHead, type Asked, type Headers } from '../../src/media/read-answer.js'
import { MediaError, troubleOfStatus } from '../../src/media/trouble.js'

const asked: Asked = { resume: null, announced: null, largestBytes: 1000, untyped: false }
const resumed: Asked = { ...asked, resume: { offset: 40, validator: '"one"', total: 100 } }
const video: Headers = { 'content-type': 'video/mp4', etag: '"one"', 'content-length': '100' }
const rest: Headers = { ...video, 'content-length': '60', 'content-range': 'bytes 40-99/100' }

const reading = (status: number, headers: Headers, how: Asked): unknown => {
  try {
    return readHead(status, headers, how)
  } catch (error) {
    if (!(error instanceof MediaError)) throw error
    return `${error.trouble.consequence} ${error.trouble.reason}`
  }
}

const about = { contentType: 'video/mp4', validator: '"one"' }

describe('readHead', () => {
  it.each<[string, number, Headers, Asked, unknown]>([
    ['a whole file', 200, video, asked, { ...about, from: 0, total: 100 }],
    ['the rest of one', 206, rest, resumed, { ...about, from: 40, total: 100 }],
    [
      'the rest of one whose size is told only now',
      206,
      { ...rest, 'content-length': undefined },
      { ...asked, resume: { offset: 40, validator: '"one"', total: null } },
      { ...about, from: 40, total: 100 },
    ],
    [
      'one of the size that was announced, and the largest that may be, not packed',
      200,
      { ...video, 'content-encoding': '' },
      { ...asked, announced: 100, largestBytes: 100 },
      { ...about, from: 0, total: 100 },
    ],
    [
      'the whole where the rest was asked for',
      200,
      video,
      resumed,
      { ...about, from: 0, total: 100 },
    ],
    [
      'no length, in chunks',
      200,
      { 'content-type': 'video/mp4', 'transfer-encoding': 'chunked' },
      asked,
      { contentType: 'video/mp4', validator: null, from: 0, total: null },
    ],
    [
      'no length where one was announced',
      200,
      { ...video, 'content-length': undefined },
      { ...asked, announced: 100 },
      { ...about, from: 0, total: null },
    ],
    ['no length at all', 200, { 'content-type': 'video/mp4' }, asked, 'again cut'],
    ['a length below 0', 200, { ...video, 'content-length': '-100' }, asked, 'again cut'],
    ['a length and more', 200, { ...video, 'content-length': '100, 100' }, asked, 'again cut'],
    ['packed', 200, { ...video, 'content-encoding': 'gzip' }, asked, 'again encoding'],
    ['a page', 200, { ...video, 'content-type': 'text/html' }, asked, 'refused content_type'],
    ['too large', 200, { ...video, 'content-length': '1001' }, asked, 'refused too_large'],
    [
      'of another size than announced',
      200,
      video,
      { ...asked, announced: 99 },
      'again wrong_length',
    ],
    ['a part that nobody asked for', 206, rest, asked, 'again content_range'],
    [
      'from elsewhere',
      206,
      { ...rest, 'content-length': '59', 'content-range': 'bytes 41-99/100' },
      resumed,
      'again content_range',
    ],
    [
      'not to the end',
      206,
      { ...rest, 'content-length': undefined, 'content-range': 'bytes 40-98/100' },
      resumed,
      'again content_range',
    ],
    [
      'a part of no length',
      206,
      { ...rest, 'content-range': 'bytes 40-99/*' },
      resumed,
      'again content_range',
    ],
    [
      'lengths that differ',
      206,
      { ...rest, 'content-length': '61' },
      resumed,
      'again content_range',
    ],
    ['a part of another version', 206, { ...rest, etag: '"two"' }, resumed, 'again changed'],
    ['a part of no version', 206, { ...rest, etag: undefined }, resumed, 'again changed'],
    [
      'a part of a file of another size',
      206,
      { ...rest, 'content-length': '61', 'content-range': 'bytes 40-100/101' },
      resumed,
      'again changed',
    ],
  ])('%s', (_, status, headers, how, expected) => {
    expect(reading(status, headers, how)).toEqual(expected)
  })

  it.each<[string, Headers, string | null]>([
    ['a weak tag', { etag: 'W/"one"' }, null],
    ['a tag and more', { etag: '"one", "two"' }, null],
    ['no tag', { etag: undefined }, null],
    [
      'a date of a second before',
      {
        etag: undefined,
        'last-modified': 'Sat, 21 Nov 2026 10:00:00 GMT',
        date: 'Sat, 21 Nov 2026 10:00:01 GMT',
      },
      'Sat, 21 Nov 2026 10:00:00 GMT',
    ],
    [
      'a weak tag beside such a date',
      {
        etag: 'W/"one"',
        'last-modified': 'Sat, 21 Nov 2026 10:00:00 GMT',
        date: 'Sat, 21 Nov 2026 10:00:01 GMT',
      },
      null,
    ],
    [
      'a date of this very second',
      {
        etag: undefined,
        'last-modified': 'Sat, 21 Nov 2026 10:00:05 GMT',
        date: 'Sat, 21 Nov 2026 10:00:05 GMT',
      },
      null,
    ],
  ])('tells versions apart by %s: %#', (_, headers, validator) => {
    expect(reading(200, { ...video, ...headers }, asked)).toMatchObject({ validator })
  })
})

describe('troubleOfStatus', () => {
  it.each([
    [403, 'Signature not valid in the specified time frame', 'expired expired'],
    [403, 'Signature did not match', 'forbidden forbidden'],
    [404, '<Code>BlobNotFound</Code>', 'gone gone'],
    [410, '', 'gone gone'],
    [401, '', 'failed status_401'],
    [400, '', 'failed status_400'],
    [416, '', 'failed status_416'],
    [429, '', 'again status_429'],
    [408, '', 'again status_408'],
    [500, '', 'again status_500'],
    [503, '', 'again status_503'],
  ])('%s %j: %s', (status, body, expected) => {
    const { consequence, reason } = troubleOfStatus(status, { body, retryAfter: undefined, now: 0 })

    expect(`${consequence} ${reason}`).toBe(expected)
  })

  it('waits as the server asks', () => {
    const facts = { body: '', retryAfter: '2', now: 0 }

    expect(troubleOfStatus(503, facts).waitMs).toBe(2000)
  })
})
