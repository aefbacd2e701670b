import { piece } from './objects.js'
import type { Piece } from './objects.js'

/** What an envelope tells of its call. */
export interface CallFacts {
  requestId: string
  /** Milliseconds since 1970. */
  now: number
  router: string
  method: string
  params: Record<string, string>
  cacheUrl: string
}

const support = 'Discord: https://discord.gg/aMEAS8Xsvz'

const losAngeles = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'America/Los_Angeles',
  dateStyle: 'short',
  timeStyle: 'medium',
})

let written = { second: -1, text: '' }

/** The instant in Los Angeles, `2025-10-19 20:57:31`. */
function localTime(now: number): string {
  const second = Math.floor(now / 1000)
  if (written.second !== second) written = { second, text: losAngeles.format(second * 1000) }
  return written.text
}

/** Address of the documentation of an endpoint. */
function docsOf(router: string, method: string): string {
  const operation = router.replace(/^\//, '').replaceAll('/', '_')
  const name = router.slice(router.lastIndexOf('/') + 1)
  return `https://api.tikhub.io/#/Sora2-API/${name}_${operation}_${method.toLowerCase()}`
}

/** Start of TikHub's success envelope, up to and with `"data":` (`tikhub-api.md` 2). */
function envelopeStart(facts: CallFacts): Piece {
  const now = { text: localTime(facts.now), stamp: Math.floor(facts.now / 1000) }
  return piece(
    `{"code":200,"request_id":"${facts.requestId}",` +
      `"message":"Request successful. This request will incur a charge.",` +
      `"message_zh":"请求成功，本次请求将被计费。","support":"${support}",` +
      `"time":"${now.text}","time_stamp":${now.stamp},"time_zone":"America/Los_Angeles",` +
      `"docs":"${docsOf(facts.router, facts.method)}",` +
      `"cache_message":"This request will be cached. You can access the cached result directly using the URL below, valid for 24 hours. Accessing the cache will not incur additional charges.",` +
      `"cache_message_zh":"本次请求将被缓存，你可以使用下面的 URL 直接访问缓存结果，有效期为 24 小时，访问缓存不会产生额外费用。",` +
      `"cache_url":"${facts.cacheUrl}","router":"${facts.router}",` +
      `"params":${JSON.stringify(facts.params)},"data":`,
  )
}

/** A whole success envelope. */
export const envelope = (facts: CallFacts, pieces: readonly Piece[]): Buffer =>
  Buffer.concat([envelopeStart(facts), ...pieces, piece('}')])

/** What a business error says. */
export interface Failure {
  status: number
  message: string
  message_zh: string
}

/** TikHub's error envelope: everything inside `detail` (`tikhub-api.md` 3). */
export function errorEnvelope(
  facts: CallFacts,
  failure: Failure,
  headers?: Record<string, string>,
): Buffer {
  const detail = {
    code: failure.status,
    request_id: facts.requestId,
    message: failure.message,
    message_zh: failure.message_zh,
    support,
    time: localTime(facts.now),
    time_stamp: Math.floor(facts.now / 1000),
    time_zone: 'America/Los_Angeles',
    docs: docsOf(facts.router, facts.method),
    router: facts.router,
    params: facts.params,
    ...(headers ? { headers } : {}),
  }
  return piece(JSON.stringify({ detail }))
}
