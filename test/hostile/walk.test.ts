import Database from 'better-sqlite3'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { crawl } from '../../src/index.js'
import { brokenItemsPerAnswer, differences, readTable, setDifferences, summary } from './compare.js'
import { gentle } from './scenario.js'
import type { HostileApi, HostileOptions } from './server.js'
import { openHostileApi } from './server.js'

/** The one place that knows how the product is called. */
async function runCrawl(api: HostileApi, archiveDir: string, seeds: string[]): Promise<void> {
  await crawl({
    archiveDir,
    seeds,
    baseUrl: api.url,
    apiKey: api.key,
    ratePerSecond: Infinity,
    concurrency: 8,
    durability: 'normal',
  })
}

const cases: Record<string, HostileOptions> = {
  'no hostility': gentle,
  'other forms, deep threads': { ...gentle, forms: true, threads: true },
  'remix trees': { ...gentle, remixes: true },
  'listings that end in every way': { ...gentle, ends: true, feedEnd: 'absent' },
  'broken items': { ...gentle, broken: true },
  'values that change': { ...gentle, drift: true },
  'everything at once': {},
  'everything, in a feed that never ends': { seed: 42, feedEnd: 'endless' },
}

describe.each(Object.entries(cases))('a crawl: %s', (_, given) => {
  let api: HostileApi
  let archiveDir: string
  let db: Database.Database

  beforeAll(async () => {
    api = await openHostileApi(given)
    archiveDir = mkdtempSync(join(tmpdir(), 'hostile-'))
    await runCrawl(api, archiveDir, ['feed'])
    db = new Database(join(archiveDir, 'archive.sqlite'), { readonly: true })
  })

  afterAll(async () => {
    db?.close()
    await api.close()
    rmSync(archiveDir, { recursive: true, force: true })
  })

  const pairs = (sql: string): Set<string> =>
    new Set((db.prepare(sql).all() as { pair: string }[]).map(({ pair }) => pair))

  it('holds every post', () => {
    const { posts, namedPosts } = api.truth
    expect(summary(differences(posts, readTable(db, 'posts', 'post_id'), namedPosts))).toEqual([])
  })

  it('holds every comment and reply, with parent and depth', () => {
    const held = readTable(db, 'comments', 'comment_id')
    expect(summary(differences(api.truth.comments, held))).toEqual([])
  })

  it('holds every remix edge', () => {
    const held = pairs(`SELECT parent_post_id || '>' || remix_post_id AS pair FROM remixes`)
    expect(summary(setDifferences(api.truth.remixes, held))).toEqual([])
  })

  it('holds every user as last told, and never the anonymous one', () => {
    expect(summary(differences(api.truth.users, readTable(db, 'users', 'user_id')))).toEqual([])
  })

  it('holds every cast person', () => {
    const held = pairs(`SELECT owner_id || '>' || user_id AS pair FROM cameos`)
    expect(summary(setDifferences(api.truth.cameos, held))).toEqual([])
  })

  it('holds every attachment', () => {
    const held = readTable(db, 'attachments', 'attachment_id')
    expect(summary(differences(api.truth.attachments, held, new Set(held.keys())))).toEqual([])
  })

  it('keeps no address that is not one', () => {
    expect(pairs(`SELECT url AS pair FROM assets WHERE url NOT LIKE 'https://%'`)).toEqual(
      new Set(),
    )
  })

  it('asks for nothing that was announced as empty', () => {
    expect(summary(api.truth.forbidden)).toEqual([])
  })

  it('sends no more than 2 % above the fewest requests', () => {
    const waste = summary(api.truth.wasted).join('\n')
    expect(api.requests.length / api.truth.fewest, waste).toBeLessThanOrEqual(1.02)
  })

  it('sends every request that a perfect walker sends, and no other', () => {
    const sent = new Set(api.requests.map(nameOf))
    const missed = api.truth.expected.filter((choice) => !choice.some((name) => sent.has(name)))
    expect(summary(missed.map((choice) => choice.join(' or ')))).toEqual([])
    expect(summary(api.truth.wasted)).toEqual([])
  })

  it('tells each broken item', () => {
    const told = brokenItemsPerAnswer(db)
    const served = [...api.truth.brokenItems.values()].sort((a, b) => b - a)
    const untold = served.filter((count, i) => (told[i] ?? 0) < count)
    expect(untold, `served ${served.join()}, told ${told.join()}`).toEqual([])
  })

  it('leaves no request unsettled', () => {
    const open = db
      .prepare(
        `SELECT endpoint, params, state, reason, error FROM requests
         WHERE NOT (state = 'done' OR (state IN ('failed', 'skipped')
           AND coalesce(reason, error, '') <> ''))`,
      )
      .all()
    expect(summary(open.map((row) => JSON.stringify(row)))).toEqual([])
  })

  it('says how each listing ended, after how many pages', () => {
    const rows = db.prepare('SELECT listing_key, pages, end_reason FROM listings').all() as {
      listing_key: string
      pages: number
      end_reason: string | null
    }[]
    const { pages, oddEnds } = api.truth
    const find = (name: string) => {
      const [endpoint, subject] = name.split(' ') as [string, string]
      return rows.find(
        (row) => row.listing_key.includes(endpoint) && row.listing_key.includes(subject),
      )
    }

    expect(rows.filter((row) => !row.end_reason)).toEqual([])
    expect(
      summary(
        [...pages].flatMap(([name, count]) => {
          const held = find(name)?.pages
          return held === count ? [] : [`${name}: expected ${count} pages, held ${held}`]
        }),
      ),
    ).toEqual([])
    const oddReasons = new Set([...oddEnds.keys()].map((name) => find(name)?.end_reason))
    const others = [...pages.keys()].filter((name) => !oddEnds.has(name))
    const mixed = others.filter((name) => oddReasons.has(find(name)?.end_reason))
    expect(summary(mixed)).toEqual([])
  })

  it('tells an anomaly for each listing that circles or never ends', () => {
    const told = db
      .prepare(`SELECT count(*) AS n FROM anomalies WHERE json_pointer NOT LIKE '%/items/%'`)
      .get() as { n: number }
    expect(told.n).toBeGreaterThanOrEqual(api.truth.oddEnds.size)
  })

  it('sends nothing when the same seed is given again', async () => {
    const before = api.requests.length
    await runCrawl(api, archiveDir, ['feed'])
    expect(api.requests.length).toBe(before)
  })
})

