import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { buildProgram, run, start, temporaryFolder, type Ended } from '../cli/program.js'
import { summary } from '../hostile/compare.js'
import { seededRandom, type Random } from '../hostile/random.js'
import { hostile } from '../hostile/scenario.js'
import { dumpDifferences, dumpOf } from './dump.js'
import { openFaultyApi, type FaultyApi } from './fault-api.js'
import type { FaultPlan } from './fault-plan.js'
import { ledgerDepartures } from './ledger-check.js'
import { departures, look, wholeTruth } from './whole.js'

beforeAll(buildProgram)

const concurrency = 6
const kills = 15

const plan: FaultPlan = {
  ...{ seed: 11, share: 0.15, slowShare: 0.1, lasting: new Map() },
  kinds: [
    ...(['500', '502 html', '503', '503 after 0', '504 html', '429 after 0', '429'] as const),
    ...(['reset', 'reset after head', 'cut length', 'cut chunks', 'cut last byte'] as const),
    ...([
      'half json',
      'no json',
      'error inside',
      'code inside',
      '400 retry',
      '400 chinese',
    ] as const),
  ],
}

async function openApi(): Promise<FaultyApi> {
  const api = await openFaultyApi({ world: { ...hostile, feedPosts: 30, drift: false }, plan })
  onTestFinished(() => api.close())
  return api
}

const crawlArgs = (api: FaultyApi, name: string, archive: string): string[] => [
  ...['crawl', 'feed', '--base-url', api.urlOf(name), '--archive', archive, '--json'],
  ...['--rate', '0', '--concurrency', String(concurrency)],
]

/** Starts a crawl and kills it: at some call, or a while after its start. */
async function killedCrawl(api: FaultyApi, args: string[], random: Random): Promise<Ended> {
  const atCall = 1 + random.int(40)
  const isEarly = random.chance(0.2)
  const { process: child, ended } = start(args, { key: api.key })
  const die = (ms: number): void => void wait(ms).then(() => child.kill('SIGKILL'))
  if (isEarly) die(random.int(900))
  api.watch = (_, __, count) => {
    if (count === atCall) die(random.int(12))
  }
  return ended
}

describe('a crawl by a program that is killed fifteen times', () => {
  it('ends as an undisturbed one, and rebuild finds the same', async () => {
    const api = await openApi()
    const archive = temporaryFolder()
    const random = seededRandom(4)

    const killedRuns: string[] = []
    for (let i = 0; i < kills; i += 1) {
      const { code } = await killedCrawl(api, crawlArgs(api, `${i}`, archive), random)
      api.bury(`${i}`)
      if (code === null) killedRuns.push(`${i}`)
    }
    api.watch = () => undefined
    const last = await run(crawlArgs(api, 'last', archive), { key: api.key })

    expect(killedRuns.length).toBeGreaterThanOrEqual(10)
    expect(last).toMatchObject({ code: 0 })
    const told = look(archive, (db) => [
      ...departures(db, wholeTruth(api)),
      ...ledgerDepartures(db, { api, killedRuns, concurrency }),
    ])
    expect(told).toEqual([])
    expect(summary(api.truth.forbidden)).toEqual([])

    const before = look(archive, dumpOf)
    const sent = api.books.length
    await rebuildKilled(archive, random)
    const rebuilt = await run(['rebuild', '--archive', archive, '--json'])

    expect(rebuilt).toMatchObject({ code: 0 })
    expect(summary(dumpDifferences(before, look(archive, dumpOf)))).toEqual([])
    expect(look(archive, (db) => departures(db, wholeTruth(api)))).toEqual([])
    expect(api.books).toHaveLength(sent)
  })
})

/** Rebuilds that are killed on their way; until one is through, other commands say so. */
async function rebuildKilled(archive: string, random: Random): Promise<void> {
  for (let i = 0; i < 6; i += 1) {
    const { process: child, line, ended } = start(['rebuild', '--archive', archive, '--json'])
    const hasBegun = line('stderr', (text) => text.startsWith('{')).catch(() => undefined)
    await Promise.race([hasBegun.then(() => wait(random.int(60))), ended])
    child.kill('SIGKILL')
    await ended
  }
}
