import { describe, expect, it } from 'vitest'
import { forgottenItem, forgottenMark } from '../../src/model/forgotten-mark.js'
import type { Forgotten, ForgottenKind } from '../../src/model/forgotten-names.js'
import { oddityOf } from '../../src/model/oddity.js'
import type { Page, Params } from '../../src/model/page.js'
import { readPage } from '../../src/model/read-page.js'
import { withoutForgotten } from '../../src/model/without-forgotten.js'

const hex = (n: number): string => `68ef192000008191${String(n).padStart(16, '0')}`
const post = (n: number): string => `s_${hex(n)}`
const comment = (n: number): string => hex(100 + n)
const user = (n: number): string => `user-${String(n).padStart(24, '0')}`
const character = `ch_${hex(900)}`
const generation = `gen_01k7z067p30000000000000001`

/** Ann (1) and the handle `ann.lee` are forgotten, post 7 and comment 70 with them. */
const kinds = new Map<string, ForgottenKind>([
  [user(1), 'user'],
  [hex(7), 'post'],
  [comment(70), 'comment'],
])
const forgotten: Forgotten = {
  kindOf: (id) => kinds.get(id.replace(/^s_/, '')) ?? null,
  isHandle: (name) => ['ann.lee', '김_안', 'हिन्दी'].includes(name.toLowerCase()),
  tagOf: () => '0123456789ab',
}
const item = forgottenItem('0123456789ab')

const ann = { user_id: user(1), username: 'ann.lee', display_name: 'Ann', created_at: 1 }
const bob = { user_id: user(2), username: 'bob', created_at: 1 }
const by = (profile: { user_id: string }, id: string, more: object = {}) => ({
  post: { id, shared_by: profile.user_id, text: '', tombstoned_at: null, ...more },
  profile,
})

function rewrite(endpoint: string, params: Params, data: unknown) {
  const rewritten = withoutForgotten({ endpoint, params, text: JSON.stringify(data) }, forgotten)
  if (rewritten === null) return null
  const { text, learned } = rewritten
  return { data: JSON.parse(text) as unknown, learned, page: readPage(endpoint, {}, text).page }
}

const cells = ({ rows }: Page, table: string) =>
  rows.filter((row) => row.table === table).map(({ values }) => values)

