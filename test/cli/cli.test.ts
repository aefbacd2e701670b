import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { version } from '../../src/model/version.js'
import {
  faultKinds,
  openSimulator,
  type Simulator,
  type SimulatorOptions,
} from '../../src/simulator/index.js'
import {
  buildProgram,
  root,
  run,
  start,
  temporaryFolder,
  type Ended,
  type Running,
} from './program.js'

const key = 'sim-secret-key-8841'

async function openApi(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await openSimulator({ clock: () => Date.now(), posts: 6, key, ...options })
  onTestFinished(() => simulator.close())
  return simulator
}

/** The arguments of a crawl of a simulator. */
const crawlArgs = ({ url }: Simulator, archive: string, ...more: string[]): string[] => [
  ...['crawl', 'feed', '--base-url', url, '--archive', archive, '--rate', '100000'],
  ...more,
]

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? ''

const parsed = (text: string): Record<string, unknown> =>
  JSON.parse(text) as Record<string, unknown>

/** Any text that says this. */
const said = (text: string): string => expect.stringContaining(text) as string

const leadingKeys = [
  ...['outcome', 'requests_sent', 'cost_usd', 'posts', 'comments', 'users', 'remixes'],
  ...['pending', 'failed'],
]

const commands = [
  ...['crawl', 'import', 'media', 'export', 'rebuild', 'status', 'verify', 'call', 'simulate'],
  ...['demo', 'doctor', 'trace', 'history', 'forget', 'backup'],
]
const everywhere = ['--archive', '--config', '--json', '--quiet']

beforeAll(buildProgram)

let helps: Promise<Ended[]> | undefined

/** The help of every command, in order; it is asked for once. */
const allHelps = (): Promise<Ended[]> =>
  (helps ??= Promise.all(commands.map((command) => run([command, '--help']))))

