import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { rebuild } from '../../src/archive/rebuild.js'
import { crawl, type CrawlOptions } from '../../src/crawl/crawl.js'
import { importFiles } from '../../src/import/index.js'
import { rowsOf, temporaryFolder, valuesOf } from './worlds.js'

const hex = (n: number): string => `68f0000000008191${String(n).padStart(16, '0')}`
const postId = (n: number): string => `s_${hex(n)}`
const envelope = (data: unknown): object => ({ code: 200, router: '/x', params: {}, data })
const postWith = (n: number, comments: number): object => ({
  post: { id: postId(n), shared_by: 'user-1', text: 'sea', reply_count: comments, remix_count: 0 },
  profile: null,
})

const listsAndAnomalies = (archiveDir: string) => ({
  listings: rowsOf(archiveDir, 'SELECT * FROM listings ORDER BY listing_key'),
  anomalies: rowsOf(archiveDir, 'SELECT * FROM anomalies ORDER BY json_pointer'),
  times: rowsOf(
    archiveDir,
    `SELECT received_at, clock FROM responses WHERE response_id GLOB 'r_*' ORDER BY response_id`,
  ),
})

/** An API that answers each endpoint with a text; crawls posts 1 to `posts` there. */
async function crawlOf(
  answers: Record<string, (id: string) => unknown>,
  { posts = 1, ...more }: Partial<CrawlOptions> & { posts?: number } = {},
) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const endpoint = url.pathname.split('/').at(-1)!
    asked.push(endpoint)
    response.end(JSON.stringify(answers[endpoint]!(url.searchParams.get('post_id') ?? '')))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const archiveDir = temporaryFolder()
  const options = {
    ...{ archiveDir, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    ...{
      apiKey: 'some-key',
      ratePerSecond: Infinity,
      retryBaseMs: 1,
      durability: 'normal' as const,
    },
    seeds: Array.from({ length: posts }, (_, index) => `post:${postId(index + 1)}`),
  }
  const report = await crawl({ ...options, ...more })
  return {
    report,
    asked,
    archiveDir,
    again: (run: Partial<CrawlOptions>) => crawl({ ...options, ...run }),
  }
}

describe('an answer for one object that tells nothing', () => {
  it.each([
    ['data null', envelope(null)],
    ['data {}', envelope({})],
    ['nulls only', envelope({ post: null, profile: null })],
    ['an envelope without data', { code: 200, router: '/x' }],
    ['{}', {}],
    ['null', null],
  ])('says that it is not there: %s', async (_, body) => {
    const { report, archiveDir } = await crawlOf({ get_post_detail: () => body })

    expect(report).toMatchObject({ outcome: 'done', requests_sent: 1, posts: 0, failed: 0 })
    expect(rowsOf(archiveDir, 'SELECT entity_id, reason FROM absences')).toEqual([
      { entity_id: postId(1), reason: 'not_found' },
    ])
  })

  it('is no absence where it holds something else: kept, failed, never paid again', async () => {
    const body = envelope({ success: false, why: 'who knows' })
    const { report, archiveDir, again, asked } = await crawlOf({ get_post_detail: () => body })

    const second = await again({ retryFailed: true })

    expect(report).toMatchObject({ outcome: 'failures', failed: 1 })
    expect(second).toMatchObject({ outcome: 'failures', failed: 1, requests_sent: 0 })
    expect(asked).toEqual(['get_post_detail'])
    expect(valuesOf(archiveDir, 'SELECT reason FROM requests')).toEqual(['unreadable'])
    expect(valuesOf(archiveDir, 'SELECT problem FROM anomalies')).toEqual([
      'no object where one is expected',
    ])
  })

  it('ends the run after twenty in a row, whatever is asked', async () => {
    const body = envelope({ success: false })
    const { report, asked } = await crawlOf({ get_post_detail: () => body }, { posts: 60 })

    expect(report.outcome).toBe('refused')
    expect(asked.length).toBeLessThan(20 + 4)
  })
})

