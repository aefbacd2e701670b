import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cpSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openArchive, openForReading } from '../../src/archive/archive.js'
import { Bodies } from '../../src/archive/bodies.js'
import { listGaps } from '../../src/archive/gaps.js'
import { mediaPath } from '../../src/archive/media-store.js'
import { rebuild } from '../../src/archive/rebuild.js'
import { crawl, type CrawlOptions } from '../../src/crawl/crawl.js'
import { importFiles } from '../../src/import/index.js'
import { endpointAt } from '../../src/model/endpoints.js'
import type { Params } from '../../src/model/page.js'
import { requestKey } from '../../src/model/params.js'
import { sha256 } from '../../src/model/response-id.js'
import { dumpDerived } from '../archive/archives.js'
import {
  crawlWorld,
  lineOf,
  noon,
  openWorld,
  rowsOf,
  temporaryFolder,
  toldRows,
  valuesOf,
} from './worlds.js'

const missing = 's_68ef1920000081910000000000000001'

function tablesOf(archiveDir: string): string {
  const database = openForReading(archiveDir)
  try {
    return dumpDerived(database)
  } finally {
    database.close()
  }
}

const merge = (archiveDir: string, ...files: string[]) =>
  importFiles({ archiveDir, files, durability: 'normal', clock: () => noon * 1000 })

describe('importFiles of crawled archives', () => {
  it('takes no file in that is not what its digest says, and names it', async () => {
    const simulator = await openWorld({ posts: 2, comments: 0, seed: 3 })
    const [other, target] = [temporaryFolder(), temporaryFolder()]
    await crawlWorld(simulator, other)
    const [key, sound] = valuesOf(
      other,
      'SELECT DISTINCT asset_key FROM assets ORDER BY 1',
    ) as string[]
    const database = new Database(join(other, 'archive.sqlite'))
    for (const [each, came] of [
      [key, 'damaged'],
      [sound, 'sound'],
    ] as const) {
      const digest = sha256(each === key ? 'whole' : came)
      const path = mediaPath(digest, 'mp4')
      mkdirSync(dirname(join(other, path)), { recursive: true })
      writeFileSync(join(other, path), came)
      database
        .prepare(
          `INSERT INTO media (asset_key, state, sha256, path, bytes) VALUES (?, 'saved', ?, ?, 7)`,
        )
        .run(each, digest, path)
    }
    database.close()

    const report = await merge(target, other)

    expect(report.bad).toMatchObject([{ problem: 'is not what its digest says' }])
    expect(valuesOf(target, `SELECT asset_key FROM media WHERE state = 'saved'`)).toEqual([sound])
  })

  it('brings together what two walks saw, and what they found missing', async () => {
    const simulator = await openWorld({ posts: 6, comments: 5, seed: 3 })
    const [whole, one, other, target] = [1, 2, 3, 4].map(temporaryFolder) as [
      ...[string, string, string, string],
    ]
    await crawlWorld(simulator, whole)
    await crawlWorld(simulator, one, { limits: { only: new Set(['comments']) } })
    await crawlWorld(simulator, other, { seeds: ['feed', `post:${missing}`] })

    const report = await merge(target, one, other)

    expect(report).toMatchObject({ outcome: 'done', bad: [] })
    // Places in lists are of one answer each, and each walk looked at the feed itself.
    const merged = { ...toldRows(target), feed_entries: [] }
    const walked = { ...toldRows(whole), feed_entries: [] }
    expect(merged).toEqual(walked)
    expect(
      rowsOf(target, 'SELECT entity_id, reason FROM absences WHERE entity_id = ?', missing),
    ).toEqual([{ entity_id: missing, reason: 'not_found' }])
    expect(rowsOf(target, 'SELECT * FROM requests')).toEqual([])
    expect(rowsOf(target, 'SELECT * FROM costs')).toEqual([])
  })

  it('takes an archive that found nothing but what is missing, or holds nothing, time and again', async () => {
    const simulator = await openWorld({ posts: 1, seed: 3 })
    const [one, empty, target] = [1, 2, 3].map(temporaryFolder) as [string, string, string]
    await crawlWorld(simulator, one, { seeds: [`post:${missing}`] })
    openArchive(empty).close()

    const reports = []
    for (const other of [one, one, empty]) reports.push(await merge(target, other))

    expect(reports).toMatchObject([
      { outcome: 'done', pages: 0, missing: 1, files: [{ missing: 1, bad: 0 }] },
      { outcome: 'done', pages: 0, missing: 1 },
      { outcome: 'done', pages: 0, missing: 0 },
    ])
    expect(rowsOf(target, 'SELECT outcome FROM runs')).toEqual([{ outcome: 'done' }])
    expect(rowsOf(target, 'SELECT entity_id FROM absences')).toEqual([{ entity_id: missing }])
  })

  it('gives the same tables in either order, a second time, and after a rebuild', async () => {
    const simulator = await openWorld({ posts: 6, comments: 5, seed: 3 })
    const [one, other, target, reverse] = [1, 2, 3, 4].map(temporaryFolder) as [
      ...[string, string, string, string],
    ]
    await crawlWorld(simulator, one, { seeds: ['feed'], maxRequests: 9 })
    await crawlWorld(simulator, other, { seeds: [`post:${missing}`, 'leaderboard'] })

    await merge(target, one, other)
    await merge(reverse, other, one)
    const straight = tablesOf(target)
    const again = await merge(target, one, other, reverse)
    const after = tablesOf(target)
    await rebuild({ archiveDir: target, durability: 'normal', clock: () => noon * 1000 })

    expect(tablesOf(reverse)).toBe(straight)
    expect(again).toMatchObject({ pages: 0 })
    expect(after).toBe(straight)
    expect(tablesOf(target)).toBe(straight)
  })
})

