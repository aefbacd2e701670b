import { redactSecret } from '../model/redact.js'
import { ApiClient, type CallResult } from './client.js'
import { Pace } from './pace.js'
import {
  probedPath,
  readAccount,
  readPrice,
  type AccountFacts,
  type PriceFacts,
} from './probe-facts.js'
import {
  toHealthCheck,
  toKeyCheck,
  toPriceCheck,
  toRouteCheck,
  type Check,
  type RouteCheck,
  type RouteState,
} from './probe-verdicts.js'

/** What is to be looked at. */
export interface ProbeOptions {
  baseUrl: string
  /** NULL: the account is not looked at. */
  apiKey: string | null
  /** USD that budgets reckon with for a call of the probed route. */
  priceUsd: number
  /** Default 15 s. */
  timeoutMs?: number
  signal?: AbortSignal
}

/** What was found, free of the key and of control characters. */
export interface ProbeReport {
  base_url: string
  route: RouteState
  /** The route lives and the key, if there is one, is not known to be useless. */
  is_usable: boolean
  /** The verdict, and what to do, in plain words. */
  message: string
  checks: Check[]
  price: PriceFacts | null
  account: AccountFacts | null
}

/** Stands for no account: what is asked with it can cost nobody anything. */
const madeUpKey = 'afterfeed-liveness-probe'

/**
 * Looks whether the API lives, without spending anything (`tikhub-api` section 10): health, price, a
 * route with a made-up key, and the account of the key, which goes to that one path only.
 * @throws InputError if the address is none
 */
export async function probe(options: ProbeOptions): Promise<ProbeReport> {
  const probing = new Probing(options)
  try {
    return withoutKey(await probing.look(), options.apiKey ?? '')
  } finally {
    await probing.close()
  }
}

/** Three callers, that never share a key, and the pace of TikHub's account paths. */
class Probing {
  private readonly nobody: ApiClient
  private readonly stranger: ApiClient
  private readonly owner: ApiClient | null
  private readonly accountPace = new Pace({ ratePerSecond: Infinity, concurrency: 1 })

  constructor(private readonly options: ProbeOptions) {
    this.nobody = clientFor(options, '')
    this.stranger = clientFor(options, madeUpKey)
    this.owner = options.apiKey === null ? null : clientFor(options, options.apiKey)
  }

  async look(): Promise<ProbeReport> {
    const healthResult = await this.ask(this.nobody, '/api/v1/health/check')
    const health = toHealthCheck(healthResult)
    if (healthResult.status === null) return this.report([health], { route: 'unreachable' })
    const priceResult = await this.askAccount(this.nobody, 'get_endpoint_info', {
      endpoint: probedPath,
    })
    const price = readPrice(priceResult)
    const route = toRouteCheck(await this.ask(this.stranger, probedPath))
    const priceCheck = toPriceCheck(priceResult, price, this.options.priceUsd)
    const { check, account } = await this.lookAtKey(route, price)
    return this.report([health, priceCheck, toPlainCheck(route), check], {
      ...{ route: route.route, price, account },
    })
  }

  /** The key goes only to what looks like TikHub. */
  private async lookAtKey(
    { route }: RouteCheck,
    price: PriceFacts | null,
  ): Promise<{ check: Check; account: AccountFacts | null }> {
    if (this.owner === null) return { check: skipped('no key is set'), account: null }
    if (!['alive', 'gone', 'unclear'].includes(route))
      return { check: skipped('the key was not sent there'), account: null }
    const result = await this.askAccount(this.owner, 'get_user_info')
    const account = readAccount(result)
    const known = price ?? { allow_discount: null, allow_free_credit: null, rate_limit: null }
    const price_usd = price?.price_usd ?? this.options.priceUsd
    const check = toKeyCheck(result, account, { now: Date.now(), price: { ...known, price_usd } })
    return { check, account }
  }

  private report(
    checks: Check[],
    found: { route: RouteState; price?: PriceFacts | null; account?: AccountFacts | null },
  ): ProbeReport {
    const { route, price = null, account = null } = found
    const key = checks.find(({ check }) => check === 'key')
    return {
      base_url: this.options.baseUrl,
      route,
      is_usable: route === 'alive' && key?.state !== 'failed',
      message: route === 'alive' ? aliveText(key) : verdicts[route],
      checks,
      price,
      account,
    }
  }

  private ask(client: ApiClient, path: string, params = {}): Promise<CallResult> {
    return client.fetchPage({ path }, params, this.options.signal)
  }

  /** At most one such call a second, whoever asks. */
  private async askAccount(client: ApiClient, name: string, params = {}): Promise<CallResult> {
    const call = () => this.ask(client, `/api/v1/tikhub/user/${name}`, params)
    return (await this.accountPace.run('account', call))!
  }

  async close(): Promise<void> {
    await Promise.all([this.nobody.close(), this.stranger.close(), this.owner?.close()])
  }
}

const withoutKey = (report: ProbeReport, key: string): ProbeReport =>
  JSON.parse(JSON.stringify(report), (_, value: unknown) =>
    typeof value === 'string' ? redactSecret(value, key) : value,
  ) as ProbeReport

const clientFor = ({ baseUrl, timeoutMs = 15_000 }: ProbeOptions, apiKey: string): ApiClient =>
  new ApiClient({ baseUrl, apiKey, concurrency: 1, timeoutMs, largestBodyBytes: 1024 * 1024 })

const skipped = (message: string): Check => ({ check: 'key', state: 'skipped', message })

const toPlainCheck = ({ check, state, message }: RouteCheck): Check => ({ check, state, message })

function aliveText(key: Check | undefined): string {
  const lives = 'The Sora2 API lives at this address'
  switch (key?.state) {
    case 'ok':
      return `${lives}, and the key may use it.`
    case 'failed':
      return `${lives}, but the key cannot use it; see above.`
    case 'warning':
      return `${lives}; whether the key may use it is not certain.`
    case 'skipped':
    case undefined:
      return `${lives}. To crawl, set TIKHUB_API_KEY.`
  }
}

const verdicts: Record<Exclude<RouteState, 'alive'>, string> = {
  gone:
    'The Sora2 API is gone from this address. Import dumps that you hold (`afterfeed import FILE`), ' +
    'or try `afterfeed simulate`.',
  blocked:
    'The front end before the API refuses this client: try from another network. Nothing is known of the API itself.',
  foreign: "What answers at this address is not TikHub's API: check --base-url.",
  unclear: 'The API answers, but does not tell whether the Sora2 routes live: try again later.',
  unreachable:
    'Nothing answers at this address: check the network, or name another address with --base-url ' +
    '(https://api.tikhub.dev inside mainland China).',
}
