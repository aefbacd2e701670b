import { describe, expect, it } from 'vitest'
import type { AssetRow } from '../../src/archive/media-assets.js'
import { InputError } from '../../src/model/errors.js'
import { ownerKinds, toChoices } from '../../src/media/variants.js'
import { isTakenUp, wantedOf, type Wish } from '../../src/media/wanted.js'

const row = (more: Partial<AssetRow>): AssetRow => ({
  owner_kind: 'post',
  owner_id: 's_1',
  variant: 'url',
  asset_key: `key of ${more.variant ?? 'url'}`,
  url: 'https://videos.openai.com/az/files/1%2Fraw?se=…',
  expires_at: 1000,
  size_bytes: null,
  last_seen_at: 1,
  last_response_id: 'r_1',
  state: null,
  reason: null,
  deadline_at: null,
  ended_at: null,
  bytes: null,
  ...more,
})

const rowsOf = (...variants: string[]): AssetRow[] => variants.map((variant) => row({ variant }))

const wish = (...names: string[]): Wish => ({
  choices: toChoices(names),
  owners: new Set(ownerKinds),
})

const textOf = (rows: readonly AssetRow[], wanted: Wish, isVideoHeld?: boolean): string[] =>
  wantedOf(rows, wanted, isVideoHeld).map(({ row, use }) => `${row.variant} ${use}`)

describe('wantedOf', () => {
  it.each([
    ['2026', ['url', 'downloadable_url', 'source', 'source_wm', 'md', 'thumbnail'], 'source_wm'],
    ['a download record', ['no_watermark', 'watermark', 'thumbnail'], 'watermark'],
    ['a post without watermark', ['url', 'source', 'md', 'thumbnail'], 'source'],
    ['the export of the app', ['url', 'thumbnail'], 'url'],
    ['nothing better', ['ld', 'md', 'thumbnail'], 'md'],
  ])('takes the original of %s, and the thumbnail', (_, variants, original) => {
    expect(textOf(rowsOf(...variants), wish('source_wm', 'thumbnail'))).toEqual([
      `${original} playable`,
      'thumbnail thumbnail',
    ])
  })

  it('takes other variants as they are named, the first that plays before all others', () => {
    const rows = rowsOf('md', 'gif', 'srt', 'vtt', 'source', 'url')

    expect(textOf(rows, wish('md', 'gif', 'captions', 'source'))).toEqual([
      ...['md playable', 'gif rest', 'srt rest', 'vtt rest', 'source rest'],
    ])
  })

  it('takes one file once, under whatever names', () => {
    const rows = ['source_wm', 'source', 'url'].map((variant) => row({ variant, asset_key: 'one' }))

    expect(textOf(rows, wish('source_wm', 'source', 'url'))).toEqual(['source_wm playable'])
  })

  it.each<[string, Partial<AssetRow>, Partial<AssetRow>]>([
    ['told last', { last_seen_at: 9 }, { last_response_id: 'r_2', asset_key: 'z' }],
    ['told by the later of two answers', { last_response_id: 'r_2' }, { asset_key: 'z' }],
    ['of the later key, of two told by one answer', { asset_key: 'z' }, {}],
  ])('takes the file that was %s, in whatever order they come', (_, more, less) => {
    const [one, other] = [row(more), row(less)]

    for (const rows of [
      [one, other],
      [other, one],
    ])
      expect(wantedOf(rows, wish('url')).map(({ row }) => row)).toEqual([one])
  })

  it('takes no video of which the official export is held', () => {
    expect(textOf(rowsOf('source_wm', 'thumbnail'), wish('source_wm', 'thumbnail'), true)).toEqual([
      'thumbnail thumbnail',
    ])
  })

  it('takes nothing of kinds of owners that are not wanted', () => {
    const wanted: Wish = { ...wish('profile_picture'), owners: new Set(['post']) }

    expect(wantedOf([row({ owner_kind: 'user', variant: 'profile_picture' })], wanted)).toEqual([])
  })
})

describe('toChoices', () => {
  it('throws for names that are none', () => {
    expect(() => toChoices(['source_wm', '../x'])).toThrow(InputError)
  })
})

describe('isTakenUp', () => {
  it.each<[string, Partial<AssetRow>, boolean]>([
    ['a file of which nothing is noted', { state: null }, true],
    ['one that is wanted', { state: 'wanted' }, true],
    ['one that failed', { state: 'failed', reason: 'cut', deadline_at: 1000 }, true],
    ['one that is saved', { state: 'saved', deadline_at: 1 }, false],
    ['a lost one whose link ended', { state: 'lost', reason: 'expired', deadline_at: 1000 }, true],
    ['a lost one that is gone', { state: 'lost', reason: 'gone', deadline_at: 1000 }, false],
    ['the same with a fresh link', { state: 'lost', reason: 'gone', deadline_at: 999 }, true],
    [
      'the same, told again without an end',
      { state: 'lost', reason: 'gone', expires_at: null, ended_at: 5, last_seen_at: 6 },
      true,
    ],
    [
      'the same, not told since',
      { state: 'lost', reason: 'gone', expires_at: null, ended_at: 5, last_seen_at: 5 },
      false,
    ],
    [
      'one of a host that was not allowed',
      { state: 'refused', reason: 'host', deadline_at: 1000 },
      true,
    ],
    ['one that is no picture', { state: 'refused', reason: 'content', deadline_at: 1000 }, false],
    [
      'one too large',
      { state: 'refused', reason: 'too_large', deadline_at: 1000, bytes: 101 },
      false,
    ],
    [
      'one not too large any more',
      { state: 'refused', reason: 'too_large', deadline_at: 1000, bytes: 100 },
      true,
    ],
  ])('%s: %#', (_, noted, expected) => {
    expect(isTakenUp(row(noted), 100)).toBe(expected)
  })
})