describe('afterfeed', () => {
  it('names every command in its help', async () => {
    const { code, stdout, stderr } = await run(['--help'])

    const named = [...stdout.matchAll(/^ {2}([a-z]+) (?:\[|<| )/gm)].map(([, name]) => name)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(named).toEqual(expect.arrayContaining(commands))
  })

  it('fits a terminal of 80 columns with every help', async () => {
    const ended = [await run(['--help']), ...(await allHelps())]

    const wide = ended
      .flatMap(({ stdout }) => stdout.split('\n'))
      .filter((line) => line.length > 80)
    expect(wide).toEqual([])
  })

  it('lists every fault of the local API', async () => {
    const { stdout } = await run(['simulate', '--help'])

    const named = [...stdout.matchAll(/^ {2}(\w+) {2,}\S/gm)].map(([, name]) => name)
    expect(named).toEqual(expect.arrayContaining(Object.keys(faultKinds)))
  })

  it('explains every command, and the flags that every command takes', async () => {
    const ended = await allHelps()

    const told = ended.map(({ code, stdout, stderr }) => {
      const usage = /^Usage: afterfeed (\w+) /.exec(stdout)?.[1]
      const missing = everywhere.filter((flag) => !stdout.includes(`\n  ${flag} `))
      return { code, stderr, usage, missing }
    })
    expect(told).toEqual(commands.map((usage) => ({ code: 0, stderr: '', usage, missing: [] })))
  })

  it('tells its version', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('leaves nothing beside its archive, no storage of Crawlee either', async () => {
    const cwd = temporaryFolder()

    const { code } = await run(crawlArgs(await openApi(), 'archive'), { key, cwd })

    expect(code).toBe(0)
    expect(readdirSync(cwd)).toEqual(['archive'])
    expect(
      readdirSync(join(cwd, 'archive')).filter((name) => !/^archive\.sqlite/.test(name)),
    ).toEqual(['writer.lock'])
  })

  it.each([
    { args: ['fly'], said: /unknown command 'fly'/ },
    { args: ['crawl', 'feed', '--fast'], said: /unknown option '--fast'/ },
    { args: ['crawl', 'feed', '--rate', 'fast'], said: /expected a number/ },
    {
      args: ['crawl', 'feed', '--concurrency', '0'],
      said: /'--concurrency <n>' argument '0' is invalid\. expected a whole number from 1 to 64/,
    },
    {
      args: ['crawl', 'feed', '--budget', '1e3'],
      said: /'--budget <usd>' argument '1e3' is invalid\. expected a number from 0 to 1000000000/,
    },
    {
      args: ['crawl', 'feed', '--max-pages', 'feed=2.5'],
      said: /argument 'feed=2\.5' is invalid\. expected a whole number from 0 on/,
    },
    { args: ['import'], said: /missing required argument/ },
    { args: ['export'], said: /required option/ },
    { args: ['simulate', '--faults', 'flood=1'], said: /no fault in 'flood=1'/ },
  ])('ends with 2 for $args', async ({ args, said }) => {
    const cwd = temporaryFolder()

    const { code, stdout, stderr } = await run(args, { key, cwd })

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(said)
    expect(existsSync(join(cwd, 'data'))).toBe(false)
  })

  it('ends with 2 and its help without a command', async () => {
    const { code, stdout, stderr } = await run([])

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^Usage: afterfeed /)
  })
})

describe('afterfeed crawl', () => {
  it('ends with 2 for what is no seed', async () => {
    const archive = join(temporaryFolder(), 'archive')

    const { code, stdout, stderr } = await run(['crawl', 'fed', '--archive', archive], { key })

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^afterfeed: fed is no seed\. Seeds are: feed, post:/)
    expect(existsSync(archive)).toBe(false)
  })

  it('ends with 2 where no post can be between the days', async () => {
    const cwd = temporaryFolder()
    const days = ['--since', '2025-10-20', '--until', '2025-10-10']

    const { code, stderr } = await run(['crawl', 'feed', ...days, '--dry-run'], { cwd })

    expect({ code, files: readdirSync(cwd) }).toEqual({ code: 2, files: [] })
    expect(stderr).toBe('afterfeed: --since is not before --until: no post can be in between\n')
  })

  it('prints the result as its last line, and progress beside it', async () => {
    const api = await openApi()
    const archive = temporaryFolder()

    const { code, stdout, stderr } = await run(crawlArgs(api, archive, '--json'), { key })

    const { requests } = api.fewestRequests('feed')
    const { posts, comments, remixes } = api.truth()
    const result = parsed(lastLine(stdout))
    const progress = stderr.trimEnd().split('\n').map(parsed)
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    expect(Object.keys(result).slice(0, leadingKeys.length)).toEqual(leadingKeys)
    expect(result).toEqual({
      outcome: 'done',
      requests_sent: requests,
      cost_usd: expect.closeTo(requests * 0.05, 6) as number,
      posts: posts.length,
      comments: comments.filter(({ reached }) => reached).length,
      users: result['users'],
      remixes: remixes.length,
      pending: 0,
      failed: 0,
      skipped: 0,
      message: 'done',
    })
    expect(Object.keys(progress.at(-1)!)).toEqual([
      ...['event', 'pages', 'pending', 'requests_sent', 'cost_usd', 'per_second'],
      'nearest_deadline',
    ])
    expect(progress.at(-1)).toMatchObject({
      event: 'progress',
      requests_sent: requests,
      pending: 0,
    })
  })

  it('says it in words, and says nothing more with --quiet', async () => {
    const api = await openApi()
    const archive = temporaryFolder()

    const { code, stdout, stderr } = await run(crawlArgs(api, archive, '--quiet'), { key })

    const { requests } = api.fewestRequests('feed')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(new RegExp(`^done\n${requests} calls, \\$[\\d.]+\\. The archive holds `))
  })

  it('shows no progress with --quiet, as JSON neither', async () => {
    const api = await openApi()

    const args = crawlArgs(api, temporaryFolder(), '--quiet', '--json')
    const { code, stdout, stderr } = await run(args, { key })

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(parsed(stdout)).toMatchObject({ outcome: 'done' })
  })

  it('ends with 3 at --max-requests and at --budget, and goes on to 0', async () => {
    const api = await openApi()
    const archive = temporaryFolder()

    const first = await run(crawlArgs(api, archive, '--json', '--max-requests', '5'), { key })
    const second = await run(crawlArgs(api, archive, '--json', '--budget', '0.2'), { key })
    const third = await run(crawlArgs(api, archive, '--json'), { key })
    const fourth = await run(crawlArgs(api, archive, '--json'), { key })

    const ends = [first, second, third, fourth].map(({ code, stdout }) => {
      const { outcome, requests_sent, message } = parsed(lastLine(stdout))
      return { code, outcome, requests_sent, message }
    })
    const { requests } = api.fewestRequests('feed')
    expect(ends).toEqual([
      {
        code: 3,
        outcome: 'budget',
        requests_sent: 5,
        message: 'stopped at --max-requests 5',
      },
      { code: 3, outcome: 'budget', requests_sent: 4, message: said('stopped at --budget 0.2: ') },
      { code: 0, outcome: 'done', requests_sent: requests - 9, message: 'done' },
      { code: 0, outcome: 'done', requests_sent: 0, message: 'everything asked for is held' },
    ])
    expect(api.calls()).toMatchObject({ calls: requests, repeated: 0 })
  })

  it('takes every limit from the command line', async () => {
    const api = await openApi()
    const archive = temporaryFolder()
    const limits = [
      ...['--max-pages', 'feed=1,comments=1', '--max-depth', 'remixes=1,replies=1'],
      ...['--since', '2020-01-01', '--until', '2030-01-01T00:00:00Z', '--only', 'comments,replies'],
    ]

    const { code, stdout } = await run(crawlArgs(api, archive, '--json', ...limits), { key })

    const { by_endpoint } = api.calls()
    const { skipped } = parsed(lastLine(stdout))
    expect(code).toBe(0)
    expect(Object.keys(by_endpoint).sort()).toEqual([
      ...['get_comment_replies', 'get_feed', 'get_post_comments'],
    ])
    expect(skipped).toBeGreaterThan(0)
  })

  it('ends with 4 for a key that is refused, and does not say it', async () => {
    const api = await openApi()
    const archive = temporaryFolder()
    const wrong = 'not-the-right-key-1234'

    const { code, stdout, stderr } = await run(crawlArgs(api, archive, '--json'), { key: wrong })

    expect(code).toBe(4)
    expect(parsed(lastLine(stdout))).toMatchObject({ outcome: 'refused', requests_sent: 1 })
    expect(stdout).toContain('set TIKHUB_API_KEY to a key that is valid')
    expect(stdout + stderr).not.toContain(wrong)
  })

  it('ends with 2 without a key', async () => {
    const api = await openApi()

    const { code, stdout, stderr } = await run(crawlArgs(api, temporaryFolder()))

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^afterfeed: no API key: set TIKHUB_API_KEY/)
    expect(api.calls().calls).toBe(0)
  })

  it('ends with 5 where requests failed for good, and status lists them', async () => {
    const api = await openApi({ posts: 1 })
    const archive = temporaryFolder()
    const config = join(temporaryFolder(), 'my.yaml')
    writeFileSync(config, `archive: ${archive}\napi:\n  base_url: ${api.url}/\n  rate: 100\n`)

    const { code, stdout } = await run(['crawl', 'task:task_0', '--config', config, '--json'], {
      key,
    })
    const status = await run(['status', '--failed', '--config', config])

    const { outcome, failed } = parsed(lastLine(stdout))
    expect({ code, outcome, failed }).toEqual({ code: 5, outcome: 'failures', failed: 1 })
    expect(status.stdout).toContain('get_task_status {"task_id":"task_0"}: ')
  })

  it('says what failed for good, and where to look', async () => {
    const api = await openApi()
    const place = ['--archive', temporaryFolder(), '--base-url', api.url, '--rate', '100']

    const { stdout } = await run(['crawl', 'task:task_0', ...place], { key })

    expect(stdout).toMatch(
      /\n1 request failed for good, e\.g\. get_task_status \{"task_id":"task_0"\}: \w+ \(.+\)\.\n/,
    )
    expect(stdout).toContain('`doctor` tells whether the API lives')
  })

  it('says that an answer told of nothing', async () => {
    const api = await openApi()
    const place = ['--archive', temporaryFolder(), '--base-url', api.url, '--rate', '100']

    const nothing = await run(['crawl', `post:s_${'0'.repeat(32)}`, ...place], { key })
    const again = await run(['crawl', `post:s_${'0'.repeat(32)}`, ...place], { key })

    const words =
      '1 answer told that nothing is there, or nothing to be seen: see the table absences.'
    expect(nothing.stdout).toContain('done\n1 call, $0.00. The archive holds')
    expect(nothing.stdout).toContain(words)
    expect(again.stdout).not.toContain(words)
  })

  it('shows the key to nobody: not in its arguments, not in what it says', async () => {
    const api = await openApi({ faults: 'slow=1:100' })
    const archive = temporaryFolder()

    const crawling = start(crawlArgs(api, archive, '--json', '--max-requests', '3'), { key })
    const visible = crawling.visibleArguments()
    const { stdout, stderr } = await crawling.ended

    expect(visible).toContain('--max-requests')
    expect(visible + stdout + stderr).not.toContain(key)
  })

  it('has no flag for the key', async () => {
    const { code, stderr } = await run(['crawl', 'feed', '--key', key], { cwd: temporaryFolder() })

    expect(code).toBe(2)
    expect(stderr).toMatch(/unknown option '--key'/)
  })
})

