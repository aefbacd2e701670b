import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPage, readParsed } from '../../src/model/read-page.js'
import type { Page, Params } from '../../src/model/page.js'
import { tableOf } from '../../src/model/tables.js'
import { parseJson } from '../../src/model/parse-json.js'
import { isWire } from '../../src/model/reading.js'

const postId = 's_68ef1920000081910000000000000001'
const post = `{"id": "${postId}", "shared_by": "user-ada", "text": "kept"}`
const keptRows: Page['rows'] = [
  {
    table: 'posts',
    values: { post_id: postId, text: 'kept', author_id: 'user-ada' },
    partial: true,
  },
  {
    table: 'feed_entries',
    values: { position: 1, feed: null, post_id: postId, reposter_user_id: null },
  },
]

describe('readPage', () => {
  it.each([
    ['an array', '[', ']'],
    ['an object', '{"a":', '}'],
  ])('keeps the rest of a page beside %s nested 100,000 deep', (_, open, close) => {
    const deep = `${open.repeat(100_000)}1${close.repeat(100_000)}`

    const { page } = readPage('get_feed', {}, `{"items": [${deep}, ${post}], "cursor": null}`)

    expect(page.rows).toEqual(keptRows)
    expect(page.anomalies.map((each) => each.json_pointer.split('/').slice(0, 3))).toEqual([
      ['', 'items', '0'],
    ])
  })

  it('says so where a page is nested too deep for exact numbers', () => {
    const deep = `${'{"a":'.repeat(10_000)}9007199254740993${'}'.repeat(10_000)}`

    const { page } = readPage('get_feed', {}, `{"items": [${deep}, ${post}], "cursor": null}`)

    expect(page.rows).toEqual(keptRows)
    expect(page.anomalies.map((each) => [each.json_pointer, each.problem])).toEqual([
      ['/items/0/id', 'expected the id of a post or comment'],
      ['', 'nested too deep for exact integers: those above 2^53 are rounded'],
    ])
  })

  it('reads comments inlined 5,000 deep', () => {
    const id = (level: number) => level.toString(16).padStart(8, '0').padEnd(32, '0')
    const depth = 5000
    let nodes = '[]'
    for (let level = depth; level > 0; level -= 1)
      nodes = `[{"post": {"id": "${id(level)}"}, "children": {"items": ${nodes}, "cursor": null}}]`

    const { page } = readPage(
      'get_post_comments',
      { post_id: postId },
      `{"children": {"items": ${nodes}, "cursor": null}}`,
    )

    expect(page.anomalies).toEqual([])
    expect(page.rows.map(({ values }) => values)).toEqual(
      Array.from({ length: depth }, (_, index) => ({
        comment_id: id(index + 1),
        post_id: postId,
        parent_comment_id: index === 0 ? null : id(index),
        depth: index + 1,
      })),
    )
  })

  it.each(['', 'null', '17', '"text"', '{}', '{"code": 200, "data": 1}'])(
    'makes of %s an anomaly at most, and no rows',
    (text) => {
      const pages = ['get_feed', 'get_post_detail', 'get_post_comments', 'native_drafts'].map(
        (endpoint) => (text === '' ? null : readPage(endpoint, {}, text).page),
      )

      for (const page of pages)
        if (page) expect([page.rows, page.anomalies.length]).toEqual([[], 1])
      if (text === '') expect(() => readPage('get_feed', {}, text)).toThrow(SyntaxError)
    },
  )

  const comment = { id: '68ef1920000081910000000000000002' }
  const above = { post: { id: postId } }
  const commented = (children: unknown, more: object = {}) => ({
    ...above,
    children: { items: [{ post: comment, children, ...more }] },
  })
  const facet = { type: 7, start: 0, end: 4 }
  const below = '/children/items/0'

  it.each([
    ['get_post_comments', commented('none'), `${below}/children`],
    ['get_post_comments', commented(['none']), `${below}/children/0`],
    ['get_post_comments', commented({ items: {} }), `${below}/children/items`],
    ['get_post_comments', commented({ items: [], cursor: {} }), `${below}/children/cursor`],
    ['get_post_comments', commented({ items: [] }, { cursor: [] }), `${below}/children/cursor`],
    ['get_post_detail', { post: { id: postId, remix_posts: true } }, '/post/remix_posts'],
    [
      'get_post_detail',
      { post: { id: postId, remix_posts: { items: [above], cursor: true } } },
      '/post/remix_posts/cursor',
    ],
    ['get_video_download_info', { post_id: postId, stats: [1] }, '/stats'],
    [
      'get_post_detail',
      { post: { id: postId, text: '@ada', text_facets: [facet] } },
      '/post/text_facets/0/type',
    ],
  ])('notes what %s holds in another form than known: %j', (endpoint, body, pointer) => {
    const { page } = readPage(endpoint, { post_id: postId }, JSON.stringify(body))

    expect(page.anomalies.map((each) => each.json_pointer)).toEqual([pointer])
  })

  it('knows no end of an inlined list whose cursor it cannot read, and takes a number for one', () => {
    const items = [{ post: { ...comment, id: 'f'.repeat(32) } }]
    const read = (cursor: string) => {
      const body = JSON.stringify(commented({ items, cursor: '#' })).replace('"#"', cursor)
      return readPage('get_post_comments', {}, body).page.inlined
    }

    expect(read('{}')).toMatchObject([{ cursor: null, problem: 'cursor_unreadable' }])
    expect(read('17')).toMatchObject([{ cursor: '17' }])
    expect(read('1760500000123456789')).toMatchObject([{ cursor: '1760500000123456789' }])
  })

  const remark = { ...comment, text: 'kept', parent_post_id: postId, parent_path: [postId] }

  const reply = { post: { id: 'f'.repeat(32) } }
  const remix = { post: { id: `s_${'f'.repeat(32)}` } }

  it.each<[endpoint: string, bare: unknown, wrapped: unknown]>([
    ['get_feed', [above], { items: [above] }],
    ['get_user_followers', [{ user_id: 'user-ada' }], { items: [{ user_id: 'user-ada' }] }],
    ['get_post_comments', [remark], { children: { items: [remark] } }],
    [
      'get_post_comments',
      { children: [{ post: remark }], cursor: 'next' },
      { children: { items: [{ post: remark }], cursor: 'next' } },
    ],
    ['get_post_comments', commented([reply]), commented({ items: [reply] })],
    [
      'get_post_detail',
      { post: { id: postId, remix_posts: [remix], ancestors: [above] } },
      { post: { id: postId, remix_posts: { items: [remix] }, ancestors: { items: [above] } } },
    ],
  ])('reads a list in %s without the object that wraps it', (endpoint, bare, wrapped) => {
    const [one, other] = [bare, wrapped].map((data) => ({
      ...readPage(endpoint, { post_id: postId }, JSON.stringify(data)).page,
      drift: undefined,
    }))

    expect(one!.rows).not.toEqual([])
    expect(one).toEqual(other)
    expect(one!.anomalies).toEqual([])
  })

  it.each<[string, unknown, string]>([
    ['get_feed', [above, 7], '/1'],
    ['get_post_comments', { children: [7] }, '/children/0'],
    ['get_post_detail', { post: { id: postId, remix_posts: [7] } }, '/post/remix_posts/0'],
  ])('notes what is in a bare list of %s with its place: %j', (endpoint, data, pointer) => {
    const { page } = readPage(endpoint, { post_id: postId }, JSON.stringify(data))

    expect(page.anomalies.map((each) => each.json_pointer)).toEqual([pointer])
  })

  it.each([
    ['get_feed', { items: null }],
    ['get_post_comments', { children: null }],
    ['get_post_comments', { ...above, children: { items: null, cursor: '' } }],
    ['native_drafts', { items: null, cursor: null }],
  ])('takes a list that is null for one that is empty: %s %j', (endpoint, data) => {
    const { page } = readPage(endpoint, { post_id: postId }, JSON.stringify(data))

    expect(page.anomalies).toEqual([])
    expect(page.listing).toEqual({ item_ids: [], cursor: null, has_more: null, is_null: true })
  })

  it('takes no remixes that a post does not tell for an empty list of them', () => {
    const data = { post: { id: postId, remix_posts: null } }

    const { page } = readPage('get_post_remix_list', { post_id: postId }, JSON.stringify(data))

    expect(page.listing).toMatchObject({ item_ids: [], problem: 'no_list' })
  })

  it.each([
    [true, true],
    ['False', false],
    [0, false],
    ['perhaps', null],
  ])('takes has_more in any writing: %j', (came, has_more) => {
    const data = { items: [], cursor: 'next', has_more: came }

    const { page } = readPage('get_feed', {}, JSON.stringify(data))

    expect(page.listing).toEqual({ item_ids: [], cursor: 'next', has_more })
  })

  it.each([0, '', false, '0'])('takes a post with tombstoned_at %j for a living one', (came) => {
    const told = post.replace('}', `, "tombstoned_at": ${JSON.stringify(came)}}`)

    const { page } = readPage('get_post_detail', {}, told)

    expect(page.absences).toEqual([])
    expect(page.rows.map(({ values }) => values['text'])).toEqual(['kept'])
  })

  it.each(['shared_by', 'posted_by'])('takes the author out of a profile in %s', (key) => {
    const told = { id: postId, [key]: { user_id: 'user-bo', username: 'bo' } }

    const { page } = readPage('get_post_detail', {}, JSON.stringify({ post: told }))

    expect(page.anomalies).toEqual([])
    expect(page.rows.map(({ values }) => values)).toEqual([
      { user_id: 'user-bo', username: 'bo' },
      { post_id: postId, author_id: 'user-bo' },
    ])
  })

  it.each([
    [{ profile: { user_id: 'user-bo' }, cameo_count: 7 }, 7, []],
    [{ profile: { user_id: 'user-bo', cameo_count: 8 } }, 8, []],
    [{ user_id: 'user-bo', cameo_count: '9' }, 9, []],
    [{ profile: { user_id: 'user-bo' }, cameo_count: -1 }, null, ['/items/0/cameo_count']],
  ])('counts cameos where the leaderboard tells them: %j', (item, cameo_count, noted) => {
    const { page } = readPage('get_cameo_leaderboard', {}, JSON.stringify({ items: [item] }))

    expect(page.rows.find(({ table }) => table === 'leaderboard_entries')?.values).toEqual({
      ...{ position: 0, user_id: 'user-bo' },
      cameo_count,
    })
    expect(page.anomalies.map((each) => each.json_pointer)).toEqual(noted)
  })

  it('reads what stands bare where the key that may wrap it is null', () => {
    const userId = 'user-ada'
    const bare = { ...(JSON.parse(post) as object), post: null }
    const profile = JSON.stringify({ user_id: userId, username: 'ada', profile: null })

    const list = readPage('get_feed', {}, JSON.stringify({ items: [{ post: null }, bare] }))
    const person = readPage('get_user_profile', { user_id: userId }, profile)

    expect(list.page.rows).toEqual(keptRows)
    expect(list.page.anomalies.map((each) => each.json_pointer)).toEqual(['/items/0/post'])
    expect(person.page.rows).toEqual([
      { table: 'users', values: { user_id: userId, username: 'ada' }, partial: true },
    ])
    expect(person.page.anomalies).toEqual([])
  })

  it.each(['{"path": null, "url": "https://x.org/a"}', '{"url": "https://x.org/a"}'])(
    'takes the address of a file from url where path tells none: %s',
    (encoding) => {
      const attachments = `[{"encodings": {"md": ${encoding}}}]`
      const told = post.replace('}', `, "attachments": ${attachments}}`)

      const { page } = readPage('get_post_detail', {}, told)

      expect(
        page.rows.filter(({ table }) => table === 'assets').map(({ values }) => values),
      ).toEqual([
        {
          ...{ owner_kind: 'post', owner_id: postId, variant: 'md' },
          ...{ asset_key: 'https://x.org/a', url: 'https://x.org/a', expires_at: null },
        },
      ])
      expect(page.anomalies).toEqual([])
    },
  )

  it.each([
    ['the second in its id', 1760500000.999, []],
    ['another second', 1760500001.5, [['/posted_at', '1760500001.5']]],
    ['a second of long before', 1700000000, [['/posted_at', '1700000000']]],
  ])('keeps the time of a post that is %s, and notes where it is none of it', (_, at, noted) => {
    const told = post.replace('}', `, "posted_at": ${at}}`)

    const { page } = readPage('get_post_detail', {}, told)

    expect(page.rows.map(({ values }) => values['posted_at'])).toEqual([at * 1e6])
    expect(page.anomalies.map((each) => [each.json_pointer, each.excerpt])).toEqual(noted)
  })

  it('refuses an endpoint without a reader', () => {
    const read = () => readPage('get_nothing', {}, '{}')

    expect(read).toThrow('no reader for get_nothing')
  })
})