/** Every body of an archive that is an answer, as text. */
function bodiesIn(archiveDir: string): string[] {
  const database = openForReading(archiveDir)
  try {
    const bodies = new Bodies(database)
    const sql = `SELECT body_sha256 FROM responses WHERE outcome = 'page' ORDER BY response_id`
    return (database.prepare(sql).pluck().all() as string[]).map((each) => bodies.read(each)!)
  } finally {
    database.close()
  }
}

/** What is known of answers besides where it was known from. */
const answersIn = (archiveDir: string) =>
  rowsOf(
    archiveDir,
    `SELECT response_id, endpoint, params, received_at, clock, outcome, body_sha256, body_bytes,
            upstream_request_id
     FROM responses WHERE response_id GLOB 'r_*' ORDER BY response_id`,
  )

/** One crawl, and its bodies in other hands: lines, files of other days, a HAR. */
async function scatter() {
  const simulator = await openWorld({ posts: 5, comments: 3, remixes: 0.5, seed: 3 })
  const folder = temporaryFolder()
  const archive = join(folder, 'archive')
  await crawlWorld(simulator, archive, { seeds: ['feed', `post:${missing}`] })
  const texts = bodiesIn(archive)
  const put = (name: string, content: string, day: number): string => {
    const path = join(folder, name)
    writeFileSync(path, content)
    utimesSync(path, noon / 1000 + day * 86400, noon / 1000 + day * 86400)
    return path
  }
  const entries = texts.map((text) => ({
    startedDateTime: new Date(noon + 5000).toISOString(),
    request: { url: 'https://x/y' },
    response: { status: 200, content: { text } },
  }))
  // Without a time that can be true, the file's and the HAR's decide.
  const blind = texts.map((text) => text.replace(/"time_stamp":[\d.]+/, '"time_stamp":12'))
  const blindEntries = blind.map((text, n) => ({
    ...entries[n]!,
    response: { status: 200, content: { text } },
  }))
  const ofBlind = join(folder, 'of-blind')
  const names = [
    archive,
    ofBlind,
    put('all.ndjson', texts.join('\n'), 1),
    put('all.har', JSON.stringify({ log: { entries } }), 2),
    put('blind.ndjson', blind.join('\n'), 3),
    put('blind-older.json', `[${blind.join(',')}]`, -3),
    put('blind.har', JSON.stringify({ log: { entries: blindEntries } }), 4),
  ]
  await merge(ofBlind, names.at(-2)!)
  return { simulator, archive, names }
}

/** Parts of what one world shows, and a walk over one post of it that gets the same answers again. */
async function scatterParts() {
  const simulator = await openWorld({ posts: 4, comments: 14, remixes: 0.5, seed: 3 })
  const { post_id } = simulator.truth().posts.reduce(fuller)
  const seeds = [`post:${post_id}`]
  const folder = temporaryFolder()
  const whole = join(folder, 'whole')
  await crawlWorld(simulator, whole, { seeds: ['feed', ...seeds] })
  const texts = bodiesIn(whole)
  const share = (count: number): string => {
    const path = join(folder, `${count}.ndjson`)
    writeFileSync(path, texts.filter((_, n) => n % count > 0).join('\n'))
    return path
  }
  const url = await openCache(whole)
  const walk = (archiveDir: string, more: Partial<CrawlOptions> = {}) =>
    crawlWorld({ ...simulator, url }, archiveDir, { seeds, ...more })
  const part = join(folder, 'part')
  await walk(part, { maxRequests: 4 })
  return { names: [part, share(2), share(3)], walk }
}