describe('afterfeed crawl that is stopped', () => {
  /** A crawl that has got somewhere and has far to go. */
  async function startLongCrawl(
    faults = 'slow=1:20',
  ): Promise<{ api: Simulator; archive: string; crawl: Running }> {
    const api = await openApi({ posts: 7, faults })
    const archive = temporaryFolder()
    const crawl = start(crawlArgs(api, archive, '--json', '--concurrency', '2'), { key })
    await crawl.line('stderr', (line) => line.includes('"event":"progress"'))
    return { api, archive, crawl }
  }

  it.each([
    { signal: 'SIGINT', code: 130 },
    { signal: 'SIGTERM', code: 143 },
  ] as const)('ends with $code at $signal, and the same command goes on', async (end) => {
    const { api, archive, crawl } = await startLongCrawl()

    crawl.process.kill(end.signal)
    const stopped = await crawl.ended
    const status = await run(['status', '--archive', archive, '--json'])
    const again = await run(crawlArgs(api, archive, '--json', '--concurrency', '8'), { key })

    const { requests } = api.fewestRequests('feed')
    const first = parsed(lastLine(stopped.stdout))
    expect({ code: stopped.code, outcome: first['outcome'] }).toEqual({
      code: end.code,
      outcome: 'interrupted',
    })
    const { requests: states } = parsed(status.stdout) as { requests: { pending: number } }
    expect(states.pending).toBe(first['pending'])
    expect(states.pending).toBeGreaterThan(0)
    const second = parsed(lastLine(again.stdout))
    expect({ code: again.code, outcome: second['outcome'], pending: second['pending'] }).toEqual({
      code: 0,
      outcome: 'done',
      pending: 0,
    })
    expect(Number(first['requests_sent']) + Number(second['requests_sent'])).toBe(requests)
    expect(api.calls()).toMatchObject({ calls: requests, repeated: 0 })
  })

  it('keeps to NDJSON on stderr when it is stopped', async () => {
    const { crawl } = await startLongCrawl()

    crawl.process.kill('SIGINT')
    const { stderr } = await crawl.ended

    const others = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
    expect(others).toEqual([])
  })

  it('goes on after it was killed, and asks again only for what was under way', async () => {
    const { api, archive, crawl } = await startLongCrawl()

    crawl.process.kill('SIGKILL')
    await crawl.ended
    const again = await run(crawlArgs(api, archive, '--json', '--concurrency', '8'), { key })

    const { posts, comments, remixes } = api.truth()
    expect(again.code).toBe(0)
    expect(parsed(lastLine(again.stdout))).toMatchObject({
      outcome: 'done',
      posts: posts.length,
      comments: comments.filter(({ reached }) => reached).length,
      remixes: remixes.length,
      pending: 0,
    })
    expect(api.calls().repeated).toBeLessThanOrEqual(2)
  })

  it('lets others read meanwhile, and nobody write', async () => {
    const { api, archive, crawl } = await startLongCrawl('slow=1:500')

    const status = await run(['status', '--archive', archive, '--json'])
    const second = await run(crawlArgs(api, archive), { key })
    crawl.process.kill('SIGINT')
    const first = await crawl.ended

    expect(status.code).toBe(0)
    expect(parsed(status.stdout)).toMatchObject({ requests: { failed: 0 } })
    expect({ code: second.code, stdout: second.stdout }).toEqual({ code: 2, stdout: '' })
    expect(second.stderr).toMatch(/another afterfeed process writes to this archive/)
    expect(first.code).toBe(130)
  })
})

