import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { FormData, Pool, type Dispatcher } from 'undici'
import type { Endpoint } from '../model/endpoint.js'
import { InputError } from '../model/errors.js'
import type { Params } from '../model/page.js'
import { redactHeaders, redactSecret, shortestKey, withoutEchoedHeaders } from '../model/redact.js'
import { version } from '../model/version.js'
import { longestTimerMs } from './clock.js'

/** Where the API is and who asks. */
export interface ClientOptions {
  baseUrl: string
  /** '': none is sent. */
  apiKey: string
  /** Connections at a time. */
  concurrency: number
  /** Waiting time for an answer; TikHub may bill an answer that is not waited for. */
  timeoutMs: number
  /** An answer above this is no answer; default 256 MB. */
  largestBodyBytes?: number
}

/** What came back: an answer, or what went wrong. All of it is free of the key. */
export interface CallResult {
  status: number | null
  headers: Record<string, string>
  text: string | null
  /** No whole answer came. `isSent`: the request may have reached the API; `isTooLarge`: it came, and is too much to hold. */
  failure: { problem: string; isSent: boolean; isTooLarge?: true } | null
}

/** An answer above what is held at most. */
class TooLarge extends Error {
  override name = 'TooLarge'
}

const unpackers: Record<string, (packed: Buffer, most: number) => Promise<Buffer>> = {
  gzip: (packed, most) => promisify(gunzip)(packed, { maxOutputLength: most }),
  deflate: (packed, most) => promisify(inflate)(packed, { maxOutputLength: most }),
  br: (packed, most) => promisify(brotliDecompress)(packed, { maxOutputLength: most }),
}

/** Talks to the API; one per run. */
export class ApiClient {
  private readonly pool: Pool
  private readonly prefix: string
  private readonly largestBodyBytes: number

  /** @throws InputError if the address is none, or no header can hold the key */
  constructor(private readonly options: ClientOptions) {
    const base = parseBaseUrl(options.baseUrl)
    if (options.apiKey.length >= shortestKey && options.baseUrl.includes(options.apiKey))
      throw new InputError('--base-url holds the key; name the address alone')
    if (!/^[\x21-\x7e]*$/.test(options.apiKey))
      throw new InputError(
        'the API key holds a sign that no key has, a typographic quote or a space perhaps: set TIKHUB_API_KEY anew. Nothing was sent.',
      )
    this.prefix = base.pathname.replace(/\/$/, '')
    this.largestBodyBytes = options.largestBodyBytes ?? 256 * 1024 * 1024
    this.pool = new Pool(base.origin, {
      connections: options.concurrency,
      bodyTimeout: options.timeoutMs,
      headersTimeout: options.timeoutMs,
      connect: { timeout: Math.min(options.timeoutMs, 10_000) },
    })
  }

  /** Sends one call. Never throws for what the API or the network does. */
  async fetchPage(
    endpoint: CalledEndpoint,
    params: Params,
    signal?: AbortSignal,
    file?: File,
  ): Promise<CallResult> {
    const deadline = new AbortController()
    const drop = () => deadline.abort(new Error('dropped'))
    const { timeoutMs } = this.options
    const timer = setTimeout(
      () => deadline.abort(new Error(`no whole answer within ${timeoutMs / 1000} s`)),
      Math.min(timeoutMs, longestTimerMs),
    )
    signal?.addEventListener('abort', drop, { once: true })
    if (signal?.aborted) drop()
    try {
      return await this.send(toSending(endpoint, params, file), deadline.signal)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', drop)
    }
  }

  private async send(sending: Sending, signal: AbortSignal): Promise<CallResult> {
    let answer: Dispatcher.ResponseData
    try {
      answer = await this.pool.request({
        method: sending.method,
        path: this.prefix + sending.path,
        body: sending.body,
        headers: {
          ...sending.headers,
          ...(this.options.apiKey && { authorization: `Bearer ${this.options.apiKey}` }),
          accept: 'application/json',
          'accept-encoding': 'gzip, deflate, br',
          'user-agent': `afterfeed/${version}`,
        },
        signal,
      })
    } catch (error) {
      return this.failed(null, {}, error)
    }
    const headers = toHeaders(answer.headers)
    try {
      const text = await readBody(answer, headers['content-encoding'], this.largestBodyBytes)
      return {
        status: answer.statusCode,
        headers: this.cleanHeaders(headers),
        text: this.clean(text, answer.statusCode),
        failure: null,
      }
    } catch (error) {
      return this.failed(answer.statusCode, headers, error)
    }
  }

