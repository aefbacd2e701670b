import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importFiles } from '../../src/index.js'

const now = Date.UTC(2026, 10, 20) * 1000
const postId = 's_68ef1920000081910000000000000001'
const feed = (likes: number, timeStamp: number): object => ({
  ...{ code: 200, router: '/api/v1/sora2/get_feed', params: {}, time_stamp: timeStamp },
  data: { items: [{ post: { id: postId, posted_at: 1760500000, like_count: likes } }] },
})

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'dates-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const take = async (name: string, content: object): Promise<void> => {
  const file = join(dir, name)
  writeFileSync(file, JSON.stringify(content))
  await importFiles({ archiveDir: join(dir, 'archive'), files: [file], clock: () => now })
}

const rows = (sql: string): unknown[] => {
  const database = new Database(join(dir, 'archive', 'archive.sqlite'), { readonly: true })
  const all = database.prepare(sql).all()
  database.close()
  return all
}

describe('importFiles', () => {
  it.each([
    ['beyond all numbers', 1e300],
    ['in milliseconds', 1760600000000],
    ['before there was Sora', 12],
    ['of next year', 1830000000],
  ])('does not believe a time %s, says so, and lets true ones win', async (_, timeStamp) => {
    await take('odd.json', feed(1, timeStamp))
    await take('true.json', feed(777, 1760600000))

    expect(rows('SELECT like_count FROM posts')).toEqual([{ like_count: 777 }])
    expect(rows('SELECT clock, received_at FROM responses ORDER BY received_at')).toEqual([
      { clock: 'page', received_at: 1760500000000000 },
      { clock: 'envelope', received_at: 1760600000000000 },
    ])
    expect(rows('SELECT json_pointer FROM anomalies')).toEqual([{ json_pointer: '/time_stamp' }])
  })

  it('notes the lists that came inside an answer', async () => {
    const reply = (id: string, children: object[]): object => ({
      post: { id, text: id, reply_count: children.length, tombstoned_at: null },
      profile: null,
      children: { items: children, cursor: null },
    })
    const comment = '68ef192000008191000000000000000a'
    const tree = {
      post: { id: postId, text: 'top', tombstoned_at: null },
      profile: null,
      children: {
        items: [reply(comment, [reply('68ef192000008191000000000000000b', [])])],
        cursor: null,
      },
    }

    await take('tree.json', tree)

    expect(
      rows('SELECT endpoint, subject, items, end_reason FROM listings ORDER BY endpoint'),
    ).toEqual([
      { endpoint: 'get_comment_replies', subject: comment, items: 1, end_reason: 'end' },
      { endpoint: 'get_post_comments', subject: postId, items: 1, end_reason: 'end' },
    ])
  })
})