describe('withoutForgotten', () => {
  it('leaves alone what names nobody forgotten', () => {
    const data = { items: [by(bob, post(2), { text: 'ann.lee said hello@ann.lee.example' })] }

    expect(rewrite('get_feed', {}, { items: [by(bob, post(2))] })).toBeNull()
    expect(rewrite('get_user_posts', { user_id: user(2) }, data)).toBeNull()
  })

  it('takes a person out of an answer that is no JSON but for a slip', () => {
    const data = { items: [by(ann, post(1), { text: '|' }), by(bob, post(2))], cursor: null }
    const text = JSON.stringify(data).replace('|', 'one\ntwo')

    const rewritten = withoutForgotten({ endpoint: 'get_feed', params: {}, text }, forgotten)

    expect(JSON.parse(rewritten!.text)).toEqual({ ...data, items: [item, data.items[1]] })
  })

  it('takes out posts of a person with all that wraps them; others keep their places', () => {
    const files = [{ id: `${post(1)}-attachment-0`, generation_id: generation, url: 'https://x.y' }]
    const data = { items: [by(ann, post(1), { attachments: files }), by(bob, post(2))], cursor: '' }

    const { page, ...rewritten } = rewrite('get_feed', {}, data)!

    expect(rewritten).toEqual({
      data: { items: [item, data.items[1]], cursor: '' },
      learned: [
        { kind: 'post', name: post(1) },
        { kind: 'thing', name: generation },
      ],
    })
    expect(cells(page, 'feed_entries')).toEqual([
      { position: 1, feed: null, post_id: post(2), reposter_user_id: null },
    ])
    expect(page.listing?.item_ids).toEqual([item, post(2)])
    expect(page.anomalies).toEqual([])
  })

  it('takes out the person wherever their profile stands, and leaves what carried it', () => {
    const text = 'hi @Ann.Lee, @bob.'
    const cast = { cameo_profiles: [ann, bob], original_poster: ann, repost_of_user_id: user(1) }
    const facets = [
      { start: 3, end: 11, type: 'mention', profile: ann },
      { start: 13, end: 17, type: 'mention', profile: bob },
    ]
    const told = { ...by(bob, post(2), { text, ...cast, text_facets: facets }) }

    const { page } = rewrite('get_post_detail', {}, { ...told, reposter_profile: ann })!

    expect(cells(page, 'users').map(({ user_id }) => user_id)).toEqual([user(2)])
    expect(cells(page, 'cameos')).toEqual([
      { owner_kind: 'post', owner_id: post(2), user_id: user(2) },
    ])
    expect(cells(page, 'posts')[0]).toMatchObject({ text: 'hi @███████, @bob.' })
    expect(cells(page, 'posts')[0]).not.toHaveProperty('repost_of_user_id')
    expect(cells(page, 'text_facets')).toMatchObject([
      { position: 1, start_char: 13, end_char: 17, value: '@bob', user_id: user(2) },
    ])
    expect(page.anomalies).toEqual([])
  })

  it('takes out a post with its whole thread, and only the edge to it of a remix', () => {
    const reply = { id: comment(2), posted_by: user(2), text: 'r', parent_post_id: comment(1) }
    const thread = { items: [{ ...reply, id: comment(1), parent_post_id: post(7) }, reply] }
    const path = { parent_post_id: post(7), parent_path: [post(7), post(3)], root_post_id: post(3) }
    const remixes = { items: [by(bob, post(8), path)] }

    const detail = rewrite('get_post_detail', {}, { ...by(bob, post(7)), children: thread })!
    const list = rewrite('get_post_remix_list', { post_id: 'forgotten-0123456789ab' }, remixes)!

    expect([detail.data, detail.page.rows]).toEqual([item, []])
    expect(detail.learned.map(({ name }) => name).sort()).toEqual([comment(1), comment(2)])
    expect(cells(list.page, 'posts')[0]).toMatchObject({ post_id: post(8), text: '' })
    expect(cells(list.page, 'remixes')).toEqual([])
    expect(list.page.anomalies).toEqual([])
  })

  it('takes posts of a person whose profile stands where an id should', () => {
    const { post: theirs } = by(ann, post(4), { shared_by: ann })
    const { post: others } = by(bob, post(5), { shared_by: bob })

    const feed = rewrite('get_feed', {}, { items: [{ post: theirs }, { post: others }] })!

    expect(feed.data).toEqual({ items: [item, { post: others }] })
  })

  it.each([
    ['in an object', (items: object[]) => ({ items, cursor: null })],
    ['bare', (items: object[]) => items],
  ])('keeps the replies to a comment that is forgotten, %s', (_, toChildren) => {
    const path = { parent_post_id: comment(70), parent_path: [comment(70), post(2)] }
    const reply = { ...by(bob, comment(2), { text: 'r', ...path }), children: { items: [] } }
    const node = { ...by(ann, comment(70)), children: toChildren([reply]) }
    const data = { children: { items: [node, by(bob, comment(3))], cursor: null } }

    const { page } = rewrite('get_post_comments', { post_id: post(2) }, data)!
    const placed = cells(page, 'comments').map(
      ({ comment_id, post_id, parent_comment_id, depth }) => ({
        ...{ comment_id, post_id, parent_comment_id, depth },
      }),
    )

    expect(placed).toContainEqual({ comment_id: comment(2), post_id: post(2), depth: 2 })
    expect(placed).toHaveLength(2)
    expect(page.listing?.item_ids).toEqual([item, comment(3)])
    expect(page.anomalies).toEqual([])
  })

  it.each([
    ['get_user_profile', { user_id: user(1) }, { profile: ann }],
    ['get_user_posts', { user_id: user(1) }, { items: [{ id: post(4), text: 'no author' }] }],
    ['get_post_detail', { post_url: `https://sora.chatgpt.com/p/${post(7)}` }, by(bob, post(7))],
    [
      'get_post_comments',
      { post_id: post(7) },
      { items: [{ id: comment(1), posted_by: user(2) }] },
    ],
    [
      'get_video_download_info',
      { post_id: post(7) },
      { post_id: post(7), author: bob, title: 't' },
    ],
  ])('reads nothing from an answer of %s about what is forgotten', (endpoint, params, data) => {
    const envelope = { code: 200, router: '/x', params, data, time_stamp: 1760000000 }

    const { data: left, page } = rewrite(endpoint, params, envelope)!

    expect([page.rows, page.subjects]).toEqual([[], []])
    const read = readPage(endpoint, { post_id: forgottenMark }, JSON.stringify(left))
    expect(oddityOf(endpoint, { post_id: forgottenMark }, read)).toBeNull()
  })

  it.each([user(1), { id: user(1) }])('tells no style in the place of a name: %j', (style) => {
    const file = { id: `${post(2)}-attachment-0`, generation_id: generation, style }

    const { page } = rewrite(
      'get_feed',
      {},
      { items: [by(bob, post(2), { attachments: [file] })] },
    )!

    expect(cells(page, 'attachments')).toHaveLength(1)
    expect(cells(page, 'attachments')[0]).not.toHaveProperty('style')
    expect(page.anomalies).toEqual([])
  })

  it.each([
    ['an object', JSON.stringify({ user_id: user(1) })],
    ['plain text', `1760618957.02966|${user(1)}`],
  ])('keeps the other people of lists about the person, whose cursor packs %s', (_, packed) => {
    const cursor = Buffer.from(packed).toString('base64')
    const data = { items: [bob, ann], cursor }

    const { page, ...rewritten } = rewrite('get_user_followers', { user_id: user(1) }, data)!

    expect(rewritten.data).toEqual({ items: [bob, item], cursor: forgottenMark })
    expect(cells(page, 'users').map(({ user_id }) => user_id)).toEqual([user(2)])
    expect(page.listing).toMatchObject({ cursor: null, problem: 'cursor_unreadable' })
  })

  it('takes a name out of a cursor, though it stands nowhere else', () => {
    const cursor = Buffer.from(JSON.stringify([user(1), 20])).toString('base64')

    const { data } = rewrite('get_feed', {}, { items: [by(bob, post(2))], cursor })!

    expect(data).toEqual({ items: [by(bob, post(2))], cursor: forgottenMark })
  })

  it.each([
    ['get_user_profile', { user_id: user(1) }],
    ['get_post_detail', { post_id: post(7) }],
    ['get_post_detail', { post_url: `https://sora.chatgpt.com/p/${post(7)}` }],
  ])('leaves nothing of an answer to %s about %j, whatever it says', (endpoint, params) => {
    const answer = { code: 200, data: { display_name: 'Ann', text: 'hi' } }

    expect(rewrite(endpoint, params, answer)?.data).toEqual({ code: 200, data: forgottenMark })
    expect(rewrite(endpoint, { user_id: user(2), post_id: post(2) }, answer)).toBeNull()
  })

  it('learns what hangs below a post from an answer about it that names no parents', () => {
    const answer = { code: 200, data: { items: [{ id: comment(5), text: 'hi' }] } }

    const { learned } = rewrite('get_post_comments', { post_id: post(7) }, answer)!

    expect(learned).toEqual([{ kind: 'post', name: comment(5) }])
  })

  it('leaves the replies to a comment that is taken out, and where they go on', () => {
    const children = { items: [{ id: comment(2), posted_by: user(2), text: 'hi' }] }
    const told = { id: comment(70), text: 'x', children, cursor: 'more' }

    const { data } = rewrite('get_post_comments', { post_id: post(2) }, { items: [told] })!

    expect(data).toEqual({ items: [{ post: item, children, cursor: 'more' }] })
  })

  it('takes posts that name nobody out of the list of a person, and out of no other', () => {
    const data = { items: [{ id: post(4), text: 'hi' }] }

    expect(rewrite('get_user_posts', { user_id: user(1) }, data)?.data).toEqual({ items: [item] })
    expect(rewrite('get_user_cameo_appearances', { user_id: user(1) }, data)).toBeNull()
  })

  it.each([[[1, 2, 3]], [[3, 2, 1]]])('knows a thread in whatever order it comes: %j', (order) => {
    const parents = [post(7), comment(1), comment(2)]
    const told = (n: number) => ({ id: comment(n), text: '', parent_post_id: parents[n - 1] })

    const { data } = rewrite('get_feed', {}, { items: order.map(told) })!

    expect(data).toEqual({ items: [item, item, item] })
  })

  it('knows the person by the handle where no id is told, and a character by its owner', () => {
    const data = {
      items: [
        { username: 'Ann.Lee', cameo_count: 3 },
        { user_id: character, username: 'ann.cat', owner_profile: ann },
        { user_id: user(3), username: 'ann.lee', permalink: 'https://sora.com/profile/ann.lee' },
      ],
    }

    const { page, learned } = rewrite('get_cameo_leaderboard', {}, data)!

    expect(learned).toEqual([
      { kind: 'user', name: character },
      { kind: 'handle', name: 'ann.cat' },
    ])
    expect(cells(page, 'users')).toEqual([{ user_id: user(3) }])
    expect(cells(page, 'leaderboard_entries')).toMatchObject([{ position: 2, user_id: user(3) }])
  })

  it.each([
    ['&#64;ann.lee &#x40;ANN.LEE &commat;ann.lee', '&#64;███████ &#x40;███████ &commat;███████'],
    ['%40ann.lee \\u0040ann.lee ﹫ann.lee', '%40███████ \\u0040███████ ﹫███████'],
    ['@\u200bann.lee @ann\u200b.lee', '@\u200b███████ @████████'],
    ['@ａｎｎ.lee **@**ann.lee @`ann.lee`', '@███████ **@**███████ @`███████`'],
    ['@_ann.lee @ann.lee... @ann.leeです', '@_███████ @███████... @███████です'],
    [`x${user(1)}x ${user(1)}${user(2)}`, `x${'█'.repeat(29)}x ${'█'.repeat(29)}${user(2)}`],
    [`${user(2)}${user(1)}`, `${user(2)}${'█'.repeat(29)}`],
    [`S_${hex(7).toUpperCase()}`, '█'.repeat(34)],
    [`ab${hex(7)}${hex(7)}${hex(8)}`, `ab${'█'.repeat(64)}${hex(8)}`],
    [`${hex(8)}${character}${user(1)}`, `${hex(8)}${character}${'█'.repeat(29)}`],
    ['@김_안 @हिन्दी, @김_안님', '@███ @██████, @김_안님'],
    [`@ann.lee様${user(1)}`, `@███████様${'█'.repeat(29)}`],
    [`@${'a'.repeat(50)}${user(1)}`, `@${'a'.repeat(50)}${'█'.repeat(29)}`],
    [`@a${'\u200b'.repeat(80)}nn.lee`, `@${'█'.repeat(87)}`],
    ['{\\"username\\": \\"ann.lee\\"}', '{\\"username\\": \\"███████\\"}'],
    ['@ann.leeds ann.lee @bob', null],
    [`${hex(8)}${hex(9)} ${user(2)}${user(3)}`, null],
  ])('finds names however they are written in texts of others: %j', (text, expected) => {
    const data = { items: [by(bob, post(2), { text })] }

    expect(rewrite('get_feed', {}, data)?.data ?? null).toEqual(
      expected && { items: [by(bob, post(2), { text: expected })] },
    )
  })

  it.each(['text', 'caption', 'discovery_phrase'])(
    'takes out a %s that is nothing but the handle, and leaves such words elsewhere',
    (key) => {
      const data = (word: string) => ({ items: [by(bob, post(2), { [key]: word })] })

      expect(rewrite('get_feed', {}, data('Ann.Lee'))?.data).toEqual(data('███████'))
      expect(rewrite('get_feed', {}, data('by ann.lee'))).toBeNull()
      expect(
        rewrite('get_feed', {}, { items: [by(bob, post(2), { source: 'ann.lee' })] }),
      ).toBeNull()
    },
  )

  it('finds names of which every character is written as a number', () => {
    const text = `{"items":[{"post":{"id":"${post(2)}","text":"\\uff20ann.lee"}}]}`

    const rewritten = withoutForgotten({ endpoint: 'get_feed', params: {}, text }, forgotten)!

    expect(rewritten.text).toContain('＠███████')
  })

  it('takes long runs of signs as they come', () => {
    const text = `@ann.lee ${'@a'.concat('.'.repeat(200_000), 'b')}`

    const rewritten = rewrite('get_feed', {}, { items: [by(bob, post(2), { text })] })!

    expect(JSON.stringify(rewritten.data)).toContain('"@███████ @a...')
  })

  it('takes long runs of digits as they come', () => {
    const text = hex(7).repeat(100_000)

    const rewritten = rewrite('get_feed', {}, { items: [by(bob, post(2), { text })] })!

    expect(JSON.stringify(rewritten.data)).toContain(`"${'█'.repeat(text.length)}"`)
  })

  it('writes all else as it was: long numbers, decimals, characters of any kind', () => {
    const text =
      `{"items":[{"post":{"id":"${post(2)}","text":"\\u2028 @ann.lee 🦊","like_count":9007199254740993,` +
      `"posted_at":1760515218.500366,"view_count":1e400,"shared_by":"${user(2)}"}}]}`

    const rewritten = withoutForgotten({ endpoint: 'get_feed', params: {}, text }, forgotten)!

    expect(JSON.parse(rewritten.text)).toMatchObject({
      items: [{ post: { text: '\u2028 @███████ 🦊' } }],
    })
    expect(rewritten.text).toContain('"like_count":9007199254740993,"posted_at":1760515218.500366')
    expect(rewritten.text).toContain('"view_count":1e400')
  })

  it.each([
    ['no JSON at all', `<a href="/profile/ann.lee">${user(1)}</a>`],
    ['nested too deep to be written', `${'['.repeat(20_000)}"${user(1)}"${']'.repeat(20_000)}`],
    ['with letters written as numbers', `{"items":[{"user_id":"\\u0075${user(1).slice(1)}"}]}`],
    ['with the name as a key', JSON.stringify({ people: { [user(1)]: 'Ann' } })],
    [
      'with a key of JavaScript',
      `{"__proto__":"${user(1)}","a":{"__proto__":{"user_id":"${user(1)}"}}}`,
    ],
  ])('leaves no name in a body %s', (_, text) => {
    const rewritten = withoutForgotten({ endpoint: 'get_feed', params: {}, text }, forgotten)!

    expect(rewritten.text).not.toMatch(/ann\.lee|0{23}1/)
  })
})
