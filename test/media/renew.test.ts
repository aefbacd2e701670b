import { describe, expect, it } from 'vitest'
import {
  planRenewals,
  renewalOf,
  renewerOf,
  stateAfter,
  type Owner,
  type Stale,
} from '../../src/media/renew.js'
import { commentIdOf, draftIdOf, idOf, userIdOf } from './worlds.js'

const post = (n: number): Owner => ({ owner_kind: 'post', owner_id: idOf(n) })
const draft: Owner = { owner_kind: 'generation', owner_id: draftIdOf(1) }
const person: Owner = { owner_kind: 'user', owner_id: userIdOf(1) }

const stale = (name: string, renewer: number, use: Stale['use'] = 'playable') => ({
  ...{ name, renewer, use },
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

describe('renewerOf', () => {
  it.each<[string, Owner[], number]>([
    ['the first owner whom a call renews', [draft, post(1), person], 2],
    ['none of those whom no call renews', [draft], 0],
  ])('is %s', (_, owners, expected) => {
    expect(renewerOf({ owners: owners.map((each, at) => ({ ...each, place: at + 1 })) })).toBe(
      expected,
    )
  })
})

describe('planRenewals', () => {
  it('has all files of an owner together, and of two owners first the one with more to play', () => {
    const files = [
      stale('thumbnail', 1, 'thumbnail'),
      stale('other video', 2),
      stale('third video', 3),
      stale('other thumbnail', 2, 'thumbnail'),
      stale('fourth video', 4),
      stale('gif', 1, 'rest'),
    ]

    const planned = planRenewals(files, (file) => file)

    expect(planned.map(({ name }) => name)).toEqual([
      ...['other video', 'other thumbnail', 'third video', 'fourth video', 'thumbnail', 'gif'],
    ])
  })

  it('plans nothing where nothing is stale', () => {
    expect(planRenewals([], (file) => file)).toEqual([])
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
