import { isWire } from '../model/reading.js'
import type { CallResult } from './client.js'
import { shown, toAnswer, type AccountFacts, type Answer, type PriceFacts } from './probe-facts.js'

/** What one look at the API came to. */
export interface Check {
  check: 'health' | 'price' | 'route' | 'key'
  state: 'ok' | 'warning' | 'failed' | 'skipped'
  /** One line, free of control characters. */
  message: string
}

/** What can be said of a Sora2 route at an address. */
export type RouteState =
  /** It answers. */
  | 'alive'
  /** It does not exist (any more). */
  | 'gone'
  /** The front end before the API refuses this client. */
  | 'blocked'
  /** Something answers that is no such API. */
  | 'foreign'
  /** The API fails, or is busy. */
  | 'unclear'
  | 'unreachable'

/** A check, and what it says of the route. */
export interface RouteCheck extends Check {
  route: RouteState
}

const problemOf = ({ failure, status }: CallResult): string =>
  shown(failure?.problem ?? `answered ${status}`)

const messageOf = ({ body }: Answer): string =>
  body?.kind === 'error' && body.message !== '' ? `: ${shown(body.message)}` : ''

/** What `/api/v1/health/check` says. */
export function toHealthCheck(result: CallResult): Check {
  const answer = toAnswer(result)
  if (answer === null) return { check: 'health', state: 'failed', message: problemOf(result) }
  if (answer.status === 200 && isWire(answer.value) && answer.value['status'] === 'ok')
    return { check: 'health', state: 'ok', message: 'the API says it is well' }
  const message = `answered ${answer.status}, not that it is well${messageOf(answer)}`
  return { check: 'health', state: 'warning', message }
}

/** Compares the price that the API tells with the one that budgets reckon with. */
export function toPriceCheck(
  result: CallResult,
  price: PriceFacts | null,
  expectedUsd: number,
): Check {
  if (price === null || price.price_usd === null) {
    const problem = result.failure === null ? `answered ${result.status}` : problemOf(result)
    return { check: 'price', state: 'warning', message: `the API tells no price: ${problem}` }
  }
  const { price_usd: usd, rate_limit: rate } = price
  const facts = [
    `$${usd} a call`,
    `discounts: ${word(price.allow_discount)}`,
    `free credit: ${word(price.allow_free_credit)}`,
    `calls a second: ${rate ?? 'not told'}`,
  ].join(' · ')
  if (Math.abs(usd - expectedUsd) < 1e-9) return { check: 'price', state: 'ok', message: facts }
  const advice = `budgets reckon with $${expectedUsd}: set api.prices in the config file`
  return { check: 'price', state: 'warning', message: `${facts}; ${advice}` }
}

/**
 * What an answer to a made-up key says of the route: nobody's account stands behind such a key, so
 * nothing can be billed. An existing route gives 401, a missing one 404 (`tikhub-api` section 4).
 */
export function toRouteCheck(result: CallResult): RouteCheck {
  const answer = toAnswer(result)
  if (answer !== null) return { check: 'route', ...routeOf(answer) }
  const route = result.status === null ? 'unreachable' : 'unclear'
  return { check: 'route', route, state: 'failed', message: problemOf(result) }
}

type RouteFacts = Omit<RouteCheck, 'check'>

const route = (
  found: RouteState,
  message: string,
  state: Check['state'] = 'failed',
): RouteFacts => ({ route: found, state, message })

function routeOf(answer: Answer): RouteFacts {
  const { status, value, body } = answer
  const said = `${status}${messageOf(answer)}`
  const code = isWire(value) ? value['error_code'] : undefined
  const isError = body?.kind === 'error'
  if (status === 200) return strangeRoute(answer)
  if (status === 401 && isError) return route('alive', 'refuses a made-up key, so it lives', 'ok')
  if (status === 404 && isError && body.isRoute) return route('gone', said)
  if (status === 403 && !(isError && isBusiness(value)))
    return route('blocked', `${said}${code === undefined ? '' : ` (error ${shown(String(code))})`}`)
  if ([400, 402, 403, 422].includes(status) && isError)
    return route('alive', `it answers a made-up key with ${said}`, 'warning')
  if (status === 408 || status === 429 || status >= 500) return route('unclear', said)
  if (status >= 300 && status < 400) return route('foreign', `${status}: redirects elsewhere`)
  return route(isError ? 'unclear' : 'foreign', said)
}

