import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { gunzipSync } from 'node:zlib'
import { rebuild } from '../../src/archive/rebuild.js'
import type { Simulator } from '../../src/simulator/index.js'
import { holdingsIn, holdingsOf } from './expected.js'
import {
  countOf,
  crawlWorld,
  openWorld,
  rowsOf,
  strides,
  temporaryFolder,
  valuesOf,
} from './worlds.js'

const world = { posts: 7, comments: 2, seed: 2 }
const key = 'sk-very+secret/key="1"'

const idsInFeed = (simulator: Simulator): string[] =>
  simulator.truth().posts.flatMap(({ in_feed, post_id }) => (in_feed ? [post_id] : []))

/** Every byte of an archive folder, bodies unpacked too, as text. */
function everythingIn(archiveDir: string): string {
  const files = readdirSync(archiveDir).map((name) => readFileSync(join(archiveDir, name)))
  const bodies = rowsOf(archiveDir, 'SELECT body FROM bodies').map(({ body }) =>
    gunzipSync(body as Uint8Array),
  )
  return Buffer.concat([...files, ...bodies]).toString('latin1')
}

describe('crawl of an API that fails now and then', () => {
  const cases = [
    { faults: '503=0.15', billed: ['unknown', 'yes'] },
    { faults: '500=0.05,502=0.05,504=0.05', billed: ['unknown', 'yes'] },
    { faults: 'html502=0.15', billed: ['unknown', 'yes'] },
    { faults: 'reset=0.15', billed: ['unknown', 'yes'] },
    { faults: 'lost=0.15', billed: ['unknown', 'yes'] },
    { faults: 'cut=0.15', billed: ['unknown', 'yes'] },
    { faults: 'garbled=0.15', billed: ['unknown', 'yes'] },
    { faults: '429=0.15', billed: ['no', 'yes'] },
    { faults: '400=0.1', billed: ['no', 'yes'] },
    { faults: '503=0.03,reset=0.03,cut=0.03,429=0.03,400=0.03', billed: ['no', 'unknown', 'yes'] },
  ]

  it.each(cases)('holds all there is in the end: $faults', async ({ faults, billed }) => {
    const simulator = await openWorld({ ...world, faults, key })
    const archiveDir = temporaryFolder()

    const report = await crawlWorld(simulator, archiveDir, { clock: strides() })

    const starts = idsInFeed(simulator)
    const { calls, repeated } = simulator.calls()
    expect(report).toMatchObject({ outcome: 'done', pending: 0, failed: 0, requests_sent: calls })
    expect(repeated).toBeGreaterThan(0)
    expect(calls - repeated).toBe(simulator.fewestRequests('feed').requests)
    expect(holdingsIn(archiveDir, starts)).toEqual(holdingsOf(simulator, starts, 'native'))
    const ledger = `SELECT billed FROM responses GROUP BY billed ORDER BY billed`
    expect(valuesOf(archiveDir, ledger)).toEqual(billed)
    expect(countOf(archiveDir, 'SELECT count(*) FROM responses')).toBe(calls)
    expect(everythingIn(archiveDir)).not.toContain(key)
  })

  it('notes for every call what came, and whether it may be billed', async () => {
    const simulator = await openWorld({ ...world, faults: '400=0.1,503=0.1,reset=0.1,garbled=0.1' })
    const archiveDir = temporaryFolder()

    const report = await crawlWorld(simulator, archiveDir, { clock: strides() })

    const sql = `SELECT status, billed, outcome, count(*) > 0 AS n FROM responses
      WHERE outcome <> 'page' GROUP BY status, billed, outcome ORDER BY status`
    expect(rowsOf(archiveDir, sql)).toEqual([
      {
        status: null,
        billed: 'unknown',
        outcome: expect.stringMatching(/UND_ERR_SOCKET|ECONNRESET/) as string,
        n: 1n,
      },
      { status: 200n, billed: 'unknown', outcome: '200, but no JSON', n: 1n },
      { status: 400n, billed: 'no', outcome: '400 Request failed. Please retry.', n: 1n },
      { status: 503n, billed: 'unknown', outcome: '503 Service unavailable.', n: 1n },
    ])
    const unnamed = `SELECT count(*) FROM responses
      WHERE status IN (400, 503) AND upstream_request_id IS NULL`
    expect(countOf(archiveDir, unnamed)).toBe(0)
    const cost = `SELECT total(cost_usd) FROM responses WHERE billed <> 'no'`
    expect(report.cost_usd).toBeCloseTo(countOf(archiveDir, cost), 6)
    expect(simulator.calls().billed_usd).toBeLessThanOrEqual(report.cost_usd)
  })
})

