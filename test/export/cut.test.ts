import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { exportDataset, verifyDataset, type ExportOptions } from '../../src/export/index.js'
import { toSeedRequest } from '../../src/crawl/seeds.js'
import { InputError } from '../../src/model/errors.js'
import { exportedTables } from '../../src/model/tables.js'
import { makeArchive, temporaryFolder } from './archives.js'
import { inDataset } from './read-back.js'

const day = (number: number) => BigInt(Date.UTC(2025, 9, number)) * 1000n

/** Two posts of different days, each with its own thread, people and files. */
const rows = {
  users: ['user-a1', 'user-a2', 'user-a3', 'user-a4', 'user-b1', 'user-b2', 'user-c'].map(
    (user_id) => ({ user_id }),
  ),
  posts: [
    { post_id: 's_a', author_id: 'user-a1', posted_at: day(10) },
    { post_id: 's_b', author_id: 'user-b1', posted_at: day(20) },
    { post_id: 's_0', author_id: 'user-c' },
  ],
  comments: [
    { comment_id: 'c_a', post_id: 's_a', author_id: 'user-a2' },
    { comment_id: 'c_b', post_id: 's_b', author_id: 'user-b2' },
    { comment_id: 'c_0' },
  ],
  remixes: [
    { parent_post_id: 's_a', remix_post_id: 's_x', told_by: 'draft' },
    { parent_post_id: 's_y', remix_post_id: 's_b', told_by: 'draft' },
  ],
  attachments: [
    { attachment_id: 'att_a', owner_kind: 'post', owner_id: 's_a', generation_id: 'gen_a' },
    { attachment_id: 'att_b', owner_kind: 'post', owner_id: 's_b' },
  ],
  generations: [{ generation_id: 'gen_a', task_id: 'task_a' }, { generation_id: 'gen_0' }],
  tasks: [{ task_id: 'task_a' }, { task_id: 'task_0' }],
  assets: [
    { owner_kind: 'generation', owner_id: 'gen_a', variant: 'url', asset_key: 'file_a' },
    { owner_kind: 'post', owner_id: 's_b', variant: 'url', asset_key: 'file_b' },
  ],
  media: [
    { asset_key: 'file_a', state: 'saved' },
    { asset_key: 'file_b', state: 'saved' },
  ],
  cameos: [
    { owner_kind: 'post', owner_id: 's_a', user_id: 'user-a3' },
    { owner_kind: 'post', owner_id: 's_b', user_id: 'user-b1' },
  ],
  reposts: [
    { owner_kind: 'post', owner_id: 's_a', user_id: 'user-a4' },
    { owner_kind: 'post', owner_id: 's_b', user_id: 'user-b1' },
  ],
  follows: [
    { follower_id: 'user-a1', followee_id: 'user-a2' },
    { follower_id: 'user-a1', followee_id: 'user-b1' },
  ],
  feed_entries: [
    { response_id: 'r_a', position: 0, post_id: 's_a', reposter_user_id: 'user-a4' },
    { response_id: 'r_b', position: 0, post_id: 's_b' },
  ],
  observations: [
    { entity_kind: 'post', entity_id: 's_a', response_id: 'r_a' },
    { entity_kind: 'user', entity_id: 'user-b1', response_id: 'r_b' },
  ],
}

/** What stays of the first post: its thread, its video with draft and task, its people. */
const ofA = {
  users: ['user-a1', 'user-a2', 'user-a3', 'user-a4'],
  posts: ['s_a'],
  comments: ['c_a'],
  remixes: ['s_a'],
  attachments: ['att_a'],
  generations: ['gen_a'],
  tasks: ['task_a'],
  assets: ['generation'],
  media: ['file_a'],
  cameos: ['post'],
  reposts: ['post'],
  follows: ['user-a1'],
  feed_entries: ['r_a'],
  observations: ['post'],
}

async function exported(archivePath: string, outDir: string, options: Partial<ExportOptions>) {
  await exportDataset({ archivePath, outDir, ...options })
  expect(await verifyDataset({ datasetDir: outDir, archivePath })).toEqual([])
  return inDataset(outDir, (database) => {
    const held = exportedTables(options.withLog ?? false).map(({ name }) => [
      name,
      database.prepare(`SELECT * FROM "${name}" ORDER BY 1`).pluck().all(),
    ])
    return Object.fromEntries(held.filter(([, list]) => list!.length > 0)) as Record<
      string,
      unknown
    >
  })
}