/** TikHub's own errors have an object as `detail`. */
const isBusiness = (value: unknown): boolean => isWire(value) && isWire(value['detail'])

/** 200 for a made-up key. */
function strangeRoute({ body }: Answer): RouteFacts {
  if (body?.kind === 'envelope')
    return route(
      'alive',
      'answers even a made-up key, which is strange; it stands for no account that could be billed',
      'warning',
    )
  if (body?.kind !== 'error') return route('foreign', '200, but no answer of this API')
  const said = `200 with an error inside: ${body.code ?? ''}${messageOf({ status: 200, value: null, body })}`
  return body.code === 401 ? route('alive', said, 'warning') : route('unclear', said)
}

/** What the key is good for. `now`: milliseconds since 1970. */
export function toKeyCheck(
  result: CallResult,
  account: AccountFacts | null,
  { now, price }: { now: number; price: PriceFacts & { price_usd: number } },
): Check {
  if (account === null) return toUntoldKey(result)
  const facts = accountText(account)
  const troubles = troublesOf(account, now)
  if (!canPay(account, price)) troubles.push('the balance does not pay for one call: top up')
  if (troubles.length > 0)
    return { check: 'key', state: 'failed', message: `${troubles.join('; ')} (${facts})` }
  if (account.scopes === null || account.balance_usd === null)
    return { check: 'key', state: 'warning', message: `not all of it is told (${facts})` }
  return { check: 'key', state: 'ok', message: facts }
}

function toUntoldKey(result: CallResult): Check {
  const answer = toAnswer(result)
  if (answer?.status === 401) {
    const message = 'the key was refused: set TIKHUB_API_KEY to a key that is valid'
    return { check: 'key', state: 'failed', message }
  }
  if (answer?.status === 403 && isBusiness(answer.value)) {
    const message = `may not read its own account, which needs the scope /api/v1/tikhub/user/ and a confirmed e-mail address${messageOf(answer)}`
    return { check: 'key', state: 'warning', message }
  }
  const problem =
    answer === null ? problemOf(result) : `answered ${answer.status}${messageOf(answer)}`
  return { check: 'key', state: 'warning', message: `the account cannot be read now: ${problem}` }
}

function troublesOf(account: AccountFacts, now: number): string[] {
  const ends = account.expires_at === null ? NaN : endOf(account.expires_at)
  return [
    account.is_disabled === true && 'the account is disabled',
    account.is_key_active === false && 'the key is not active',
    ends <= now && `the key expired at ${account.expires_at}`,
    account.is_email_verified === false && 'the e-mail address of the account is not confirmed',
    account.scopes !== null &&
      !account.scopes.some(isScopeOfFamily) &&
      'the key lacks the scope /api/v1/sora2/',
  ].filter((each) => each !== false)
}

/** Scopes are prefixes of paths. */
const isScopeOfFamily = (scope: string): boolean =>
  scope.startsWith('/') && '/api/v1/sora2/'.startsWith(scope.replace(/\*+$/, ''))

/** Milliseconds since 1970, in UTC where no zone is named; NaN where it is no time. */
const endOf = (text: string): number =>
  Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text.replace(' ', 'T')}Z`)

/** False only where all that is told says so. */
function canPay(account: AccountFacts, price: PriceFacts & { price_usd: number }): boolean {
  const { balance_usd: balance, free_credit_usd: credit } = account
  if (balance === null || balance >= price.price_usd) return true
  return price.allow_free_credit !== false && (credit === null || credit >= price.price_usd)
}

function accountText(account: AccountFacts): string {
  const { balance_usd: balance, free_credit_usd: credit, scopes, expires_at } = account
  return [
    `balance ${money(balance)}`,
    `free credit ${money(credit)}`,
    `scopes ${scopes === null ? 'not told' : shown(scopes.join(' ')) || 'none'}`,
    expires_at === null ? 'no expiry told' : `expires ${expires_at}`,
  ].join(' · ')
}

const money = (usd: number | null): string => (usd === null ? 'not told' : `$${usd.toFixed(2)}`)

const word = (flag: boolean | null): string => (flag === null ? 'not told' : flag ? 'yes' : 'no')
