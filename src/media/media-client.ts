import { lookup as dnsLookup } from 'node:dns/promises'
import type { LookupAddress, LookupOptions } from 'node:dns'
import { Agent, type Dispatcher } from 'undici'
import { version } from '../model/version.js'
import { isLoopback, isPublicAddress } from './address.js'
import { BodyReader } from './body-reader.js'
import type { Headers } from './read-answer.js'
import { NetworkError, trouble } from './trouble.js'

/** Addresses of a host. */
export type Resolve = (host: string) => Promise<readonly { address: string; family: 4 | 6 }[]>

/** How files are asked for. */
export interface MediaClientOptions {
  /** Connections to one host. */
  perHost: number
  /** How long to wait for a connection, a header, the next bytes. */
  idleTimeoutMs: number
  resolve?: Resolve
}

/** The head of an answer, and the stream behind it. */
export interface MediaAnswer {
  status: number
  headers: Headers
  body: BodyReader
}

/** A file, or the rest of one from a byte on. */
export interface FileRequest {
  origin: string
  path: string
  /** It is on this machine: the configured API. */
  isLocal: boolean
  rest: { offset: number; validator: string } | null
  signal: AbortSignal
}

const byDns: Resolve = async (host) =>
  (await dnsLookup(host, { all: true, verbatim: true })) as { address: string; family: 4 | 6 }[]

/**
 * Asks servers for files: without key or cookies, and at addresses only that were checked. A
 * connection goes to the very address that was checked, so that a name cannot mean another one by then.
 */
export class MediaClient {
  private readonly open: Agent
  private readonly local: Agent

  constructor(options: MediaClientOptions) {
    this.open = openAgent(options, isPublicAddress)
    this.local = openAgent(options, isLoopback)
  }

  /** Sends a request and gives back the head of its answer; redirects are not followed. */
  async fetchFile({ origin, path, isLocal, rest, signal }: FileRequest): Promise<MediaAnswer> {
    const asked = (isLocal ? this.local : this.open).request({
      ...{ origin, path, method: 'GET', signal, onInfo: fewInfos() },
      headers: {
        accept: 'video/*, image/*, text/vtt, application/x-subrip, */*;q=0.1',
        'accept-encoding': 'identity',
        'user-agent': `afterfeed/${version}`,
        ...(rest === null ? {} : { range: `bytes=${rest.offset}-`, 'if-range': rest.validator }),
      },
    })
    const answer = await asked.catch((error: unknown) => {
      throw new NetworkError(error)
    })
    const body = new BodyReader(answer.body)
    return { status: answer.statusCode, headers: toHeaders(answer.headers), body }
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await Promise.all([this.open.destroy(), this.local.destroy()])
  }
}

/** Answers that only announce another; each begins the wait for it anew. */
const mostInfos = 5

/** Told of each: has the request fail when no end of them is in sight. */
function fewInfos(): () => void {
  let infos = 0
  return () => {
    infos += 1
    if (infos > mostInfos) throw trouble('again', 'no_answer', 'only interim answers (1xx) came')
  }
}

const toHeaders = (headers: Dispatcher.ResponseData['headers']): Headers =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  )

function openAgent(
  { perHost, idleTimeoutMs, resolve = byDns }: MediaClientOptions,
  isAllowed: (address: string) => boolean,
): Agent {
  return new Agent({
    connections: perHost,
    pipelining: 1,
    headersTimeout: idleTimeoutMs,
    bodyTimeout: idleTimeoutMs,
    maxHeaderSize: 32 * 1024,
    connect: {
      timeout: Math.min(idleTimeoutMs, 15_000),
      lookup: checkedLookup(resolve, isAllowed),
    },
  })
}

type Answer = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void

/** A lookup for `net.connect` that answers with checked addresses only; one that is not allowed forbids all. */
const checkedLookup =
  (resolve: Resolve, isAllowed: (address: string) => boolean) =>
  (host: string, options: LookupOptions, answer: Answer): void => {
    resolve(host).then(
      (addresses) => {
        const wrong = addresses.find(({ address }) => !isAllowed(address))
        const first = addresses[0]
        if (wrong !== undefined || first === undefined)
          return answer(forbidden(host, wrong?.address), [])
        if (options.all) return answer(null, [...addresses])
        return answer(null, first.address, first.family)
      },
      (error: Error) => answer(trouble('again', 'no_answer', `${host}: ${error.message}`), []),
    )
  }

const forbidden = (host: string, address: string | undefined): Error =>
  address === undefined
    ? trouble('again', 'no_answer', `${host} has no address`)
    : trouble('refused', 'private_address', `${host} leads to ${address}, no address to be asked`)
