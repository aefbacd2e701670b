import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { CallResult } from '../../src/api/client.js'
import { probe, type ProbeOptions } from '../../src/api/probe.js'
import { readAccount, readPrice, shown } from '../../src/api/probe-facts.js'
import { toKeyCheck, toPriceCheck, toRouteCheck } from '../../src/api/probe-verdicts.js'

const answer = (status: number, body: unknown): CallResult => ({
  status,
  headers: {},
  text: typeof body === 'string' ? body : JSON.stringify(body),
  failure: null,
})

const noAnswer = (problem: string, status: number | null = null): CallResult => ({
  ...{ status, headers: {}, text: null },
  failure: { problem, isSent: true },
})

const business = (code: number, message: string) => ({ detail: { code, message } })

describe('toRouteCheck', () => {
  it.each([
    ['401', answer(401, business(401, 'Invalid API token.')), 'alive', 'ok'],
    ['401 of somebody else', answer(401, '<html>log in</html>'), 'foreign', 'failed'],
    ['404 on the route', answer(404, { detail: 'Not Found' }), 'gone', 'failed'],
    ['404 on an object', answer(404, business(404, 'no such post')), 'unclear', 'failed'],
    ['404 of somebody else', answer(404, '<html>404</html>'), 'foreign', 'failed'],
    [
      '403 of the front end',
      answer(403, { title: 'Error 1010', detail: 'blocked', status: 403, error_code: 1010 }),
      'blocked',
      'failed',
    ],
    ['403 as HTML', answer(403, '<html>Just a moment</html>'), 'blocked', 'failed'],
    ['403 of the API', answer(403, business(403, 'no scope')), 'alive', 'warning'],
    ['422', answer(422, { detail: [{ loc: [], msg: 'm', type: 't' }] }), 'alive', 'warning'],
    ['429', answer(429, business(429, 'Too many')), 'unclear', 'failed'],
    ['502', answer(502, '<html>502</html>'), 'unclear', 'failed'],
    ['a redirect', answer(302, ''), 'foreign', 'failed'],
    ['200 with a page', answer(200, { code: 200, router: 'r', data: {} }), 'alive', 'warning'],
    ['200 with a 401 inside', answer(200, business(401, 'no')), 'alive', 'warning'],
    ['200 of a portal', answer(200, '<html>Welcome</html>'), 'foreign', 'failed'],
    ['200 of another API', answer(200, { hello: 1 }), 'foreign', 'failed'],
    ['no answer', noAnswer('ECONNRESET'), 'unreachable', 'failed'],
    ['half an answer', noAnswer('cut', 200), 'unclear', 'failed'],
  ])('takes %s for what it is', (_, result, route, state) => {
    expect(toRouteCheck(result)).toMatchObject({ check: 'route', route, state })
  })
})

describe('readPrice', () => {
  it.each([
    [
      'all of it',
      {
        endpoint_uri: '/api/v1/sora2/get_feed',
        ...{ endpoint_cost: 0.05, allow_discount: 0, allow_free_credit: 1, rate_limit: 10 },
      },
      { price_usd: 0.05, allow_discount: false, allow_free_credit: true, rate_limit: 10 },
    ],
    [
      'numbers as text, and nothing else',
      { endpoint_cost: '0.05' },
      { price_usd: 0.05, allow_discount: null, allow_free_credit: null, rate_limit: null },
    ],
    ['another endpoint', { endpoint_uri: '/api/v1/other', endpoint_cost: 1 }, null],
    ['no object', 'free', null],
  ])('reads %s', (_, data, expected) => {
    expect(readPrice(answer(200, { code: 200, data }))).toEqual(expected)
  })
})

describe('toPriceCheck', () => {
  const facts = { allow_discount: null, allow_free_credit: null, rate_limit: null }
  const told = answer(200, {})

  it('is content with the price that budgets reckon with', () => {
    const check = toPriceCheck(told, { price_usd: 0.05, ...facts }, 0.05)

    expect(check).toEqual({
      check: 'price',
      state: 'ok',
      message:
        '$0.05 a call · discounts: not told · free credit: not told · calls a second: not told',
    })
  })

  it('warns of another one', () => {
    const check = toPriceCheck(told, { price_usd: 0.08, ...facts }, 0.05)

    expect(check.state).toBe('warning')
    expect(check.message).toMatch(/^\$0\.08 a call .* reckon with \$0\.05: set api\.prices/)
  })

  it('warns where none is told', () => {
    const check = toPriceCheck(answer(404, {}), null, 0.05)

    expect(check).toMatchObject({
      state: 'warning',
      message: 'the API tells no price: answered 404',
    })
  })
})

