import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importFiles } from '../../src/import/index.js'
import { endpointOf, type EndpointName } from '../../src/model/endpoints.js'
import type { Simulator } from '../../src/simulator/index.js'
import { holdingsIn, holdingsOf } from './expected.js'
import { countOf, crawlWorld, openWorld, rowsOf, temporaryFolder, valuesOf } from './worlds.js'

const world = { posts: 5, comments: 9, seed: 2 }

/** What the API answers, as a file. */
async function dump(
  { url, key }: Simulator,
  name: EndpointName,
  params: Record<string, string>,
): Promise<string> {
  const query = new URLSearchParams(params).toString()
  const response = await fetch(`${url}${endpointOf(name).path}?${query}`, {
    headers: { authorization: `Bearer ${key}` },
  })
  const path = join(temporaryFolder(), `${name}.json`)
  writeFileSync(path, await response.text())
  return path
}

/** What the API answers, page by page, as files. */
async function dumpList(
  simulator: Simulator,
  name: EndpointName,
  params: Record<string, string>,
): Promise<string[]> {
  const files: string[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const file = await dump(simulator, name, cursor === '' ? params : { ...params, cursor })
    const { data } = JSON.parse(readFileSync(file, 'utf8')) as { data: { children: List } }
    cursor = data.children.cursor
    files.push(file)
  }
  return files
}

interface List {
  cursor: string | null
}

/** The post in the feed with most comments. */
const fullestPost = (simulator: Simulator): string =>
  simulator
    .truth()
    .posts.filter(({ in_feed }) => in_feed)
    .reduce((best, post) => (post.reply_count > best.reply_count ? post : best)).post_id

const idsInFeed = (simulator: Simulator): string[] =>
  simulator.truth().posts.flatMap(({ in_feed, post_id }) => (in_feed ? [post_id] : []))

