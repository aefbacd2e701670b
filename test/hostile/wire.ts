import { randomUUID } from 'node:crypto'

export type Wire = Record<string, unknown>

/** JSON text of a value; bigints become exact integers, which JSON.stringify refuses. */
export function toJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return `[${value.map((item: unknown) => toJson(item)).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${toJson(member)}`).join(',')}}`
}

/** TikHub's success envelope around `data` (tikhub-api.md section 2). */
export function envelope(endpoint: string, params: Wire, data: unknown): Wire {
  const requestId = randomUUID()
  const now = new Date()
  return {
    code: 200,
    request_id: requestId,
    message: 'Request successful. This request will incur a charge.',
    message_zh: '请求成功，本次请求将被计费。',
    support: 'Discord: https://discord.gg/aMEAS8Xsvz',
    time: now.toISOString().slice(0, 19).replace('T', ' '),
    time_stamp: Math.floor(now.getTime() / 1000),
    time_zone: 'America/Los_Angeles',
    docs: `https://api.tikhub.io/#/Sora2-API/${endpoint}_api_v1_sora2_${endpoint}_get`,
    cache_message: 'This request will be cached.',
    cache_message_zh: '本次请求将被缓存。',
    cache_url: `https://cache.tikhub.io/api/v1/cache/public/${requestId}?sign=${'0'.repeat(64)}`,
    router: `/api/v1/sora2/${endpoint}`,
    params,
    data,
  }
}

/** TikHub's business error: everything inside `detail` (tikhub-api.md section 3). */
export const businessError = (code: number, message: string): Wire => ({
  detail: { code, request_id: randomUUID(), message, message_zh: message },
})

/** Standard base64 of a JSON object, as every cursor of Sora is. */
export const toCursor = (content: Wire): string =>
  Buffer.from(JSON.stringify(content)).toString('base64')

/** Seconds with six decimals on the wire, whole microseconds in the archive. */
export const toMicroseconds = (seconds: number): number => Math.round(seconds * 1e6)