describe('toKeyCheck', () => {
  const now = Date.UTC(2026, 10, 21)
  const price = {
    ...{ price_usd: 0.05, allow_discount: false, allow_free_credit: false, rate_limit: 10 },
  }
  const keyData = {
    api_key_scopes: ['/api/v1/sora2/', '/api/v1/tikhub/user/'],
    expires_at: '2027-01-01T00:00:00',
    api_key_status: 1,
  }
  const user = { balance: 5, free_credit: 0, email_verified: true, account_disabled: false }

  const check = (key: object, account: object, more: object = {}) => {
    const body = {
      code: 200,
      api_key_data: { ...keyData, ...key },
      user_data: { ...user, ...account },
    }
    const result = answer(200, body)
    return toKeyCheck(result, readAccount(result), { now, price: { ...price, ...more } })
  }

  it('tells what the account holds', () => {
    expect(check({}, {})).toEqual({
      check: 'key',
      state: 'ok',
      message:
        'balance $5.00 · free credit $0.00 · scopes /api/v1/sora2/ /api/v1/tikhub/user/ · expires 2027-01-01T00:00:00',
    })
  })

  it.each([
    ['all paths', { api_key_scopes: ['/'] }],
    ['all of version 1', { api_key_scopes: ['/api/v1/*'] }],
    ['no expiry', { expires_at: null }],
    ['an expiry that is no time', { expires_at: 'never' }],
  ])('is content with %s', (_, key) => {
    expect(check(key, {}).state).toBe('ok')
  })

  it.each([
    ['the key lacks the scope /api/v1/sora2/', { api_key_scopes: ['/api/v1/tikhub/user/'] }, {}],
    ['the key lacks the scope /api/v1/sora2/', { api_key_scopes: [] }, {}],
    ['the key expired at 2026-11-20 12:00:00', { expires_at: '2026-11-20 12:00:00' }, {}],
    ['the key is not active', { api_key_status: 0 }, {}],
    ['the e-mail address of the account is not confirmed', {}, { email_verified: false }],
    ['the account is disabled', {}, { account_disabled: true }],
    ['the account is disabled', {}, { is_active: false }],
    ['the balance does not pay for one call', {}, { balance: 0.04 }],
    ['the balance does not pay for one call', {}, { balance: 0, free_credit: 3 }],
  ])('fails because %s', (trouble, key, account) => {
    const found = check(key, account)

    expect(found.state).toBe('failed')
    expect(found.message).toContain(trouble)
  })

  it('takes free credit where it is accepted', () => {
    const account = { balance: 0, free_credit: 3 }

    expect(check({}, account, { allow_free_credit: true }).state).toBe('ok')
  })

  it.each([
    ['failed', answer(401, business(401, 'Invalid API token.')), /set TIKHUB_API_KEY/],
    [
      'warning',
      answer(403, business(403, 'no scope')),
      /needs the scope \/api\/v1\/tikhub\/user\//,
    ],
    ['warning', answer(429, business(429, 'Too many')), /cannot be read now: answered 429/],
    ['warning', answer(200, { nothing: true }), /cannot be read now: answered 200/],
    ['warning', noAnswer('ECONNRESET'), /cannot be read now: ECONNRESET/],
  ])('is %s where no account is told: %o', (state, result, message) => {
    const found = toKeyCheck(result, readAccount(result), { now, price })

    expect(found.state).toBe(state)
    expect(found.message).toMatch(message)
  })
})

describe('shown', () => {
  it.each([
    ['control characters', 'a\u001b[31mb\r\nc\u0000', 'a [31mb c'],
    ['marks that turn the reading direction', 'a\u202eb\u2066c', 'a b c'],
    ['line separators', 'a\u2028b', 'a b'],
    ['what is left of it', '\u0007', ''],
  ])('takes out %s', (_, text, expected) => {
    expect(shown(text)).toBe(expected)
  })

  it('cuts what is long, and no character in two', () => {
    expect(shown('x'.repeat(199) + '😀')).toBe(`${'x'.repeat(199)}\ufffd`)
    expect(shown('y'.repeat(1e6))).toHaveLength(200)
  })
})

