import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openSimulator, type Simulator } from '../../src/simulator/index.js'
import { buildProgram, run, temporaryFolder } from './program.js'

const key = 'sim-secret-key-8841'

async function openApi(): Promise<Simulator> {
  const simulator = await openSimulator({ clock: () => Date.now(), posts: 6, key })
  onTestFinished(() => simulator.close())
  return simulator
}

const crawlArgs = ({ url }: Simulator, archive: string, ...more: string[]): string[] => [
  ...['crawl', 'feed', '--base-url', url, '--archive', archive, '--rate', '100000'],
  ...more,
]

beforeAll(buildProgram)

describe('afterfeed crawl', () => {
  it('stops at --budget-total over several runs, with exit code 3', async () => {
    const api = await openApi()
    const archive = temporaryFolder()
    const args = crawlArgs(api, archive, '--json', '--budget-total', '0.4')

    const first = await run([...args, '--max-requests', '5'], { key })
    const second = await run(args, { key })
    const third = await run(args, { key })

    expect([first, second, third].map(({ code }) => code)).toEqual([3, 3, 3])
    expect(second.stdout).toContain('stopped at --budget-total 0.4')
    expect(api.calls().calls).toBe(8)
  })

  it('takes every order, and refuses others with the names that there are', async () => {
    const api = await openApi()
    const orders = ['thread', 'breadth', 'depth', 'yield']

    const ended = await Promise.all(
      [...orders, 'nonsense'].map((order) =>
        run(crawlArgs(api, temporaryFolder(), '--order', order, '--max-requests', '2'), { key }),
      ),
    )

    expect(ended.map(({ code }) => code)).toEqual([3, 3, 3, 3, 2])
    expect(ended.at(-1)!.stderr).toContain(orders.join(', '))
  })
})

describe('afterfeed crawl --dry-run', () => {
  it('shows a table and what its figures mean, without a key', async () => {
    const api = await openApi()
    const archive = temporaryFolder()
    await run(crawlArgs(api, archive, '--max-requests', '4'), { key })
    const { calls } = api.calls()

    const { code, stdout } = await run(crawlArgs(api, archive, '--dry-run'))

    const names = stdout.split('\n').map((line) => line.split(' ')[0])
    expect(code).toBe(0)
    expect(names).toEqual(expect.arrayContaining(['get_post_comments', 'total']))
    expect(stdout).toContain('"At least" is a lower bound')
    expect(api.calls().calls).toBe(calls)
  })

  it('tells the same as one object with --json', async () => {
    const api = await openApi()

    const { code, stdout } = await run(crawlArgs(api, temporaryFolder(), '--dry-run', '--json'))

    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ pending: 1, least_calls: 1, least_usd: 0.05, expected_calls: null },
      endpoints: [{ endpoint: 'get_feed', pending: 1 }],
    })
  })

  it('says that there is nothing to crawl with exit code 2', async () => {
    const { code, stderr } = await run(['crawl', '--dry-run', '--archive', temporaryFolder()])

    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nothing to crawl') as string,
    })
  })
})