describe('crawl of an API that refuses', () => {
  const cases = [
    {
      faults: '401=1',
      message: 'Invalid API token. The key was refused: set TIKHUB_API_KEY to a key that is valid.',
    },
    {
      faults: '402=1',
      message:
        'does not accept free credit. The balance is used up: top up at TikHub, then run the same command.',
    },
    {
      faults: '403=1',
      message:
        'The API key lacks the scope of this path. The key may not use this path: give it the scope /api/v1/sora2/ at TikHub, then run the same command.',
    },
    {
      faults: 'gone=1',
      message: '404 Not Found. The route is gone: this address serves no Sora2 API (any more).',
    },
  ]

  it.each(cases)('ends after one call, saying what to do: $faults', async ({ faults, message }) => {
    const simulator = await openWorld({ ...world, faults, key })
    const archiveDir = temporaryFolder()

    const seeds = ['feed', ...idsInFeed(simulator).map((id) => `post:${id}`)]
    const report = await crawlWorld(simulator, archiveDir, { seeds })

    expect(report).toMatchObject({
      outcome: 'refused',
      requests_sent: 1,
      cost_usd: 0,
      pending: seeds.length,
      failed: 0,
    })
    expect(report.message.endsWith(message)).toBe(true)
    expect(simulator.calls().calls).toBe(1)
    expect(rowsOf(archiveDir, 'SELECT billed, cost_usd FROM responses')).toEqual([
      { billed: 'no', cost_usd: 0 },
    ])
    expect(everythingIn(archiveDir)).not.toContain(key)
    expect(report.message).not.toContain(key)
  })

  it('goes on with the same command once it is let in', async () => {
    const closed = await openWorld({ ...world, key: 'new-key' })
    const archiveDir = temporaryFolder()

    const refused = await crawlWorld(closed, archiveDir, { apiKey: 'old-key' })
    const report = await crawlWorld(closed, archiveDir)

    const starts = idsInFeed(closed)
    expect(refused).toMatchObject({ outcome: 'refused', requests_sent: 1, pending: 1 })
    expect(report.outcome).toBe('done')
    expect(holdingsIn(archiveDir, starts)).toEqual(holdingsOf(closed, starts, 'native'))
    expect(everythingIn(archiveDir)).not.toContain('old-key')
  })

  it('ends in the middle where the balance ends, and nothing is lost', async () => {
    const simulator = await openWorld({ ...world, balanceUsd: 1 })
    const archiveDir = temporaryFolder()

    const report = await crawlWorld(simulator, archiveDir, { concurrency: 4 })

    expect(report).toMatchObject({ outcome: 'refused', cost_usd: 1, failed: 0 })
    expect(report.pending).toBeGreaterThan(0)
    expect(simulator.calls().billed_usd).toBe(1)
    expect(simulator.calls().calls).toBeLessThan(20 + 2 * 4)
    expect(countOf(archiveDir, `SELECT count(*) FROM responses WHERE outcome = 'page'`)).toBe(20)
  })

  it('ends after twenty failures in a row, whatever is asked', async () => {
    const simulator = await openWorld({ ...world, posts: 30, faults: '503=1' })
    const archiveDir = temporaryFolder()

    const seeds = idsInFeed(simulator).map((id) => `post:${id}`)
    const report = await crawlWorld(simulator, archiveDir, { seeds, clock: strides() })

    expect(seeds.length).toBeGreaterThan(20)
    expect(report).toMatchObject({
      outcome: 'refused',
      requests_sent: 20,
      message:
        '20 failures in a row, the last: 503 Service unavailable. See whether the API is well (`afterfeed doctor`), then run the same command',
    })
    expect(report.pending + report.failed).toBe(seeds.length)
    expect(countOf(archiveDir, 'SELECT count(*) FROM responses')).toBe(20)
  })

  it('ends where twenty calls in a row came too fast, with ever longer waits', async () => {
    const simulator = await openWorld({ ...world, faults: '429=1' })
    const archiveDir = temporaryFolder()

    const report = await crawlWorld(simulator, archiveDir, { clock: strides() })

    expect(report).toMatchObject({
      outcome: 'refused',
      requests_sent: 20,
      cost_usd: 0,
      pending: 1,
      failed: 0,
      message:
        'the API refused calls as too fast 20 times in a row, with ever longer waits. Run the same command later, with a lower --rate',
    })
  })

  it('gives a request up after four tries, and says so', async () => {
    const simulator = await openWorld({ ...world, faults: '503=1' })
    const archiveDir = temporaryFolder()

    const report = await crawlWorld(simulator, archiveDir, { seeds: ['feed'] })

    expect(report).toMatchObject({ outcome: 'failures', requests_sent: 4, failed: 1, pending: 0 })
    const sql = 'SELECT state, reason, error, attempts FROM requests'
    expect(rowsOf(archiveDir, sql)).toEqual([
      { state: 'failed', reason: 'no_answer', error: '503 Service unavailable.', attempts: 4n },
    ])
    expect(valuesOf(archiveDir, 'SELECT attempt FROM responses ORDER BY sent_at')).toEqual([
      ...[1n, 2n, 3n, 4n],
    ])
    const ends = 'SELECT endpoint, pages, end_reason FROM listings'
    expect(rowsOf(archiveDir, ends)).toEqual([
      { endpoint: 'get_feed', pages: 0n, end_reason: 'no_answer' },
    ])
  })

  it('does not count a pace that was too fast as a try', async () => {
    const simulator = await openWorld({ posts: 2, comments: 1, seed: 3, faults: '429=0.6' })
    const archiveDir = temporaryFolder()

    const report = await crawlWorld(simulator, archiveDir, { clock: strides(), concurrency: 2 })

    expect(report).toMatchObject({ outcome: 'done', failed: 0, pending: 0 })
    expect(simulator.calls().by_status['429']).toBeGreaterThan(5)
    expect(valuesOf(archiveDir, 'SELECT DISTINCT attempts FROM requests')).toEqual([1n])
  })
})