describe('probe', () => {
  const apiKey = 'sk-secret-0123456789'

  interface Asked {
    path: string
    authorization: string | undefined
    at: number
  }

  /** An API on a free port that answers as told, and what it was asked. */
  async function openApi(reply: (path: string) => { status: number; body: string } | null) {
    const asked: Asked[] = []
    const server = createServer(({ url = '', headers }, response) => {
      asked.push({ path: url, authorization: headers.authorization, at: performance.now() })
      const found = reply(url.split('?')[0]!)
      if (found !== null) response.writeHead(found.status).end(found.body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const look = (more: Partial<ProbeOptions> = {}) =>
      probe({ baseUrl: `http://127.0.0.1:${port}`, apiKey, priceUsd: 0.05, ...more })
    const { port } = server.address() as AddressInfo
    return { asked, look }
  }

  const refuse = { status: 401, body: JSON.stringify(business(401, 'Invalid API token.')) }

  it('shows the key to the account alone, and asks for accounts once a second at most', async () => {
    const { asked, look } = await openApi(() => refuse)

    await look()

    const [, price, , account] = asked
    expect(asked.map(({ path, authorization }) => [path, authorization])).toEqual([
      ['/api/v1/health/check', undefined],
      ['/api/v1/tikhub/user/get_endpoint_info?endpoint=%2Fapi%2Fv1%2Fsora2%2Fget_feed', undefined],
      ['/api/v1/sora2/get_feed', 'Bearer afterfeed-liveness-probe'],
      ['/api/v1/tikhub/user/get_user_info', `Bearer ${apiKey}`],
    ])
    expect(account!.at - price!.at).toBeGreaterThan(950)
  })

  it('does not ask for an account without a key', async () => {
    const { asked, look } = await openApi(() => refuse)

    const { is_usable, message } = await look({ apiKey: null })

    expect(asked).toHaveLength(3)
    expect({ is_usable, message }).toEqual({
      is_usable: true,
      message: 'The Sora2 API lives at this address. To crawl, set TIKHUB_API_KEY.',
    })
  })

  it('does not hand the key to what is no such API', async () => {
    const { asked, look } = await openApi(() => ({ status: 200, body: '<html>Welcome</html>' }))

    const { route, is_usable, checks } = await look()

    expect({ route, is_usable }).toEqual({ route: 'foreign', is_usable: false })
    expect(checks.at(-1)).toMatchObject({ check: 'key', state: 'skipped' })
    expect(asked.filter(({ authorization }) => authorization?.includes(apiKey))).toEqual([])
  })

  it('repeats no key, however the API quotes it', async () => {
    const body = JSON.stringify({
      code: 200,
      api_key_data: { api_key_scopes: [`/${apiKey}`, 'x'.repeat(1e5)], expires_at: apiKey },
      user_data: { email: apiKey },
    })
    const { look } = await openApi((path) =>
      path.endsWith('get_user_info')
        ? { status: 200, body }
        : { status: 401, body: JSON.stringify(business(401, `your key is ${apiKey}`)) },
    )

    const text = JSON.stringify(await look())

    expect(text).not.toContain(apiKey)
    expect(text.length).toBeLessThan(3000)
  })

  it('reads no more than a megabyte of an answer', async () => {
    const { look } = await openApi(() => ({ status: 401, body: 'x'.repeat(2 ** 20 + 1) }))

    const { route, checks } = await look({ apiKey: null })

    expect(route).toBe('unclear')
    expect(checks[0]!.message).toMatch(/larger than 1048576 bytes/)
  })

  it('gives up on an API that is silent, and asks it nothing more', async () => {
    const { asked, look } = await openApi(() => null)

    const { route, checks } = await look({ timeoutMs: 100 })

    expect(route).toBe('unreachable')
    expect(checks).toEqual([
      {
        ...{ check: 'health', state: 'failed' },
        message: expect.stringContaining('no whole answer within 0.1 s') as string,
      },
    ])
    expect(asked).toHaveLength(1)
  })
})
