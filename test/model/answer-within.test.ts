import { describe, expect, it } from 'vitest'
import { answerWithin } from '../../src/model/answer-within.js'
import { detail, envelope, postId, userId } from '../import/room.js'

const page = detail(1)
const people = envelope('get_user_followers', { user_id: userId(1) }, { items: [], cursor: null })
const cursor = 'eyJvZmZzZXQiOjE1fQ=='

describe('answerWithin', () => {
  it.each<[what: string, body: unknown, filter: string | null]>([
    ['beside what was asked', { url: 'https://x', response: page, fetched_at: 'x' }, '.response'],
    ['not what was asked', { params: { user_id: userId(1) }, response: people }, '.response'],
    ['as text', { url: 'https://x', body: JSON.stringify(page) }, '.body | fromjson'],
    ['by cursors', { '': page, [cursor]: page }, '.[]'],
    ['by numbers', { pages: { 1: page } }, '.pages[]'],
    ['in a list', { pages: [page], fetched_at: 'x' }, '.pages[]'],
    ['in lists of lists', [[page]], '.[][]'],
    [
      'in a collection of Postman',
      {
        info: { _postman_id: 'x', name: 'x' },
        item: [{ name: 'x', request: {}, response: [{ code: 200, body: JSON.stringify(page) }] }],
      },
      '.item[].response[].body | fromjson',
    ],
    ['nowhere', { url: 'https://x', response: { code: 200, router: '/x', data: {} } }, null],
    ['only its name', { post_id: postId(1), params: { user_id: userId(1) } }, null],
    ['in a text that is cut off', { body: JSON.stringify(page).slice(0, -1) }, null],
    ['not at all', 17, null],
  ])('finds where an answer stands: %s', (_, body, filter) => {
    expect(answerWithin(body)).toBe(filter)
  })

  it('looks at so many values, and so deep, and no further', () => {
    const wide = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`key${at}`, { at }]))
    const deep = (depth: number): unknown => (depth === 0 ? page : { inner: deep(depth - 1) })

    expect(answerWithin({ ...wide, page })).toBeNull()
    expect(answerWithin(deep(8))).toBe('.inner'.repeat(8))
    expect(answerWithin(deep(9))).toBeNull()
  })
})
