import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Page, Row } from '../../src/model/page.js'
import { readPage } from '../../src/model/read-page.js'
import { recognise } from '../../src/model/recognise.js'
import type { Value } from '../../src/model/table.js'

/** Real and shape-exact answers beside the checkout; third-party data, so no part of it. */
const folder = new URL('../../../shared/samples/', import.meta.url)
const isThere = existsSync(folder)
const files = isThere ? readdirSync(folder).filter((file) => file.endsWith('.json')) : []
const answers = files.filter((file) => !file.startsWith('error_'))

type Json = Record<string, unknown>

const parse = (file: string): Json => JSON.parse(textOf(file)) as Json
const textOf = (file: string): string => readFileSync(new URL(file, folder), 'utf8')

/** What an answer tells, found out as an import does. */
function read(file: string): Page & { endpoint: string; params: Record<string, string> } {
  const recognised = recognise(JSON.parse(textOf(file)))
  if (!recognised.ok) throw new Error(`${file} ${recognised.problem}`)
  const { endpoint, params } = recognised
  return { ...readPage(endpoint, params, textOf(file)).page, endpoint, params }
}

const rowsOf = (page: Page, table: string): Row['values'][] =>
  page.rows.filter((row) => row.table === table).map(({ values }) => values)

/** Every object anywhere in a JSON value, outer before inner: a reading without any knowledge. */
function objectsIn(value: unknown): Json[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.values(value).flatMap(objectsIn)
  return Array.isArray(value) ? inner : [value as Json, ...inner]
}

const distinct = <Item>(items: readonly Item[]): Item[] => [...new Set(items)].sort()
const texts = (values: unknown[]): string[] =>
  distinct(values.filter((value): value is string => typeof value === 'string'))

const isPost = ({ id, posted_at }: Json): boolean =>
  typeof id === 'string' && /^(s_)?[0-9a-f]{32}$/.test(id) && posted_at !== undefined
const isUser = ({ user_id }: Json): boolean =>
  typeof user_id === 'string' && user_id !== 'anonymous'
const isLiving = (post: Json): boolean => (post['tombstoned_at'] ?? null) === null

const counters = [
  'like_count',
  'dislike_count',
  'view_count',
  'unique_view_count',
  'reply_count',
  'recursive_reply_count',
  'remix_count',
  'share_count',
  'repost_count',
]
const commentCounters = ['like_count', 'dislike_count', 'reply_count', 'recursive_reply_count']

const pick = (object: Json | Record<string, Value>, names: readonly string[]): Json =>
  Object.fromEntries(
    names.filter((name) => object[name] !== undefined).map((name) => [name, object[name]]),
  )

describe.skipIf(!isThere)('every answer among the samples', () => {
  it.each(answers)('%s is known and read without an anomaly', (file) => {
    const page = read(file)

    expect(page.anomalies).toEqual([])
  })

  it.each(answers)('%s: every post and comment in it is told, and no other', (file) => {
    const page = read(file)

    const there = texts(
      objectsIn(parse(file)['data'] ?? parse(file)).flatMap((each) =>
        isPost(each) ? [each['id']] : [],
      ),
    )
    const asked = file === 'get_video_download_info.json' ? [page.about_id] : []
    const told = [
      ...rowsOf(page, 'posts').map((each) => each['post_id']),
      ...rowsOf(page, 'comments').map((each) => each['comment_id']),
    ]
    expect(texts(told)).toEqual(texts([...there, ...asked]))
  })

  it.each(answers)('%s: every counter of a living post or comment is told as it came', (file) => {
    const page = read(file)

    const there = objectsIn(parse(file)).filter((each) => isPost(each) && isLiving(each))
    const told = new Map<unknown, Row['values']>([
      ...rowsOf(page, 'posts').map((each) => [each['post_id'], each] as const),
      ...rowsOf(page, 'comments').map((each) => [each['comment_id'], each] as const),
    ])
    for (const post of there) {
      const names = String(post['id']).startsWith('s_') ? counters : commentCounters
      expect(pick(told.get(post['id']) ?? {}, names)).toEqual(pick(post, names))
    }
  })

  it.each(answers)('%s: every author, cast and mentioned user is told, and no other', (file) => {
    const page = read(file)

    const objects = objectsIn(parse(file)['data'] ?? parse(file))
    const there = texts(objects.flatMap((each) => (isUser(each) ? [each['user_id']] : [])))
    const flatAuthors = texts(objects.map((each) => each['posted_by']))
    const told = texts(rowsOf(page, 'users').map((each) => each['user_id']))
    expect(told).toEqual(texts([...there, ...flatAuthors]))
  })

  it.each(answers)('%s: every video address in it is an asset with its end', (file) => {
    const page = read(file)

    const isVideo = (url: unknown): url is string =>
      typeof url === 'string' && /^https:\/\/videos\.openai\.com\//.test(url)
    const there = objectsIn(parse(file)['data'] ?? parse(file)).flatMap((each) =>
      Object.entries(each)
        .filter(([, value]) => isVideo(value))
        .map(([, value]) => value),
    )
    const assets = rowsOf(page, 'assets').filter(({ url }) => isVideo(url))
    const wanted = file === 'upload_image.json' ? [] : there
    const ends = assets.map(({ url, expires_at }) => [
      /[?&]se=([^&]*)/.exec(String(url))?.[1]?.replaceAll('%3A', ':'),
      expires_at,
    ])
    expect(texts(assets.map(({ url }) => url))).toEqual(texts(wanted))
    expect(ends.map(([, end]) => end)).toEqual(ends.map(([se]) => Date.parse(String(se)) * 1000))
  })

  it.each(answers)('%s: as many items are listed as there are', (file) => {
    const page = read(file)

    const data = (parse(file)['data'] ?? parse(file)) as Json
    const items = (data['items'] ?? (data['children'] as Json | undefined)?.['items']) as
      unknown[] | undefined
    expect(page.listing?.item_ids.length).toBe(items?.length)
  })

  it.each(files.filter((file) => file.startsWith('error_')))('but %s is refused', (file) => {
    const recognised = recognise(parse(file))

    expect(recognised).toMatchObject({ ok: false })
  })
})

