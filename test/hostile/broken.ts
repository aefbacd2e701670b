import type { Item, Page } from './listings.js'
import { remixCursor } from './listings.js'
import type { Network, Post } from './network.js'
import { summaryWire } from './objects.js'
import { commentItem, leaves } from './threads.js'
import type { Wire } from './wire.js'

/** What cannot be an item at all: each an anomaly, and no row. */
export const unreadable = (net: Network): Item[] => {
  const good = net.newPost()
  net.posts.pop()
  const withId = (id: unknown): Wire => ({ post: { ...good.wire, id }, profile: null })
  const noId: Wire = { ...good.wire }
  delete noId['id']
  const items: unknown[] = [
    null,
    'a string',
    7,
    [],
    {},
    { post: noId, profile: null },
    withId('s_68e466aa780c8191b'),
    withId(12345),
    withId(null),
    { post: null, profile: null },
    { post: 'text', profile: null },
  ]
  return items.map((item) => () => item)
}

interface Breakage {
  /** Served over the clean post. */
  post?: Wire
  drop?: string[]
  /** Served in place of the profile beside it. */
  profile?: unknown
  /** What the truth says in place of the clean value; undefined: not certain. */
  truth?: Post['truth']
  /** Surely not as expected, so there must be an anomaly. */
  anomaly?: boolean
}

const deep = (levels: number): unknown => (levels === 0 ? 'bottom' : [deep(levels - 1)])

const attachment = (post: Post): Wire => (post.wire['attachments'] as Wire[])[0]!

/** A post with something wrong in it, by name. Its row is there all the same. */
const breakages = (net: Network, post: Post): Record<string, Breakage> => {
  const fromId = Math.floor(post.wire['posted_at'] as number) * 1e6
  const unsureTime = { truth: { posted_at: undefined } }
  const noAttachment = { truth: { attachments: undefined } }
  const one = attachment(post)
  const encodings = one['encodings'] as Wire
  const [cast] = net.crowd
  return {
    counterString: { post: { like_count: '12' }, truth: { like_count: undefined } },
    counterWord: {
      post: { like_count: 'a dozen' },
      truth: { like_count: undefined },
      anomaly: true,
    },
    counterFraction: { post: { like_count: 1.5 }, truth: { like_count: undefined }, anomaly: true },
    counterNegative: { post: { like_count: -3 }, truth: { like_count: undefined } },
    counterTooLarge: {
      post: { view_count: 2n ** 64n },
      truth: { view_count: undefined },
      anomaly: true,
    },
    counterAbove53: {
      post: { view_count: 2n ** 53n + 12345n },
      truth: { view_count: 2n ** 53n + 12345n },
    },
    counterLargest: { post: { view_count: 2n ** 63n - 1n }, truth: { view_count: 2n ** 63n - 1n } },
    postedNull: { post: { posted_at: null }, truth: { posted_at: fromId } },
    postedMissing: { drop: ['posted_at'], truth: { posted_at: fromId } },
    postedString: { post: { posted_at: '2025-10-19T20:57:31Z' }, ...unsureTime, anomaly: true },
    postedFarAway: { post: { posted_at: 1e300 }, ...unsureTime, anomaly: true },
    textNull: { post: { text: null }, truth: { text: null } },
    attachmentsNull: { post: { attachments: null }, ...noAttachment },
    attachmentsString: { post: { attachments: 'none' }, ...noAttachment, anomaly: true },
    attachmentsWithNull: { post: { attachments: [one, null] }, anomaly: true },
    pathString: { post: { parent_path: 'abc' }, anomaly: true },
    profileNull: { profile: null },
    profileWithoutId: { profile: { username: post.profile['username'] } },
    castWithNull: { post: { cameo_profiles: [cast, null] }, anomaly: true },
    facetsAstray: {
      post: {
        text_facets: [{ start: 2, end: 9999, type: 'mention', profile: summaryWire(cast!) }],
      },
      anomaly: true,
    },
    urlOfScript: {
      post: {
        attachments: [{ ...one, encodings: { ...encodings, md: { path: 'javascript:alert(1)' } } }],
      },
      anomaly: true,
    },
    encodingWithoutPath: {
      post: { attachments: [{ ...one, encodings: { ...encodings, md: {} } }] },
    },
    authorNumber: { post: { shared_by: 12345 }, truth: { author_id: undefined }, anomaly: true },
    deepGarbage: { post: { unknown_depth: deep(1000) } },
    unknownKeys: { post: { zzz: 1, '': [], 'a.b': { c: null }, num_direct_children: 'many' } },
    prototypeKeys: {
      post: JSON.parse(
        '{"__proto__": {"caption": "polluted"}, "constructor": {"prototype": {"emoji": 1}}}',
      ) as Wire,
      drop: ['caption'],
    },
  }
}

