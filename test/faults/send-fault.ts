import type { ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { Answer } from '../hostile/server.js'
import { businessError, toJson } from '../hostile/wire.js'
import type { Fault } from './fault-plan.js'

/** One call that is to be answered. */
export interface Reply {
  response: ServerResponse
  /** The whole and right answer. */
  answer: () => Answer
  /** The answer to the same question about another object; undefined where there is none. */
  otherAnswer: () => Answer | undefined
  /** The success without data that an object which is gone may get. */
  emptyAnswer: () => Answer
  slowMs: number
  /** What the API echoes in `detail.headers` of its errors (tikhub-api.md section 1). */
  headers: Record<string, unknown>
}

/** How far a call came: `whole` is billed and right, `billed` is billed but of no use. */
export type Fate = 'whole' | 'billed' | 'lost'

const chinese =
  '请求失败，请重试。请查看下方文档核对参数，使用默认演示参数测试，并将响应 JSON 提交给支持团队。'
const html = '<html><head><title>gateway</title></head><body>cloudflare</body></html>'
const overload = '{"detail":{"code":429,"message":"Too many requests","message_zh":"请求过多"}}'

/** Sends what the fault says, and tells how far the call came. */
export async function sendFault(fault: Fault, reply: Reply): Promise<Fate> {
  const { response } = reply
  switch (fault) {
    case 'none':
      return sendWhole(reply)
    case 'slow':
      await wait(reply.slowMs)
      return sendWhole(reply)
    case '500':
    case 'always 500':
      return sendError(reply, 500, 'An error occurred.')
    case '500 text':
      return send(response, 500, 'Internal Server Error', { 'content-type': 'text/plain' })
    case '502 html':
      return send(response, 502, html, { 'content-type': 'text/html' })
    case '503':
      return sendError(reply, 503, 'Service unavailable')
    case '503 after 0':
      return send(response, 503, '', { 'retry-after': '0' })
    case '504 html':
      return send(response, 504, html, { 'content-type': 'text/html' })
    case '429':
      return send(response, 429, overload)
    case '429 after 0':
      return send(response, 429, overload, { 'retry-after': '0' })
    case '429 after 1':
      return send(response, 429, overload, { 'retry-after': '1' })
    case '429 date':
      return send(response, 429, '', { 'retry-after': new Date(Date.now() + 1000).toUTCString() })
    case 'reset':
      response.socket?.resetAndDestroy()
      return 'lost'
    case 'reset after head':
      return sendHead(reply)
    case 'cut length':
      return sendCut(reply, 0.5, true)
    case 'cut chunks':
      return sendCut(reply, 0.7, false)
    case 'cut last byte':
      return sendCut(reply, 1, true)
    case 'half json': {
      const text = toJson(reply.answer().body)
      return send(response, 200, text.slice(0, text.length >> 1))
    }
    case 'no json':
      return send(response, 200, html, { 'content-type': 'text/html' })
    case 'error inside':
      return send(response, 200, toJson(businessError(500, 'An error occurred.')))
    case 'code inside':
      return send(response, 200, toJson({ code: 500, message: 'failed', params: {}, data: null }))
    case '400 retry':
    case 'always 400':
      return sendError(reply, 400, 'Request failed. Please retry.')
    case '400 chinese':
      return send(response, 400, toJson({ detail: { code: 400, message_zh: chinese } }))
    case 'other object':
    case 'always other': {
      const other = reply.otherAnswer()
      if (other === undefined) return sendWhole(reply)
      send(response, other.status, toJson(other.body))
      return 'billed'
    }
    case '404 object':
      return sendError(reply, 404, 'The post does not exist or was deleted.')
    case 'empty 200':
      send(response, 200, toJson(reply.emptyAnswer().body))
      return 'billed'
    case 'silent':
      return 'lost'
  }
}

/** A whole body with its status. */
export function send(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): 'lost' {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(text)
  return 'lost'
}

function sendWhole({ response, answer }: Reply): Fate {
  const { status, body } = answer()
  send(response, status, toJson(body))
  return status === 200 ? 'whole' : 'lost'
}

function sendError({ response, headers }: Reply, code: number, message: string): Fate {
  const { detail } = businessError(code, message)
  return send(response, code, toJson({ detail: { ...(detail as object), headers } }))
}

/** A promise of a body that never comes. */
async function sendHead({ response }: Reply): Promise<Fate> {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
  response.flushHeaders()
  await wait(1)
  response.destroy()
  return 'lost'
}

/** Part of a body, with its length announced or in chunks, then the end of the connection. */
async function sendCut(
  { response, answer }: Reply,
  share: number,
  isSized: boolean,
): Promise<Fate> {
  const bytes = Buffer.from(toJson(answer().body))
  const most = Math.min(Math.floor(bytes.length * share), bytes.length - 1)
  const length = { 'content-length': String(bytes.length) }
  response.writeHead(200, { 'content-type': 'application/json', ...(isSized ? length : {}) })
  response.write(bytes.subarray(0, most))
  await wait(1)
  response.destroy()
  return 'lost'
}