  async close(): Promise<void> {
    await this.pool.destroy()
  }

  private failed(
    status: number | null,
    headers: Record<string, string>,
    error: unknown,
  ): CallResult {
    const { code, message } = error as { code?: string; message: string }
    const problem = redactSecret(code ? `${code}: ${message}` : message, this.options.apiKey)
    const failure = { problem, isSent: !isNeverSent(error), ...sizeOf(error) }
    return { status, headers: this.cleanHeaders(headers), text: null, failure }
  }

  private clean(text: string, status: number): string {
    if (status === 200) return this.isKeyShort ? text : redactSecret(text, this.options.apiKey)
    return redactSecret(withoutEchoedHeaders(text), this.options.apiKey)
  }

  private get isKeyShort(): boolean {
    return this.options.apiKey.length < shortestKey
  }

  private cleanHeaders(headers: Record<string, string>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(redactHeaders(headers)).map(([name, value]) => [
        name,
        this.isKeyShort ? value : redactSecret(value, this.options.apiKey),
      ]),
    )
  }
}

/** What sending needs to know of an endpoint. */
export type CalledEndpoint = Pick<Endpoint, 'path'> & Partial<Pick<Endpoint, 'method'>>

/** A call as it goes over the wire. */
interface Sending {
  method: 'GET' | 'POST'
  path: string
  headers: Record<string, string>
  body: string | FormData | null
}

/** A GET carries its parameters in the query; a POST as JSON, or with its file as a form. */
function toSending({ path, method = 'GET' }: CalledEndpoint, params: Params, file?: File): Sending {
  if (method === 'GET') return { method, path: path + queryOf(params), headers: {}, body: null }
  if (file === undefined)
    return {
      ...{ method, path, headers: { 'content-type': 'application/json' } },
      body: JSON.stringify(params),
    }
  const body = new FormData()
  body.set('file', file)
  return { method, path, headers: {}, body }
}

/** Whether it was the size of an answer, packed or unpacked, that was too much. */
const sizeOf = (error: unknown): { isTooLarge?: true } =>
  error instanceof TooLarge || (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
    ? { isTooLarge: true }
    : {}

/** Failures before anything was sent: nothing can have been billed. */
function isNeverSent(error: unknown): boolean {
  const { code = '', syscall = '' } = error as { code?: string; syscall?: string }
  return (
    notSent.has(code) || neverThere.has(syscall) || /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_)/.test(code)
  )
}

const neverThere = new Set(['connect', 'getaddrinfo'])

const notSent = new Set([
  'UND_ERR_INVALID_ARG',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  ...['EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'EHOSTDOWN'],
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'],
])

function parseBaseUrl(baseUrl: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InputError('--base-url is no web address; expected e.g. https://api.tikhub.io')
  if (url.username || url.password || url.search || url.hash)
    throw new InputError(
      '--base-url may hold no user, password or query; the key comes from TIKHUB_API_KEY',
    )
  return url
}

function queryOf(params: Params): string {
  const query = new URLSearchParams(params).toString()
  return query === '' ? '' : `?${query}`
}

const toHeaders = (headers: Dispatcher.ResponseData['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]),
  )

async function readBody(
  answer: Dispatcher.ResponseData,
  encoding: string | undefined,
  most: number,
): Promise<string> {
  const announced = Number(answer.headers['content-length'])
  if (announced > most) {
    answer.body.destroy()
    throw new TooLarge(`the answer announces ${announced} bytes, more than ${most}`)
  }
  const packed = await readBytes(answer, most)
  const unpack = unpackers[(encoding ?? '').trim().toLowerCase()]
  return (unpack === undefined ? packed : await unpack(packed, most)).toString('utf8')
}

async function readBytes(answer: Dispatcher.ResponseData, most: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of answer.body as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > most) throw new TooLarge(`the answer is larger than ${most} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts, bytes)
}