/** An API that gives the answers of an archive again. */
async function openCache(archiveDir: string): Promise<string> {
  const texts = bodiesIn(archiveDir)
  const sql = `SELECT endpoint, params FROM responses WHERE outcome = 'page' ORDER BY response_id`
  const keys = rowsOf(archiveDir, sql).map(({ endpoint, params }) =>
    requestKey(String(endpoint), JSON.parse(String(params)) as Params),
  )
  const answers = new Map(keys.map((key, n) => [key, texts[n]!]))
  return serve((url) => {
    const { name } = endpointAt(url.pathname)!
    return answers.get(requestKey(name, Object.fromEntries(url.searchParams)))!
  })
}

const fuller = <Post extends { reply_count: number }>(one: Post, other: Post): Post =>
  other.reply_count > one.reply_count ? other : one

/**
 * What is told, lists and gaps without the times of answers: those of what is held when a walk comes to
 * it are not its own.
 */
function untimed(archiveDir: string) {
  const database = openForReading(archiveDir)
  const lines = (sql: string) => rowsOf(archiveDir, sql).map(lineOf).sort()
  try {
    return {
      ...toldRows(archiveDir),
      listings: lines(
        `SELECT listing_key, endpoint, subject, pass, pages, items, stale_pages, announced,
                announced_below, known_run, end_reason FROM listings`,
      ),
      listing_items: lines('SELECT * FROM listing_items'),
      listing_pages: lines('SELECT * FROM listing_pages'),
      gaps: listGaps(database, { most: 1000 }),
    }
  } finally {
    database.close()
  }
}