describe('--since and --until', () => {
  it('leave posts of these days, and of every table what hangs below them', async () => {
    const folder = temporaryFolder()
    const archivePath = makeArchive(folder, rows)
    const [from, to] = [Number(day(10)), Number(day(20))]

    const before = await exported(archivePath, join(folder, 'a'), { until: to })
    const between = await exported(archivePath, join(folder, 'b'), { since: from, until: to })
    const after = await exported(archivePath, join(folder, 'c'), { since: to })

    expect(before).toEqual(ofA)
    expect(between).toEqual(ofA)
    expect(after).toMatchObject({
      posts: ['s_b'],
      users: ['user-b1', 'user-b2'],
      media: ['file_b'],
    })
  })

  it('are refused where no post can be in between', async () => {
    const folder = temporaryFolder()
    const options = { archivePath: makeArchive(folder, rows), outDir: join(folder, 'out') }

    await expect(exportDataset({ ...options, since: 2, until: 2 })).rejects.toThrow('in between')
  })
})

describe('--seeds', () => {
  it('leave what the requests of these seeds led to, and the log of those', async () => {
    const folder = temporaryFolder()
    const id = `s_${'a'.repeat(32)}`
    const posts = rows.posts.map((each) => ({
      ...each,
      post_id: each.post_id === 's_a' ? id : each.post_id,
    }))
    const request = (
      request_id: number,
      endpoint: string,
      params: object,
      parent: number | null,
    ) => ({
      ...{ request_id, endpoint, params: JSON.stringify(params), state: 'done' },
      ...{ parent_request_id: parent, request_key: `${request_id}`, pass: 1 },
    })
    const archivePath = makeArchive(folder, {
      users: rows.users,
      posts,
      comments: [{ comment_id: 'c_a', post_id: id, author_id: 'user-a2' }, rows.comments[1]!],
      requests: [
        request(1, 'get_post_detail', { post_id: id }, null),
        request(2, 'get_post_comments', { post_id: id }, 1),
        request(3, 'get_feed', {}, null),
      ],
      responses: [1, 2, 3].map((request_id) => ({
        ...{ response_id: `r_${request_id}`, request_id, outcome: 'page', params: '{}' },
      })),
      feed_entries: [
        { response_id: 'r_1', position: 0, post_id: id },
        { response_id: 'r_3', position: 0, post_id: id },
      ],
    })
    const database = new Database(archivePath)
    const sighted = database.prepare(`INSERT INTO sightings VALUES (?, ?, ?, 0, 0)`)
    sighted.run('post', id, 'r_1')
    sighted.run('post', 's_b', 'r_3')
    database.close()

    const seed = `post:${id}`
    const held = await exported(archivePath, join(folder, 'out'), {
      seeds: [{ seed, ...toSeedRequest(seed)! }],
      withLog: true,
    })

    expect(held).toEqual({
      users: ['user-a1', 'user-a2'],
      posts: [id],
      comments: ['c_a'],
      feed_entries: ['r_1'],
      requests: [1, 2],
      responses: ['r_1', 'r_2'],
    })
  })

  it('are refused where nothing was ever reached from one, naming those of the archive', async () => {
    const folder = temporaryFolder()
    const pass = { pass: 1, seeds: '["feed","search:a"]' }
    const archivePath = makeArchive(folder, { posts: rows.posts, passes: [pass] })
    const outDir = join(folder, 'out')
    const cutTo = (...seeds: string[]) =>
      exportDataset({
        ...{ archivePath, outDir },
        seeds: seeds.map((seed) => ({ seed, ...toSeedRequest(seed)! })),
      })

    await expect(cutTo('search:b', 'leaderboard')).rejects.toThrow(
      new InputError(
        'nothing here was reached from search:b, leaderboard; this archive began with feed, search:a',
      ),
    )
    expect(existsSync(outDir)).toBe(false)
  })

  it('may be a post that is held, also where no request ever asked for it', async () => {
    const folder = temporaryFolder()
    const [held, other] = [`s_${'a'.repeat(32)}`, `s_${'b'.repeat(32)}`]
    const archivePath = makeArchive(folder, { posts: [{ post_id: held }, { post_id: other }] })
    const cutTo = (post_id: string) =>
      exported(archivePath, join(folder, 'out'), {
        seeds: [{ seed: `post:${post_id}`, ...toSeedRequest(`post:${post_id}`)! }],
      })

    expect(await cutTo(held)).toEqual({ posts: [held] })
    await expect(cutTo(`s_${'c'.repeat(32)}`)).rejects.toThrow(
      'no seed began this archive, it was imported',
    )
  })
})
