import { describe, expect, it } from 'vitest'
import {
  redactHeaders,
  redactParams,
  redactSecret,
  withoutEchoedHeaders,
} from '../../src/model/redact.js'
import { growth } from '../measure.js'

describe('redactSecret', () => {
  it.each([
    ['everywhere', 'tk-1234', 'tk-1234 and tk-1234', '[redacted] and [redacted]'],
    ['inside a word', 'tk-1234', 'Bearer:tk-1234.', 'Bearer:[redacted].'],
    ['as JSON writes it', 'a"b\\c', '{"key":"a\\"b\\\\c"}', '{"key":"[redacted]"}'],
    ['as JSON may write a slash', 'a/b+c=', '{"key":"a\\/b+c="}', '{"key":"[redacted]"}'],
    ['as a URL writes it', 'a/b+c=', '?key=a%2Fb%2Bc%3D', '?key=[redacted]'],
    ['as HTML writes it', `a"<b>&'c`, '<p>a&quot;&lt;b&gt;&amp;&#39;c', '<p>[redacted]'],
    ['as a URL may write it', 'a/b+c=', 'a%2fb%2bc%3d a%252Fb%252Bc%253D', '[redacted] [redacted]'],
    ['as JSON may escape it', 'a/b+c=', 'a\\u002fb\\u002Bc\\u003d', '[redacted]'],
    ['as JSON in JSON writes it', 'a/b+c=', 'a\\\\\\/b\\\\u002bc=', '[redacted]'],
    [
      'as HTML may number it',
      'a/b+c=',
      'a&#47;b&#x2B;c&equals; a&amp;#47;b+c=',
      '[redacted] [redacted]',
    ],
    ['half escaped', 'a/b+c=', 'a%2Fb+c&#61;', '[redacted]'],
    ['with other letters', 'ké/1', 'k%C3%A9/1 k\\u00e9/1 ké/1', '[redacted] [redacted] [redacted]'],
    ['as it stands', 'a/b+c=', 'key a/b+c=', 'key [redacted]'],
    ['with signs of regular expressions', 'a.*b$&', 'a.*b$& axb', '[redacted] axb'],
    ['not where it is not', 'tk-1234', 'tk-123 4', 'tk-123 4'],
    ['not where there is no secret', '', 'text', 'text'],
  ])('takes it out %s', (_, secret, text, expected) => {
    const clean = redactSecret(text, secret)

    expect(clean).toBe(expected)
  })
})

