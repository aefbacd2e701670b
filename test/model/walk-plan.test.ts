import { describe, expect, it } from 'vitest'
import {
  leftOutBy,
  listsOf,
  noLimits,
  type PlannedList,
  type RequestFacts,
  type SubjectFacts,
  type WalkLimits,
} from '../../src/model/walk-plan.js'

const comments: PlannedList = { endpoint: 'get_post_comments', subject: 'it', depth: 0 }
const remixes = (depth: number): PlannedList => ({
  endpoint: 'get_post_remix_list',
  subject: 'it',
  depth,
})
const replies = (depth: number): PlannedList => ({
  endpoint: 'get_comment_replies',
  subject: 'it',
  depth,
})
const posts: PlannedList = { endpoint: 'get_user_posts', subject: 'it', depth: 0 }

describe('listsOf', () => {
  it.each<[string, Omit<SubjectFacts, 'id'>, PlannedList[]]>([
    [
      'a post of which nothing is known has both lists',
      { kind: 'post', level: 0, counters: {} },
      [comments, remixes(1)],
    ],
    [
      'counters that are NULL say nothing',
      {
        kind: 'post',
        level: 0,
        counters: { reply_count: null, recursive_reply_count: null, remix_count: null },
      },
      [comments, remixes(1)],
    ],
    [
      'lists announced as empty are left out',
      {
        kind: 'post',
        level: 0,
        counters: { reply_count: 0, recursive_reply_count: 0, remix_count: 0 },
      },
      [],
    ],
    [
      'a list that is known to go on is asked for, whatever its counter says',
      {
        ...{ kind: 'comment', level: 2, counters: { reply_count: 0 } },
        goingOn: new Set(['get_comment_replies', 'get_post_comments']),
      },
      [replies(2)],
    ],
    [
      'one counter of comments that says 0 is enough',
      { kind: 'post', level: 0, counters: { reply_count: 0, remix_count: 0 } },
      [],
    ],
    [
      'one counter of comments that says more is enough',
      {
        kind: 'post',
        level: 0,
        counters: { reply_count: 0, recursive_reply_count: 3, remix_count: 0 },
      },
      [comments],
    ],
    [
      'recursive replies may be fewer than replies',
      {
        kind: 'post',
        level: 0,
        counters: { reply_count: 1, recursive_reply_count: 0, remix_count: 0 },
      },
      [comments],
    ],
    [
      'remixes of a remix are one level deeper',
      { kind: 'post', level: 4, counters: { reply_count: 0, remix_count: 1 } },
      [remixes(5)],
    ],
    [
      'counters beyond 2^53 count',
      { kind: 'post', level: 0, counters: { reply_count: 9007199254740993n, remix_count: 0n } },
      [comments],
    ],
    [
      'a comment of which nothing is known has replies',
      { kind: 'comment', level: 1, counters: {} },
      [replies(1)],
    ],
    [
      'a comment has no remixes',
      { kind: 'comment', level: 2, counters: { reply_count: 2, remix_count: 9 } },
      [replies(2)],
    ],
    [
      'a comment without replies is a leaf',
      { kind: 'comment', level: 3, counters: { reply_count: 0, recursive_reply_count: 0 } },
      [],
    ],
    [
      'a user of whom nothing is known has posts',
      { kind: 'user', level: 0, counters: {} },
      [posts],
    ],
    [
      'a user without posts has no list',
      { kind: 'user', level: 0, counters: { post_count: 0 } },
      [],
    ],
  ])('%s', (_, facts, expected) => {
    const lists = listsOf({ ...facts, id: 'it' })

    expect(lists).toEqual(expected)
  })
})

const day = (date: string): number => Date.parse(date) * 1000

const anyRequest: RequestFacts = { step: 'comments', page: 1, depth: 0, postedAt: null }

describe('leftOutBy', () => {
  it.each<[string, Partial<WalkLimits>, Partial<RequestFacts>, string | null]>([
    ['nothing without limits', {}, { page: 1e6, depth: 1e6, postedAt: 0 }, null],
    ['a step that is not named', { only: new Set(['replies']) }, {}, 'only'],
    ['no step that is named', { only: new Set(['comments']) }, {}, null],
    ['no list of a seed', { only: new Set(['comments']) }, { step: 'feed' }, null],
    ['no post', { only: new Set() }, { step: 'post' }, null],
    ['a page too many', { maxPages: { comments: 2 } }, { page: 3 }, 'max_pages'],
    ['no page before', { maxPages: { comments: 2 } }, { page: 2 }, null],
    ['no page of another step', { maxPages: { feed: 2 } }, { page: 3 }, null],
    ['every page where none is wanted', { maxPages: { comments: 0 } }, {}, 'max_pages'],
    ['a level too deep', { maxDepth: { remixes: 3 } }, { step: 'remixes', depth: 4 }, 'max_depth'],
    ['no level above', { maxDepth: { remixes: 3 } }, { step: 'remixes', depth: 3 }, null],
    [
      'threads of posts before the first day',
      { since: day('2025-10-15') },
      { postedAt: day('2025-10-15') - 1 },
      'since',
    ],
    ['no thread of that day', { since: day('2025-10-15') }, { postedAt: day('2025-10-15') }, null],
    [
      'threads of posts from the end on',
      { until: day('2025-10-16') },
      { postedAt: day('2025-10-16') },
      'until',
    ],
    [
      'no thread before it',
      { until: day('2025-10-16') },
      { postedAt: day('2025-10-16') - 1 },
      null,
    ],
    ['no thread of an unknown day', { since: day('2025-10-15') }, { postedAt: null }, null],
  ])('leaves out %s', (_, limits, request, expected) => {
    const reason = leftOutBy({ ...noLimits, ...limits }, { ...anyRequest, ...request })

    expect(reason).toBe(expected)
  })
})
