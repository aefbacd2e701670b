import { describe, expect, it } from 'vitest'
import type { CallResult } from '../../src/api/client.js'
import {
  backoffMs,
  retriesLimit,
  retryAfterMs,
  toOutcome,
  upstreamIdOf,
} from '../../src/api/outcome.js'

const now = Date.UTC(2026, 1, 3, 12)

const answer = (
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): CallResult => ({
  status,
  headers,
  text: typeof body === 'string' ? body : JSON.stringify(body),
  failure: null,
})

const business = (code: number, message: string) => ({
  detail: { code, request_id: 'r', message, message_zh: '…' },
})

const missingField = { detail: [{ loc: ['query', 'x'], msg: 'Field required', type: 'missing' }] }
const noRoute = { detail: 'Not Found' }
const html = '<html><head><title>502 Bad Gateway</title></head></html>'
const banned = {
  title: 'Access denied',
  status: 403,
  detail: "The site owner has blocked access based on your browser's signature.",
  error_code: 1010,
  error_name: 'browser_signature_banned',
}

const retry = { kind: 'retry', usesTry: true, waitMs: null, reason: 'no_answer' }
const bad = { ...retry, reason: 'bad_request' }
const keyAdvice = 'The key was refused: set TIKHUB_API_KEY to a key that is valid.'
const balanceAdvice = 'The balance is used up: top up at TikHub, then run the same command.'
const scopeAdvice =
  'The key may not use this path: give it the scope /api/v1/sora2/ at TikHub, then run the same command.'
const emailAdvice =
  "The e-mail address of the key's account is not confirmed: confirm it at TikHub, then run the same command."
const accountAdvice =
  'The account of the key is disabled: ask TikHub, or use the key of another account.'
const routeAdvice = 'The route is gone: this address serves no Sora2 API (any more).'
const redirectAdvice = 'The address redirects elsewhere: name the API itself with --base-url.'
const frontAdvice =
  'Not the API but the front end before it refuses this client; the key was not looked at. Try from another network.'
const chinese = '请求失败，请重试。请查看下方文档核对参数'

