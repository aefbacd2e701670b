import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { CrawlOptions } from '../../src/index.js'
import { run, start } from '../cli/program.js'
import { openFaultyApi } from '../faults/fault-api.js'
import { departures, look, wholeTruth } from '../faults/whole.js'
import { seededRandom } from '../hostile/random.js'
import { gentle } from '../hostile/scenario.js'
import { ask, crawlAt, temporaryFolder } from './runs.js'
import { detail, idOf, openScripted, post, postSeeds, success } from './scripted-api.js'

const hourMs = 3_600_000

const now = (): number => Math.round(performance.timeOrigin + performance.now())

/** Clocks of a machine on which somebody, or something, sets the time; milliseconds. */
const clocks: Record<string, () => () => number> = {
  'jumps back and forth': () => {
    const random = seededRandom(8)
    return () => now() + (random.int(48) - 24) * hourMs
  },
  'falls back a day in the middle': () => {
    let looks = 0
    return () => now() - (looks++ > 60 ? 24 * hourMs : 0)
  },
  'is an hour ahead, then right': () => {
    let looks = 0
    return () => now() + (looks++ > 60 ? 0 : hourMs)
  },
}

const backwards: typeof clocks = {
  'goes backwards': () => {
    let ms = now()
    return () => (ms -= 1000)
  },
}

/** A crawl in two parts, as a clock may disturb it. */
async function crawlBy(options: Partial<CrawlOptions>): Promise<string[]> {
  const world = { ...gentle, feedPosts: 12, threads: true, drift: true }
  const plan = { seed: 3, share: 0.15, slowShare: 0, lasting: new Map() }
  const api = await openFaultyApi({ world, plan: { ...plan, kinds: ['503', 'reset', '429'] } })
  onTestFinished(() => api.close())
  const archiveDir = temporaryFolder()
  await crawlAt(api.url, archiveDir, { ...options, apiKey: api.key, maxRequests: 20 })
  const { outcome } = await crawlAt(api.url, archiveDir, { ...options, apiKey: api.key })
  return [outcome, ...look(archiveDir, (db) => departures(db, wholeTruth(api)))]
}

const nested = (levels: number, open: string, close: string): string =>
  open.repeat(levels) + 'null' + close.repeat(levels)

const commentId = '68ef1920000081990000000000000001'

/** Pages nested ten thousand deep, each with one good post beside. */
const deepPages: Record<string, string> = {
  'an unknown field': `{"post":{"id":"${idOf(7)}","deep":${nested(10_000, '[', ']')}}}`,
  'objects in objects': `{"post":{"id":"${idOf(7)}","deep":${nested(10_000, '{"a":', '}')}}}`,
  'parents of parents': nested(10_000, `{"post":{"id":"${idOf(7)}","parent_post":`, '}}'),
  'replies of replies': nested(
    10_000,
    `{"post":{"id":"${commentId}"},"children":{"items":[`,
    ']}}',
  ),
  'a text': `{"post":{"id":"${idOf(7)}","text":${nested(10_000, '[', ']')}}}`,
}

