import { endpointAt } from '../model/endpoints.js'
import { takesFreeCredit } from './account.js'
import { answerCall, refuseCaller, refuseQuestion } from './endpoint-calls.js'
import type { CallRoom } from './endpoint-calls.js'
import { placeholderPath, previewPath } from './links.js'
import { answerMedia } from './media.js'
import type { Network } from './network.js'
import type { Settings } from './options.js'
import { unknownPath } from './refusals.js'
import { headerOf, jsonReply } from './reply.js'
import type { Incoming, Reply } from './reply.js'
import type { Signer } from './signatures.js'

/** What every request may need. */
export interface House extends CallRoom {
  network: Network
  signer: Signer
  /** JSON text of the truth, and of the fewest requests of a seed. */
  truth: () => string
  fewestRequests: (seed: string) => string
}

/** Answers any request. */
export function answerRequest(house: House, incoming: Incoming): Reply {
  return (
    answerCall(house, incoming) ??
    answerAccount(house, incoming) ??
    answerFiles(house, incoming) ??
    answerQuestions(house, incoming) ??
    jsonReply(404, unknownPath)
  )
}

function answerAccount(house: House, incoming: Incoming): Reply | null {
  const { settings, account } = house
  const isQuestion = incoming.path.startsWith('/api/v1/tikhub/user/')
  const refused = isQuestion ? refuseQuestion(house, incoming) : null
  if (refused !== null) return refused
  switch (incoming.path) {
    case '/api/v1/health/check':
      return jsonReply(200, '{"status":"ok"}')
    case '/api/v1/tikhub/user/get_user_info': {
      const { balance_usd: balance, free_credit_usd: credit } = account.calls()
      const body = { code: 200, router: incoming.path, ...userInfo(balance ?? 1e9, credit) }
      return refuseCaller(house, incoming) ?? jsonReply(200, JSON.stringify(body))
    }
    case '/api/v1/tikhub/user/get_endpoint_info': {
      const row = endpointRow(incoming.query.get('endpoint') ?? '', settings)
      const body = { code: 200, router: incoming.path, data: row }
      return row ? jsonReply(200, JSON.stringify(body)) : jsonReply(404, unknownPath)
    }
    default:
      return null
  }
}

const userInfo = (balance: number, free_credit: number) => ({
  api_key_data: {
    api_key_name: 'simulator',
    api_key_scopes: ['/api/v1/sora2/', '/api/v1/tikhub/user/'],
    created_at: '2025-10-01T00:00:00',
    expires_at: null,
    api_key_status: 1,
  },
  user_data: {
    email: 'somebody@example.org',
    balance,
    free_credit,
    email_verified: true,
    account_disabled: false,
    is_active: true,
  },
})

function endpointRow(path: string, { rateLimit, discounts, freeCreditUsd }: Settings) {
  const endpoint = endpointAt(path)
  if (!endpoint) return null
  return {
    endpoint_uri: path,
    endpoint_cost: endpoint.priceUsd,
    allow_discount: discounts ? 1 : 0,
    allow_free_credit: freeCreditUsd > 0 && takesFreeCredit(endpoint) ? 1 : 0,
    rate_limit: rateLimit || 10,
    platform: 'Sora2',
  }
}

/** The smallest PNG, for the placeholder picture and link previews. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)

function answerFiles({ network, signer, settings, keep, origin }: House, incoming: Incoming) {
  const { path, query, target } = incoming
  const now = settings.clock()
  if (path === placeholderPath || path === previewPath) return pngReply
  if (path.startsWith('/api/v1/cache/public/')) {
    const body = keep.get(origin + target, now)
    return body ? jsonReply(200, body) : jsonReply(404, unknownPath)
  }
  if (!path.startsWith('/az/') && !path.startsWith('/vg-assets/')) return null
  const range = headerOf(incoming, 'range') || undefined
  const whole: Pick<Reply, 'manner' | 'delayMs'> = { manner: 'whole', delayMs: 0 }
  return { ...answerMedia(network, signer, { path, query, range, now }), ...whole }
}

const pngReply: Reply = {
  status: 200,
  headers: { 'content-type': 'image/png' },
  body: png,
  manner: 'whole',
  delayMs: 0,
}

/** What tests ask: free and without a key. */
function answerQuestions({ account, truth, fewestRequests }: House, { path, query }: Incoming) {
  switch (path) {
    case '/__simulator/truth':
      return jsonReply(200, truth())
    case '/__simulator/calls':
      return jsonReply(200, JSON.stringify(account.calls()))
    case '/__simulator/fewest_requests':
      return jsonReply(200, fewestRequests(query.get('seed') ?? 'feed'))
    default:
      return null
  }
}
