import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { Pool, type Dispatcher } from 'undici'
import type { Endpoint } from '../model/endpoint.js'
import { InputError } from '../model/errors.js'
import type { Params } from '../model/page.js'
import { redactHeaders, redactSecret, withoutEchoedHeaders } from '../model/redact.js'
import { version } from '../model/version.js'

/** Where the API is and who asks. */
export interface ClientOptions {
  baseUrl: string
  apiKey: string
  /** Connections at a time. */
  concurrency: number
  /** Waiting time for an answer; TikHub may bill an answer that is not waited for. */
  timeoutMs: number
}

/** What came back: an answer, or what went wrong. All of it is free of the key. */
export interface CallResult {
  status: number | null
  headers: Record<string, string>
  text: string | null
  /** No whole answer came. `isSent`: the request may have reached the API. */
  failure: { problem: string; isSent: boolean } | null
}

const largestBodyBytes = 256 * 1024 * 1024
const unpackers: Record<string, (packed: Buffer) => Promise<Buffer>> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
}

/** Talks to the API; one per run. */
export class ApiClient {
  private readonly pool: Pool
  private readonly prefix: string

  /** @throws InputError if the address is none */
  constructor(private readonly options: ClientOptions) {
    const base = parseBaseUrl(options.baseUrl)
    this.prefix = base.pathname.replace(/\/$/, '')
    this.pool = new Pool(base.origin, {
      connections: options.concurrency,
      bodyTimeout: options.timeoutMs,
      headersTimeout: options.timeoutMs,
      connect: { timeout: Math.min(options.timeoutMs, 10_000) },
    })
  }

  /** Sends one GET. Never throws for what the API or the network does. */
  async fetchPage(endpoint: Endpoint, params: Params, signal?: AbortSignal): Promise<CallResult> {
    let answer: Dispatcher.ResponseData
    try {
      answer = await this.pool.request({
        method: 'GET',
        path: this.prefix + endpoint.path + queryOf(params),
        headers: {
          authorization: `Bearer ${this.options.apiKey}`,
          accept: 'application/json',
          'accept-encoding': 'gzip, deflate, br',
          'user-agent': `afterfeed/${version}`,
        },
        ...(signal ? { signal } : {}),
      })
    } catch (error) {
      return this.failed(null, {}, error)
    }
    const headers = toHeaders(answer.headers)
    try {
      const text = await readBody(answer, headers['content-encoding'])
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
    const isSent = !notSent.has(code ?? '')
    return { status, headers: this.cleanHeaders(headers), text: null, failure: { problem, isSent } }
  }

  private clean(text: string, status: number): string {
    const unechoed = status === 200 ? text : withoutEchoedHeaders(text)
    return redactSecret(unechoed, this.options.apiKey)
  }

  private cleanHeaders(headers: Record<string, string>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(redactHeaders(headers)).map(([name, value]) => [
        name,
        redactSecret(value, this.options.apiKey),
      ]),
    )
  }
}

/** Failures before anything was sent: nothing can have been billed. */
const notSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])

function parseBaseUrl(baseUrl: string): URL {
  try {
    const url = new URL(baseUrl)
    if (url.protocol === 'https:' || url.protocol === 'http:') return url
  } catch {
    // Told below, as for every other address that is none.
  }
  throw new InputError(
    `--base-url ${baseUrl} is no web address; expected e.g. https://api.tikhub.io`,
  )
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
): Promise<string> {
  const announced = Number(answer.headers['content-length'])
  if (announced > largestBodyBytes) {
    answer.body.destroy()
    throw new Error(`the answer announces ${announced} bytes, more than ${largestBodyBytes}`)
  }
  const unpack = encoding === undefined ? undefined : unpackers[encoding]
  if (unpack === undefined) return answer.body.text()
  const packed = Buffer.from(await answer.body.arrayBuffer())
  return (await unpack(packed)).toString('utf8')
}