const folder = new URL('../pages/', import.meta.url)
const fixtures = readdirSync(folder)
  .filter((file) => file.endsWith('.json') && !file.endsWith('.records.json'))
  .map((file) => [file, readFileSync(new URL(file, folder), 'utf8')] as const)

interface Fixture {
  endpoint: string
  params: Params
  body: unknown
}

/** Every place in a JSON value where something else could stand: the holder and the key. */
function placesIn(value: unknown): { holder: Record<string, unknown>; key: string }[] {
  if (typeof value !== 'object' || value === null) return []
  const holder = value as Record<string, unknown>
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key])])
}

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>('', -1, 0.5, 1e300, 2n ** 70n, '\ud83e', [null], [[]], {}, undefined),
)

describe('whatever stands in an answer', () => {
  it.each(fixtures)('%s is read without failing, and every row can be kept', (_, text) => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), odd), { minLength: 1, maxLength: 3 }),
        (mutations) => {
          const { endpoint, params, body } = parseJson(text).value as Fixture
          for (const [place, value] of mutations) {
            const places = placesIn({ body })
            const { holder, key } = places[place % places.length]!
            if (holder['body'] !== body) holder[key] = structuredClone(value)
          }

          const { page } = readParsed(endpoint, params, {
            value: body,
            isRounded: false,
            strays: [],
          })

          const failed = page.anomalies.filter(({ problem }) =>
            problem.startsWith('reading failed'),
          )
          expect(failed).toEqual([])
          for (const row of page.rows) expectKeepable(row)
        },
      ),
      { numRuns: 25 },
    )
  })
})

/** All key columns but `response_id` told, known columns only, values that SQLite can hold. */
function expectKeepable({ table, values }: Page['rows'][number]): void {
  const { key, columns } = tableOf(table)
  const names = columns.map(({ name }) => name)
  const wrong = Object.entries(values).filter(
    ([name, value]) =>
      !names.includes(name) ||
      (typeof value === 'string' && !value.isWellFormed()) ||
      (typeof value === 'number' && !Number.isFinite(value)) ||
      isWire(value) ||
      typeof value === 'boolean' ||
      value === undefined,
  )
  const required = columns.filter((each) => each.required && each.name !== 'response_id')
  const missing = required.filter(
    ({ name }) => !/^(first|last)_/.test(name) && (values[name] ?? null) === null,
  )
  expect({ table, key, wrong, missing }).toEqual({ table, key, wrong: [], missing: [] })
}
