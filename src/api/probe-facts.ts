import { toBodyKind, type BodyKind } from '../model/envelope.js'
import { tryParseJson } from '../model/parse-json.js'
import { isWire, type Wire } from '../model/reading.js'
import type { CallResult } from './client.js'

/** What the API tells of the price of a call; NULL is not told. */
export interface PriceFacts {
  price_usd: number | null
  allow_discount: boolean | null
  allow_free_credit: boolean | null
  /** Calls a second. */
  rate_limit: number | null
}

/** What the API tells of key and account; NULL is not told. */
export interface AccountFacts {
  balance_usd: number | null
  free_credit_usd: number | null
  scopes: string[] | null
  expires_at: string | null
  is_key_active: boolean | null
  is_email_verified: boolean | null
  is_disabled: boolean | null
}

/** The route that is looked at: a list of the family, without a required parameter. */
export const probedPath = '/api/v1/sora2/get_feed'

/** A text of the API as it may be shown: one line of 200 characters at most, nothing that steers a terminal. */
export const shown = (text: string): string =>
  text
    .slice(0, 2000)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, 200)
    .toWellFormed()

/** What came, as far as it is an answer. */
export interface Answer {
  status: number
  /** undefined where the body is no JSON. */
  value: unknown
  body: BodyKind | null
}

/** What came, parsed; NULL where no whole answer came. */
export function toAnswer({ status, text, failure }: CallResult): Answer | null {
  if (failure !== null || status === null || text === null) return null
  const parsed = tryParseJson(text)
  if (parsed === null) return { status, value: undefined, body: null }
  return { status, value: parsed.value, body: toBodyKind(parsed.value) }
}

/** What `get_endpoint_info` tells; NULL if it tells nothing of `probedPath`. */
export function readPrice(result: CallResult): PriceFacts | null {
  const answer = toAnswer(result)
  if (answer?.status !== 200 || !isWire(answer.value)) return null
  const { data } = answer.value
  const row: unknown = Array.isArray(data) ? data[0] : data
  if (!isWire(row) || (row['endpoint_uri'] ?? probedPath) !== probedPath) return null
  return {
    price_usd: toAmount(row['endpoint_cost']),
    allow_discount: toFlag(row['allow_discount']),
    allow_free_credit: toFlag(row['allow_free_credit']),
    rate_limit: toAmount(row['rate_limit']),
  }
}

/** What `get_user_info` tells; NULL if it tells nothing of an account. */
export function readAccount(result: CallResult): AccountFacts | null {
  const answer = toAnswer(result)
  if (answer?.status !== 200 || !isWire(answer.value)) return null
  const outer = isWire(answer.value['data']) ? answer.value['data'] : answer.value
  const { api_key_data: key, user_data: user } = outer
  if (!isWire(key) && !isWire(user)) return null
  return { ...keyFacts(isWire(key) ? key : {}), ...userFacts(isWire(user) ? user : {}) }
}

const keyFacts = ({ api_key_scopes: scopes, expires_at, api_key_status: status }: Wire) => ({
  scopes: Array.isArray(scopes)
    ? scopes
        .slice(0, 50)
        .filter((each): each is string => typeof each === 'string')
        .map(shown)
    : null,
  expires_at: typeof expires_at === 'string' ? shown(expires_at) : null,
  is_key_active: typeof status === 'number' ? status === 1 : null,
})

const userFacts = (user: Wire) => ({
  balance_usd: toAmount(user['balance']),
  free_credit_usd: toAmount(user['free_credit']),
  is_email_verified: toFlag(user['email_verified']),
  is_disabled: user['is_active'] === false ? true : toFlag(user['account_disabled']),
})

function toAmount(value: unknown): number | null {
  const amount = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof amount === 'number' && Number.isFinite(amount) ? amount : null
}

const toFlag = (value: unknown): boolean | null =>
  value === true || value === 1 ? true : value === false || value === 0 ? false : null