describe('redactParams', () => {
  it.each<[string, string, string]>([
    [
      'a key',
      '{"params": {"api_key": "k1", "id": "k1"}}',
      '{"params": {"api_key": "[redacted]", "id": "k1"}}',
    ],
    [
      'as it is written',
      '{"token" :\t"\\u0061\\"b","params":{"token":"a\\"b"}}',
      '{"token" :\t"[redacted]","params":{"token":"[redacted]"}}',
    ],
    [
      'of this value only',
      '{"token":"x","params":{"token":"y"}}',
      '{"token":"x","params":{"token":"[redacted]"}}',
    ],
    [
      'not in texts',
      '{"text":"\\"token\\":\\"y\\"","params":{"token":"y"}}',
      '{"text":"\\"token\\":\\"y\\"","params":{"token":"[redacted]"}}',
    ],
    [
      'behind odd texts',
      '{"a":["b",":","token"],"params":{"token":"y"}}',
      '{"a":["b",":","token"],"params":{"token":"[redacted]"}}',
    ],
  ])('takes it out: %s', (_, body, expected) => {
    const { params } = JSON.parse(body) as { params: Record<string, unknown> }

    const clean = redactParams(Buffer.from(body), params)

    expect(clean.toString()).toBe(expected)
  })

  it('takes it out beside a text with a raw line feed', () => {
    const body = Buffer.from('{"text":"one\ntwo","params":{"token":"y\tz"}}')

    const clean = redactParams(body, { token: 'y\tz' })

    expect(clean.toString()).toBe('{"text":"one\ntwo","params":{"token":"[redacted]"}}')
  })

  const cutOff = (length: number): string =>
    `{"token":"y","a":"\\q\n","token":"y","b":"${'\\"'.repeat(length)}`

  it('takes it out before and behind what cannot be read', () => {
    const body = cutOff(5)

    const clean = redactParams(Buffer.from(body), { token: 'y' })

    expect(clean.toString()).toBe(body.replaceAll('"y"', '"[redacted]"'))
  })

  it('takes time in proportion to the length of what cannot be read', async () => {
    const times = await growth(20_000, (size) =>
      redactParams(Buffer.from(cutOff(size)), { token: 'y' }),
    )

    expect(times).toBeLessThan(30)
  })

  it('takes it out beside a text of ten million escapes', () => {
    const body = `{"text":"${'\\"'.repeat(1e7)}","token":"y"}`

    const clean = redactParams(Buffer.from(body), { token: 'y' })

    expect(clean.equals(Buffer.from(body.replace('"y"', '"[redacted]"')))).toBe(true)
  })

  it.each([
    ['key', 'x-api-key', 'API_KEY', 'apiKey', 'appkey', 'accessKey', 'access_token', 'idToken'],
    ['auth', 'Authorization', 'bearer', 'client_secret', 'sig', 'sign', 'X-Amz-Signature'],
    ['password', 'pwd', 'session', 'session_id', 'sessionId', 'sid', 'cookie', 'jwt'],
  ])('knows secrets by their names: %s, %s, %s, …', (...names) => {
    const params = Object.fromEntries(names.map((name) => [name, 'hidden']))

    const clean = redactParams(Buffer.from(JSON.stringify({ params })), params)

    expect(clean.toString()).not.toContain('hidden')
  })

  it.each([
    {},
    { post_id: 's_1', cursor: 'key', username: 'token', cut: 'sign', monkey: 'x', design: 'y' },
    { token: '[redacted]', key: 5, sig: null, auth: { token: 'x' } },
  ])('gives back the same body for %j', (params) => {
    const body = Buffer.from(JSON.stringify({ params }))

    expect(redactParams(body, params)).toBe(body)
  })
})

describe('withoutEchoedHeaders', () => {
  it('takes the echoed request headers out of an error', () => {
    const body = {
      detail: { code: 400, headers: { authorization: 'Bearer x' }, message: 'm' },
      a: 1,
    }

    const clean = withoutEchoedHeaders(JSON.stringify(body))

    expect(JSON.parse(clean)).toEqual({
      detail: { code: 400, headers: '[redacted]', message: 'm' },
      a: 1,
    })
  })

  it('takes them out of an error that is no JSON but for a slip', () => {
    const clean = withoutEchoedHeaders('{"detail":{"headers":{"a":"b"},"message":"one\ntwo"}}')

    expect(clean).toBe('{"detail":{"headers":"[redacted]","message":"one\\ntwo"}}')
  })

  it.each([
    '{"detail": {"code": 1}}',
    '{"headers": {"a": 1}}',
    '{"detail": "headers"}',
    '"headers" {',
  ])('leaves %s as it is, byte for byte', (text) => {
    const clean = withoutEchoedHeaders(text)

    expect(clean).toBe(text)
  })
})

describe('redactHeaders', () => {
  it('keeps what is worth keeping and nothing else', () => {
    const headers = {
      'content-type': 'application/json',
      'content-length': '17',
      date: 'Wed, 15 Oct 2025 08:00:13 GMT',
      'retry-after': '3',
      'x-request-id': 'r',
      'x-ratelimit-remaining': '9',
      'x-upstream-status': '200',
      'set-cookie': 'session=secret',
      authorization: 'Bearer secret',
      'x-api-key': 'secret',
      'x-content-type': 'secret',
      location: 'https://a/?token=secret',
    }

    const kept = redactHeaders(headers)

    expect(kept).toEqual({
      'content-type': 'application/json',
      'content-length': '17',
      date: 'Wed, 15 Oct 2025 08:00:13 GMT',
      'retry-after': '3',
      'x-request-id': 'r',
      'x-ratelimit-remaining': '9',
      'x-upstream-status': '200',
    })
  })
})
