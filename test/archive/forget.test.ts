import { describe, expect, it } from 'vitest'
import { openForReading } from '../../src/archive/archive.js'
import { planForget } from '../../src/archive/forget/plan.js'
import { rebuild } from '../../src/archive/rebuild.js'
import { verifyArchive } from '../../src/archive/verify.js'
import type { Truth } from '../../src/simulator/truth.js'
import { crawlWorld, noon, openWorld, rowsOf, temporaryFolder } from '../crawl/worlds.js'
import { dumpDerived } from './archives.js'
import {
  copyOf,
  cutBodies,
  forgetIn,
  goneWith,
  rowsIn,
  rowsOfOthers,
  tracesOf,
  type Gone,
} from './forgotten-world.js'

const world = { posts: 14, comments: 6, replies: 0.6, remixes: 0.6, users: 12, seed: 5 }

/** Somebody who posted, commented where others replied, is followed, and owns a character. */
function someone(truth: Truth): string {
  const replied = new Set(truth.comments.map((each) => each.parent_comment_id))
  const rank = ({ user_id }: Truth['users'][number]): number =>
    truth.posts.filter((each) => each.author_id === user_id && each.reply_count > 0).length +
    truth.comments.filter((each) => each.author_id === user_id && replied.has(each.comment_id))
      .length *
      3
  const people = truth.users.filter(({ user_id }) => user_id.startsWith('user-'))
  return people.sort((one, other) => rank(other) - rank(one))[0]!.user_id
}

/** A crawl of a world in which somebody is named wherever a person can be. */
async function crawled(shape: 'native' | 'documented') {
  const simulator = await openWorld({ ...world, shape })
  const truth = simulator.truth()
  const user = someone(truth)
  const post = truth.posts.find(
    (each) => each.author_id !== user && each.reply_count > 1 && each.in_feed && !each.tombstoned,
  )!.post_id
  const { username } = truth.users.find(({ user_id }) => user_id === user)!
  const dir = temporaryFolder()
  const about = ['user', 'followers', 'following', 'appearances'].map((kind) => `${kind}:${user}`)
  const seeds = [
    'feed',
    'leaderboard',
    ...about,
    `search:${username}`,
    `search:${username.slice(0, 3)}`,
  ]
  const others = truth.users.filter(({ user_id }) => user_id !== user).map(({ user_id }) => user_id)
  await crawlWorld(simulator, dir, { seeds: [...seeds, ...others.map((id) => `followers:${id}`)] })
  return { simulator, truth, user, post, dir }
}

const dump = (dir: string): string => {
  const database = openForReading(dir)
  try {
    return dumpDerived(database)
  } finally {
    database.close()
  }
}

const anomaliesIn = (dir: string) => rowsOf(dir, 'SELECT * FROM anomalies')

/** How many things an archive holds, as plans and reports name them. */
const countsIn = (dir: string): Record<string, number> => {
  const { users, posts, comments, generations } = rowsIn(dir)
  const held = { users, posts, comments, drafts: generations }
  return Object.fromEntries(Object.entries(held).map(([name, rows]) => [name, rows!.length]))
}

/** How far lists of others were walked, with the items of those who are gone counted. */
const listsOfOthers = (dir: string, { ids }: Gone) =>
  rowsOf(dir, 'SELECT * FROM listings ORDER BY listing_key').filter(
    ({ subject }) => !ids.has(subject as string),
  )

const clock = () => noon * 1000

describe.each(['native', 'documented'] as const)('forget in a crawl of %s answers', (shape) => {
  it('leaves no trace of a person and a post, and every row of others', async () => {
    const { truth, user, post, dir } = await crawled(shape)
    const gone = goneWith(truth, { users: [user], posts: [post] })
    const expected = copyOf(dir)
    expect(tracesOf(dir, gone).length).toBeGreaterThan(100)
    const before = { anomalies: anomaliesIn(dir), lists: listsOfOthers(dir, gone) }
    const seeds = [`user:${user}`, `post:${post}`]
    const [held, plan] = [countsIn(dir), planForget(dir, seeds)]

    const report = await forgetIn(dir, seeds, { reason: 'asked to' })

    expect(tracesOf(dir, gone)).toEqual([])
    expect(report).toMatchObject({ outcome: 'done', found_again: [] })
    const left = countsIn(dir)
    const taken = Object.entries(held).map(([name, count]) => [name, count - left[name]!])
    expect(plan).toMatchObject(Object.fromEntries(taken))
    expect(report).toMatchObject(Object.fromEntries(taken))
    expect(await verifyArchive({ archiveDir: dir })).toEqual([])
    cutBodies(expected, gone)
    await rebuild({ archiveDir: expected, durability: 'normal', clock })
    expect(rowsIn(dir)).toEqual(rowsOfOthers(rowsIn(expected), gone))
    expect(before.anomalies).toEqual(expect.arrayContaining(anomaliesIn(dir)))
    expect(listsOfOthers(dir, gone)).toEqual(before.lists)
    const derived = dump(dir)
    await rebuild({ archiveDir: dir, durability: 'normal', clock })
    expect(dump(dir)).toBe(derived)
  })
})