describe.skipIf(!isThere)('native_drafts_full.json, a whole real page of drafts', () => {
  it('tells 8 drafts, 2 content violations and 1 error', () => {
    const page = read('native_drafts_full.json')

    const kinds = rowsOf(page, 'generations').map(({ kind }) => kind)
    const count = (kind: string) => kinds.filter((each) => each === kind).length
    expect([
      kinds.length,
      ...['sora_draft', 'sora_content_violation', 'sora_error'].map(count),
    ]).toEqual([11, 8, 2, 1])
  })

  it('tells 80 files, all expiring at the same midnight', () => {
    const page = read('native_drafts_full.json')

    const ends = rowsOf(page, 'assets').map(({ expires_at }) => expires_at)
    expect(ends).toEqual(Array.from({ length: 80 }, () => Date.parse('2026-02-06') * 1000))
  })

  it('tells prompts, sizes and times of the drafts as they came', () => {
    const page = read('native_drafts_full.json')

    const names = ['kind', 'task_id', 'prompt', 'width', 'height', 'generation_type']
    const items = parse('native_drafts_full.json')['items'] as Json[]
    const told = rowsOf(page, 'generations')
    expect(told.map((each) => pick(each, names))).toEqual(items.map((each) => pick(each, names)))
    expect(told.map(({ created_at }) => created_at)).toEqual(
      items.map(({ created_at }) =>
        created_at === null ? undefined : Math.round(Number(created_at) * 1e6),
      ),
    )
  })
})

describe.skipIf(!isThere)('the comment trees', () => {
  const placesIn = (file: string): Row['values'][] =>
    rowsOf(read(file), 'comments').map(
      (each) =>
        pick(each, ['comment_id', 'post_id', 'parent_comment_id', 'depth']) as Row['values'],
    )
  const post_id = 's_68f544f63ff681918afdd8f9f3986527'
  const ids = {
    first: '68f54b0c036081918cc97f90faef42bf',
    second: '68f54f7360fe81918e4a000b920f54c8',
    reply: '68f55150fca0819183f3c3f7b71b80e8',
    leaf: '68f551bf4a0e81918e44da7bc51132a1',
    deleted: '68f552e1401381918718cee024a704f9',
  }
  const place = (comment_id: string, parent_comment_id: string | null, depth: number) => ({
    comment_id,
    post_id,
    parent_comment_id,
    depth,
  })

  it('native_post_tree_deep.json goes three levels down', () => {
    const places = placesIn('native_post_tree_deep.json')

    const byId = (one: Row['values'], other: Row['values']) =>
      String(one['comment_id']) < String(other['comment_id']) ? -1 : 1
    expect(places.sort(byId)).toEqual([
      place(ids.first, null, 1),
      place(ids.second, null, 1),
      place(ids.reply, ids.second, 2),
      place(ids.leaf, ids.reply, 3),
      place(ids.deleted, null, 1),
    ])
  })

  it('native_post_tree_deep.json shows which lists came whole', () => {
    const { inlined, absences } = read('native_post_tree_deep.json')

    const rest = { endpoint: 'get_comment_replies', cursor: null, has_more: null }
    expect(inlined).toEqual([
      { ...rest, subject: ids.second, item_ids: [ids.reply] },
      { ...rest, subject: ids.reply, item_ids: [ids.leaf] },
    ])
    expect(absences).toEqual([
      { entity_kind: 'comment', entity_id: ids.deleted, reason: 'tombstoned' },
    ])
  })

  it('get_comment_replies.json tells the comment itself and its reply', () => {
    const places = placesIn('get_comment_replies.json')

    expect(places).toEqual([place(ids.second, null, 1), place(ids.reply, ids.second, 2)])
  })
})

