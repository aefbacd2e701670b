import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { run } from '../cli/program.js'
import { openFaultyApi, type FaultyApi } from '../faults/fault-api.js'
import type { Fault, FaultPlan } from '../faults/fault-plan.js'
import { runUntil, type KilledCrawl } from '../faults/killed-crawl.js'
import { seededRandom } from '../hostile/random.js'
import { gentle } from '../hostile/scenario.js'
import { ask, countOf, crawlAt, resultOf, temporaryFolder } from './runs.js'
import { detail, feedPage, openScripted, postSeeds } from './scripted-api.js'

const price = 0.05

const plan: FaultPlan = {
  ...{ seed: 5, share: 0.3, slowShare: 0.3, lasting: new Map() },
  kinds: ['500', '502 html', 'reset', 'cut length', 'half json', '429 after 0', '400 retry'],
}

async function openFaulty(share = 0.3): Promise<FaultyApi> {
  const world = { ...gentle, feedPosts: 40, jitterMs: 12 }
  const api = await openFaultyApi({ world, plan: { ...plan, share } })
  onTestFinished(() => api.close())
  return api
}

const surelyFree: readonly Fault[] = ['429 after 0', '400 retry']

/** Dollars of what the API billed or may have billed, by its own books. */
const spentAt = ({ books }: FaultyApi): number =>
  price * books.filter(({ fault }) => !surelyFree.includes(fault)).length

const inLedger = `SELECT total(cost_usd) FROM responses WHERE billed <> 'no'`

