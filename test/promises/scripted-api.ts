import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { nameOf } from '../faults/fault-api.js'
import { toCursor } from '../hostile/wire.js'

/** A call that came. */
export interface Call {
  endpoint: string
  params: Record<string, string>
  /** Endpoint, subject, cursor. */
  name: string
  /** How often the same was asked before. */
  nth: number
  /** How many calls came before. */
  index: number
  atMs: number
  headers: IncomingMessage['headers']
}

/** What it is answered; `undefined`: nothing at all. */
export interface Scripted {
  status?: number
  body: string | Buffer
  headers?: Record<string, string>
  waitMs?: number
  /** Twice the length is announced, and the connection ends behind the body. */
  isCut?: boolean
}

/** How one call after the other is answered. */
export type Script = (call: Call, response: ServerResponse) => Scripted | undefined

/** An API that runs. */
export interface ScriptedApi {
  url: string
  calls: Call[]
  /** How many answers it holds back by now, as the script says. */
  held: () => number
}

/** An API that does what a script says, on a free port; it closes when the test ends. */
export async function openScripted(script: Script): Promise<ScriptedApi> {
  const calls: Call[] = []
  let held = 0
  const server = createServer((request, response) => {
    const call = toCall(request, calls)
    calls.push(call)
    const answer = script(call, response)
    if (answer === undefined) return
    if (answer.waitMs === undefined) return sendScripted(answer, response)
    held += 1
    setTimeout(() => {
      held -= 1
      sendScripted(answer, response)
    }, answer.waitMs)
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, calls, held: () => held }
}

function sendScripted({ status = 200, body, headers, isCut }: Scripted, response: ServerResponse) {
  const length = isCut ? { 'content-length': String(2 * body.length) } : {}
  response.writeHead(status, { 'content-type': 'application/json', ...headers, ...length })
  if (isCut) response.write(body, () => response.destroy())
  else response.end(body)
}

function toCall(request: IncomingMessage, calls: readonly Call[]): Call {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const endpoint = url.pathname.split('/').at(-1) ?? ''
  const params = Object.fromEntries(url.searchParams)
  const name = nameOf(endpoint, params)
  const nth = calls.filter((each) => each.name === name).length
  const { headers } = request
  return { endpoint, params, name, nth, index: calls.length, atMs: Date.now(), headers }
}

/** The id of the n-th post of a scripted API. */
export const idOf = (n: number): string => `s_68ef19200000819${String(n).padStart(17, '0')}`

/** A post with nothing below it. */
export const post = (n: number, more: object = {}): object => ({
  post: { id: idOf(n), text: `post ${n}`, reply_count: 0, remix_count: 0, ...more },
  profile: null,
})

/** TikHub's envelope. */
export const success = (data: unknown): string =>
  JSON.stringify({ code: 200, router: '/r', params: {}, data })

/** TikHub's business error. */
export const failure = (code: number, message: string, more: object = {}): Scripted => ({
  status: code,
  body: JSON.stringify({ detail: { code, message, message_zh: message, ...more } }),
})

/** The post that a detail asks for. */
export const detail = ({ params }: Call, more: object = {}): Scripted => ({
  body: success(post(Number(params['post_id']?.slice(-17)), more)),
})

/** Details of so many posts, as seeds. */
export const postSeeds = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `post:${idOf(i + 1)}`)

/** A page of a feed of so many pages, a post on each. */
export function feedPage({ params }: Call, pages: number): Scripted {
  const n = Number(/"offset":(\d+)/.exec(fromBase64(params['cursor'] ?? ''))?.[1] ?? 0)
  const cursor = n + 1 < pages ? toCursor({ cut: 'nf2_top_7d', offset: n + 1 }) : null
  return { body: success({ items: [post(n + 1)], cursor }) }
}

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString()
