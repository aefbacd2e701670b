import { describe, expect, it } from 'vitest'
import { responseIdOf, sha256 } from '../../src/model/response-id.js'

const answer = { endpoint: 'get_feed', params: { cursor: 'c' }, bodySha256: sha256('{}') }

describe('sha256', () => {
  it('is the digest of the text in UTF-8, in hex', () => {
    const digest = sha256('東京 🦊')

    expect(digest).toBe('bd6297970c0b60046b9e6bdbf5be5182867e9ca614ced626b56b2e34b2375c81')
  })
})

describe('responseIdOf', () => {
  it('is the same for the same content, wherever it is read', () => {
    const again = { ...answer, params: { eager_views: '{}', cursor: 'c', post_id: '' } }

    const ids = [responseIdOf(answer), responseIdOf(again)]

    expect(ids).toEqual([ids[0], ids[0]])
    expect(ids[0]).toMatch(/^r_[0-9a-f]{24}$/)
  })

  it('differs with endpoint, parameters, body and told time', () => {
    const ids = new Set([
      responseIdOf(answer),
      responseIdOf({ ...answer, endpoint: 'get_user_posts' }),
      responseIdOf({ ...answer, params: {} }),
      responseIdOf({ ...answer, bodySha256: sha256('[]') }),
      responseIdOf({ ...answer, toldAt: 1760500000_000000 }),
      responseIdOf({ ...answer, toldAt: 1760500000_000001 }),
    ])

    expect(ids.size).toBe(6)
  })
})
