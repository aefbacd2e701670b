import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { defaultSettings } from '../../src/cli/settings.js'
import { openSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/index.js'
import { buildProgram, main, run, temporaryFolder } from './program.js'

const key = 'sim-secret-key-8841'

async function openApi(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await openSimulator({ clock: () => Date.now(), posts: 3, key, ...options })
  onTestFinished(() => simulator.close())
  return simulator
}

interface Result {
  route: string
  is_usable: boolean
  message: string
  checks: { check: string; state: string; message: string }[]
  settings: { name: string; value: string; source: string }[]
}

const statesOf = (stdout: string): string[] =>
  (JSON.parse(stdout) as Result).checks.map(({ check, state }) => `${check} ${state}`)

beforeAll(buildProgram)

describe('afterfeed doctor', () => {
  it('ends with 0 where the API lives and the key is good, and spends nothing', async () => {
    const api = await openApi({ balanceUsd: 5 })

    const { code, stdout, stderr } = await run(['doctor', '--base-url', api.url], { key })

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('The Sora2 API lives at this address, and the key may use it.')
    expect(stdout).toMatch(/^key {5}ok {2}balance \$5\.00 · /m)
    expect(stdout).not.toContain(key)
    expect(api.calls()).toMatchObject({ calls: 0, billed_usd: 0, balance_usd: 5 })
  })

  it('ends with 0 without a key, and says that one is needed to crawl', async () => {
    const api = await openApi()

    const { code, stdout } = await run(['doctor', '--base-url', api.url, '--json'])

    expect(code).toBe(0)
    expect(statesOf(stdout)).toEqual(['health ok', 'price ok', 'route ok', 'key skipped'])
    expect(stdout).toContain('To crawl, set TIKHUB_API_KEY.')
  })

  it('ends with 4 where the API is gone, and says what can be done', async () => {
    const api = await openApi({ faults: 'gone=1' })

    const { code, stdout } = await run(['doctor', '--base-url', api.url], { key })

    expect(code).toBe(4)
    expect(stdout).toMatch(/^The Sora2 API is gone from this address\. Import dumps/m)
    expect(stdout).toContain('`afterfeed simulate`')
  })

  it('ends with 4 for a key that is refused, and does not say it', async () => {
    const api = await openApi()
    const wrong = 'not-the-right-key-1234'

    const { code, stdout, stderr } = await run(['doctor', '--base-url', api.url, '--json'], {
      key: wrong,
    })

    expect(code).toBe(4)
    expect(statesOf(stdout)).toEqual(['health ok', 'price ok', 'route ok', 'key failed'])
    expect(stdout + stderr).not.toContain(wrong)
  })

  it('ends with 4 for an empty purse', async () => {
    const api = await openApi({ balanceUsd: 0.04 })

    const { code, stdout } = await run(['doctor', '--base-url', api.url], { key })

    expect(code).toBe(4)
    expect(stdout).toContain('the balance does not pay for one call: top up')
  })

  it('ends with 4 where nothing answers', async () => {
    const { code, stdout } = await run(['doctor', '--base-url', 'http://127.0.0.1:1'], { key })

    expect(code).toBe(4)
    expect(stdout).toMatch(/^health {2}failed {2}ECONNREFUSED/m)
    expect(stdout).toMatch(/^Nothing answers at this address: /m)
  })

  it('ends with 2 for what is no address, and does not repeat a key in it', async () => {
    const { code, stdout, stderr } = await run(['doctor', '--base-url', `http://${key}@x`], { key })

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^afterfeed: --base-url may hold no user/)
    expect(stderr).not.toContain(key)
  })

  it('tells every setting and where it comes from, but the key', async () => {
    const config = join(temporaryFolder(), 'my.yaml')
    writeFileSync(config, 'archive: here\napi:\n  rate: 2\n  prices: { get_feed: 0.04 }\n')
    const flags = ['--config', config, '--archive', 'there', '--base-url', 'http://127.0.0.1:1']

    const { stdout } = await run(['doctor', '--json', ...flags], { key })

    const { settings } = JSON.parse(stdout) as Result
    const groups = ['api', 'refresh', 'weights', 'media', 'export']
    const all = Object.entries(defaultSettings).flatMap(([name, value]) =>
      groups.includes(name)
        ? Object.keys(value as object).map((inner) => `${name}.${inner}`)
        : [name],
    )
    expect(settings.map(({ name }) => name)).toEqual(all)
    expect(settings.filter(({ source }) => source !== 'default')).toEqual([
      { name: 'archive', value: 'there', source: '--archive' },
      { name: 'api.base_url', value: 'http://127.0.0.1:1', source: '--base-url' },
      { name: 'api.key', value: 'set (from TIKHUB_API_KEY)', source: 'TIKHUB_API_KEY' },
      { name: 'api.rate', value: '2', source: config },
      { name: 'api.prices', value: '{"get_feed":0.04}', source: config },
    ])
  })

  it('warns of a price that budgets do not reckon with', async () => {
    const api = await openApi()
    const config = join(temporaryFolder(), 'my.yaml')
    writeFileSync(config, 'api:\n  prices: { get_feed: 0.04 }\n')

    const flags = ['--base-url', api.url, '--config', config]
    const { code, stdout } = await run(['doctor', ...flags], { key })

    expect(code).toBe(0)
    expect(stdout).toMatch(/^price {3}warning {2}\$0\.05 a call .* reckon with \$0\.04/m)
  })
})