describe('crawl over imported answers', () => {
  it('does not ask for what an imported answer told, and goes on from it', async () => {
    const simulator = await openWorld(world)
    const archiveDir = temporaryFolder()
    const post_id = fullestPost(simulator)
    const files = [
      await dump(simulator, 'get_post_comments', { post_id }),
      await dump(simulator, 'get_post_remix_list', { post_id }),
    ]
    await importFiles({ archiveDir, files, durability: 'normal' })
    const { calls } = simulator.calls()

    const report = await crawlWorld(simulator, archiveDir)

    const starts = idsInFeed(simulator)
    const fewest = simulator.fewestRequests('feed').requests
    const { remix_count } = simulator.truth().posts.find((post) => post.post_id === post_id)!
    const spared = Number(remix_count) > 0 ? 2 : 1
    expect(report).toMatchObject({ outcome: 'done', requests_sent: fewest - spared })
    expect(simulator.calls()).toMatchObject({ calls: calls + fewest - spared, repeated: 0 })
    expect(holdingsIn(archiveDir, starts)).toEqual(holdingsOf(simulator, starts, 'native'))
    const done = `SELECT state FROM requests WHERE request_key = ?`
    const key = `get_post_comments {"post_id":"${post_id}"}`
    expect(valuesOf(archiveDir, done, key)).toEqual(['done'])
    const second = `SELECT count(*) FROM requests WHERE endpoint = 'get_post_comments' AND page = 2
      AND params LIKE ?`
    expect(countOf(archiveDir, second, `%${post_id}%`)).toBe(1)
  })

  it('asks for no page of a list that was imported whole', async () => {
    const simulator = await openWorld(world)
    const archiveDir = temporaryFolder()
    const post_id = fullestPost(simulator)
    const files = await dumpList(simulator, 'get_post_comments', { post_id })
    await importFiles({ archiveDir, files, durability: 'normal' })

    const report = await crawlWorld(simulator, archiveDir, { seeds: [`post:${post_id}`] })

    const fewest = simulator.fewestRequests(`post:${post_id}`).requests
    expect(files.length).toBeGreaterThan(1)
    // The pages tell the post itself in full, so its detail is not asked for either.
    expect(report).toMatchObject({ outcome: 'done', requests_sent: fewest - files.length - 1 })
    expect(simulator.calls().repeated).toBe(0)
    expect(holdingsIn(archiveDir, [post_id])).toEqual(holdingsOf(simulator, [post_id], 'native'))
  })

  it('costs one call where the key is refused, also behind answers that were held', async () => {
    const simulator = await openWorld(world)
    const archiveDir = temporaryFolder()
    const post_id = fullestPost(simulator)
    const files = [
      await dump(simulator, 'get_post_detail', { post_id }),
      await dump(simulator, 'get_post_comments', { post_id }),
    ]
    await importFiles({ archiveDir, files, durability: 'normal' })

    const seeds = [`post:${post_id}`]
    const report = await crawlWorld(simulator, archiveDir, { seeds, apiKey: 'wrong' })

    expect(report).toMatchObject({ outcome: 'refused', requests_sent: 1 })
    expect(report.pending).toBeGreaterThan(1)
  })

  it('notes no call for it', async () => {
    const simulator = await openWorld(world)
    const archiveDir = temporaryFolder()
    const post_id = fullestPost(simulator)
    const file = await dump(simulator, 'get_post_comments', { post_id })
    await importFiles({ archiveDir, files: [file], durability: 'normal' })

    await crawlWorld(simulator, archiveDir, { seeds: [`post:${post_id}`] })

    const sql = `SELECT origin, billed, request_id FROM responses WHERE endpoint = ? AND params = ?`
    const params = JSON.stringify({ post_id })
    expect(rowsOf(archiveDir, sql, 'get_post_comments', params)).toEqual([
      { origin: 'get_post_comments.json', billed: 'no', request_id: null },
    ])
  })

  it('asks no detail of a post that an import told in full', async () => {
    const simulator = await openWorld(world)
    const archiveDir = temporaryFolder()
    const post_id = fullestPost(simulator)
    const file = await dump(simulator, 'get_post_detail', { post_id })
    await importFiles({ archiveDir, files: [file], durability: 'normal' })

    const report = await crawlWorld(simulator, archiveDir, { seeds: [`post:${post_id}`] })

    const fewest = simulator.fewestRequests(`post:${post_id}`).requests
    expect(report.requests_sent).toBe(fewest - 1)
    expect(simulator.calls().repeated).toBe(0)
    expect(holdingsIn(archiveDir, [post_id])).toEqual(holdingsOf(simulator, [post_id], 'native'))
  })

  it('asks the feed all the same: an old one does not stand for a new one', async () => {
    const simulator = await openWorld(world)
    const archiveDir = temporaryFolder()
    const file = await dump(simulator, 'get_feed', {})
    await importFiles({ archiveDir, files: [file], durability: 'normal' })

    const report = await crawlWorld(simulator, archiveDir)

    const fewest = simulator.fewestRequests('feed')
    expect(report.requests_sent).toBe(fewest.requests)
    expect(simulator.calls().by_endpoint['get_feed']).toBe(1 + fewest.by_endpoint.get_feed!)
  })

  it('plans nothing by itself: an import alone leaves no request', async () => {
    const simulator = await openWorld(world)
    const archiveDir = temporaryFolder()
    const post_id = fullestPost(simulator)
    const file = await dump(simulator, 'get_post_comments', { post_id })

    await importFiles({ archiveDir, files: [file], durability: 'normal' })

    expect(rowsOf(archiveDir, 'SELECT * FROM requests')).toEqual([])
    expect(rowsOf(archiveDir, 'SELECT endpoint, subject, pages FROM listings')).toEqual([
      { endpoint: 'get_post_comments', subject: post_id, pages: 1n },
    ])
    expect(simulator.calls().calls).toBe(1)
  })
})