/** Part 7, extremes. */
export function extremePromises(): void {
  it.each(Object.entries({ ...clocks, ...backwards }))(
    'ends the same on a machine whose clock %s',
    async (_, clockOf) => {
      const clock = clockOf()
      vi.useFakeTimers({ toFake: ['Date'], now: clock() })
      const hand = setInterval(() => vi.setSystemTime(clock()), 2)
      onTestFinished(() => {
        clearInterval(hand)
        vi.useRealTimers()
      })

      expect(await crawlBy({ ratePerSecond: 200 })).toEqual(['done'])
    },
  )

  it.each(Object.entries(clocks))('ends the same by a given clock that %s', async (_, clockOf) => {
    const clock = clockOf()

    expect(await crawlBy({ clock: () => clock() * 1000 })).toEqual(['done'])
  })

  it('takes a page of 50 MB', async () => {
    const page = success({
      items: [post(1, { padding: 'x'.repeat(50e6) }), post(2)],
      cursor: 'two',
    })
    const { url, calls } = await openScripted(({ index }) => ({
      body: index === 0 ? page : success({ items: [post(3)], cursor: null }),
    }))
    const archiveDir = temporaryFolder()

    const report = await crawlAt(url, archiveDir)

    expect(report).toMatchObject({ outcome: 'done', posts: 3 })
    expect(calls).toHaveLength(2)
    expect(ask(archiveDir, 'SELECT max(body_bytes) FROM responses')).toEqual([page.length])
  })

  it.each(Object.entries(deepPages))('takes a page nested 10,000 deep: %s', async (_, item) => {
    const body = `{"code":200,"data":{"items":[${JSON.stringify(post(1))},${item}],"cursor":"two"}}`
    const { url, calls } = await openScripted((call) =>
      call.endpoint === 'get_feed' && !call.params['cursor']
        ? { body }
        : { body: success({ items: [post(2)], cursor: null }) },
    )
    const archiveDir = temporaryFolder()

    const report = await crawlAt(url, archiveDir)

    expect(report).toMatchObject({ outcome: 'done', failed: 0, pending: 0 })
    expect(report.posts).toBeGreaterThanOrEqual(2)
    expect(ask(archiveDir, `SELECT text FROM posts WHERE post_id = '${idOf(1)}'`)).toEqual([
      'post 1',
    ])
    expect(new Set(calls.map(({ name }) => name)).size).toBe(calls.length)
  })

  it('starts as soon on a million pending requests as on a few, in flat memory', async () => {
    let onCall = () => {}
    const { url, calls } = await openScripted((call) => {
      onCall()
      return { ...detail(call), waitMs: 1 }
    })
    const archive = temporaryFolder()
    const flags = ['--base-url', url, '--archive', archive, '--rate', '0', '--max-requests']
    await run(['crawl', ...postSeeds(4), ...flags, '1'], { key: 'key-of-the-tests' })
    const goOn = async (requests: number) => {
      const sent = calls.length
      const program = start(['crawl', ...flags, `${requests}`], { key: 'key-of-the-tests' })
      let firstTicks = 0
      onCall = () => (firstTicks ||= processorTicks(program.process.pid!))
      const watched = await watch(program)
      return { ...watched, sent: calls.length - sent, firstTicks }
    }

    const few = await goOn(1)
    multiplyPending(archive, 1_000_000)
    const million = await goOn(2000)

    expect(million).toMatchObject({ code: 3, sent: 2000 })
    expect(few.firstTicks).toBeGreaterThan(0)
    expect(million.firstTicks / few.firstTicks).toBeLessThan(3)
    expect(million.peakMegabytes).toBeLessThan(300)
    // On a machine that does much else two thousand calls take their time.
  }, 900_000)
}

/** How a program ended, and the most memory it was seen to hold. */
async function watch(program: ReturnType<typeof start>) {
  let peakMegabytes = 0
  while (program.process.exitCode === null) {
    peakMegabytes = Math.max(peakMegabytes, residentMegabytes(program.process.pid!))
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const { code, stderr } = await program.ended
  return { code, stderr, peakMegabytes }
}

/** Copies the pending request so many times, each for a post of its own. */
function multiplyPending(archive: string, count: number): void {
  const database = new Database(join(archive, 'archive.sqlite'))
  const info = database.pragma('table_info(requests)') as { name: string }[]
  const columns = info.map(({ name }) => name).filter((name) => name !== 'request_id')
  const id = `'s_68ef19200000819' || printf('%017d', 1000 + n)`
  const own: Record<string, string> = {
    params: `'{"post_id":"' || ${id} || '"}'`,
    request_key: `'get_post_detail {"post_id":"' || ${id} || '"}'`,
  }
  database.pragma('synchronous = off')
  database.exec(
    `WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < ${count})
     INSERT INTO requests (${columns.join()})
     SELECT ${columns.map((name) => own[name] ?? name).join()} FROM counter,
       (SELECT * FROM requests WHERE state = 'pending' LIMIT 1)`,
  )
  database.close()
}

const residentMegabytes = (pid: number): number => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

/** What a program has used of the processor, in ticks of the system: as many on a machine that does much else. */
function processorTicks(pid: number): number {
  const [, , , , , , , , , , , user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return Number(user) + Number(system)
}
