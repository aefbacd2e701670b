import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Answer, HostileAnswers, HostileOptions } from '../hostile/server.js'
import { hostileAnswers } from '../hostile/server.js'
import type { Truth } from '../hostile/truth.js'
import { requestName } from '../hostile/truth.js'
import type { Wire } from '../hostile/wire.js'
import { businessError, envelope, toJson } from '../hostile/wire.js'
import type { Fault, FaultPlan } from './fault-plan.js'
import { faultAt } from './fault-plan.js'
import type { Fate } from './send-fault.js'
import { send, sendFault } from './send-fault.js'

/** A call that arrived, and what became of it. */
export interface Arrival {
  run: string
  name: string
  endpoint: string
  /** How often the request had been sent before. */
  nth: number
  atMs: number
  fault: Fault
  /** Null while it is not answered. */
  fate: Fate | null
}

/** The hostile API behind a network that fails, with its own books. */
export interface FaultyApi {
  url: string
  key: string
  truth: Truth
  someUser: HostileAnswers['someUser']
  /** Every call that arrived, in order; those of runs that are dead did not arrive. */
  books: Arrival[]
  /** The address at which a run is told from others; those called `aside` see lasting faults only. */
  urlOf(run: string): string
  /** Called when a call arrived, and when its answer is out; `count` is how many arrived of the run. */
  watch: (arrival: Arrival, stage: 'arrived' | 'answered', count: number) => void
  /** What is under way of a run ends where it is; nothing of it arrives any more. */
  bury(run: string): void
  close(): Promise<void>
}

/** What a faulty API serves, and what goes wrong. */
export interface FaultyOptions {
  world: HostileOptions
  plan: FaultPlan
  key?: string
}

/** Answers that the API gives nobody's books for. */
export const aside = 'aside'

const path = /^(?:\/run-([\w-]+))?(\/api\/.*)$/

/** Opens the hostile API behind a network that fails as the plan says, on a free port. */
export async function openFaultyApi(options: FaultyOptions): Promise<FaultyApi> {
  const faulty = new Faulty(options)
  const server = createServer((request, response) => {
    faulty.respond(request, response).catch(() => response.destroy())
  })
  // An idle connection that the server closes just as a call comes would be a fault of no plan.
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(faulty, {
    url,
    urlOf: (run: string) => `${url}/run-${run}`,
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  })
}

interface Call {
  run: string
  endpoint: string
  params: Record<string, string>
  name: string
}

class Faulty {
  readonly books: Arrival[] = []
  readonly key: string
  readonly truth: Truth
  readonly someUser: HostileAnswers['someUser']
  watch: FaultyApi['watch'] = () => undefined
  private readonly hostile: HostileAnswers
  private readonly dead = new Set<string>()
  private readonly open = new Map<ServerResponse, Arrival>()

  constructor(private readonly options: FaultyOptions) {
    this.hostile = hostileAnswers({ jitterMs: 3, ...options.world })
    this.key = options.key ?? this.hostile.key
    this.truth = this.hostile.truth
    this.someUser = this.hostile.someUser
  }

  bury(run: string): void {
    this.dead.add(run)
    for (const [response, arrival] of this.open) {
      if (arrival.run !== run) continue
      // The API does not know that nobody listens any more: it bills what it would have answered.
      if (arrival.fault === 'none' || arrival.fault === 'slow') arrival.fate ??= 'whole'
      response.destroy()
    }
  }