describe('afterfeed status', () => {
  it('ends with 2 where there is no archive, and makes none', async () => {
    const archive = join(temporaryFolder(), 'nothing')

    const { code, stdout, stderr } = await run(['status', '--archive', archive])

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`there is no archive at ${archive}`)
    expect(existsSync(archive)).toBe(false)
  })

  it('tells what is there, as an object', async () => {
    const api = await openApi()
    const archive = temporaryFolder()
    const crawled = await run(crawlArgs(api, archive, '--json'), { key })

    const { code, stdout } = await run(['status', '--archive', archive, '--json'])

    const result = parsed(lastLine(crawled.stdout))
    const status = parsed(stdout) as { rows: Record<string, number>; money: object }
    const { requests } = api.fewestRequests('feed')
    const { posts, comments, users, remixes } = status.rows
    expect(code).toBe(0)
    expect({ posts, comments, users, remixes }).toEqual({
      posts: result['posts'],
      comments: result['comments'],
      users: result['users'],
      remixes: result['remixes'],
    })
    expect(status).toMatchObject({
      requests: { pending: 0, done: requests, failed: 0, skipped: 0 },
      money: { calls: requests, billed_unknown: 0 },
      anomalies: 0,
      failed: [],
    })
  })
})

describe('afterfeed import', () => {
  const profile = { user_id: 'user-0123456789abcdefABCDEF', username: 'somebody' }

  it.each([
    { files: ['good.json'], code: 0, outcome: 'done' },
    { files: ['good.json', 'bad.json', 'missing.json'], code: 5, outcome: 'failures' },
  ])('ends with $code for $files', async ({ files, code, outcome }) => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'good.json'), JSON.stringify({ profile }))
    writeFileSync(join(cwd, 'bad.json'), 'hello')

    const ended = await run(['import', ...files, '--archive', 'archive', '--json', '--quiet'], {
      cwd,
    })

    const result = parsed(lastLine(ended.stdout))
    expect({ code: ended.code, outcome: result['outcome'], pages: result['pages'] }).toEqual({
      ...{ code, outcome, pages: 1 },
    })
    for (const file of files.slice(1)) expect(ended.stderr).toContain(`${file} `)
  })

  it('tells the first places of a broken file, and how many more there are', async () => {
    const cwd = temporaryFolder()
    const broken = Array.from({ length: 30 }, (_, n) => `{"broken": ${n}`)
    writeFileSync(join(cwd, 'dump.ndjson'), [JSON.stringify({ profile }), ...broken].join('\n'))
    writeFileSync(join(cwd, 'bad.json'), 'hello')

    const { code, stdout, stderr } = await run(['import', 'dump.ndjson', 'bad.json'], { cwd })

    expect(code).toBe(5)
    expect(stderr.match(/^dump\.ndjson#L\d+ /gm)).toEqual(
      [2, 3, 4, 5, 6].map((n) => `dump.ndjson#L${n} `),
    )
    expect(stderr).toContain('dump.ndjson has 25 more such places\nbad.json ')
    expect(stdout).toContain(
      '31 places could not be taken (the first of each file are told above, more with --json).',
    )
  })

  it('does not say that it told a place which it only counted', async () => {
    const cwd = temporaryFolder()
    const broken = Array.from({ length: 6 }, (_, n) => `{"broken": ${n}`)
    writeFileSync(join(cwd, 'dump.ndjson'), [JSON.stringify({ profile }), ...broken].join('\n'))

    const { stdout, stderr } = await run(['import', 'dump.ndjson'], { cwd })

    expect(stderr).toContain('dump.ndjson has 1 more such place\n')
    expect(stdout).toContain('6 places could not be taken (the first of each file are told above')
  })

  it('shows names and problems of files without what a terminal would obey', async () => {
    const cwd = temporaryFolder()
    const evil = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e'
    mkdirSync(join(cwd, 'dump'))
    writeFileSync(join(cwd, 'dump', `${evil}\nafterfeed: all is well.json`), '{"post": {')
    writeFileSync(
      join(cwd, 'dump', 'answers.warc'),
      `WARC/1.1\r\nWARC-Type: ${evil}\r\nContent-Length: 0\r\n\r\n\r\n\r\n`,
    )
    writeFileSync(join(cwd, 'dump', 'good.json'), JSON.stringify({ profile }))

    const { code, stdout, stderr } = await run(['import', 'dump'], { cwd })

    expect(code).toBe(5)
    expect(stderr).toMatch(/^dump\/ .* afterfeed: all is well\.json is cut off/)
    expect(stdout).toMatch(/^Left out: 1 .*record\.$/m)
    expect(stdout + stderr).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u)
  })

  it('ends with 2 where every file is bad, and makes no archive', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'bad.json'), 'hello')

    const { code, stdout, stderr } = await run(['import', 'bad.json', 'missing.json'], { cwd })

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^afterfeed: bad\.json is no JSON .*\nmissing\.json cannot be read/)
    expect(existsSync(join(cwd, 'data'))).toBe(false)
  })
})

