import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { expect, it, onTestFinished } from 'vitest'
import { root, run, start } from '../cli/program.js'
import { dumpDifferences, dumpOf } from '../faults/dump.js'
import { openFaultyApi } from '../faults/fault-api.js'
import { runUntil } from '../faults/killed-crawl.js'
import { resent } from '../faults/ledger-check.js'
import { departures, look, wholeTruth } from '../faults/whole.js'
import { summary } from '../hostile/compare.js'
import { seededRandom } from '../hostile/random.js'
import { hostile } from '../hostile/scenario.js'
import type { HostileOptions } from '../hostile/server.js'
import { ask, countOf, crawlAt, resultOf, temporaryFolder } from './runs.js'
import { detail, openScripted, postSeeds } from './scripted-api.js'

/** Everything at once but what ends in odd ways: that is long. */
const small = { ...hostile, feedPosts: 12, ends: false }
const quiet = { seed: 1, share: 0, slowShare: 0, kinds: [], lasting: new Map() }

async function openWorld(world: HostileOptions) {
  const api = await openFaultyApi({ world, plan: quiet })
  onTestFinished(() => api.close())
  return api
}

/** Part 1: kill it anywhere. */
export function killPromises(): void {
  it('loses nothing and pays nothing twice, killed every ten calls', async () => {
    const api = await openWorld(small)
    const folder = temporaryFolder()
    const options = { seeds: ['feed'], ratePerSecond: Infinity, concurrency: 6, retryBaseMs: 1 }
    const crawling = { api, folder, options, random: seededRandom(1) }

    let run = 0
    const kill = { atCall: 10, stage: 'answered' as const, waitMs: 1, isTorn: false }
    while ((await runUntil(crawling, [`${run}`, `${run + 1}`], kill)) === null) run += 1

    const killedRuns = Array.from({ length: run }, (_, i) => `${i}`)
    expect(run).toBeGreaterThan(10)
    expect(resent({ api, killedRuns, concurrency: 6 })).toEqual([])
    const end = join(folder, `${run + 1}`)
    expect(look(end, (db) => departures(db, wholeTruth(api)))).toEqual([])
  })

  it('keeps a body whose records cannot be saved, goes on, and pays no second time', async () => {
    const { url, calls } = await openScripted((call) => detail(call))
    const archiveDir = temporaryFolder()
    await crawlAt(url, archiveDir, { seeds: postSeeds(8), maxRequests: 1 })
    const database = new Database(join(archiveDir, 'archive.sqlite'))
    database.exec(`CREATE TRIGGER trap BEFORE INSERT ON posts WHEN NEW.text = 'post 5'
      BEGIN SELECT RAISE(ABORT, 'trapped'); END`)
    database.close()

    const report = await crawlAt(url, archiveDir, { seeds: postSeeds(8) })
    const again = await crawlAt(url, archiveDir, { seeds: postSeeds(8) })

    expect(report).toMatchObject({ pending: 0, posts: 7 })
    expect(again.requests_sent).toBe(0)
    expect(calls).toHaveLength(8)
    expect(countOf(archiveDir, 'SELECT count(*) FROM anomalies')).toBe(1)
    expect(ask(archiveDir, `SELECT DISTINCT billed FROM responses`)).toEqual(['yes'])
    expect(countOf(archiveDir, 'SELECT count(*) FROM bodies')).toBe(8)
    expect(countOf(archiveDir, `SELECT count(*) FROM requests WHERE state = 'pending'`)).toBe(0)
  })

  it('has a setting for loss of power, the safe one by default, and the README explains it', async () => {
    const config = readFileSync(join(root, 'config/default.yaml'), 'utf8')
    const readme = readFileSync(join(root, 'README.md'), 'utf8')
    const { url } = await openScripted((call) => detail(call))
    const mine = join(temporaryFolder(), 'my.yaml')
    const archive = temporaryFolder()
    writeFileSync(mine, 'durability: normal\n')
    const flags = ['--base-url', url, '--archive', archive, '--config', mine]

    const { code } = await run(['crawl', ...postSeeds(2), ...flags], { key: 'key-of-the-tests' })

    expect(code).toBe(0)
    expect(config).toMatch(/^durability: full$/m)
    expect(readme).toMatch(/durability/)
    expect(readme).toMatch(/loss of power/)
  })
}

/** Part 2: rebuild. */
export function rebuildPromises(): void {
  it('fills the derived tables with the same rows, however often it is killed', async () => {
    const api = await openWorld({ ...hostile, feedPosts: 60 })
    const archive = temporaryFolder()
    await crawlAt(api.url, archive, { apiKey: api.key })
    const before = look(archive, dumpOf)
    const sent = api.books.length
    const args = ['rebuild', '--archive', archive, '--json']

    const refusals: (number | null)[] = []
    for (let i = 0; i < 3; i += 1) {
      const { process: child, line, ended } = start(args)
      await line('stderr', (text) => text.includes('"progress"')).catch(() => undefined)
      child.kill('SIGKILL')
      const isHalf = (await ended).code === null
      if (isHalf && look(archive, (db) => dumpDifferences(before, dumpOf(db))).length > 0) {
        const others = await Promise.all([
          run(['status', '--archive', archive]),
          run(['export', '--archive', archive, '--out', join(temporaryFolder(), 'out')]),
        ])
        refusals.push(...others.map(({ code }) => code))
        expect(others.map(({ stderr }) => stderr).join()).toMatch(
          /afterfeed rebuild.*afterfeed rebuild/s,
        )
      }
    }
    const last = await run(args)

    expect(last).toMatchObject({ code: 0 })
    expect(refusals.length).toBeGreaterThan(0)
    expect(new Set(refusals)).toEqual(new Set([2]))
    expect(Object.keys(resultOf(last.stdout)).length).toBeGreaterThan(0)
    expect(summary(look(archive, (db) => dumpDifferences(before, dumpOf(db))))).toEqual([])
    expect(api.books).toHaveLength(sent)
  })

  it('finds the same where answers were imported between two crawls', async () => {
    const api = await openWorld(small)
    const [whole, archive, folder] = [temporaryFolder(), temporaryFolder(), temporaryFolder()]
    await crawlAt(api.url, whole, { apiKey: api.key })
    await crawlAt(api.url, archive, { apiKey: api.key, maxRequests: 25 })
    const files = (ask(whole, 'SELECT body FROM bodies ORDER BY sha256') as Buffer[]).map(
      (body, i) => {
        const path = join(folder, `${i}.json`)
        writeFileSync(path, gunzipSync(body))
        return path
      },
    )

    const imported = await run(['import', ...files.slice(0, 60), '--archive', archive])
    await crawlAt(api.url, archive, { apiKey: api.key })
    const before = look(archive, dumpOf)
    const rebuilt = await run(['rebuild', '--archive', archive])

    expect([imported.code, rebuilt.code]).toEqual([0, 0])
    expect(summary(look(archive, (db) => dumpDifferences(before, dumpOf(db))))).toEqual([])
  })

  it('mends what somebody changed in a derived table', async () => {
    const api = await openWorld(small)
    const archive = temporaryFolder()
    await crawlAt(api.url, archive, { apiKey: api.key })
    const before = look(archive, dumpOf)
    const database = new Database(join(archive, 'archive.sqlite'))
    database.exec(`DELETE FROM comments; UPDATE posts SET text = 'changed'; DELETE FROM listings`)
    database.close()

    const { code } = await run(['rebuild', '--archive', archive])

    expect(code).toBe(0)
    expect(summary(look(archive, (db) => dumpDifferences(before, dumpOf(db))))).toEqual([])
  })
}