  async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = toCall(request.url ?? '/')
    if (call === undefined) return void send(response, 404, '{"detail":"Not Found"}')
    if (this.dead.has(call.run)) return void response.destroy()
    if (request.headers.authorization !== `Bearer ${this.key}`) {
      return void send(response, 401, toJson(businessError(401, 'Invalid API token')))
    }
    if (call.run === aside) return this.answerAside(call, response)
    await this.answer(call, request, response)
  }

  private async answer(call: Call, request: IncomingMessage, response: ServerResponse) {
    const arrival = this.arrive(call)
    this.open.set(response, arrival)
    response.on('close', () => this.open.delete(response))
    this.watch(arrival, 'arrived', this.countOf(call.run))
    await wait(this.hostile.nextWaitMs())
    if (this.dead.has(call.run)) return
    const fate = await sendFault(arrival.fault, this.replyTo(call, request, response))
    arrival.fate ??= fate
    if (!this.dead.has(call.run)) this.watch(arrival, 'answered', this.countOf(call.run))
  }

  /** No books, no passing faults: for a walk that finds out what is to be found. */
  private answerAside(call: Call, response: ServerResponse): void {
    if (this.options.plan.lasting.has(call.name)) return void send(response, 500, '{}')
    const { status, body } = this.whole(call)
    send(response, status, toJson(body))
  }

  private arrive({ run, endpoint, name }: Call): Arrival {
    const nth = this.books.filter((each) => each.name === name).length
    const fault = faultAt(this.options.plan, name, nth)
    const arrival = { run, name, endpoint, nth, atMs: Date.now(), fault, fate: null }
    this.books.push(arrival)
    return arrival
  }

  private countOf(run: string): number {
    return this.books.filter((each) => each.run === run).length
  }

  private replyTo(call: Call, request: IncomingMessage, response: ServerResponse) {
    return {
      response,
      answer: () => this.whole(call),
      otherAnswer: () => this.other(call),
      emptyAnswer: () => ({ status: 200, body: envelope(call.endpoint, call.params, {}) }),
      slowMs: 10 + (hashOf(call.name) % 20),
      headers: request.headers,
    }
  }

  private whole(call: Call): Answer {
    const headers = { authorization: `Bearer ${this.hostile.key}` }
    return this.hostile.answer({ url: toUrl(call), method: 'GET', headers })
  }

  /** The answer to the same question about the first other object whose answer tells its id. */
  private other(call: Call): Answer | undefined {
    const { endpoint, params } = call
    const asked = subjectOf(params)
    for (const subject of this.subjects(endpoint)) {
      if (subject === asked || subject === '') continue
      const other = { ...call, params: { [subjectKey(params)]: subject } }
      const { status, body } = this.whole(other)
      if (status === 200 && toldId(body) === subject) {
        return { status, body: { ...(body as object), params } }
      }
    }
    return undefined
  }

  private subjects(endpoint: string): string[] {
    if (endpoint === 'get_post_detail') return [...this.truth.posts.keys()]
    if (endpoint === 'get_user_profile') return [...this.truth.users.keys()]
    return this.truth.expected.flatMap(([name]) => {
      const [asked, subject = '', cursor] = name!.split(' ')
      return asked === endpoint && !cursor ? [subject] : []
    })
  }
}

/** The id that an answer tells of the object that was asked for, if it tells one. */
function toldId(body: unknown): unknown {
  const { post, profile, user_id } = (body as { data: Record<string, Wire | undefined> }).data
  return post?.['id'] ?? profile?.['user_id'] ?? user_id
}

const hashOf = (name: string): number =>
  [...name].reduce((sum, letter) => sum + letter.codePointAt(0)!, 0)

function toCall(address: string): Call | undefined {
  const [, run = 'only', rest] = path.exec(address) ?? []
  if (rest === undefined) return undefined
  const url = new URL(rest, 'http://localhost')
  if (!url.pathname.startsWith(prefix)) return undefined
  const endpoint = url.pathname.slice(prefix.length)
  const params = Object.fromEntries(url.searchParams)
  return { run, endpoint, params, name: nameOf(endpoint, params) }
}

const prefix = '/api/v1/sora2/'

const toUrl = ({ endpoint, params }: Call): string =>
  `${prefix}${endpoint}?${new URLSearchParams(params)}`

const subjectKeys = ['post_id', 'comment_id', 'user_id', 'post_url'] as const

const subjectKey = (params: Record<string, string>): string =>
  subjectKeys.find((key) => key in params) ?? 'post_id'

const subjectOf = (params: Record<string, string>): string =>
  params[subjectKey(params)]?.split('/').at(-1) ?? ''

/** The name of a request in all books: endpoint, subject, cursor. */
export const nameOf = (endpoint: string, params: Record<string, string>): string =>
  requestName(endpoint, subjectOf(params), params['cursor'] ?? '')