describe.skipIf(!isThere)('the other shapes', () => {
  it('native_tombstoned_wrapper.json keeps three counters and nothing else', () => {
    const page = read('native_tombstoned_wrapper.json')

    const post = parse('native_tombstoned_wrapper.json')['post'] as Json
    expect(page.rows).toEqual([
      {
        table: 'posts',
        values: {
          post_id: post['id'],
          posted_at: Math.round(Number(post['posted_at']) * 1e6),
          tombstoned_at: 1760585404_581696,
          view_count: 11,
          unique_view_count: 7,
          remix_count: 1,
        },
      },
    ])
    expect(page.absences).toEqual([
      { entity_kind: 'post', entity_id: post['id'], reason: 'tombstoned' },
    ])
  })

  it('get_user_profile_flat_2026.json is the same person as get_user_profile.json', () => {
    const [flat, wrapped] = ['get_user_profile_flat_2026.json', 'get_user_profile.json'].map(
      (file) => rowsOf(read(file), 'users')[0]!,
    )

    const person = parse('get_user_profile.json')['data'] as { profile: Json }
    expect(flat).toEqual({ ...wrapped, owner_user_id: null, character_count: 2 })
    expect(wrapped).toMatchObject({
      user_id: person.profile['user_id'],
      username: person.profile['username'],
      follower_count: person.profile['follower_count'],
      created_at: Math.round(Number(person.profile['created_at']) * 1e6),
    })
  })

  it('get_feed.json tells the whole remix chain of its second item', () => {
    const page = read('get_feed.json')

    const item = (parse('get_feed.json')['data'] as { items: { post: Json }[] }).items[1]!.post
    const chain = [String(item['id']), ...(item['parent_path'] as string[])]
    const edges = rowsOf(page, 'remixes').map(
      (each) => `${String(each['remix_post_id'])} of ${String(each['parent_post_id'])}`,
    )
    expect(distinct(edges)).toEqual(
      expect.arrayContaining(
        chain.slice(0, -1).map((id, level) => `${id} of ${chain[level + 1]!}`),
      ),
    )
    expect(rowsOf(page, 'feed_entries').map(({ position, feed }) => [position, feed])).toEqual(
      [0, 1, 2, 3].map((position) => [position, 'nf2_top_7d']),
    )
  })

  it('get_post_remix_list.json and its bare form tell the same edges', () => {
    const [wrapped, bare] = [
      'get_post_remix_list.json',
      'get_post_remix_list_bare_as_documented.json',
    ].map((file) => rowsOf(read(file), 'remixes'))

    expect(bare).toEqual(wrapped)
  })

  it('get_cameo_leaderboard.json tells whose a character is', () => {
    const page = read('get_cameo_leaderboard.json')

    const character = rowsOf(page, 'users').find(({ user_id }) => String(user_id).startsWith('ch_'))
    expect(character).toMatchObject({
      user_id: 'ch_6955e4af323b8191d5db4cebdf6db073',
      cameo_count: 4410,
      owner_user_id: 'user-wKdKtPps9IKwYdI02dszUzGK',
    })
  })

  it('native_public_feed.json holds every mention where it says', () => {
    const page = read('native_public_feed.json')

    const texts = new Map(rowsOf(page, 'posts').map((each) => [each['post_id'], each['text']]))
    const facets = rowsOf(page, 'text_facets')
    expect(facets.length).toBe(5)
    for (const { owner_id, start_char, end_char, value } of facets) {
      const points = Array.from(String(texts.get(owner_id!)))
      expect(points.slice(Number(start_char), Number(end_char)).join('')).toBe(value)
    }
  })
})