/** Texts that break tools; each is kept to the character. */
const texts: Record<string, string> = {
  veryLong: 'long 夜 '.repeat(20000),
  nul: 'before\u0000after',
  lineSeparator: 'one\u2028two\u2029three\r\nfour',
  loneSurrogate: 'half \ud83d a face',
  rightToLeft: 'שלום \u202e drow \u2066 عالم',
  emoji: '👩‍👩‍👧‍👦🏳️‍🌈 é é',
  sql: "'; DROP TABLE posts; --",
  html: '<img src=x onerror="alert(1)"><script>1</script>',
  csv: '=HYPERLINK("http://x","y"),\t"quoted"\n+1',
  prototype: '__proto__',
  constructorWord: 'constructor',
  blank: '',
}

/** SQLite's TEXT is UTF-8, which has no lone surrogate: it becomes U+FFFD, as `toWellFormed` does. */
export const wellFormed = (text: string): string =>
  text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')

export interface BrokenItem {
  item: Item
  anomaly: boolean
}

/** The broken and strange items of the feed, one after the other. */
export function brokenFeedItems(net: Network): BrokenItem[] {
  const names = Object.keys(breakages(net, net.newPost()))
  net.posts.pop()
  const broken = names.map((name): BrokenItem => {
    const post = net.newPost()
    post.quiet = true
    const { post: over, drop = [], profile, truth, anomaly } = breakages(net, post)[name]!
    Object.assign(post.truth, truth)
    if (name === 'castWithNull')
      net.truth.cameos.add(`${post.id}>${String(net.crowd[0]!['user_id'])}`)
    const wire = { ...post.wire, ...over }
    for (const key of drop) delete wire[key]
    const item = { post: wire, profile: profile === undefined ? post.profile : profile }
    return { item: () => item, anomaly: anomaly ?? false }
  })
  const strange = Object.values(texts).map((text): BrokenItem => {
    const name = `${[...wellFormed(text)].slice(0, 12).join('')} ${net.users.length}`
    const post = net.newPost(null, net.newUser(name))
    Object.assign(post.wire, { text })
    post.truth['text'] = wellFormed(text)
    return { item: net.wrap(post), anomaly: false }
  })
  const bad = unreadable(net).map((item): BrokenItem => ({ item, anomaly: true }))
  return [...bad, ...broken, ...strange]
}

/** Broken items among good ones in a post's comments, in replies and in a remix list. */
export function brokenListings(net: Network): Post {
  const post = net.newPost()
  const bad = unreadable(net)
  const comments = leaves(net, post, 10)
  const replies = [0, 1, 2].map(() => net.newComment(post, comments[0]!))
  const remixes = [0, 1, 2, 3].map(() => net.newPost(post))
  Object.assign(comments[0]!.wire, { reply_count: 3, recursive_reply_count: 3 })
  Object.assign(post.wire, { reply_count: 10, recursive_reply_count: 13, remix_count: 4 })
  const page = (good: Item[], end: Partial<Page>): Page => ({
    items: bad.flatMap((item, i) => (good[i] ? [item, good[i]] : [item])),
    cursor: null,
    broken: bad.length,
    ...end,
  })
  const told = comments.map((comment) => commentItem(net, comment))
  net.serve('get_post_comments', post.id, [
    page(told.slice(0, 6), { shape: 'children', cursor: 'next+/=&?# ünï' }),
    page(told.slice(6), { shape: 'tree', top: net.wrap(post) }),
  ])
  const items = replies.map((reply) => commentItem(net, reply))
  net.serve('get_comment_replies', comments[0]!.id, [page(items, { shape: 'children' })])
  const wrapped = remixes.map((remix) => net.wrap(remix))
  net.serve('get_post_remix_list', post.id, [
    page(wrapped.slice(0, 2), { cursor: remixCursor(post.id, 1) }),
    page(wrapped.slice(2), {}),
  ])
  return post
}