/** Part 5: money. */
export function moneyPromises(): void {
  it('writes a row of the ledger before it sends, and settles it after', async () => {
    const archiveDir = temporaryFolder()
    const seen: unknown[] = []
    const unsettled = `SELECT billed, cost_usd FROM responses WHERE received_at IS NULL
      AND json_extract(params, '$.post_id') =`
    const { url } = await openScripted((call) => {
      seen.push(...ask(archiveDir, `${unsettled} '${call.params['post_id']}'`))
      return detail(call)
    })

    await crawlAt(url, archiveDir, { seeds: postSeeds(5) })

    expect(seen).toEqual(Array(5).fill({ billed: 'unknown', cost_usd: price }))
    expect(ask(archiveDir, 'SELECT DISTINCT billed FROM responses')).toEqual(['yes'])
  })

  it.each([0.04, 0.05, 0.1, 0.17, 0.3, 0.85])('never passes --budget %d', async (budgetUsd) => {
    const api = await openFaulty()
    const archiveDir = temporaryFolder()
    const options = { apiKey: api.key, budgetUsd, concurrency: 16 }

    for (let i = 1; i <= 3; i += 1) {
      const report = await crawlAt(api.url, archiveDir, options)

      expect(report.outcome).toBe('budget')
      expect(report.cost_usd).toBeLessThanOrEqual(budgetUsd + 1e-9)
      expect(api.books.length > 0).toBe(budgetUsd >= price)
      expect(spentAt(api)).toBeLessThanOrEqual(i * budgetUsd + 1e-9)
      expect(countOf(archiveDir, inLedger)).toBeGreaterThanOrEqual(spentAt(api) - 1e-9)
    }
  })

  it.each([1, 2, 3])('never passes --budget-total over killed runs (%i)', async (seed) => {
    const api = await openFaulty()
    const folder = temporaryFolder()
    const budgetTotalUsd = 1.5
    const options = {
      ...{ seeds: ['feed'], budgetTotalUsd, concurrency: 8, ratePerSecond: Infinity },
      ...{ retryBaseMs: 1, durability: 'normal' as const },
    }
    const crawling: KilledCrawl = { api, folder, options, random: seededRandom(seed) }

    for (let i = 0; i < 4; i += 1) {
      const kill = { atCall: 3 + seed, waitMs: i % 2, isTorn: false }
      const stage = i % 2 === 0 ? ('arrived' as const) : ('answered' as const)
      await runUntil(crawling, [String(i), String(i + 1)], { ...kill, stage })
      expect(spentAt(api)).toBeLessThanOrEqual(budgetTotalUsd + 1e-9)
    }
    api.watch = () => undefined
    const last = { ...options, apiKey: api.key }
    const report = await crawlAt(api.urlOf('last'), join(folder, '4'), last)
    const again = await crawlAt(api.urlOf('last'), join(folder, '4'), last)

    const spent = countOf(join(folder, '4'), inLedger)
    expect(report.outcome).toBe('budget')
    expect(again).toMatchObject({ outcome: 'budget', requests_sent: 0 })
    expect(spentAt(api)).toBeLessThanOrEqual(spent + 1e-9)
    expect(spent).toBeLessThanOrEqual(budgetTotalUsd + 1e-9)
    expect(spent).toBeGreaterThan(budgetTotalUsd / 2)
  })

  it('counts by the prices that the config names', async () => {
    const { url, calls } = await openScripted((call) => feedPage(call, 30))
    const archiveDir = temporaryFolder()
    const prices = { perCall: { get_feed: 0.2 } }

    const report = await crawlAt(url, archiveDir, { budgetUsd: 1.05, prices })

    expect(report).toMatchObject({ outcome: 'budget', requests_sent: 5, cost_usd: 1 })
    expect(calls).toHaveLength(5)
    expect(ask(archiveDir, 'SELECT DISTINCT cost_usd FROM responses')).toEqual([0.2])
  })

  it('takes the discount of a tier off the calls of a day that come after its start', async () => {
    const { url } = await openScripted((call) => feedPage(call, 10))
    const archiveDir = temporaryFolder()
    const prices = { tiers: [{ from: 4, off: 0.5 }] }

    const report = await crawlAt(url, archiveDir, { prices })

    expect(report.requests_sent).toBe(10)
    expect(countOf(archiveDir, inLedger)).toBeGreaterThanOrEqual(4 * 0.05 + 6 * 0.025 - 1e-9)
    expect(countOf(archiveDir, inLedger)).toBeLessThanOrEqual(5 * 0.05 + 5 * 0.025 + 1e-9)
  })

  it('shows with --dry-run what is pending and what it costs, and sends and changes nothing', async () => {
    const api = await openFaulty(0)
    const archive = join(temporaryFolder(), 'archive')
    await crawlAt(api.url, archive, { apiKey: api.key, maxRequests: 4 })
    const before = join(temporaryFolder(), 'before')
    cpSync(archive, before, { recursive: true })
    const sent = api.books.length
    const flags = ['--base-url', api.url, '--archive', archive, '--json', '--dry-run']

    const { code, stdout } = await run(['crawl', 'feed', ...flags], { key: api.key })

    const file = 'archive.sqlite'
    expect(code).toBe(0)
    expect(JSON.stringify(resultOf(stdout))).toMatch(/get_post_comments/)
    expect(api.books).toHaveLength(sent)
    expect(readFileSync(join(archive, file)).equals(readFileSync(join(before, file)))).toBe(true)
  })

  it('makes no archive with --dry-run where there is none', async () => {
    const api = await openFaulty(0)
    const archive = join(temporaryFolder(), 'archive')
    const flags = ['--base-url', api.url, '--archive', archive, '--json', '--dry-run']

    const { code, stderr } = await run(['crawl', 'feed', ...flags], { key: api.key })

    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(api.books).toEqual([])
    expect(() => readFileSync(join(archive, 'archive.sqlite'))).toThrow(/ENOENT/)
  })

  it('tells the dollars for a thousand new rows', async () => {
    const api = await openFaulty(0)
    const archive = temporaryFolder()
    await crawlAt(api.url, archive, { apiKey: api.key, maxRequests: 6 })

    const { code, stdout } = await run(['status', '--archive', archive])

    expect(code).toBe(0)
    expect(stdout).toMatch(/\$[\d.]+[^\n]*1,?000 (new )?rows/)
  })
}