describe('a config file with the key that others can read', () => {
  function configFile(mode: number): string {
    const path = join(temporaryFolder(), 'my.yaml')
    writeFileSync(path, `api:\n  key: ${key}\n`, { mode })
    return path
  }

  it('is warned of once, also with --quiet, without the key', async () => {
    const config = configFile(0o644)

    const { stderr } = await run(['status', '--archive', '/nowhere', '--quiet', '--config', config])

    const [warning, ...others] = stderr.trimEnd().split('\n')
    expect(warning).toBe(
      `afterfeed: ${config} holds the API key and is open to others (mode 644): chmod 600 '${config}'`,
    )
    expect(others).toEqual([expect.stringMatching(/^afterfeed: there is no archive at /)])
  })

  it('is warned of as NDJSON with --json', async () => {
    const config = configFile(0o640)

    const { stderr } = await run(['status', '--archive', '/nowhere', '--json', '--config', config])

    expect(JSON.parse(stderr.split('\n')[0]!)).toMatchObject({ event: 'warning' })
  })

  it('is not warned of where only its owner can', async () => {
    const { stderr } = await run([
      ...['status', '--archive', '/nowhere', '--config', configFile(0o600)],
    ])

    expect(stderr).toMatch(/^afterfeed: there is no archive at \/nowhere/)
  })
})

describe('an error that quotes the key', () => {
  it('is printed without the key of the environment', async () => {
    const { code, stderr } = await run(['status', '--archive', `/nowhere/${key}`], { key })

    expect(code).toBe(2)
    expect(stderr).toMatch(/^afterfeed: there is no archive at \/nowhere\/\[redacted\]\./)
  })

  it('is printed without the key of the config file', async () => {
    const config = join(temporaryFolder(), 'my.yaml')
    writeFileSync(config, `archive: /nowhere/${key}\napi:\n  key: ${key}\n`, { mode: 0o600 })

    const { stderr } = await run(['status', '--config', config])

    expect(stderr).toMatch(/^afterfeed: there is no archive at \/nowhere\/\[redacted\]\./)
  })

  it.each([
    ['the work throws', 'throw error'],
    [
      'nobody waits for',
      'setTimeout(() => { throw error }); await new Promise(() => setTimeout(() => {}, 9e3))',
    ],
    [
      'no promise catches',
      'void Promise.reject(error); await new Promise(() => setTimeout(() => {}, 9e3))',
    ],
    ['is no error', 'throw String(error)'],
  ])('is printed without it where %s', (_, work) => {
    const module = pathToFileURL(join(dirname(main), 'run-command.js')).href
    const script = `import { runCommand } from '${module}'
      const error = new TypeError('Bearer ' + process.env.TIKHUB_API_KEY)
      await runCommand({}, async () => { ${work} })`

    const env = { ...process.env, TIKHUB_API_KEY: key }
    const args = ['--input-type=module', '-e', script]
    const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })

    expect(status).toBe(1)
    expect(stderr).toMatch(/^afterfeed: this is a bug, please report it\.\n.*Bearer \[redacted\]/)
    expect(stderr).not.toContain(key)
  })
})