describe('a page of a list that tells nothing', () => {
  const detail = (comments: number) => (id: string) =>
    envelope(postWith(Number(id.slice(18)), comments))

  it.each([
    ['no data', envelope({}), 'no_data'],
    ['data null', envelope(null), 'no_data'],
    ['children null', envelope({ children: { items: null, cursor: null } }), 'no_data'],
    ['children null below the post', envelope({ ...postWith(1, 3), children: null }), 'no_data'],
    ['another form', envelope({ children: { entries: [] } }), 'unreadable'],
  ])('fails where counters announce items: %s', async (_, body, reason) => {
    const { report, archiveDir } = await crawlOf({
      get_post_detail: detail(3),
      get_post_comments: () => body,
    })

    expect(report).toMatchObject({ outcome: 'failures', failed: 1 })
    expect(valuesOf(archiveDir, 'SELECT end_reason FROM listings')).toEqual([reason])
    const before = rowsOf(archiveDir, 'SELECT * FROM anomalies')
    await rebuild({ archiveDir, clock: () => 1 })
    expect(rowsOf(archiveDir, 'SELECT * FROM anomalies')).toEqual(before)
  })

  it.each([
    ['null', { children: null }],
    ['items null', { children: { items: null, cursor: null } }],
    ['null below the post', { ...postWith(1, 0), children: null }],
  ])('is empty where counters announce nothing: %s', async (_, children) => {
    const { report, archiveDir } = await crawlOf({
      get_post_detail: () => envelope({ post: { id: postId(1), remix_count: 0 } }),
      get_post_comments: () => envelope(children),
    })

    expect(report).toMatchObject({ outcome: 'done', requests_sent: 2, failed: 0 })
    expect(valuesOf(archiveDir, 'SELECT end_reason FROM listings')).toEqual(['end'])
  })

  it.each([
    { of: 'the feed', pages: [{}], held: 0 },
    { of: 'the feed behind its first page', pages: [{ cursor: 'c2' }, {}], held: 1 },
    { of: 'a list of a length unknown', pages: [{ cursor: 'c2' }, {}], held: 1, isOfUser: true },
  ])('fails where nothing is announced, too: $of', async ({ pages, held, isOfUser }) => {
    const inPage = (page: object, n: number) =>
      'cursor' in page ? envelope({ ...page, items: [postWith(n, 0)] }) : envelope(null)
    let asked = 0
    const answer = () => inPage(pages[asked++]!, asked)
    const user = `user-${'u'.repeat(24)}`

    const { report, archiveDir } = await crawlOf(
      {
        ...{ get_feed: answer, get_user_cameo_appearances: answer },
        ...{ get_user_posts: answer, get_user_profile: () => envelope({ user_id: user }) },
      },
      { seeds: [isOfUser === true ? `appearances:${user}` : 'feed'] },
    )

    expect(report).toMatchObject({ outcome: 'failures', failed: 1, posts: held })
    expect(valuesOf(archiveDir, 'SELECT end_reason FROM listings')).toContain('no_data')
  })

  it('ends a list where nothing is announced and nothing led to it', async () => {
    const { report } = await crawlOf(
      { get_user_followers: () => envelope(null) },
      { seeds: [`followers:user-${'u'.repeat(24)}`] },
    )

    expect(report).toMatchObject({ outcome: 'done', failed: 0, requests_sent: 1 })
  })

  it('tells the same tables, imported before it was asked for or after', async () => {
    const body = {
      ...{ code: 200, router: '/api/v1/sora2/get_post_comments' },
      ...{ params: { post_id: postId(1) }, data: {} },
    }
    const file = join(temporaryFolder(), 'empty.json')
    writeFileSync(file, JSON.stringify(body))
    const clock = () => Date.UTC(2026, 1, 3) * 1000
    const answers = { get_post_detail: detail(3), get_post_comments: () => body }
    const importInto = (archiveDir: string) =>
      importFiles({ archiveDir, files: [file], durability: 'normal', clock })

    const before = temporaryFolder()
    await importInto(before)
    await crawlOf(answers, { archiveDir: before, clock })
    const { archiveDir: after } = await crawlOf(answers, { clock })
    await importInto(after)

    const told = listsAndAnomalies(after)
    await rebuild({ archiveDir: after, durability: 'normal', clock })

    expect(listsAndAnomalies(before)).toEqual(told)
    expect(listsAndAnomalies(after)).toEqual(told)
    expect(told).toMatchObject({
      listings: [
        { pass: 0n, pages: 1n, end_reason: null },
        { pass: 1n, pages: 0n, end_reason: 'no_data' },
      ],
      anomalies: [
        { problem: 'no data where there should be some' },
        { problem: 'expected a list of items' },
      ],
    })
  })

  it('is asked anew by --retry-failed, since there is nothing to be read again', async () => {
    let isThere = false
    const comment = {
      post: { id: hex(9), text: 'hello', reply_count: 0, recursive_reply_count: 0 },
    }
    const { again, archiveDir } = await crawlOf({
      get_post_detail: detail(1),
      get_post_comments: () => envelope(isThere ? { children: { items: [comment] } } : {}),
    })

    isThere = true
    const report = await again({ retryFailed: true })

    expect(report).toMatchObject({ outcome: 'done', requests_sent: 1, comments: 1, failed: 0 })
    expect(valuesOf(archiveDir, 'SELECT end_reason FROM listings')).toEqual(['end'])
  })

  it('ends a list whose cursor cannot be read, and does not take it for whole', async () => {
    const items = [{ post: { id: hex(9), text: 'hello' } }]
    const { archiveDir } = await crawlOf({
      get_post_detail: detail(5),
      get_post_comments: () => envelope({ children: { items, cursor: { next: 2 } } }),
      get_comment_replies: () => envelope({ children: { items: [], cursor: null } }),
    })

    const sql = `SELECT end_reason FROM listings WHERE endpoint = 'get_post_comments'`
    expect(valuesOf(archiveDir, sql)).toEqual(['cursor_unreadable'])
    expect(valuesOf(archiveDir, 'SELECT count(*) FROM comments')).toEqual([1n])
  })
})

