import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { rebuild } from '../../src/archive/rebuild.js'
import type { CrawlReport } from '../../src/index.js'
import { seededRandom } from '../hostile/random.js'
import { summary } from '../hostile/compare.js'
import { dumpDifferences, dumpOf } from './dump.js'
import { openFaultyApi, type FaultyApi } from './fault-api.js'
import { copyArchive, runOn, runUntil, type KilledCrawl } from './killed-crawl.js'
import { ledgerDepartures } from './ledger-check.js'
import { scheduleOf, type Schedule } from './schedule.js'
import { departures, look, reachableTruth, requestsIn, wholeTruth } from './whole.js'

/** `FAULT_SEEDS=17,400-450` runs others, or one of these alone. */
const seeds = seedsOf(process.env['FAULT_SEEDS'] ?? '1-208')

function seedsOf(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [first = 1, last = first] = part.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}

interface Ended {
  report: CrawlReport
  archiveDir: string
  killedRuns: string[]
}

/** Runs, is killed and goes on as the schedule says, and then to the end. */
async function runSchedule(crawling: KilledCrawl, { kills }: Schedule): Promise<Ended> {
  const killedRuns: string[] = []
  for (const [i, kill] of kills.entries()) {
    const [run, next] = [String(i), String(i + 1)]
    if ((await runUntil(crawling, [run, next], kill)) === null) killedRuns.push(run)
  }
  return toTheEnd(crawling, { killedRuns, run: kills.length })
}

/** A run that stops for too many failures in a row is started again, as its message says. */
async function toTheEnd(
  crawling: KilledCrawl,
  { killedRuns, run }: { killedRuns: string[]; run: number },
): Promise<Ended> {
  crawling.api.watch = () => undefined
  const report = await runOn(crawling, String(run))
  const archiveDir = join(crawling.folder, String(run))
  if (report.outcome !== 'refused' || run > 10) return { report, archiveDir, killedRuns }
  copyArchive(archiveDir, join(crawling.folder, String(run + 1)))
  return toTheEnd(crawling, { killedRuns, run: run + 1 })
}

/** What must have failed for good: what is asked for and never answered. */
function brokenNames({ plan }: Schedule, { books }: FaultyApi): Set<string> {
  const asked = new Set(books.map(({ name }) => name))
  const failing = ['always 500', 'always 400', 'always other']
  const broken = [...plan.lasting].filter(([, fault]) => failing.includes(fault))
  return new Set(broken.map(([name]) => name).filter((name) => asked.has(name)))
}

/** A rebuild from the kept answers finds what the crawl found, whatever went wrong on its way. */
async function rebuildDepartures(archiveDir: string): Promise<string[]> {
  const before = look(archiveDir, dumpOf)
  await rebuild({ archiveDir, durability: 'normal', clock: () => Date.now() * 1000 })
  const lines = dumpDifferences(before, look(archiveDir, dumpOf))
  return summary(lines.map((line) => `rebuild: ${line}`))
}

/** All that is wrong with what a schedule led to. */
async function problemsOf(schedule: Schedule, api: FaultyApi, ended: Ended): Promise<string[]> {
  const { report, archiveDir, killedRuns } = ended
  const { concurrency, kills, hasBrokenLists, missing } = schedule
  const expected = hasBrokenLists ? await reachableTruth(api) : wholeTruth(api)
  const broken = brokenNames(schedule, api)
  const isTorn = kills.some((kill) => kill.isTorn)
  return look(archiveDir, (db) => {
    const failed = requestsIn(db, 'failed')
    const absent = db.prepare(`SELECT entity_id FROM absences WHERE reason = 'not_found'`)
    return [
      ...departures(db, expected),
      ...(isTorn ? [] : ledgerDepartures(db, { api, killedRuns, concurrency })),
      ...unlike('failed requests', [...broken], [...failed.keys()]),
      ...unlike('failed in the report', [broken.size], [report.failed]),
      ...unlike('unsettled', [], [...requestsIn(db, 'pending').keys()]),
      ...unlike('without a reason', [], [...failed].filter(([, why]) => why === '').flat()),
      ...unlike('not there', missing, absent.pluck().all() as string[]),
      ...unlike('outcome', [broken.size > 0 ? 'failures' : 'done'], [report.outcome]),
      ...summary(api.truth.forbidden.map((name) => `asked though announced as empty: ${name}`)),
    ]
  })
}

function unlike(what: string, expected: unknown[], actual: unknown[]): string[] {
  const [one, other] = [expected, actual].map((list) => list.map(String).sort().join(' | '))
  return one === other ? [] : [`${what}: expected ${one}, came ${other}`]
}

describe('a crawl under faults and kills ends as an undisturbed one', () => {
  it.concurrent.each(seeds)('schedule %i', async (seed) => {
    const schedule = scheduleOf(seed)
    const { concurrency, timeoutMs, durability } = schedule
    const folder = mkdtempSync(join(tmpdir(), 'afterfeed-schedule-'))
    const api = await openFaultyApi(schedule)
    const options = {
      ...{ seeds: schedule.seeds, concurrency, timeoutMs, durability },
      ...{ ratePerSecond: Infinity, retryBaseMs: 1 },
    }

    const crawling = { api, folder, options, random: seededRandom(seed) }
    const ended = await runSchedule(crawling, schedule)

    const problems = [
      ...(await problemsOf(schedule, api, ended)),
      ...(await rebuildDepartures(ended.archiveDir)),
    ]
    await api.close()
    rmSync(folder, { recursive: true, force: true })
    expect(problems, `FAULT_SEEDS=${seed} npx vitest run test/faults/schedules`).toEqual([])
  })
})
