import { expect, it } from 'vitest'
import { join } from 'node:path'
import { run } from '../cli/program.js'
import { ask, crawlAt, resultOf, temporaryFolder } from './runs.js'
import { crawlByStillClock } from './still-clock.js'
import { detail, failure, openScripted, postSeeds, type Scripted } from './scripted-api.js'

/** The front end's own refusal, as recorded (tikhub-api.md section 3). */
const banned = {
  ...{ error_code: 1010, error_name: 'browser_signature_banned', title: 'Access denied' },
  detail: "The site owner has blocked access based on your browser's signature.",
  ...{ status: 403, ray_id: '8f2b1c' },
}

const key = 'sk-5d0c77aa19'

interface Refusal {
  name: string
  answer: Scripted
  /** Both what it is and what to do. */
  says: RegExp[]
}

const refusals: Refusal[] = [
  {
    name: '401 that quotes the key',
    answer: failure(401, `无效的API令牌，您提交的API令牌为 ${key}`),
    says: [/key/i, /TIKHUB_API_KEY/],
  },
  {
    name: '402',
    answer: failure(402, 'Insufficient balance, this endpoint requires payment.'),
    says: [/balance/i, /top up/i],
  },
  {
    name: '403 for the scope',
    answer: failure(403, 'This API key has no scope for this path.'),
    says: [/scope/i, /\/api\/v1\/sora2\//],
  },
  {
    name: '403 for the e-mail address',
    answer: failure(403, 'Please verify your email first.'),
    says: [/e-?mail/i, /confirm|verify/i],
  },
  {
    name: '403 for the account',
    answer: failure(403, 'Your account has been disabled.'),
    says: [/account/i, /disabled/i, /TikHub/],
  },
  {
    name: '403 of the front end',
    answer: { status: 403, body: JSON.stringify(banned) },
    says: [/front end|Cloudflare/i, /network/i],
  },
  {
    name: '404 on the route',
    answer: { status: 404, body: '{"detail":"Not Found"}' },
    says: [/route/i, /gone/i],
  },
]

/** Part 4: refusals stop the run. */
export function refusalPromises(): void {
  const told = new Map<string, string>()

  it.each(refusals)('costs one call, exit 4, and says what to do: $name', async (refusal) => {
    const { url, calls } = await openScripted(() => refusal.answer)
    const archive = temporaryFolder()
    const flags = ['--base-url', url, '--archive', archive, '--concurrency', '8', '--json']

    const { code, stdout, stderr } = await run(['crawl', 'feed', ...postSeeds(5), ...flags], {
      key,
    })

    const report = resultOf(stdout)
    const message = String(report['message'])
    told.set(refusal.name, message.split('. ').at(-1)!)
    expect({ code, ...report }).toMatchObject({ code: 4, outcome: 'refused', requests_sent: 1 })
    expect(report).toMatchObject({ cost_usd: 0, failed: 0, pending: 6 })
    expect(calls).toHaveLength(1)
    for (const words of refusal.says) expect(message).toMatch(words)
    expect(stdout + stderr).not.toContain(key)
  })

  it('tells each kind of refusal from the others', () => {
    expect([...told.keys()]).toEqual(refusals.map(({ name }) => name))
    expect(new Set(told.values()).size).toBe(refusals.length)
  })

  it('stops in the middle of a run, and goes on with the same command', async () => {
    let balance = 12
    const { url, calls } = await openScripted((call) =>
      balance-- > 0 ? detail(call) : failure(402, 'Insufficient balance'),
    )
    const archiveDir = join(temporaryFolder(), 'archive')
    const seeds = postSeeds(40)

    const first = await crawlAt(url, archiveDir, { seeds })
    const sent = calls.length
    balance = 100
    const second = await crawlAt(url, archiveDir, { seeds })

    expect(first).toMatchObject({ outcome: 'refused', failed: 0, posts: 12, pending: 28 })
    expect(sent).toBeLessThanOrEqual(12 + 4)
    expect(second).toMatchObject({ outcome: 'done', posts: 40, requests_sent: 28 })
    expect(ask(archiveDir, 'SELECT outcome FROM runs')).toEqual(['refused', 'done'])
  })

  it('sends the first request alone, until it is answered', async () => {
    const api = await openScripted((call) => ({ ...detail(call), waitMs: 150 }))

    await crawlByStillClock(api, temporaryFolder(), { seeds: postSeeds(9), concurrency: 8 })

    const [first, ...others] = api.calls.map(({ atMs }) => atMs)
    expect(Math.min(...others) - first!).toBeGreaterThanOrEqual(150)
    expect(Math.max(...others) - Math.min(...others)).toBeLessThan(150)
  })
}
