import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { openArchive, openForReading } from '../../src/archive/archive.js'
import { countGaps, listGaps } from '../../src/archive/gaps.js'
import { planCrawl } from '../../src/crawl/dry-run.js'
import { importFiles } from '../../src/import/index.js'
import { rebuild } from '../../src/archive/rebuild.js'
import {
  countOf,
  crawlWorld,
  noon,
  openWorld,
  rowsOf,
  temporaryFolder,
  toldRows,
} from './worlds.js'

const second = 0x68f0a1b2
const hex = (n: number): string => `${second.toString(16)}00008191${String(n).padStart(16, '0')}`
const postId = (n: number): string => `s_${hex(n)}`
const comments = (ids: number[], cursor: unknown, params: object, more: object = {}) => ({
  ...{ code: 200, router: '/api/v1/sora2/get_post_comments', time_stamp: second + 5 },
  ...{ params: { post_id: postId(1), ...params } },
  data: { children: { items: ids.map((n) => ({ post: { id: hex(n), ...more } })), cursor } },
})
const post = (n: number, more: object) => ({
  post: { id: postId(n), shared_by: 'user-000000000000000000000001', tombstoned_at: null, ...more },
})

/** The gaps of an archive into which these answers were imported: as many as are counted. */
async function gapsOf(...answers: object[]) {
  const archiveDir = join(temporaryFolder(), 'archive')
  const file = join(temporaryFolder(), 'dump.json')
  writeFileSync(file, JSON.stringify(answers))
  await importFiles({ archiveDir, files: [file], durability: 'normal' })
  return gapsIn(archiveDir)
}

async function gapsIn(archiveDir: string) {
  const database = openForReading(archiveDir)
  try {
    const listed = listGaps(database, { most: 1000 })
    expect(await countGaps(database)).toBe(listed.gaps.length)
    expect(await countGaps(database, { most: 1 })).toBe(listed.gaps.length)
    return listed
  } finally {
    database.close()
  }
}

const short = ({ gaps }: ReturnType<typeof listGaps>) =>
  gaps.map(({ endpoint, subject, cursor, announced, held, calls }) =>
    [endpoint, subject, cursor, announced, held, calls].join(' '),
  )

describe('readGaps', () => {
  it('takes no list for whole whose cursor cannot be read', async () => {
    const odd = comments([1], { next: 1 }, {})
    const router = '/api/v1/sora2/get_post_detail'
    const announcing = { ...odd, router, data: post(1, { reply_count: 5 }) }

    const open = await gapsOf(odd, announcing)

    expect(short(open)).toEqual([`get_post_comments ${postId(1)}  5 1 1`])
  })

  it('takes no list that is null for whole where its counter announces items', async () => {
    const router = '/api/v1/sora2/get_post_detail'
    const detail = (count: number) => ({ code: 200, router, data: post(1, { reply_count: count }) })
    const nothing = { ...comments([], null, {}), data: { ...post(1, {}), children: null } }

    const [some, none] = [await gapsOf(detail(3), nothing), await gapsOf(detail(0), nothing)]

    expect(short(some)).toEqual([`get_post_comments ${postId(1)}  3 0 1`])
    expect(short(none)).toEqual([])
  })

  it('looks up each list by its key, and goes through no table of requests', async () => {
    const archiveDir = join(temporaryFolder(), 'archive')
    openArchive(archiveDir).close()
    const database = openForReading(archiveDir)
    const steps: string[] = []
    const prepare = (sql: string) => {
      const named = sql.includes(':after')
        ? [{ after: '', count: 1 }]
        : sql.includes('?')
          ? [1, '']
          : []
      const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...named)
      steps.push(...(plan as { detail: string }[]).map(({ detail }) => detail))
      return database.prepare(sql)
    }

    const { gaps } = listGaps({ prepare } as unknown as typeof database, { most: 1 })
    database.close()

    const ways = steps.filter((each) => each.includes(' requests '))
    expect(gaps).toEqual([])
    expect([...new Set(ways)]).toEqual([
      'SEARCH requests USING COVERING INDEX requests_by_pass_request_key (pass=? AND request_key=?)',
    ])
  })

  it('finds a list that breaks off, and where it goes on', async () => {
    const gaps = await gapsOf(
      comments([10], 'two', {}),
      comments([11], 'three', { cursor: 'two' }),
      post(1, { reply_count: 32 }),
    )

    expect(gaps).toEqual({
      gaps: [
        {
          ...{ endpoint: 'get_post_comments', subject: postId(1), cursor: 'three' },
          params: { cursor: 'three', post_id: postId(1) },
          ...{ announced: 32, held: 2, calls: 3, cost_usd: expect.closeTo(0.15) as number },
        },
      ],
      totals: [
        {
          endpoint: 'get_post_comments',
          gaps: 1,
          calls: 3,
          cost_usd: expect.closeTo(0.15) as number,
        },
      ],
    })
  })

  it.each<[string, object[], string[]]>([
    [
      'the last page alone',
      [comments([10], null, { cursor: 'x' })],
      [`get_post_comments ${postId(1)}   1 1`],
    ],
    ['all pages', [comments([10], 'x', {}), comments([11], null, { cursor: 'x' })], []],
    ['as many items as announced', [comments([10], 'x', {}), post(1, { reply_count: 1 })], []],
    [
      'a comment with replies that did not come along',
      [comments([10], null, {}, { reply_count: 3, tombstoned_at: null })],
      [`get_comment_replies ${hex(10)}  3 0 1`],
    ],
    [
      'remixes that are all held',
      [post(1, { remix_count: 1 }), post(2, { parent_post_id: postId(1) })],
      [],
    ],
    ['what is announced as empty', [post(1, { reply_count: 0, remix_count: 0 })], []],
    [
      'what counters announce',
      [post(1, { reply_count: 1, remix_count: 45 })],
      [`get_post_comments ${postId(1)}  1 0 1`, `get_post_remix_list ${postId(1)}  45 0 3`],
    ],
    [
      'ancestors of remixes',
      [post(1, { parent_post_id: postId(2), parent_path: [postId(2), postId(3)] })],
      [2, 3].map((n) => `get_post_detail ${postId(n)}  ${''} 0 1`),
    ],
    [
      'no ancestor that is held',
      [post(1, { parent_post_id: postId(2), parent_path: [postId(2)] }), post(2, {})],
      [],
    ],
    [
      'a page of the feed',
      [{ items: [post(1, {}), post(2, { shared_by: 'x' })], cursor: 'more' }],
      [],
    ],
  ])('tells of %s', async (_, answers, expected) => {
    const gaps = await gapsOf(...answers)

    expect(short(gaps).map((line) => line.replace(/\s+/g, ' '))).toEqual(
      expected.map((line) => line.replace(/\s+/g, ' ')),
    )
  })
})

