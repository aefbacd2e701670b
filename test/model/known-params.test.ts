import { describe, expect, it } from 'vitest'
import { knownParams } from '../../src/model/known-params.js'

describe('knownParams', () => {
  const secrets = { token: 't', api_key: 'k', authorization: 'a', signature: 's' }

  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['get_post_comments', { post_id: 's_1', cursor: 'c' }, {}],
    ['get_feed', { cursor: 'c', cut: 'nf2_top' }, { count: '20', post_id: 's_1' }],
    ['get_user_profile', { user_id: 'user-a' }, { cursor: 'c' }],
    ['create_video', { prompt: 'a cat', orientation: 'portrait' }, {}],
    ['native_drafts', { cursor: 'c' }, { limit: '15' }],
    ['native_draft', { generation_id: 'gen_1' }, { of: 'me' }],
    ['native_people', {}, { constructor: 'x' }],
  ])('keeps of %s what it knows: %j', (endpoint, known, others) => {
    const kept = knownParams(endpoint, { ...secrets, ...known, ...others })

    expect(kept).toEqual(known)
  })

  it('keeps of the address of a post what is before its query', () => {
    const post_url = 'https://sora.chatgpt.com/p/s_1'

    const kept = knownParams('get_post_detail', { post_url: `${post_url}?psh=token#x` })

    expect(kept).toEqual({ post_url })
  })

  it('gives back the same object where all is known', () => {
    const params = { post_id: 's_1', post_url: 'https://sora.chatgpt.com/p/s_1' }

    expect(knownParams('get_post_detail', params)).toBe(params)
  })
})