describe('toOutcome', () => {
  it('takes a 200 with data as a page, and as billed', () => {
    const body = { code: 200, router: '/api/v1/sora2/get_feed', params: {}, data: { items: [] } }

    const outcome = toOutcome(answer(200, body), now)

    expect(outcome).toMatchObject({ kind: 'page', billed: 'yes', problem: 'page' })
    expect(outcome.kind === 'page' && outcome.parsed.value).toEqual(body)
  })

  it.each([
    ['400, to be tried again', 400, business(400, 'Request failed.'), { ...bad, billed: 'no' }],
    [
      '400 that says so',
      400,
      business(400, 'Check parameters and retry'),
      { ...bad, billed: 'no' },
    ],
    ['400 that says so in Chinese', 400, business(400, chinese), { ...bad, billed: 'no' }],
    [
      '400 about parameters',
      400,
      business(400, 'Bad parameter: post_id'),
      { kind: 'failed', billed: 'no', reason: 'bad_request' },
    ],
    ['400 without JSON', 400, 'oops', { ...bad, billed: 'no', problem: '400' }],
    ['401', 401, business(401, 'Invalid.'), { kind: 'refused', billed: 'no', advice: keyAdvice }],
    ['402', 402, business(402, 'No.'), { kind: 'refused', billed: 'no', advice: balanceAdvice }],
    ['403', 403, business(403, 'Scope.'), { kind: 'refused', billed: 'no', advice: scopeAdvice }],
    [
      '403 of an unconfirmed account',
      403,
      business(403, 'Please verify your email first.'),
      { kind: 'refused', billed: 'no', advice: emailAdvice },
    ],
    [
      '403 of a disabled account',
      403,
      business(403, 'Account disabled.'),
      { kind: 'refused', billed: 'no', advice: accountAdvice },
    ],
    [
      '403 of a private post',
      403,
      business(403, 'This post is private.'),
      { kind: 'absent', billed: 'no', reason: 'forbidden' },
    ],
    ['403 without JSON', 403, html, { kind: 'refused', billed: 'no', advice: frontAdvice }],
    ['403 of the front end', 403, banned, { kind: 'refused', billed: 'no', advice: frontAdvice }],
    ['404 of an object', 404, business(404, 'Gone.'), { kind: 'absent', billed: 'no' }],
    ['404 in other words', 404, { detail: 'No such post' }, { kind: 'absent', billed: 'no' }],
    ['403 with a ray', 403, { detail: 'No.', ray_id: 'r' }, { advice: frontAdvice }],
    ['404 of the route', 404, noRoute, { kind: 'refused', billed: 'no', advice: routeAdvice }],
    ['404 without JSON', 404, html, { kind: 'refused', billed: 'no', advice: routeAdvice }],
    ['405', 405, noRoute, { kind: 'failed', billed: 'no', reason: 'status_405' }],
    ['408', 408, html, { ...retry, billed: 'no' }],
    ['410', 410, business(410, 'Gone.'), { kind: 'failed', billed: 'no', reason: 'status_410' }],
    ['422', 422, missingField, { kind: 'failed', billed: 'no', reason: 'status_422' }],
    ['429', 429, business(429, 'Slow.'), { ...retry, billed: 'no', usesTry: false }],
    ['500', 500, business(500, 'Oh.'), { ...retry, billed: 'unknown' }],
    ['502 as HTML', 502, html, { ...retry, billed: 'unknown', problem: '502' }],
    ['502 as JSON', 502, business(502, 'Bad.'), { ...retry, billed: 'unknown' }],
    ['503', 503, business(503, 'Later.'), { ...retry, billed: 'unknown', problem: '503 Later.' }],
    ['504', 504, html, { ...retry, billed: 'unknown' }],
    ['520', 520, html, { ...retry, billed: 'unknown' }],
    ['521', 521, html, { ...retry, billed: 'no' }],
    ['522', 522, html, { ...retry, billed: 'unknown' }],
    ['523', 523, html, { ...retry, billed: 'no' }],
    ['524', 524, html, { ...retry, billed: 'unknown' }],
    ['525', 525, html, { ...retry, billed: 'no' }],
    ['526', 526, html, { ...retry, billed: 'no' }],
    ['301', 301, '', { kind: 'refused', billed: 'no', advice: redirectAdvice }],
    ['204', 204, '', { kind: 'failed', billed: 'unknown', reason: 'status_204' }],
  ] as const)('tells a %s by its consequence', (_, status, body, expected) => {
    expect(toOutcome(answer(status, body), now)).toMatchObject(expected)
  })

  it.each([
    ['no JSON', html, '200, but no JSON'],
    ['a cut JSON', '{"code":200,"data":{"items":[', '200, but no JSON'],
    ['nothing', '', '200, but no JSON'],
    ['an error inside', business(503, 'Later'), '200, but an error inside: 503 Later'],
    [
      'another code',
      { code: 400, message: 'Bad', data: null },
      '200, but an error inside: 400 Bad',
    ],
    [
      'another code and no data',
      { code: 400, message: 'Bad' },
      '200, but an error inside: 400 Bad',
    ],
    [
      'words in Chinese alone',
      { detail: { code: 400, request_id: 'r', message_zh: chinese } },
      `200, but an error inside: 400 ${chinese}`,
    ],
  ])('tries a 200 with %s again: it may be billed', (_, body, problem) => {
    expect(toOutcome(answer(200, body), now)).toEqual({
      ...retry,
      billed: 'unknown',
      problem,
    })
  })

  it('takes a 200 with a 429 inside for too fast, and uses no try for it: it may be billed', () => {
    expect(toOutcome(answer(200, business(429, 'Slow.')), now)).toEqual({
      ...{ ...retry, usesTry: false, billed: 'unknown' },
      problem: '200, but an error inside: 429 Slow.',
    })
  })

  it.each([
    [401, keyAdvice],
    [402, balanceAdvice],
    [403, scopeAdvice],
  ])('ends the run for a 200 with a %d inside: it may be billed', (code, advice) => {
    expect(toOutcome(answer(200, business(code, 'No.')), now)).toEqual({
      kind: 'refused',
      billed: 'unknown',
      problem: `200, but an error inside: ${code} No.`,
      advice,
    })
  })

  it.each([
    [business(404, 'Gone.'), { kind: 'absent', reason: 'not_found' }, '404 Gone.'],
    [{ code: '404', message: 'Gone.' }, { kind: 'absent', reason: 'not_found' }, '404 Gone.'],
    [business(422, 'Bad.'), { kind: 'failed', reason: 'status_422' }, '422 Bad.'],
    [{ detail: { code: '422', message: 'Bad.' } }, { kind: 'failed' }, '422 Bad.'],
  ])('tries a 200 never again that carries what is never tried again: %j', (body, what, words) => {
    expect(toOutcome(answer(200, body), now)).toMatchObject({
      ...what,
      billed: 'unknown',
      problem: `200, but an error inside: ${words}`,
    })
  })

  it('ends the run for a 402 inside that stands without data, in a list and elsewhere', () => {
    const body = { code: 402, message: 'No.', router: '/api/v1/sora2/get_feed' }

    const outcomes = [true, false].map((isList) => toOutcome(answer(200, body), now, isList))

    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ kind: 'refused', billed: 'unknown', advice: balanceAdvice })
  })

  it.each([[null], [{}], [[]]])('takes a list with the data %j as an empty page', (data) => {
    const body = { code: 200, router: '/api/v1/sora2/get_feed', params: {}, data }

    const outcome = toOutcome(answer(200, body), now, true)

    expect(outcome).toMatchObject({ kind: 'page', billed: 'yes' })
  })

  it.each<[unknown]>([
    [null],
    [{}],
    [[]],
    [''],
    [{ post: null, text: '' }],
    [{ children: { items: null, cursor: '' } }],
    ['\u2588forgotten\u2588'],
  ])('takes a 200 with the data %j as absent, and as billed', (data) => {
    const body = { code: 200, router: '/api/v1/sora2/get_post_detail', params: {}, data }

    expect(toOutcome(answer(200, body), now)).toEqual({
      kind: 'absent',
      reason: 'not_found',
      billed: 'yes',
      problem: '200 without data',
    })
  })

  it.each([[{ code: 200 }], [{ router: '/api/v1/sora2/get_post_detail' }], [{}], [null]])(
    'takes a 200 with nothing but %j as absent',
    (body) => {
      expect(toOutcome(answer(200, body), now)).toMatchObject({ kind: 'absent', billed: 'yes' })
    },
  )

  it.each<[unknown]>([
    [0],
    ['text'],
    [{ count: 0 }],
    [{ post: null, count: 0 }],
    [{ list: { items: null } }],
    [{ children: { items: [] } }],
    [{ children: 'text' }],
  ])('takes a 200 with the data %j as a page', (data) => {
    const bodies = [
      { code: 200, data },
      { router: '/x', data },
    ]

    for (const body of bodies) expect(toOutcome(answer(200, body), now).kind).toBe('page')
  })

  it.each([
    [
      'a refused connection',
      { status: null, isSent: false },
      { billed: 'no', problem: 'ECONNREFUSED' },
    ],
    [
      'a lost answer',
      { status: null, isSent: true },
      { billed: 'unknown', problem: 'ECONNREFUSED' },
    ],
    [
      'a cut answer',
      { status: 200, isSent: true },
      { billed: 'unknown', problem: '200, cut off: ECONNREFUSED' },
    ],
  ])('tries %s again', (_, { status, isSent }, expected) => {
    const failure = { problem: 'ECONNREFUSED', isSent }
    const result: CallResult = { status, headers: {}, text: null, failure }

    expect(toOutcome(result, now)).toEqual({ ...retry, ...expected })
  })

  it('gives up an answer that is too large to hold: it would be paid for again', () => {
    const failure = { problem: 'the answer is larger than 9 bytes', isSent: true, isTooLarge: true }
    const result = { status: 200, headers: {}, text: null, failure } as const

    expect(toOutcome(result as CallResult, now)).toEqual({
      ...{ kind: 'failed', billed: 'unknown', reason: 'too_large' },
      problem: '200, but the answer is larger than 9 bytes',
    })
    expect(toOutcome({ ...result, status: 502 } as CallResult, now)).toMatchObject({
      kind: 'retry',
    })
  })

  it.each([429, 503])('waits as long as a %d says', (status) => {
    const headers = { 'retry-after': '7' }

    const outcome = toOutcome(answer(status, business(status, 'Slow.'), headers), now)

    expect(outcome).toMatchObject({ kind: 'retry', waitMs: 7000 })
  })

  it.each([
    ['a minute before ours', 'Tue, 03 Feb 2026 11:59:00 GMT', 30_000],
    ['ten seconds after ours', 'Tue, 03 Feb 2026 12:00:10 GMT', 20_000],
    ['none', undefined, 30_000],
  ])('waits until a date by the clock that waits less, where the answer says %s', (_, date, ms) => {
    const headers = { 'retry-after': 'Tue, 03 Feb 2026 12:00:30 GMT', ...(date && { date }) }

    const outcome = toOutcome(answer(429, business(429, 'Slow.'), headers), now)

    expect(outcome).toMatchObject({ kind: 'retry', waitMs: ms })
  })

  it.each([{ code: 200, message: 'a' }, [1, 2], 'text', 7, null])(
    'does not fail on a body such as %j',
    (body) => {
      for (const status of [200, 400, 403, 404, 429, 500])
        expect(() => toOutcome(answer(status, JSON.stringify(body)), now)).not.toThrow()
    },
  )
})

