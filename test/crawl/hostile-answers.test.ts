import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { crawl, type CrawlReport } from '../../src/index.js'

const idOf = (n: number): string => `s_68ef19200000819${String(n).padStart(17, '0')}`.slice(0, 34)
const post = (n: number, more: object = {}): object => ({
  post: { id: idOf(n), text: `post ${n}`, reply_count: 0, remix_count: 0, ...more },
  profile: null,
})
const page = (data: object): string => JSON.stringify({ code: 200, router: '/r', params: {}, data })

let dir: string
let server: Server
let asked: string[]

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hostile-answers-'))
  asked = []
})
afterEach(() => {
  server.close()
  rmSync(dir, { recursive: true, force: true })
})

/** Crawls an API that answers each address as `answer` says. */
async function crawlApi(
  answer: (address: URL) => { status?: number; body: string },
  limits = {},
): Promise<CrawlReport> {
  server = createServer((request, response) => {
    const address = new URL(request.url!, 'http://localhost')
    asked.push(address.pathname.split('/').at(-1)! + address.search)
    const { status = 200, body } = answer(address)
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return crawl({
    ...{
      archiveDir: dir,
      seeds: ['feed'],
      baseUrl: `http://127.0.0.1:${port}`,
      apiKey: 'some-key',
    },
    ...{ ratePerSecond: Infinity, retryBaseMs: 1, durability: 'normal', limits },
  })
}

const column = (sql: string): unknown[] => {
  const database = new Database(join(dir, 'archive.sqlite'), { readonly: true })
  const cells = database.prepare(sql).pluck().all()
  database.close()
  return cells
}

describe('crawl over hostile answers', () => {
  it.each([
    ['a detail that is a number above 2^53', 200, '{"detail":12345678901234567890}'],
    ['a message that is one', 400, '{"detail":{"code":400,"message":12345678901234567890}}'],
    ['a message nested deep', 400, `{"detail":{"message":${'['.repeat(9000)}${']'.repeat(9000)}}}`],
  ])('gives up after four tries: %s', async (_, status, body) => {
    const report = await crawlApi(() => ({ status, body }))

    expect(asked).toEqual(['get_feed', 'get_feed', 'get_feed', 'get_feed'])
    expect(report).toMatchObject({ outcome: 'failures', failed: 1, pending: 0 })
  })

  it('goes on behind a page whose items are null', async () => {
    const report = await crawlApi((address) => ({
      body: address.searchParams.has('cursor')
        ? page({ items: [post(1)], cursor: null })
        : page({ items: null, cursor: 'two' }),
    }))

    expect(asked).toEqual(['get_feed', 'get_feed?cursor=two'])
    expect(report).toMatchObject({ outcome: 'done', posts: 1 })
    expect(column('SELECT problem FROM anomalies')).toEqual([])
  })

  it('keeps the rest of a page beside an item nested deep, and goes on behind it', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    const report = await crawlApi((address) => ({
      body: address.searchParams.has('cursor')
        ? page({ items: [post(2)], cursor: null })
        : `{"code":200,"router":"/r","data":{"items":[{"post":{"id":"${idOf(3)}","text":${deep}}},${JSON.stringify(post(1))}],"cursor":"two"}}`,
    }))

    expect(report.outcome).toBe('done')
    expect(column('SELECT text FROM posts ORDER BY post_id')).toEqual(['post 1', 'post 2', null])
  })

  it('walks a remix found by a shorter way as far as that way allows', async () => {
    const feedOf = (last: object) => ({ items: [post(1, { remix_count: 1 }), last], cursor: null })
    const remixOf = (parent: number) => ({
      items: [post(parent + 1, { remix_count: parent < 4 ? 1 : 0, parent_post_id: idOf(parent) })],
      cursor: null,
    })
    const answer = (address: URL) => {
      const id = address.searchParams.get('post_id')
      const parent = [1, 2, 3, 4].find((n) => idOf(n) === id)
      if (parent !== undefined) return { body: page(remixOf(parent)) }
      const isLast = address.searchParams.has('cursor')
      return {
        body: page(
          isLast
            ? feedOf(post(2, { remix_count: 1 }))
            : { items: [post(1, { remix_count: 1 })], cursor: 'two' },
        ),
      }
    }

    const report = await crawlApi(answer, { maxDepth: { remixes: 2 } })

    // From post 1 alone two levels lead to post 3; from post 2, of the feed's next page, to post 4.
    expect(column('SELECT text FROM posts ORDER BY post_id')).toEqual([
      ...['post 1', 'post 2', 'post 3', 'post 4'],
    ])
    expect(report).toMatchObject({ outcome: 'done', skipped: 1 })
  })
})