describe('afterfeed simulate', () => {
  it('prints where it is and its key, and ends when asked to', async () => {
    const simulate = start(['simulate', '--json', '--posts', '3'])

    const told = parsed(await simulate.line('stdout', () => true))
    const { url, key: itsKey } = told as { url: string; key: string }
    const headers = { authorization: `Bearer ${itsKey}` }
    const answer = await fetch(`${url}/api/v1/sora2/get_feed`, { headers })
    simulate.process.kill('SIGINT')
    const { code } = await simulate.ended

    expect(told).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
      port: Number(new URL(url).port),
      key: 'sim-key',
    })
    expect(answer.status).toBe(200)
    expect([0, 130]).toContain(code)
  })

  it('says how to crawl it, into an archive of its own', async () => {
    const simulate = start(['simulate'])

    const told = await simulate.line('stdout', (line) => line.includes('crawl feed'))
    simulate.process.kill('SIGINT')
    await simulate.ended

    expect(told).toMatch(
      /^ {2}TIKHUB_API_KEY=sim-key afterfeed crawl feed --base-url http\S+ --rate 100 --archive data\/local$/,
    )
  })
})

describe('afterfeed with --config', () => {
  it('ends with 2 where the file says what is no setting, naming it', async () => {
    const config = join(temporaryFolder(), 'my.yaml')
    writeFileSync(config, 'api:\n  rate: fast\n')

    const { code, stdout, stderr } = await run(['status', '--config', config])

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.startsWith(`afterfeed: --config ${config}: `)).toBe(true)
    expect(stderr).toMatch(/at api\.rate/)
  })

  it('goes by the file; flags and TIKHUB_API_KEY go before it', async () => {
    const api = await openApi({ posts: 1 })
    const folder = temporaryFolder()
    const config = join(folder, 'my.yaml')
    const archive = join(folder, 'from-file')
    const settings = `api:\n  base_url: ${api.url}\n  key: ${key}\n  rate: 1000\n`
    writeFileSync(config, `archive: ${archive}\n${settings}`)

    const byFile = await run(['crawl', 'feed', '--config', config, '--quiet'])
    const other = join(folder, 'from-flag')
    const byFlag = await run(['crawl', 'feed', '--config', config, '--archive', other])
    const byKey = await run(['crawl', 'feed', '--config', config, '--archive', `${other}-2`], {
      key: 'wrong',
    })

    expect([byFile.code, byFlag.code, byKey.code]).toEqual([0, 0, 4])
    expect([archive, other].map((path) => existsSync(join(path, 'archive.sqlite')))).toEqual([
      ...[true, true],
    ])
  })
})