describe('upstreamIdOf', () => {
  const page = { code: 200, request_id: 'of-body', router: '/x', params: {}, data: { items: [] } }
  const header = { 'x-request-id': 'of-header' }

  it.each([
    ['the body of a page', answer(200, page, header), 'of-body'],
    ['the detail of an error', answer(400, business(400, 'Bad')), 'r'],
    ['the header of what is no JSON', answer(502, html, header), 'of-header'],
    ['the header of what tells none', answer(422, missingField, header), 'of-header'],
    ['nothing', answer(404, noRoute), null],
    ['what never came', { ...answer(200, ''), text: null }, null],
  ])('takes the id of a call from %s', (_, result, id) => {
    expect(upstreamIdOf(result, toOutcome(result, now))).toBe(id)
  })
})

describe('retryAfterMs', () => {
  it.each([
    [undefined, null],
    ['', null],
    ['soon', null],
    ['0', 0],
    ['3', 3000],
    [' 3 ', 3000],
    ['1.5', 1500],
    ['Tue, 03 Feb 2026 12:00:30 GMT', 30_000],
    ['Tue, 03 Feb 2026 11:59:00 GMT', 0],
    ['86400', 600_000],
    ['Wed, 04 Feb 2026 12:00:00 GMT', 600_000],
  ])('reads %j as %j', (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected)
  })
})

describe('backoffMs', () => {
  it.each([
    [1, 0.5, 1000],
    [2, 0.5, 2000],
    [3, 0.5, 4000],
    [1, 0, 500],
    [1, 0.999, 1499],
    [7, 0.5, 64_000],
    [50, 0.5, 64_000],
    [0, 0.5, 1000],
    [-1, 0.5, 1000],
  ])('waits after %d tries, at random %d, %d ms', (tries, random, expected) => {
    expect(backoffMs(tries, random)).toBe(expected)
  })

  it('takes the first wait as its unit', () => {
    expect(backoffMs(3, 0.5, 1)).toBe(4)
  })

  it('goes with three tries after the first', () => {
    expect(retriesLimit).toBe(3)
  })
})
