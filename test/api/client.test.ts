import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ApiClient, type ClientOptions } from '../../src/api/client.js'
import { endpointOf } from '../../src/model/endpoints.js'
import { InputError } from '../../src/model/errors.js'
import { version } from '../../src/model/version.js'

const apiKey = 'sk-secret/+="e'
const feed = endpointOf('get_feed')
const feedPath = '/api/v1/sora2/get_feed'

type Answer = (response: ServerResponse, request: IncomingMessage) => void

interface Asked {
  method: string | undefined
  url: string | undefined
  headers: IncomingMessage['headers']
  rawHeaders: string[]
}

/** A server on a free port that gives one answer to everything, and what it was asked. */
async function openServer(answer: Answer): Promise<{ url: string; port: number; asked: Asked[] }> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const { method, url, headers, rawHeaders } = request
    asked.push({ method, url, headers, rawHeaders })
    answer(response, request)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port, asked }
}

function openClient(baseUrl: string, more: Partial<ClientOptions> = {}): ApiClient {
  const client = new ApiClient({ baseUrl, apiKey, concurrency: 2, timeoutMs: 5000, ...more })
  onTestFinished(() => client.close())
  return client
}

const json: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end('{"code":200,"data":{}}')
}

describe('ApiClient.fetchPage', () => {
  it('sends the key in one header, under its own name, and nowhere else', async () => {
    const { url, asked, port } = await openServer(json)

    await openClient(url).fetchPage(feed, { cursor: 'a+b/c==', x: '雨 &' })

    const [call] = asked
    expect(asked).toHaveLength(1)
    expect({ method: call?.method, url: call?.url, headers: call?.headers }).toEqual({
      method: 'GET',
      url: `${feedPath}?cursor=a%2Bb%2Fc%3D%3D&x=%E9%9B%A8+%26`,
      headers: {
        host: `127.0.0.1:${port}`,
        connection: 'keep-alive',
        authorization: `Bearer ${apiKey}`,
        accept: 'application/json',
        'accept-encoding': 'gzip, deflate, br',
        'user-agent': `afterfeed/${version}`,
      },
    })
    expect(call?.rawHeaders.filter((text) => text.includes(apiKey))).toEqual([`Bearer ${apiKey}`])
  })

  it('sends no question mark without parameters', async () => {
    const { url, asked } = await openServer(json)

    await openClient(url).fetchPage(feed, {})

    expect(asked.map((call) => call.url)).toEqual([feedPath])
  })

  it.each(['/proxy/tikhub', '/proxy/tikhub/'])(
    'keeps the prefix %s of the address',
    async (path) => {
      const { url, asked } = await openServer(json)

      await openClient(`${url}${path}`).fetchPage(feed, {})

      expect(asked.map((call) => call.url)).toEqual([`/proxy/tikhub${feedPath}`])
    },
  )

  it.each([
    [undefined, (body: Buffer) => body],
    ['identity', (body: Buffer) => body],
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['GZIP', gzipSync],
  ] as const)('unpacks a body in %s', async (encoding, pack) => {
    const text = JSON.stringify({ code: 200, data: { text: '雨 🎬'.repeat(20_000) } })
    const { url } = await openServer((response) => {
      response.writeHead(200, encoding === undefined ? {} : { 'content-encoding': encoding })
      response.end(pack(Buffer.from(text)))
    })

    const result = await openClient(url).fetchPage(feed, {})

    expect(result.failure).toBeNull()
    expect(result.text).toBe(text)
  })

  it('keeps the headers that tell something, and no cookie', async () => {
    const { url } = await openServer((response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'x-request-id': 'r-1',
        'retry-after': '3',
        'cf-ray': 'abc',
        'x-upstream-status': '200',
        'set-cookie': ['a=1', 'b=2'],
        authorization: 'Bearer other',
        'x-echo': apiKey,
        server: `cloudflare ${apiKey}`,
      })
      response.end('{}')
    })

    const { headers } = await openClient(url).fetchPage(feed, {})

    const { date, ...rest } = headers
    expect(date).toMatch(/GMT$/)
    expect(rest).toEqual({
      'content-type': 'application/json',
      'x-request-id': 'r-1',
      'retry-after': '3',
      'cf-ray': 'abc',
      'x-upstream-status': '200',
      server: 'cloudflare [redacted]',
    })
  })

  it('takes the key out of a 401 that quotes it, in every way of writing it', async () => {
    const said = `无效的API令牌，您提交的API令牌为 ${apiKey}`
    const { url } = await openServer((response) => {
      response.writeHead(401, { 'content-type': 'application/json' })
      const detail = { code: 401, message: said, link: `/x?key=${encodeURIComponent(apiKey)}` }
      response.end(JSON.stringify({ detail }))
    })

    const { status, text } = await openClient(url).fetchPage(feed, {})

    expect(status).toBe(401)
    expect(JSON.parse(text!)).toEqual({
      detail: {
        code: 401,
        message: '无效的API令牌，您提交的API令牌为 [redacted]',
        link: '/x?key=[redacted]',
      },
    })
  })

  it('takes out the headers that an error echoes', async () => {
    const { url } = await openServer((response, request) => {
      response.writeHead(400, { 'content-type': 'application/json' })
      const { headers } = request
      response.end(JSON.stringify({ detail: { code: 400, message: 'Retry.', headers } }))
    })

    const { text } = await openClient(url).fetchPage(feed, {})

    expect(JSON.parse(text!)).toEqual({
      detail: { code: 400, message: 'Retry.', headers: '[redacted]' },
    })
  })

  it('takes the key out of a 200 too, and leaves the rest as it came', async () => {
    const body = `{"code":200, "data":{"n":9007199254740993,"k":"sk-plain"}, "detail":{"headers":{}}}`
    const { url } = await openServer((response) => {
      response.end(body)
    })

    const { text } = await openClient(url, { apiKey: 'sk-plain' }).fetchPage(feed, {})

    expect(text).toBe(body.replace('sk-plain', '[redacted]'))
  })

  it('leaves a 200 as it came where the key is so short that it is in any text', async () => {
    const body = '{"code":200,"data":{"text":"a cat"}}'
    const { url } = await openServer((response) => {
      response.writeHead(200, { server: 'a' })
      response.end(body)
    })

    const { text, headers } = await openClient(url, { apiKey: 'a' }).fetchPage(feed, {})

    expect([text, headers['server']]).toEqual([body, 'a'])
  })

  it('tells a refused connection as not sent', async () => {
    const { url } = await openServer(json)
    const closed = createServer()
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
    const { port } = closed.address() as AddressInfo
    await new Promise((resolve) => closed.close(resolve))

    const result = await openClient(url.replace(/\d+$/, String(port))).fetchPage(feed, {})

    expect(result).toEqual({
      status: null,
      headers: {},
      text: null,
      failure: { problem: expect.stringContaining('ECONNREFUSED') as string, isSent: false },
    })
  })

  it('tells a reset connection as possibly sent', async () => {
    const { url } = await openServer((response) => response.destroy())

    const result = await openClient(url).fetchPage(feed, {})

    expect(result).toMatchObject({ status: null, text: null, failure: { isSent: true } })
  })

  it('tells a body that is cut off, with its status', async () => {
    const { url } = await openServer((response) => {
      response.writeHead(200, { 'content-length': 1000, 'x-request-id': 'r-2' })
      response.write('{"code":200,', () => response.destroy())
    })

    const result = await openClient(url).fetchPage(feed, {})

    expect(result).toMatchObject({
      status: 200,
      headers: { 'x-request-id': 'r-2' },
      text: null,
      failure: { isSent: true },
    })
  })

  it.each(['gzip', 'br', 'deflate'])('tells a body that is no %s', async (encoding) => {
    const { url } = await openServer((response) => {
      response.writeHead(200, { 'content-encoding': encoding })
      response.end('{"code":200}')
    })

    const result = await openClient(url).fetchPage(feed, {})

    expect(result).toMatchObject({ status: 200, text: null, failure: { isSent: true } })
  })

  it('waits for an answer, however long it may take at most', async () => {
    const { url } = await openServer(json)

    const result = await openClient(url, { timeoutMs: 1e12 }).fetchPage(feed, {})

    expect(result).toMatchObject({ status: 200, failure: null })
  })

  it('gives up waiting for an answer after the time it was given', async () => {
    const { url } = await openServer(() => undefined)

    const result = await openClient(url, { timeoutMs: 50 }).fetchPage(feed, {})

    expect(result).toMatchObject({ status: null, text: null })
    expect(result.failure).toEqual({
      problem: 'no whole answer within 0.05 s',
      isSent: true,
    })
  })

  it('gives up waiting for the rest of a body', async () => {
    const { url } = await openServer((response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('{')
    })

    const result = await openClient(url, { timeoutMs: 50 }).fetchPage(feed, {})

    expect(result).toMatchObject({ status: 200, text: null })
    expect(result.failure).toEqual({
      problem: 'no whole answer within 0.05 s',
      isSent: true,
    })
  })

  it('gives up waiting for a body that trickles', async () => {
    const { url } = await openServer((response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write(' '), 5)
      response.on('close', () => clearInterval(timer))
    })

    const result = await openClient(url, { timeoutMs: 50 }).fetchPage(feed, {})

    expect(result).toMatchObject({ status: 200, text: null, failure: { isSent: true } })
  })

  it('refuses an answer that announces more than it could hold', async () => {
    const { url } = await openServer((response) => {
      response.writeHead(200, { 'content-length': 10 ** 12 })
      response.write('{')
    })

    const result = await openClient(url).fetchPage(feed, {})

    expect(result).toMatchObject({ status: 200, text: null, failure: { isTooLarge: true } })
    expect(result.failure?.problem).toMatch(/announces 1000000000000 bytes/)
  })

  it.each([
    ['as it comes', {}, Buffer.alloc(2000, ' ')],
    ['unpacked', { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(2000, ' '))],
    ['inflated', { 'content-encoding': 'deflate' }, deflateSync(Buffer.alloc(2000, ' '))],
    ['unpacked by br', { 'content-encoding': 'br' }, brotliCompressSync(Buffer.alloc(2000, ' '))],
  ])('says so where an answer is larger than it could hold, %s', async (_, headers, body) => {
    const { url } = await openServer((response) => {
      response.writeHead(200, headers)
      response.end(body)
    })

    const result = await openClient(url, { largestBodyBytes: 1000 }).fetchPage(feed, {})

    expect(result).toMatchObject({ status: 200, text: null, failure: { isTooLarge: true } })
  })

  it('ends a call that a signal ends', async () => {
    const controller = new AbortController()
    const { url } = await openServer(() => controller.abort())

    const result = await openClient(url).fetchPage(feed, {}, controller.signal)

    expect(result).toMatchObject({ status: null, text: null, failure: { isSent: true } })
  })

  it.each(['', 'api.tikhub.io', 'ftp://api.tikhub.io', 'http://'])(
    'is not made for the address %j',
    (baseUrl) => {
      expect(() => openClient(baseUrl)).toThrow(
        new InputError('--base-url is no web address; expected e.g. https://api.tikhub.io'),
      )
    },
  )

  it.each(['“sim-key”', 'sim key', 'sim-key\n', 'sim-\u00adkey'])(
    'refuses the key %j, which no header can hold, and does not tell it',
    (wrong) => {
      const open = () =>
        new ApiClient({ baseUrl: 'http://a.b', apiKey: wrong, concurrency: 1, timeoutMs: 1 })

      expect(open).toThrow(InputError)
      expect(open).toThrow(/^the API key holds a sign that no key has.*set TIKHUB_API_KEY anew/)
      expect(open).not.toThrow(wrong)
    },
  )

  it('refuses an address that holds the key, and does not repeat it', () => {
    expect(() => openClient('https://a.b/sk-plain', { apiKey: 'sk-plain' })).toThrow(
      new InputError('--base-url holds the key; name the address alone'),
    )
    expect(() => openClient('https://a.b/', { apiKey: 'a' })).not.toThrow()
  })

  it.each([
    ...['https://me@example.com', 'https://:secret@example.com', 'https://me:secret@example.com'],
    ...['https://example.com/?key=secret', 'https://a.b/#c'],
  ])('takes no secret within the address, and does not repeat it: %s', (baseUrl) => {
    expect(() => openClient(baseUrl)).toThrow(
      new InputError(
        '--base-url may hold no user, password or query; the key comes from TIKHUB_API_KEY',
      ),
    )
  })
})