describe('counters of 0', () => {
  const comment = (n: number, more: object = {}) => ({
    post: { id: hex(n), text: `comment ${n}`, reply_count: 0, recursive_reply_count: 0 },
    profile: null,
    ...more,
  })
  const answers = (cursor: string | null, items = [comment(12)]) => ({
    get_post_detail: () => envelope(postWith(1, 1)),
    get_post_comments: () =>
      envelope({
        children: { items: [comment(11, { children: { items, cursor } })], cursor: null },
      }),
    get_comment_replies: () =>
      envelope({ children: { items: [comment(12), comment(13)], cursor: null } }),
  })

  it('are believed where the replies that came along are all there is', async () => {
    const { report, asked } = await crawlOf(answers(null))

    expect(asked).toEqual(['get_post_detail', 'get_post_comments'])
    expect(report).toMatchObject({ outcome: 'done', comments: 2 })
  })

  it('are believed where no reply came along, whatever cursor did', async () => {
    const { asked } = await crawlOf(answers('next', []))

    expect(asked).toEqual(['get_post_detail', 'get_post_comments'])
  })

  it('are wrong where replies came along and go on', async () => {
    const { report, asked, archiveDir } = await crawlOf(answers('next'))

    expect(asked).toEqual(['get_post_detail', 'get_post_comments', 'get_comment_replies'])
    expect(report).toMatchObject({ outcome: 'done', comments: 3 })
    expect(valuesOf(archiveDir, 'SELECT depth FROM comments ORDER BY 1')).toEqual([1n, 2n, 2n])
  })
})
