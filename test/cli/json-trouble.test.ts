import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openSimulator, type SimulatorOptions } from '../../src/simulator/index.js'
import { buildProgram, run, temporaryFolder } from './program.js'

const key = 'sim-secret-key-8841'

beforeAll(buildProgram)

/** Every line of a text as JSON; throws if one is none. */
const events = (text: string): unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown)

/** Every number under a key that tells dollars. */
function dollarsIn(value: unknown, isDollars = false): number[] {
  if (typeof value === 'number') return isDollars ? [value] : []
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, each]) =>
    dollarsIn(each, Array.isArray(value) ? isDollars : /_usd$/.test(name)),
  )
}

async function openApi(options: Partial<SimulatorOptions> = {}) {
  const api = await openSimulator({ clock: () => Date.now(), posts: 20, key, ...options })
  onTestFinished(() => api.close())
  return api
}

describe('--json', () => {
  it.each([
    [['status', '--archive', 'nowhere'], /^there is no archive at nowhere/],
    [['crawl', 'feed', '--archive', 'new'], /^no API key: set TIKHUB_API_KEY/],
    [['crawl', '--bogus'], /^unknown option '--bogus'$/],
    [['crawl', '--budget', 'much'], /^option '--budget <usd>' argument 'much' is invalid/],
    [['export'], /^required option '--out <dir>' not specified$/],
    [['import', 'missing.json'], /^missing\.json cannot be read/],
  ])('tells what ended a command as one line of NDJSON: %j', async (args, message) => {
    const { code, stdout, stderr } = await run([...args, '--json'], { cwd: temporaryFolder() })

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(events(stderr)).toEqual([
      { event: 'error', message: expect.stringMatching(message) as string, exit_code: 2 },
    ])
  })

  it('tells what an import could not take between the lines of its progress', async () => {
    const cwd = temporaryFolder()
    writeFileSync(
      join(cwd, 'good.json'),
      JSON.stringify({ profile: { user_id: `user-${'a'.repeat(24)}` } }),
    )
    writeFileSync(join(cwd, 'bad.json'), 'hello')

    const { code, stderr } = await run(['import', 'good.json', 'bad.json', '--json'], { cwd })

    expect(code).toBe(5)
    expect(events(stderr)).toContainEqual({
      event: 'warning',
      message: expect.stringMatching(/^bad\.json is no JSON object or list/) as string,
    })
  })

  it('tells dollars without what sums of fractions drift by', async () => {
    const api = await openApi()
    const archive = temporaryFolder()
    const shared = ['--archive', archive, '--json']
    const args = ['crawl', 'feed', '--base-url', api.url, '--rate', '100000', ...shared]

    const crawled = await run(args, { key })
    const status = await run(['status', '--gaps', ...shared])
    const told = [...events(crawled.stderr), ...events(crawled.stdout), ...events(status.stdout)]

    const dollars = dollarsIn(told)
    expect(dollars.length).toBeGreaterThan(5)
    expect(dollars.filter((usd) => !/^\d+(\.\d{1,6})?$/.test(String(usd)))).toEqual([])
  })
})

describe('afterfeed crawl --budget', () => {
  it('says so where not even one call can be paid with it', async () => {
    const api = await openApi()
    const place = ['--base-url', api.url, '--archive', temporaryFolder()]

    const { code, stdout } = await run(['crawl', 'feed', ...place, '--budget', '0.01'], { key })

    expect(code).toBe(3)
    expect(stdout).toContain(
      'stopped at --budget 0.01: the next call alone costs $0.05. Name more to go on\n',
    )
  })
})