describe('afterfeed demo', () => {
  it('keeps its archive where --archive says, with the settings of --config', async () => {
    const folder = temporaryFolder()
    const [out, archive, config] = ['out', 'archive', 'my.yaml'].map((name) => join(folder, name))
    writeFileSync(config!, 'order: breadth\n')
    const words = ['demo', '--out', out!, '--archive', archive!, '--config', config!]

    const first = await run([...words, '--posts', '3', '--json', '--quiet'])
    const again = await run([...words, '--posts', '3', '--json', '--quiet'])

    expect([first.code, again.code]).toEqual([0, 0])
    expect(JSON.parse(again.stdout)).toMatchObject({ archive, dataset: join(out!, 'dataset') })
    expect(readdirSync(out!).sort()).toEqual(['.afterfeed-demo', 'dataset'])
    const runs = new Database(join(archive!, 'archive.sqlite'), { readonly: true })
    onTestFinished(() => void runs.close())
    const settings = runs.prepare(`SELECT config FROM runs WHERE command = 'crawl'`).pluck().get()
    expect(JSON.parse(settings as string)).toMatchObject({ order: 'breadth' })
  })

  it('replaces no archive that is none of its own', async () => {
    const folder = temporaryFolder()
    const archive = join(folder, 'archive')
    await run(['import', join(root, 'config/demo-drafts.json'), '--archive', archive])
    const before = readdirSync(archive)

    const { code, stderr } = await run(['demo', '--out', join(folder, 'o'), '--archive', archive])

    expect(code).toBe(2)
    expect(stderr).toContain('is no former demo; name another folder with --archive')
    expect(readdirSync(archive)).toEqual(before)
    expect(existsSync(join(folder, 'o'))).toBe(false)
  })

  it.each([
    { signal: 'SIGINT', code: 130 },
    { signal: 'SIGTERM', code: 143 },
  ] as const)('ends with $code when interrupted by $signal', async ({ signal, code }) => {
    const out = join(temporaryFolder(), 'demo')
    const demo = start(['demo', '--out', out, '--posts', '2000', '--json'])
    await demo.line('stderr', (line) => line.includes('"event":"progress"'))

    demo.process.kill(signal)

    expect(await demo.ended).toMatchObject({ code, stdout: '' })
  })
})
