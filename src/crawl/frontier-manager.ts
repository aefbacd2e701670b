import { Request, type IRequestManager } from '@crawlee/basic'
import type { Frontier } from '../archive/frontier.js'
import type { FrontierRequest } from '../archive/frontier-request.js'
import type { RateClass } from '../model/endpoint.js'
import { endpointOf, endpoints } from '../model/endpoints.js'

/** What the walk asks the frontier through Crawlee: the next request, if one may go now. */
export interface FrontierManagerOptions {
  frontier: Frontier
  /** Microseconds since 1970. */
  clock: () => number
  /** False once the run is to end: nothing more is handed out. */
  mayGo: () => boolean
  /** True once the API has answered a call of this run. */
  hasAnswered: () => boolean
  /** The classes of endpoints of which nothing may go now. */
  busy: (now: number) => readonly RateClass[]
}

/**
 * Crawlee's request manager on the archive's frontier. What is handed out stays `pending` in the
 * archive until its page is saved, so a crash asks again only for what was under way.
 */
export class FrontierManager implements IRequestManager {
  private readonly underWay = new Map<string, FrontierRequest>()
  private next: FrontierRequest | undefined
  private handled = 0
  private isEnded = false
  /** Nothing was found beside the busy classes: until more is handled, it is not looked for again soon. */
  private nothing = { handled: -1, until: 0 }

  constructor(private readonly options: FrontierManagerOptions) {}

  /** Nothing more is handed out: the walk ends with what is under way. */
  end(): void {
    this.isEnded = true
  }

  async isEmpty(): Promise<boolean> {
    return this.peek() === undefined
  }

  async isFinished(): Promise<boolean> {
    if (this.underWay.size > 0) return false
    const { frontier, mayGo } = this.options
    return this.isEnded || !mayGo() || !frontier.hasPending()
  }

  async fetchNextRequest<T extends Record<string, unknown>>(): Promise<Request<T> | null> {
    const next = this.peek()
    if (next === undefined) return null
    this.next = undefined
    const id = String(next.requestId)
    this.underWay.set(id, next)
    // An address without a domain: Crawlee's pauses between calls of one domain go by the machine's clock.
    return new Request<T>({ id, uniqueKey: id, url: 'http://localhost/' })
  }

  /** The request of the frontier that Crawlee knows under this id. */
  requestOf({ id }: { id?: string }): FrontierRequest {
    return this.underWay.get(id ?? '')!
  }

  async markRequestHandled({ id }: { id?: string }): Promise<void> {
    this.underWay.delete(id ?? '')
    this.handled += 1
  }

  /** Crawlee gives back what failed; the frontier already says what is to become of it. */
  async reclaimRequest(request: { id?: string }): Promise<null> {
    this.underWay.delete(request.id ?? '')
    return null
  }

  async handledCount(): Promise<number> {
    return this.handled
  }

  getTotalCount(): number {
    return this.handled + this.underWay.size
  }

  getPendingCount(): number {
    return this.underWay.size
  }

  addRequest(): never {
    throw new Error('requests enter through the archive, with the page that told of them')
  }

  addRequestsBatched(): never {
    return this.addRequest()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Request> {
    for (;;) {
      const request = await this.fetchNextRequest()
      if (request === null) return
      yield request
    }
  }

  /** Until the API has answered once, one request goes at a time: a refusal costs one call. */
  private peek(): FrontierRequest | undefined {
    const { mayGo, hasAnswered, clock, busy } = this.options
    if (this.isEnded || !mayGo()) return undefined
    if (!hasAnswered() && this.underWay.size > 0) return undefined
    const now = clock()
    const classes = busy(now)
    if (this.next !== undefined && !classes.includes(classOf(this.next))) return this.next
    this.next = this.findNext(now, classes)
    return this.next
  }

  /** The first request in order that is not under way, of a class that is not busy. */
  private findNext(now: number, busy: readonly RateClass[]): FrontierRequest | undefined {
    const isHopeless = this.nothing.handled === this.handled && now < this.nothing.until
    if (busy.length > 0 && isHopeless) return undefined
    const free = busy.length > 0 ? endpointsBut(busy) : null
    const candidates = this.options.frontier.ready(now, this.underWay.size + 1, free)
    const next = candidates.find(({ requestId }) => !this.underWay.has(String(requestId)))
    if (next === undefined) this.nothing = { handled: this.handled, until: now + lookAgainMicros }
    return next
  }
}

const lookAgainMicros = 1e6

const classOf = ({ endpoint }: FrontierRequest): RateClass => endpointOf(endpoint).rateClass

const endpointsBut = (classes: readonly RateClass[]): string[] =>
  endpoints.filter(({ rateClass }) => !classes.includes(rateClass)).map(({ name }) => name)
