import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openSimulator } from '../../src/simulator/index.js'
import { buildProgram, run, temporaryFolder } from './program.js'

const key = 'sim-secret-key-1234'

beforeAll(buildProgram)

async function crawledArchive(...flags: string[]) {
  const api = await openSimulator({ clock: () => Date.now(), posts: 20, comments: 3, key })
  onTestFinished(() => api.close())
  const archive = join(temporaryFolder(), 'archive')
  const shared = ['--base-url', api.url, '--archive', archive, '--rate', '0', '--quiet']
  await run(['crawl', 'feed', ...shared, ...flags], { key })
  return { api, archive, shared }
}

describe('afterfeed crawl --refresh', () => {
  it('asks for the feed again and for nothing behind unchanged counters', async () => {
    const { api, shared } = await crawledArchive()
    const before = api.calls().calls

    const { code, stdout } = await run(['crawl', '--refresh', '--json', ...shared], { key })

    const { requests_sent, outcome } = JSON.parse(stdout) as Record<string, unknown>
    expect({ code, outcome }).toEqual({ code: 0, outcome: 'done' })
    expect(requests_sent).toBe(api.calls().calls - before)
    expect(requests_sent).toBe(api.fewestRequests('feed').by_endpoint['get_feed'])
  })

  it('shows its price before', async () => {
    const { api, shared } = await crawledArchive()
    const before = api.calls().calls

    const { code, stdout } = await run(['crawl', '--refresh', '--dry-run', ...shared])

    expect(code).toBe(0)
    expect(stdout).toMatch(/get_feed/)
    expect(api.calls().calls).toBe(before)
  })

  it('is what a timer runs, each time with its budget: the example of the README', async () => {
    const { archive, shared } = await crawledArchive()

    const ends = []
    for (let day = 0; day < 2; day += 1)
      ends.push(await run(['crawl', '--refresh', '--budget', '0.05', ...shared], { key }))
    const open = await run(['status', '--gaps', '--archive', archive])

    expect(ends.map(({ code }) => code)).toEqual([3, 0])
    expect(open.stdout).not.toContain('Left open by walks')
  })
})

describe('afterfeed history and status', () => {
  it('print a life, the coverage, and what is open', async () => {
    const { api, archive } = await crawledArchive('--only', 'comments')
    const id = api.truth().posts[0]!.post_id

    const life = await run(['history', id, '--archive', archive])
    const same = await run(['history', 'posts', id, '--archive', archive])
    const address = `https://sora.chatgpt.com/p/${id}`
    const ofAddress = await run(['history', address, '--archive', archive])
    const traced = await run(['trace', 'posts', address, '--archive', archive])
    const coverage = await run(['status', '--coverage', '--archive', archive])
    const gaps = await run(['status', '--gaps', '--archive', archive])

    expect(ofAddress.stdout).toBe(life.stdout)
    expect(traced.stdout).toMatch(new RegExp(`^posts ${id}\n`))
    expect([life, same, coverage, gaps].map(({ code }) => code)).toEqual([0, 0, 0, 0])
    expect(life.stdout).toContain(`post ${id}`)
    expect(same.stdout).toBe(life.stdout)
    expect(coverage.stdout).toMatch(/comments and replies/)
    expect(coverage.stdout).toMatch(/not asked by choice: only/)
    expect(coverage.stdout).toMatch(/feed, pass 1: 20 posts|feed, pass 1: \d+ posts/)
    expect(gaps.stdout).toMatch(
      /get_post_remix_list +skipped: only +\d+ requests +at least \d+ calls/,
    )
  })

  it('print counters above 2^53 as they are, as does trace', async () => {
    const { api, archive } = await crawledArchive()
    const huge = api.truth().posts.find(({ view_count }) => typeof view_count === 'bigint')!
    const { post_id: id } = huge
    const commands = [
      ['history', id],
      ['trace', 'posts', id],
      ['trace', 'posts', id, '--with-signed-urls'],
    ]

    const ends = await Promise.all(
      [...commands, ...commands.map((each) => [...each, '--json'])].map((command) =>
        run([...command, '--archive', archive]),
      ),
    )

    expect(ends.map(({ code }) => code)).toEqual(ends.map(() => 0))
    for (const { stdout } of ends) {
      const told = [...stdout.matchAll(/\bview_count\W+(\d{16})\b/g)].map(([, count]) => count)
      expect(new Set(told)).toEqual(new Set([String(huge.view_count)]))
    }
  })

  it('says of gaps that asking for them goes on below what they bring', async () => {
    const archive = temporaryFolder()
    const page = join(temporaryFolder(), 'page.json')
    const item = { post: { id: `s_${'68f0a1b2'.padEnd(32, '0')}`, reply_count: 40 } }
    writeFileSync(page, JSON.stringify({ items: [item], cursor: 'next' }))
    await run(['import', page, '--archive', archive])

    const open = await run(['status', '--gaps', '--archive', archive])

    expect(open.stdout).toMatch(
      /\d gaps?, \$0\.\d\d in all: .* asks for them and goes on below what they bring .*`--budget` ends it\)\n$/,
    )
  })

  it.each([
    [['history', 'x'], 'x names no post, comment or person: give s_…'],
    [['history', 'planet', 's_1'], 'planet s_1 names no post, comment or person'],
    [['history', 'constructor', 's_1'], 'constructor s_1 names no post, comment or person'],
  ])('says what is wrong with %j', async (words, message) => {
    const { archive } = await crawledArchive()

    const { code, stderr } = await run([...words, '--archive', archive])

    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})
