import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { toData } from './listings.js'
import type { Network } from './network.js'
import { seededRandom } from './random.js'
import type { Scenario } from './scenario.js'
import { buildNetwork, hostile, postIsOf } from './scenario.js'
import type { Truth } from './truth.js'
import { listingName, requestName } from './truth.js'
import type { Wire } from './wire.js'
import { businessError, envelope, toJson } from './wire.js'

export interface HostileOptions extends Partial<Scenario> {
  /** Answers come after 1 to this many milliseconds, so that they overtake one another. */
  jitterMs?: number
}

export interface HostileRequest {
  endpoint: string
  params: Record<string, string>
  at: Date
}

export interface HostileApi {
  url: string
  key: string
  truth: Truth
  /** Every request to a Sora2 path that bore the key, in the order of arrival. */
  requests: HostileRequest[]
  /** One of the crowd, with the posts that `get_user_posts` tells. */
  someUser: { id: string; posts: string[] }
  close(): Promise<void>
}

const prefix = '/api/v1/sora2/'

const subjectParams: Record<string, string> = {
  get_feed: '',
  get_post_comments: 'post_id',
  get_comment_replies: 'comment_id',
  get_post_remix_list: 'post_id',
  get_user_posts: 'user_id',
}

/** What a request is answered, before it is sent. */
export interface Answer {
  status: number
  body: unknown
}

/** The API without its network: another server may put its own faults before the answers. */
export interface HostileAnswers extends Omit<HostileApi, 'url' | 'close'> {
  answer(request: Pick<IncomingMessage, 'url' | 'method' | 'headers'>): Answer
  /** How long the next answer takes. */
  nextWaitMs(): number
}

/** What a TikHub-like API answers; by default with every hostility at once. */
export function hostileAnswers(options: HostileOptions = {}): HostileAnswers {
  const { jitterMs = 4, ...chosen } = options
  const network = buildNetwork({ ...hostile, ...chosen })
  const key = 'hostile-key-0123456789abcdef'
  const requests: HostileRequest[] = []
  const random = seededRandom(network.random.int(1e9))
  const id = network.crowd[0]!['user_id'] as string
  return {
    ...{ key, truth: network.truth, requests },
    answer: answers(network, key, requests),
    nextWaitMs: () => 1 + random.int(jitterMs),
    someUser: { id, posts: network.posts.filter((post) => postIsOf(post, id)).map((p) => p.id) },
  }
}

/** A TikHub-like API on a free port of this machine; by default with every hostility at once. */
export async function openHostileApi(options: HostileOptions = {}): Promise<HostileApi> {
  const { answer, nextWaitMs, ...api } = hostileAnswers(options)
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, body } = answer(request)
    await wait(nextWaitMs())
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(toJson(body))
  }
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    ...api,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** What each request is answered; keeps the books of the truth while it does. */
function answers(network: Network, key: string, requests: HostileRequest[]) {
  const sent = new Set<string>()
  let lastUs = 0
  return (request: Pick<IncomingMessage, 'url' | 'method' | 'headers'>): Answer => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (url.pathname === '/api/v1/health/check') return { status: 200, body: { status: 'ok' } }
    if (request.headers.authorization !== `Bearer ${key}`) {
      return { status: 401, body: businessError(401, 'Invalid API token') }
    }
    if (!url.pathname.startsWith(prefix) || request.method !== 'GET') {
      return { status: 404, body: { detail: 'Not Found' } }
    }
    const endpoint = url.pathname.slice(prefix.length)
    const params = Object.fromEntries(url.searchParams)
    requests.push({ endpoint, params, at: new Date() })
    lastUs = Math.max(Date.now() * 1000, lastUs + 1)
    return answerEndpoint(network, sent, { endpoint, params, nowUs: lastUs })
  }
}

interface Call {
  endpoint: string
  params: Record<string, string>
  nowUs: number
}

function answerEndpoint(network: Network, sent: Set<string>, call: Call): Answer {
  const { endpoint, params, nowUs } = call
  const single = singleData(network, call)
  if (single) {
    network.truth.wasted.push(`${endpoint} ${JSON.stringify(params)}`)
    return { status: 200, body: envelope(endpoint, params, single) }
  }
  const param = subjectParams[endpoint]
  const subject = param ? (params[param] ?? params['post_url']?.split('/').at(-1) ?? '') : ''
  const cursor = params['cursor'] ?? ''
  const request = requestName(endpoint, subject, cursor)
  const page = network.listings.get(listingName(endpoint, subject))?.pages.get(cursor)
  if (!page) {
    network.truth.forbidden.push(request)
    return { status: 422, body: businessError(422, 'There is nothing here to be asked for') }
  }
  note(network.truth, sent, request)
  return { status: 200, body: envelope(endpoint, params, toData(page, nowUs)) }
}

/** A request counts as wasted if it, or another that does as well, has been answered before. */
function note(truth: Truth, sent: Set<string>, request: string): void {
  const choice = truth.expected.find((each) => each.includes(request))
  if (!choice || choice.some((each) => sent.has(each))) truth.wasted.push(request)
  sent.add(request)
}

function singleData(network: Network, { endpoint, params, nowUs }: Call): Wire | undefined {
  if (endpoint === 'get_user_profile') {
    const profile = network.users.find((user) => user['user_id'] === params['user_id'])
    const nested = Number(params['user_id']?.charCodeAt(10)) % 2 === 0
    return profile && (nested ? { profile } : profile)
  }
  if (endpoint === 'get_post_detail') {
    const id = params['post_id'] ?? params['post_url']?.split('/').at(-1)
    const post = network.posts.find((each) => each.id === id && each.dead !== 'always')
    return post && network.wrap(post)(nowUs)
  }
  return undefined
}
