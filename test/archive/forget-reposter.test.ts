import { describe, expect, it } from 'vitest'
import { openArchive } from '../../src/archive/archive.js'
import { planForget } from '../../src/archive/forget/plan.js'
import { verifyArchive } from '../../src/archive/verify.js'
import { rowsOf } from '../crawl/worlds.js'
import { importAnswer, temporaryFolder } from './archives.js'
import { forgetIn, tracesOf } from './forgotten-world.js'

const id = (n: number): string => `user-${String(n).padStart(24, '0')}`
const post = (n: number): string => `s_68ef24d8000081910000${String(n).padStart(12, '0')}`

const [ann, bob, cy] = ['ann.lee', 'bob', 'cy'].map((username, n) => ({
  ...{ user_id: id(n + 1), username, created_at: 1759300000.5, follower_count: n },
  permalink: `https://sora.chatgpt.com/profile/${username}`,
}))

const item = (n: number, reposter: object | null) => ({
  post: { id: post(n), shared_by: bob!.user_id, text: `p ${n}`, tombstoned_at: null },
  profile: bob,
  reposter_profile: reposter,
})

/** An archive in which one person did nothing but repost: into the feed, a list, and what drafts remix. */
function archiveOf(): string {
  const dir = temporaryFolder()
  const archive = openArchive(dir, { durability: 'normal' })
  const creation_config = { remix_target_post: item(4, ann!) }
  const answers: [endpoint: string, params: Record<string, string>, data: object][] = [
    ['get_feed', {}, { items: [item(1, ann!), item(2, cy!)], cursor: null }],
    ['get_user_posts', { user_id: bob!.user_id }, { items: [item(3, ann!)], cursor: null }],
    ['native_draft', {}, { id: `gen_${'01k7dttf0xfx3t7zhhzycjq8e3'}`, creation_config }],
  ]
  answers.forEach(([endpoint, params, data], index) => {
    const receivedAt = 1760500000_000000 + index
    importAnswer(archive, { endpoint, params, body: JSON.stringify(data), receivedAt })
  })
  archive.close()
  return dir
}

const told = (dir: string) => ({
  feed: rowsOf(dir, 'SELECT post_id, reposter_user_id FROM feed_entries ORDER BY position'),
  reposts: rowsOf(dir, 'SELECT owner_id, user_id FROM reposts ORDER BY owner_id'),
  people: rowsOf(dir, 'SELECT username FROM users ORDER BY user_id').map(
    (each) => each['username'],
  ),
})

describe('forget of somebody who only reposted', () => {
  it.each([`user:${id(1)}`, 'user:@Ann.Lee'])(
    'leaves what was reposted, and no trace: %s',
    async (seed) => {
      const dir = archiveOf()
      const before = told(dir)
      const plan = planForget(dir, [seed])

      const report = await forgetIn(dir, [seed])

      const by = (n: number, user: number) => ({ owner_id: post(n), user_id: id(user) })
      expect(before.reposts).toEqual([by(1, 1), by(2, 3), by(3, 1), by(4, 1)])
      expect(plan).toMatchObject({ users: 1, posts: 0, answers: 3, unknown_handles: 0 })
      expect(report).toMatchObject({ outcome: 'done', found_again: [], users: 1, posts: 0 })
      expect(told(dir)).toEqual({
        feed: [
          { post_id: post(1), reposter_user_id: null },
          { post_id: post(2), reposter_user_id: id(3) },
        ],
        reposts: [by(2, 3)],
        people: ['bob', 'cy'],
      })
      const gone = { ids: new Set([id(1)]), answered: new Set<string>(), handles: ['ann.lee'] }
      expect(tracesOf(dir, { ...gone, words: [] })).toEqual([])
      expect(await verifyArchive({ archiveDir: dir })).toEqual([])
      expect(rowsOf(dir, 'SELECT * FROM anomalies')).toEqual([])
    },
  )
})
