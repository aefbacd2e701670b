import { afterEach, describe, expect, it } from 'vitest'
import { InputError } from '../../src/model/errors.js'
import { openSimulator } from '../../src/simulator/index.js'
import type { Simulator, SimulatorOptions } from '../../src/simulator/index.js'
import { hasSamples, sample } from './kinds.js'

const noon = Date.UTC(2026, 1, 3, 12)
const opened: Simulator[] = []

async function open(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await openSimulator({ posts: 12, clock: () => noon, ...options })
  opened.push(simulator)
  return simulator
}

afterEach(async () => {
  for (const simulator of opened.splice(0)) await simulator.close()
})

const call = ({ url, key }: Simulator, path: string, headers: Record<string, string> = {}) =>
  fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}`, ...headers } })

const feed = '/api/v1/sora2/get_feed'

describe('errors', () => {
  it('gives a business error for what is not there, unbilled', async () => {
    const simulator = await open()

    const response = await call(
      simulator,
      `/api/v1/sora2/get_post_detail?post_id=s_${'0'.repeat(32)}`,
    )

    const { detail } = (await response.json()) as { detail: Record<string, unknown> }
    expect(response.status).toBe(404)
    expect(detail).toMatchObject({ code: 404, router: '/api/v1/sora2/get_post_detail' })
    expect(detail.message_zh).toEqual(expect.any(String))
    expect(detail.request_id).toMatch(/^[0-9a-f-]{36}$/)
    expect(simulator.calls()).toMatchObject({ calls: 1, billed_usd: 0, by_status: { 404: 1 } })
  })

  it('quotes the key in a 401', async () => {
    const simulator = await open()

    const response = await call(simulator, feed, { authorization: 'Bearer wrong-key' })

    expect(response.status).toBe(401)
    expect(await response.text()).toContain('您提交的API令牌为 wrong-key')
  })

  it('takes the key from a cookie too', async () => {
    const simulator = await open()

    const response = await fetch(simulator.url + feed, {
      headers: { cookie: 'Authorization=Bearer sim-key' },
    })

    expect(response.status).toBe(200)
  })

  it('refuses a cookie that is no proper URL code, and goes on', async () => {
    const simulator = await open()

    const response = await fetch(simulator.url + feed, { headers: { cookie: 'Authorization=%' } })

    expect(response.status).toBe(401)
  })

  it('lists missing parameters in a 422', async () => {
    const response = await call(await open(), '/api/v1/sora2/get_post_comments')

    expect(response.status).toBe(422)
    const expected = hasSamples
      ? sample('error_tikhub_422')
      : { detail: [{ loc: ['query', 'post_id'], msg: 'Field required', type: 'missing' }] }
    expect(await response.json()).toEqual(expected)
  })

  it('asks for one of two parameters in a 400', async () => {
    const response = await call(await open(), '/api/v1/sora2/get_post_detail')

    expect(response.status).toBe(400)
  })

  it('refuses a cursor of another list', async () => {
    const simulator = await open()
    const { data } = (await (await call(simulator, feed)).json()) as { data: { cursor: string } }

    const path = `/api/v1/sora2/get_cameo_leaderboard?cursor=${encodeURIComponent(data.cursor)}`
    expect((await call(simulator, path)).status).toBe(400)
  })

  it('says Not Found for an unknown path', async () => {
    const response = await call(await open(), '/api/v1/sora2/get_nothing')

    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({ detail: 'Not Found' })
  })

  it('bans the default agent of Python as Cloudflare does', async () => {
    const response = await call(await open(), feed, { 'user-agent': 'Python-urllib/3.12' })

    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({
      error_code: 1010,
      error_name: 'browser_signature_banned',
      status: 403,
    })
  })

  it('gives the gateway error as HTML', async () => {
    const response = await call(await open({ faults: 'html502=1' }), feed)

    expect(response.status).toBe(502)
    expect(response.headers.get('content-type')).toBe('text/html')
    expect(await response.text()).toMatch(/^<html>/)
  })

  it('asks to retry in a 400, and echoes the headers now and then', async () => {
    const simulator = await open({ faults: '400=1' })

    const bodies = [await (await call(simulator, feed)).text()]
    bodies.push(await (await call(simulator, feed)).text())

    expect(bodies[0]).toContain('Bearer sim-key')
    expect(bodies[1]).not.toContain('sim-key')
    expect(bodies[1]).toContain('Please retry')
  })

  it('gives 402 when the balance is gone, and bills only what was answered', async () => {
    const simulator = await open({ balanceUsd: 0.1 })

    const statuses = []
    for (let turn = 0; turn < 4; turn++) statuses.push((await call(simulator, feed)).status)

    expect(statuses).toEqual([200, 200, 402, 402])
    expect(simulator.calls()).toEqual({
      calls: 4,
      repeated: 3,
      by_endpoint: { get_feed: 4 },
      by_status: { 200: 2, 402: 2 },
      billed_usd: 0.1,
      balance_usd: 0,
      free_credit_usd: 0,
    })
  })

  it('spends free credit before the balance, but not on uploads', async () => {
    const simulator = await open({ balanceUsd: 0.05, freeCreditUsd: 0.1 })
    const file = new FormData()
    file.set('file', new File(['png'], 'a.png'))
    const headers = { authorization: 'Bearer sim-key' }

    const statuses = []
    for (let turn = 0; turn < 2; turn++) statuses.push((await call(simulator, feed)).status)
    const afterCredit = simulator.calls()
    for (let turn = 0; turn < 2; turn++) statuses.push((await call(simulator, feed)).status)
    const rich = await open({ balanceUsd: 0, freeCreditUsd: 1 })
    const sent = { method: 'POST', headers, body: file }
    const upload = await fetch(`${rich.url}/api/v1/sora2/upload_image`, sent)

    expect(afterCredit).toMatchObject({ billed_usd: 0.1, balance_usd: 0.05, free_credit_usd: 0 })
    expect([...statuses, upload.status]).toEqual([200, 200, 200, 402, 402])
  })

  it('bills less from the thousandth call of a day on, each call at its own tier', async () => {
    let now = noon
    const simulator = await open({ discounts: true, clock: () => now })

    for (let turn = 0; turn < 1001; turn++) await (await call(simulator, feed)).arrayBuffer()
    const ofOneDay = simulator.calls().billed_usd
    now += 86_400_000
    await call(simulator, feed)

    expect(ofOneDay).toBe(50.045)
    expect(simulator.calls().billed_usd).toBe(50.095)
  })

  it('gives 429 beyond the rate of one path, where the limit is for each', async () => {
    const simulator = await open({ rateLimit: 1, ratePer: 'path' })
    const leaderboard = '/api/v1/sora2/get_cameo_leaderboard'

    const statuses = []
    for (const path of [feed, leaderboard, feed, leaderboard])
      statuses.push((await call(simulator, path)).status)

    expect(statuses).toEqual([200, 200, 429, 429])
  })

  it.each(['/api/v1/tikhub/user/get_user_info', '/api/v1/sora2/get_task_status?task_id=x'])(
    'gives 429 for a second call of %s within a second, where there is a limit',
    async (path) => {
      let now = noon
      const simulator = await open({ rateLimit: 10, clock: () => now })

      const first = await call(simulator, path)
      const second = await call(simulator, path)
      now += 1000
      const third = await call(simulator, path)

      expect([first.status, second.status, third.status]).toEqual([first.status, 429, first.status])
      expect(first.status).not.toBe(429)
      expect(await second.json()).toMatchObject({ detail: { code: 429 } })
    },
  )

  it('gives 429 beyond the rate, with and without Retry-After, by the clock', async () => {
    let now = noon
    const simulator = await open({ rateLimit: 2, clock: () => now })

    const answers = []
    for (let turn = 0; turn < 4; turn++) answers.push(await call(simulator, feed))
    now += 1000
    answers.push(await call(simulator, feed))

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 429, 200])
    expect(answers.map(({ headers }) => headers.get('retry-after'))).toEqual([
      null,
      null,
      '1',
      null,
      null,
    ])
  })
})

describe('faults', () => {
  const outcomes = async (simulator: Simulator): Promise<string[]> => {
    const seen: string[] = []
    for (let turn = 0; turn < 30; turn++) {
      seen.push(
        await call(simulator, feed).then(
          async (response) =>
            `${response.status} ${await response.text().then(length, () => 'cut')}`,
          () => 'reset',
        ),
      )
    }
    return seen
  }
  const length = (text: string): string => (text.length > 1000 ? 'long' : 'short')

  it('are the same for the same seed, whichever call comes first', async () => {
    const faults = '503=0.2,reset=0.2,cut=0.1'
    const first = await outcomes(await open({ faults, seed: 5 }))
    const again = await open({ faults, seed: 5 })
    await call(again, '/api/v1/sora2/get_cameo_leaderboard').catch(() => null)

    expect(await outcomes(again)).toEqual(first)
    expect(new Set(first)).toEqual(new Set(['200 long', '503 short', 'reset', '200 cut']))
  })

  it.each([
    ['reset', 0],
    ['lost', 0.05],
    ['cut', 0.05],
    ['garbled', 0.05],
    ['empty200', 0.05],
    ['504', 0],
  ])('%s costs %d USD', async (kind, cost) => {
    const simulator = await open({ faults: `${kind}=1` })

    await call(simulator, feed)
      .then((response) => response.text())
      .catch(() => null)

    expect(simulator.calls().billed_usd).toBe(cost)
  })

  it.each([
    ['401', 401],
    ['402', 402],
    ['403', 403],
    ['404', 404],
    ['gone', 404],
    ['500', 500],
    ['503', 503],
  ])('%s answers %d, unbilled', async (kind, status) => {
    const simulator = await open({ faults: `${kind}=1` })

    const response = await call(simulator, feed)

    const { detail } = (await response.json()) as { detail: unknown }
    expect(response.status).toBe(status)
    expect(detail).toEqual(
      kind === 'gone' ? 'Not Found' : expect.objectContaining({ code: status }),
    )
    expect(simulator.calls().billed_usd).toBe(0)
  })

  it('slow answers late', async () => {
    const simulator = await open({ faults: 'slow=1:30' })
    const start = performance.now()

    expect((await call(simulator, feed)).status).toBe(200)
    expect(performance.now() - start).toBeGreaterThan(28)
  })

  it('empty200 has no data', async () => {
    const response = await call(await open({ faults: 'empty200=1' }), feed)

    expect(await response.json()).toMatchObject({ code: 200, data: null })
  })
})

describe('options', () => {
  it('names a port that is in use, and what to do', async () => {
    const { port } = await open()

    const opening = open({ port })

    await expect(opening).rejects.toThrow(InputError)
    await expect(opening).rejects.toThrow(
      `simulator: port ${port} is in use; name another, or none for a free one`,
    )
  })

  it.each<[Partial<SimulatorOptions>, RegExp]>([
    [{ faults: '503' }, /no fault in '503'/],
    [{ faults: 'flood=0.1' }, /names: 400, 401/],
    [{ faults: '503=2' }, /none from 0 to 1/],
    [{ faults: '503=0.6,reset=0.6' }, /add up to 1.2/],
    [{ posts: -1 }, /posts is -1/],
    [{ posts: 1.5 }, /posts is 1.5/],
    [{ replies: 1 }, /replies is 1/],
    [{ port: 70000 }, /port is 70000/],
    [{ seed: Number.NaN }, /seed is NaN/],
    [{ key: 'a b' }, /the key/],
  ])('%o is refused with its name', async (options, message) => {
    const opening = openSimulator({ clock: () => noon, ...options })

    await expect(opening).rejects.toThrow(InputError)
    await expect(opening).rejects.toThrow(message)
  })
})

describe('account and health', () => {
  it('tells health without a key, and balance with one', async () => {
    const simulator = await open({ balanceUsd: 5 })
    await call(simulator, feed)

    const health = await fetch(`${simulator.url}/api/v1/health/check`)
    const account = await call(simulator, '/api/v1/tikhub/user/get_user_info')
    const stranger = await fetch(`${simulator.url}/api/v1/tikhub/user/get_user_info`)

    expect(await health.json()).toEqual({ status: 'ok' })
    expect(await account.json()).toMatchObject({ user_data: { balance: 4.95, free_credit: 0 } })
    expect(stranger.status).toBe(401)
  })

  it('tells the price of an endpoint', async () => {
    const { url } = await open()

    const path = '/api/v1/tikhub/user/get_endpoint_info?endpoint=/api/v1/sora2/upload_image'
    const { data } = (await (await fetch(url + path)).json()) as { data: unknown }

    expect(data).toMatchObject({ endpoint_cost: 0.001, platform: 'Sora2' })
  })

  it('gives an answer again at its cache_url for a day, unbilled', async () => {
    let now = noon
    const simulator = await open({ clock: () => now })
    const text = await (await call(simulator, feed)).text()
    const { cache_url } = JSON.parse(text) as { cache_url: string }

    const again = await (await fetch(cache_url)).text()
    now += 86_400_000
    const tooLate = await fetch(cache_url)

    expect(again).toBe(text)
    expect(tooLate.status).toBe(404)
    expect(simulator.calls()).toMatchObject({ calls: 1, billed_usd: 0.05 })
  })
})

describe('making videos', () => {
  const post = ({ url, key }: Simulator, path: string, body: RequestInit) =>
    fetch(`${url}/api/v1/sora2/${path}`, {
      method: 'POST',
      ...body,
      headers: { authorization: `Bearer ${key}`, ...body.headers },
    })

  it('takes a prompt, works on it, and is done', async () => {
    let now = noon
    const simulator = await open({ clock: () => now })

    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ prompt: 'a paper boat' })
    const created = await post(simulator, 'create_video', { body, headers })
    const { data } = (await created.json()) as { data: { id: string; priority: number } }
    const statuses = []
    for (const waitMs of [0, 60_000, 120_000]) {
      now = noon + waitMs
      const answer = await call(simulator, `/api/v1/sora2/get_task_status?task_id=${data.id}`)
      statuses.push(((await answer.json()) as { data: { status: string } }).data.status)
    }

    expect(data).toEqual({ id: expect.stringMatching(/^task_[0-9a-z]{26}$/), priority: 1 })
    expect(statuses).toEqual(['queued', 'processing', 'succeeded'])
    expect(simulator.calls().billed_usd).toBe(0.1)
    expect((await post(simulator, 'create_video', { body: '{}', headers })).status).toBe(422)
  })

  it('takes a picture', async () => {
    const simulator = await open()
    const form = new FormData()
    form.set('file', new Blob(['x'], { type: 'image/png' }), 'x.png')

    const answer = await post(simulator, 'upload_image', { body: form })

    const { data } = (await answer.json()) as { data: object }
    expect(answer.status).toBe(200)
    if (hasSamples) {
      const expected = sample('upload_image') as { data: object }
      expect(Object.keys(data)).toEqual(Object.keys(expected.data))
    }
    expect(simulator.calls().billed_usd).toBe(0.001)
  })
})