describe('one crawl known from many hands, with many clocks', () => {
  it('gives the same tables whatever comes first, also where each import is stopped once', async () => {
    const { names } = await scatter()
    const straight = temporaryFolder()
    await merge(straight, ...names)
    const expected = tablesOf(straight)
    const answers = answersIn(straight)
    const order = fc.shuffledSubarray(names, { minLength: names.length })

    await fc.assert(
      fc.asyncProperty(order, fc.boolean(), fc.boolean(), async (files, isTogether, isStopped) => {
        const target = temporaryFolder()
        for (const group of isTogether ? [files] : files.map((each) => [each])) {
          if (isStopped) await mergeUntilRebuild(target, group)
          await merge(target, ...group)
        }

        expect(tablesOf(target)).toBe(expected)
        expect(answersIn(target)).toEqual(answers)
      }),
      { numRuns: 12 },
    )
    expect(valuesOf(straight, 'SELECT DISTINCT clock FROM responses ORDER BY 1')).toEqual([
      'har',
      'local',
    ])
  })

  it('leaves a crawl as it is where its own answers come back, but for the lists of imports', async () => {
    const { archive, names } = await scatter()
    const before = walkedTables(archive)
    const ledger = rowsOf(archive, 'SELECT * FROM responses')
    const copy = temporaryFolder()
    cpSync(archive, copy, { recursive: true })

    const report = await merge(archive, copy, ...names.slice(2, 4))

    const told = tablesOf(archive)
    const runs = rowsOf(archive, 'SELECT * FROM runs')
    const again = await merge(archive, copy, ...names.slice(2, 4))

    expect(report).toMatchObject({ pages: 0, corrected: 0 })
    expect(walkedTables(archive)).toBe(before)
    expect(told).not.toBe(before)
    expect(again).toMatchObject({ pages: 0, corrected: 0, held: report.held })
    expect(tablesOf(archive)).toBe(told)
    expect(rowsOf(archive, 'SELECT * FROM runs')).toEqual(runs)
    expect(rowsOf(archive, 'SELECT * FROM responses')).toEqual(ledger)
  })

  it('has the time of the walk, whether the walk or the import came first', async () => {
    const [feed] = bodiesIn((await scatter()).archive).filter((each) => each.includes('/get_feed"'))
    const dump = join(temporaryFolder(), 'feed.json')
    writeFileSync(dump, feed!)
    const url = await openEcho(feed!)
    const [imported, walked] = [temporaryFolder(), temporaryFolder()]
    const walk = (archiveDir: string) => crawl(walkOf(archiveDir, url))

    await merge(imported, dump)
    const before = answersIn(imported)
    await walk(imported)
    await walk(walked)
    await merge(walked, dump)
    await merge(imported, dump)

    expect(before).toMatchObject([{ clock: 'envelope', received_at: BigInt(noon * 1000) }])
    expect(answersIn(imported)).toEqual(answersIn(walked))
    expect(answersIn(walked)).toMatchObject([{ clock: 'local' }])
    expect(tablesOf(imported)).toBe(tablesOf(walked))
    expect(rowsOf(imported, 'SELECT calls FROM costs')).toEqual([{ calls: 1n }])
    expect(rowsOf(imported, 'SELECT origin FROM responses ORDER BY response_id')).toEqual([
      { origin: 'network' },
      { origin: expect.stringMatching(/^network#call-2-/) as string },
    ])
  })

  it('has the time of a walk that was stopped before it could correct it', async () => {
    const [feed] = bodiesIn((await scatter()).archive).filter((each) => each.includes('/get_feed"'))
    const dump = join(temporaryFolder(), 'feed.json')
    writeFileSync(dump, feed!)
    const url = await openEcho(feed!)
    const [stopped, walked, other, direct] = [1, 2, 3, 4].map(temporaryFolder) as [
      ...[string, string, string, string],
    ]
    const controller = new AbortController()
    const onProgress = ({ pages }: { pages: number }) => pages > 0 && controller.abort()
    await merge(stopped, dump)
    await crawl({ ...walkOf(stopped, url), signal: controller.signal, onProgress })
    await crawl(walkOf(walked, url))
    await merge(walked, dump)

    const before = answersIn(stopped)
    await merge(other, stopped)
    await merge(direct, walked)
    await rebuild({ archiveDir: stopped, durability: 'normal', clock: () => noon * 1000 })

    expect(before).toMatchObject([{ clock: 'envelope' }])
    expect(tablesOf(other)).toBe(tablesOf(direct))
    expect(answersIn(stopped)).toEqual(answersIn(walked))
    expect(tablesOf(stopped)).toBe(tablesOf(walked))
  })
})

describe('a walk of the archive among imports of the same answers', () => {
  it('gives the same lists and gaps whenever the walk comes', async () => {
    const { names, walk } = await scatterParts()
    const straight = temporaryFolder()
    await merge(straight, ...names)
    await walk(straight)
    const expected = untimed(straight)
    const order = fc.shuffledSubarray([...names, 'walk'], { minLength: names.length + 1 })

    await fc.assert(
      fc.asyncProperty(order, fc.boolean(), async (steps, isTwice) => {
        const target = temporaryFolder()
        for (const step of isTwice ? [...steps, ...steps] : steps)
          await (step === 'walk' ? walk(target) : merge(target, step))
        const told = untimed(target)
        const tables = tablesOf(target)
        await rebuild({ archiveDir: target, durability: 'normal', clock: () => noon * 1000 })

        expect(told).toEqual(expected)
        expect(tablesOf(target)).toBe(tables)
      }),
      { numRuns: 8 },
    )
    expect(expected.gaps.gaps.length).toBeGreaterThan(0)
    expect(expected.listing_pages.some((line) => !line.includes('"next_cursor":""'))).toBe(true)
  })
})

/** A crawl of one call. */
const walkOf = (archiveDir: string, baseUrl: string): CrawlOptions => ({
  ...{ archiveDir, seeds: ['feed'], baseUrl, apiKey: 'key-0123456789', maxRequests: 1 },
  ...{ durability: 'normal', clock: () => (noon + 60_000) * 1000 },
})

/** The tables without the lists of imports. */
const walkedTables = (archiveDir: string): string =>
  tablesOf(archiveDir)
    .split('\n')
    .filter((line) => !line.includes('"listing_key":"0 '))
    .join('\n')

/** An API that gives one answer to everything, as a cache would. */
const openEcho = (body: string): Promise<string> => serve(() => body)

async function serve(answer: (url: URL) => string): Promise<string> {
  const server = createServer(({ url }, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(answer(new URL(url!, 'http://localhost')))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** An import that is stopped as soon as it builds the tables again, if it does. */
async function mergeUntilRebuild(archiveDir: string, files: readonly string[]): Promise<void> {
  const controller = new AbortController()
  await importFiles({
    ...{ archiveDir, files, durability: 'normal', signal: controller.signal },
    clock: () => noon * 1000,
    onProgress: ({ rebuild }) => rebuild && controller.abort(),
  })
}
