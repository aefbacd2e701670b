import { describe, expect, it } from 'vitest'
import { readPage } from '../../src/model/read-page.js'
import { mergePageRows } from '../../src/archive/merge-page.js'
import { isMediaUrl } from '../../src/model/signed-url.js'

const postId = 's_68ef1920000081910000000000000001'
const otherId = 's_68ef1920000081910000000000000002'
const userId = 'user-AAAAAAAAAAAAAAAAAAAAAAAA'
const mentionedId = 'user-BBBBBBBBBBBBBBBBBBBBBBBB'

const rowsOf = (items: object[]): Record<string, unknown>[] => {
  const { page } = readPage('get_feed', {}, JSON.stringify({ items, cursor: null }))
  return mergePageRows(page.rows).map(({ table, values }) => ({ table, ...values }))
}

describe('one answer that tells the same twice', () => {
  it('takes from the second telling what is broken in the first', () => {
    const broken = { user_id: userId, created_at: 1760000000, username: 7, follower_count: 'x' }
    const whole = { user_id: userId, created_at: 1760000000, username: 'ada', follower_count: 3 }

    const rows = rowsOf([
      { post: { id: postId, shared_by: userId }, profile: broken },
      { post: { id: otherId, shared_by: userId }, profile: whole },
    ])

    expect(rows.find(({ table }) => table === 'users')).toEqual({
      table: 'users',
      user_id: userId,
      username: 'ada',
      follower_count: 3,
      created_at: 1760000000000000,
    })
  })
})

describe('a summary', () => {
  it('does not take a character from the person it belongs to', () => {
    const summary = { user_id: 'ch_00', username: 'teapot', owner_profile: null }

    const rows = rowsOf([{ post: { id: postId }, profile: summary }])

    expect(rows.find(({ table }) => table === 'users')).toEqual({
      table: 'users',
      user_id: 'ch_00',
      username: 'teapot',
    })
  })
})

describe('a mention', () => {
  it('tells nobody where its profile is missing', () => {
    const facet = { start: 0, end: 4, type: 'mention' }
    const named = { ...facet, profile: { user_id: mentionedId, username: 'ada' } }

    const rows = rowsOf([
      { post: { id: postId, text: '@ada', text_facets: [named] }, profile: null },
      { post: { id: otherId, text: '@ada', text_facets: [{ ...facet, profile: null }] } },
    ])

    const facets = rows.filter(({ table }) => table === 'text_facets')
    expect(facets.map((row) => 'user_id' in row)).toEqual([true, false])
  })
})

describe('a deleted comment in the short form', () => {
  it('is told as deleted: its text and counters are none of its own', () => {
    const flat = {
      ...{ id: '68ef192000008191000000000000000a', text: 'This post has been deleted' },
      ...{ posted_by: 'anonymous', posted_at: 1760500000.5, like_count: 0, reply_count: 0 },
      profile: { username: 'anonymous' },
    }
    const body = JSON.stringify({ children: { items: [flat], cursor: null } })

    const { page } = readPage('get_post_comments', { post_id: postId }, body)

    expect(page.rows).toEqual([
      {
        table: 'comments',
        values: {
          comment_id: flat.id,
          posted_at: 1760500000500000,
          post_id: postId,
          parent_comment_id: null,
          depth: 1,
        },
      },
    ])
    expect(page.absences).toEqual([
      { entity_kind: 'comment', entity_id: flat.id, reason: 'tombstoned' },
    ])
  })
})

describe('isMediaUrl', () => {
  it('decides on a very long address as fast as on a short one', () => {
    const addresses = [`https://${'a'.repeat(1e6)} `, `https://a/${'b'.repeat(1e6)} `]

    expect(addresses.map(isMediaUrl)).toEqual([false, false])
  })
})
