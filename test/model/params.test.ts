import { describe, expect, it } from 'vitest'
import { canonicalParams, listingKey, requestKey } from '../../src/model/params.js'

describe('canonicalParams', () => {
  it.each([
    ['sorts', { cursor: 'c', a: '1' }, '{"a":"1","cursor":"c"}'],
    ['leaves out empty ones', { a: '', b: null, c: undefined, d: 'x' }, '{"d":"x"}'],
    ['keeps zero and false', { a: 0, b: false }, '{"a":"0","b":"false"}'],
    ['leaves out what was watched', { eager_views: '{"views":[]}', a: 'x' }, '{"a":"x"}'],
    ['mends half a surrogate pair', { a: '\ud83e' }, '{"a":"\uFFFD"}'],
    ['keeps odd names', JSON.parse('{"__proto__":"x"}') as object, '{"__proto__":"x"}'],
    ['takes none', {}, '{}'],
  ])('%s', (_, params, expected) => {
    const canonical = canonicalParams({ ...params })

    expect(JSON.stringify(canonical)).toBe(expected)
  })
})

describe('requestKey', () => {
  it('is the same for the same question, however it is put', () => {
    const keys = [
      requestKey('get_feed', { cursor: 'c', eager_views: '{}', post_id: '' }),
      requestKey('get_feed', { cursor: 'c' }),
    ]

    expect(keys).toEqual(['get_feed {"cursor":"c"}', 'get_feed {"cursor":"c"}'])
  })

  it('differs with the endpoint and with every parameter', () => {
    const keys = new Set([
      requestKey('get_feed', {}),
      requestKey('get_user_posts', {}),
      requestKey('get_feed', { cursor: 'c' }),
      requestKey('get_feed', { cursor: 'd' }),
      requestKey('get_feed', { user_id: 'c' }),
    ])

    expect(keys.size).toBe(5)
  })
})

describe('listingKey', () => {
  it.each([
    [1, 'get_feed', null, '1 get_feed'],
    [0, 'get_post_comments', 's_1', '0 get_post_comments s_1'],
    [2, 'search_users', 'two words', '2 search_users two words'],
  ])('of pass %d, %s, %s is %s', (pass, endpoint, subject, expected) => {
    const key = listingKey(pass, endpoint, subject)

    expect(key).toBe(expected)
  })
})