describe('crawl of objects that are not there', () => {
  it('notes the absence, and the rest goes on', async () => {
    const simulator = await openWorld(world)
    const archiveDir = temporaryFolder()
    const missing = `s_${'6926e440'.repeat(4)}`
    const nobody = 'user-000000000000000000000000'
    const [post = ''] = idsInFeed(simulator)

    const seeds = [`post:${missing}`, `user:${nobody}`, `post:${post}`]
    const report = await crawlWorld(simulator, archiveDir, { seeds })

    const absences = 'SELECT entity_kind, entity_id, reason FROM absences WHERE reason = ?'
    expect(report).toMatchObject({ outcome: 'done', pending: 0, failed: 0 })
    expect(rowsOf(archiveDir, `${absences} ORDER BY entity_kind`, 'not_found')).toEqual([
      { entity_kind: 'post', entity_id: missing, reason: 'not_found' },
      { entity_kind: 'user', entity_id: nobody, reason: 'not_found' },
    ])
    expect(holdingsIn(archiveDir, [post])).toEqual(holdingsOf(simulator, [post], 'native'))
    const ends = 'SELECT request_key, state, reason FROM requests WHERE reason IS NOT NULL'
    expect(rowsOf(archiveDir, `${ends} ORDER BY request_id`)).toEqual([
      {
        request_key: `get_post_detail {"post_id":"${missing}"}`,
        state: 'done',
        reason: 'not_found',
      },
      {
        request_key: `get_user_profile {"user_id":"${nobody}"}`,
        state: 'done',
        reason: 'not_found',
      },
    ])
  })

  it('notes what is kept from us as forbidden, and goes on', async () => {
    const simulator = await openWorld({ ...world, faults: 'private=0.2' })
    const archiveDir = temporaryFolder()

    const report = await crawlWorld(simulator, archiveDir)

    const forbidden = `SELECT * FROM absences WHERE reason = 'forbidden' ORDER BY 1, 2, 3`
    const ended = `SELECT count(*) FROM requests WHERE state = 'done' AND reason = 'forbidden'`
    const told = rowsOf(archiveDir, forbidden)
    expect(report.pending).toBe(0)
    expect(told.length).toBeGreaterThan(0)
    expect(told.length).toBe(countOf(archiveDir, ended))
    await rebuild({ archiveDir, clock: () => 1 })
    expect(rowsOf(archiveDir, forbidden)).toEqual(told)
  })

  it('notes an answer without data as billed, and the object as absent', async () => {
    const simulator = await openWorld({ ...world, faults: 'empty200=1' })
    const archiveDir = temporaryFolder()
    const [post = ''] = idsInFeed(simulator)

    const report = await crawlWorld(simulator, archiveDir, { seeds: [`post:${post}`] })

    expect(report).toMatchObject({ outcome: 'done', requests_sent: 1, cost_usd: 0.05 })
    expect(rowsOf(archiveDir, 'SELECT entity_id FROM absences')).toEqual([{ entity_id: post }])
    expect(rowsOf(archiveDir, 'SELECT billed, outcome FROM responses')).toEqual([
      { billed: 'yes', outcome: '200 without data' },
    ])
  })
})

describe('crawl of lists that do not end', () => {
  it.each(['circle=1', 'endless=1', 'broken=0.3'])('holds all there is: %s', async (faults) => {
    const simulator = await openWorld({ posts: 4, comments: 12, seed: 2, faults })
    const archiveDir = temporaryFolder()

    const report = await crawlWorld(simulator, archiveDir)

    const starts = idsInFeed(simulator)
    const fewest = simulator.fewestRequests('feed').requests
    expect(report).toMatchObject({ outcome: 'done', pending: 0, failed: 0, requests_sent: fewest })
    expect(simulator.calls().repeated).toBe(0)
    expect(holdingsIn(archiveDir, starts)).toEqual(holdingsOf(simulator, starts, 'native'))
    const odd = `SELECT count(*) FROM anomalies`
    expect(countOf(archiveDir, odd)).toBeGreaterThan(0)
  })
})
