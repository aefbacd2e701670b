import { describe, expect, it } from 'vitest'
import {
  planRenewals,
  renewalOf,
  stateAfter,
  type Owner,
  type Stale,
} from '../../src/media/renew.js'
import { commentIdOf, draftIdOf, idOf, userIdOf } from './worlds.js'

const post = (n: number): Owner => ({ owner_kind: 'post', owner_id: idOf(n) })
const draft: Owner = { owner_kind: 'generation', owner_id: draftIdOf(1) }
const person: Owner = { owner_kind: 'user', owner_id: userIdOf(1) }

const stale = (name: string, owners: Owner[], use: Stale['use'] = 'playable') => ({
  ...{ name, owners, use },
})

describe('renewalOf', () => {
  it.each([
    [post(1), 'get_post_detail', { post_id: idOf(1) }],
    [person, 'get_user_profile', { user_id: userIdOf(1) }],
  ])('%j by %s', (owner, endpoint, params) => {
    expect(renewalOf(owner)).toEqual({ endpoint, params, owner })
  })

  it.each<Owner>([
    draft,
    { owner_kind: 'comment', owner_id: commentIdOf(1) },
    { owner_kind: 'comment', owner_id: idOf(1) },
    { owner_kind: 'comment', owner_id: userIdOf(1) },
    { owner_kind: 'post', owner_id: '../etc/passwd' },
    { owner_kind: 'user', owner_id: 'anonymous' },
  ])('%j by no call', (owner) => {
    expect(renewalOf(owner)).toBeNull()
  })
})

describe('planRenewals', () => {
  it('makes one call for all files of a post, and of two posts first the one with more to play', () => {
    const files = [
      stale('thumbnail', [post(1)], 'thumbnail'),
      stale('other video', [post(2)]),
      stale('other thumbnail', [post(2)], 'thumbnail'),
      stale('gif', [post(1)], 'rest'),
    ]

    const calls = planRenewals(files)

    expect(
      calls.map(({ params, files }) => [params['post_id'], files.map(({ name }) => name)]),
    ).toEqual([
      [idOf(2), ['other video', 'other thumbnail']],
      [idOf(1), ['thumbnail', 'gif']],
    ])
  })

  it('asks by the first owner that a call renews, and not at all where there is none', () => {
    const calls = planRenewals([stale('published', [draft, post(1)]), stale('draft', [draft])])

    expect(calls.map(({ files }) => files.map(({ name }) => name))).toEqual([['published']])
  })

  it('makes no call on which nothing depends', () => {
    expect(planRenewals([])).toEqual([])
  })
})

describe('stateAfter', () => {
  const at = { now: 1000, margin: 10 }

  it.each([
    ['a new link that lasts', true, { deadline: 5000, isNew: true }, 'fresh'],
    ['a new link that tells no end', true, { deadline: null, isNew: true }, 'fresh'],
    ['the same link again', true, { deadline: 5000, isNew: false }, 'not_renewed'],
    ['a new link that is over', true, { deadline: 1010, isNew: true }, 'not_renewed'],
    ['no link', true, null, 'not_renewed'],
    ['an answer that does not name it', false, { deadline: 5000, isNew: true }, 'not_told'],
  ] as const)('%s: %s', (_, isTold, link, state) => {
    expect(stateAfter({ isTold, link }, at)).toBe(state)
  })
})