describe('a crawl of a user', () => {
  it('holds the profile and every post of several pages', async () => {
    const api = await openHostileApi({ ...gentle, feedPosts: 300 })
    const archiveDir = mkdtempSync(join(tmpdir(), 'hostile-'))

    await runCrawl(api, archiveDir, [`user:${api.someUser.id}`])

    const db = new Database(join(archiveDir, 'archive.sqlite'), { readonly: true })
    const posts = readTable(db, 'posts', 'post_id')
    const users = readTable(db, 'users', 'user_id')
    db.close()
    await api.close()
    rmSync(archiveDir, { recursive: true, force: true })
    const theirs = new Map(api.someUser.posts.map((id) => [id, api.truth.posts.get(id)!]))
    const themselves = new Map([[api.someUser.id, api.truth.users.get(api.someUser.id)!]])
    expect(summary(differences(theirs, posts, new Set(posts.keys())))).toEqual([])
    expect(summary(differences(themselves, users, new Set(users.keys())))).toEqual([])
    const asked = api.requests.map(({ endpoint }) => endpoint)
    expect(asked.filter((endpoint) => endpoint === 'get_user_profile')).toHaveLength(1)
    const pages = Math.ceil(api.someUser.posts.length / 30)
    expect(pages).toBeGreaterThan(1)
    expect(asked.filter((endpoint) => endpoint === 'get_user_posts')).toHaveLength(pages)
    expect(api.truth.forbidden).toEqual([])
  })
})

function nameOf({ endpoint, params }: HostileApi['requests'][number]): string {
  const { post_id, comment_id, user_id, post_url, cursor } = params
  const subject = post_id ?? comment_id ?? user_id ?? post_url?.split('/').at(-1) ?? ''
  return `${endpoint} ${subject} ${cursor ?? ''}`
}