describe('crawl @gaps', () => {
  it('says where there is no archive, and makes none', async () => {
    const archiveDir = join(temporaryFolder(), 'archive')
    const simulator = await openWorld({ posts: 1 })
    const seeds = ['@gaps']

    const plan = planCrawl({ archiveDir, seeds, clock: () => noon * 1000 })
    const run = crawlWorld(simulator, archiveDir, { seeds })

    await expect(plan).rejects.toThrow(`there is no archive at ${archiveDir}. `)
    await expect(run).rejects.toThrow(`there is no archive at ${archiveDir}. `)
    expect(existsSync(archiveDir)).toBe(false)
  })

  it('asks for what an import mentions and does not hold, until all is there', async () => {
    const simulator = await openWorld({ posts: 12, comments: 6, seed: 4 })
    const [whole, archiveDir] = [temporaryFolder(), temporaryFolder()]
    await crawlWorld(simulator, whole)
    const file = join(temporaryFolder(), 'feed.ndjson')
    const bodies = rowsOf(
      whole,
      `SELECT body FROM responses JOIN bodies ON sha256 = body_sha256
       WHERE endpoint = 'get_feed' OR (endpoint = 'get_post_comments' AND params NOT LIKE '%cursor%')
       ORDER BY responses.rowid`,
    )
    writeFileSync(
      file,
      bodies.map(({ body }) => gunzipSync(body as Uint8Array).toString()).join('\n'),
    )
    await importFiles({ archiveDir, files: [file], durability: 'normal', clock: () => noon * 1000 })

    const { totals } = await gapsIn(archiveDir)
    const plan = await planCrawl({ archiveDir, seeds: ['@gaps'], clock: () => noon * 1000 })
    const report = await crawlWorld(simulator, archiveDir, { seeds: ['@gaps'] })
    const again = await crawlWorld(simulator, archiveDir, { seeds: ['@gaps'] })

    const gaps = totals.reduce((sum, each) => sum + each.gaps, 0)
    expect(gaps).toBeGreaterThan(0)
    expect(plan.pending).toBe(gaps)
    expect(report).toMatchObject({ outcome: 'done', pending: 0 })
    expect(report.requests_sent).toBeGreaterThanOrEqual(gaps)
    expect(again).toMatchObject({ outcome: 'done', requests_sent: 0 })
    expect((await gapsIn(archiveDir)).gaps).toEqual([])
    const { feed_entries: one, ...held } = toldRows(archiveDir)
    const { feed_entries: other, ...asked } = toldRows(whole)
    expect(held).toEqual(asked)
    expect(one).toEqual(other)
  })

  it('keeps to a budget, and goes on later', async () => {
    const simulator = await openWorld({ posts: 12, comments: 6, seed: 4 })
    const archiveDir = temporaryFolder()
    const file = join(temporaryFolder(), 'post.json')
    const { post_id, reply_count } = simulator.truth().posts.find((each) => each.reply_count > 0)!
    writeFileSync(file, JSON.stringify({ post: { id: post_id, reply_count, tombstoned_at: null } }))
    await importFiles({ archiveDir, files: [file], durability: 'normal', clock: () => noon * 1000 })

    const report = await crawlWorld(simulator, archiveDir, { seeds: ['@gaps'], maxRequests: 0 })

    expect(report).toMatchObject({ outcome: 'budget', requests_sent: 0, pending: 1 })
    expect(countOf(archiveDir, 'SELECT count(*) FROM requests')).toBe(1)
  })

  it('finds the same gaps after a rebuild', async () => {
    const archiveDir = join(temporaryFolder(), 'archive')
    const file = join(temporaryFolder(), 'dump.json')
    const answers = [comments([10], 'two', {}), post(1, { reply_count: 32, remix_count: 2 })]
    writeFileSync(file, JSON.stringify(answers))
    await importFiles({ archiveDir, files: [file], durability: 'normal' })
    const before = await gapsIn(archiveDir)

    await rebuild({ archiveDir, durability: 'normal', clock: () => noon * 1000 })

    expect(await gapsIn(archiveDir)).toEqual(before)
    expect(before.gaps).toHaveLength(2)
  })
})
