import type { Failure } from './envelope.js'

/** The answers that are no success, in the words that were recorded (`tikhub-api.md` 3). */
export const refusals = {
  retry: {
    status: 400,
    message: 'Request failed. Please retry.',
    message_zh: '请求失败，请重试。本次请求不会被扣费。',
  },
  parameters: {
    status: 400,
    message: 'Request failed. Please check the parameters: one of them is missing or unreadable.',
    message_zh: '请求失败，请查看下方文档核对参数。',
  },
  scope: {
    status: 403,
    message: 'The API key lacks the scope of this path.',
    message_zh: 'API令牌无权访问此路由。',
  },
  private: {
    status: 403,
    message: 'Forbidden: this post is private.',
    message_zh: '禁止访问。',
  },
  missing: {
    status: 404,
    message: 'Not found: there is no such object, or it was removed.',
    message_zh: '未找到。',
  },
  balance: {
    status: 402,
    message: 'Insufficient balance, this endpoint requires payment and does not accept free credit',
    message_zh: '免费额度以及余额不足，此路由需要付费，并且不接受使用免费额度请求',
  },
  pace: { status: 429, message: 'Too many requests.', message_zh: '请求过于频繁。' },
  internal: {
    status: 500,
    message: 'An error occurred, your account will not be charged for this request.',
    message_zh: '服务器内部错误。',
  },
  gateway: { status: 502, message: 'Bad gateway.', message_zh: '网关错误。' },
  maintenance: { status: 503, message: 'Service unavailable.', message_zh: '服务不可用。' },
  timeout: { status: 504, message: 'Gateway timeout.', message_zh: '网关超时。' },
} as const satisfies Record<string, Failure>

/** 401, which quotes the key that was sent. */
export const unknownKey = (key: string): Failure => ({
  status: 401,
  message: 'Invalid API token.',
  message_zh: `无效的API令牌，您提交的API令牌为 ${key}`,
})

/** Cloudflare's refusal of a default library agent. */
export const bannedAgent = (rayId: string): string =>
  JSON.stringify({
    type: 'https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/error-1010/',
    title: 'Error 1010: Access denied',
    status: 403,
    detail: "The site owner has blocked access based on your browser's signature.",
    error_code: 1010,
    error_name: 'browser_signature_banned',
    ray_id: rayId,
  })

/** FastAPI's answer where required parameters are missing. */
export const missingParameters = (place: string, names: readonly string[]): string =>
  JSON.stringify({
    detail: names.map((name) => ({ loc: [place, name], msg: 'Field required', type: 'missing' })),
  })

/** FastAPI's answer to an unknown path. */
export const unknownPath = JSON.stringify({ detail: 'Not Found' })

/** Cloudflare's page where the origin does not answer. */
export const gatewayPage =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n' +
  '<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>cloudflare</center>\r\n' +
  '</body>\r\n</html>\r\n'
