import { answerFormats, formatNames } from '../../../src/export/format.js'
import type { Fields } from '../archives.js'

/** Every format that may be published. */
export const publishable = formatNames.filter((each) => !answerFormats.includes(each))

const hex = (start: string): string => start.padEnd(32, '0')

/** A post's id. */
export const post = (n: number): string => `s_${hex(`68e${n}`)}`

/** A comment's id. */
export const comment = (n: number): string => hex(`69c${n}`)

/** A person's id. */
export const user = (n: number): string => `user-${String(n).padStart(4, '0')}ABCDEFGHIJKLMNOPQRST`

/** The id of a character. */
export const character = `ch_${hex('0a')}`

const signature = 'se=2026-02-06T00%3A00%3A00Z&sp=r&sig=SIGNATUREsignatureSIGNATURE%3D'
const signed = (path: string): string =>
  `https://videos.openai.com/az/vg-assets/${path}?${signature}`

/** What must be nowhere in a dataset that is published. */
export const secrets = {
  ids: [1, 2, 3, 4, 5, 6, 7, 8, 9].map(user).concat(character),
  handles: [
    'alice',
    'bob.b',
    'carol-c',
    'sora',
    'dave_d',
    'old_alice',
    'hidden.h',
    'erin',
    'fay.f',
    'zed',
  ],
  names: ['Alice A. Liddell', 'Bob 🦊', 'sunset', 'Carol', 'Old Alice', 'Public Figure', 'Hidden'],
  signatures: ['SIGNATUREsignatureSIGNATURE', 'sp=r'],
  private: [
    'PRIVATE PROMPT',
    'PRIVATE POST',
    'UNLISTED POST',
    'UNKNOWN POST',
    'PRIVATE COMMENT',
    'UNDER PRIVATE',
    'OLD SECRET WORDS',
    'BIO OF',
    'PLACE OF',
    'website.example',
    'PROBLEM WITH',
    'EXCERPT OF',
    '/home/me/dump.json',
  ],
  places: ['http://localhost', 'https://videos', 'vg-assets', 'media/ab'],
  objects: [post(5), post(6), post(7), comment(4), comment(5), 'gen_secret', 'task_secret'],
} as const

const people: Fields[] = [
  { user_id: user(1), username: 'alice', display_name: 'Alice A. Liddell' },
  { user_id: user(2), username: 'bob.b', display_name: 'Bob 🦊' },
  { user_id: user(3), username: 'carol-c', display_name: 'Carol' },
  { user_id: user(4), username: 'sora', display_name: 'sunset' },
  { user_id: user(5), username: 'dave_d', public_figure_name: 'Public Figure' },
  { user_id: user(6), username: 'hidden.h', display_name: 'Hidden' },
  { user_id: user(7), username: 'erin', display_name: '🔥' },
  { user_id: user(9), username: 'fay.f', display_name: '🌊' },
  { user_id: character, username: 'zed', display_name: null, owner_user_id: user(8) },
].map((each, n) => ({
  description: `BIO OF ${n}`,
  location: `PLACE OF ${n}`,
  website: `https://website.example/${n}`,
  permalink: `https://sora.chatgpt.com/profile/${each.username}`,
  profile_picture_url: signed(`project-y/profile/${each.user_id}/a.jpeg`),
  created_at: 1_760_544_196_886_897,
  follower_count: 10 + n,
  ...each,
}))

const texts = {
  mentions: `hi @alice, @BOB.B! @carol-c. and ＠sora @al\u200bice %40alice &#64;alice @nobody`,
  links: `see https://sora.chatgpt.com/profile/alice?${signature} mail alice@example.com +49 170 1234567`,
  ids: `by ${user(1)} and ${character} https://x.y/?user=${user(2)}`,
}

const posts: Fields[] = [
  { post_id: post(1), author_id: user(1), text: texts.mentions, caption: 'alice', emoji: '🔥' },
  {
    post_id: post(2),
    author_id: user(2),
    text: texts.links,
    parent_post_id: post(1),
    emoji: 'carol-c',
  },
  { post_id: post(3), author_id: user(3), text: 'sunset', parent_post_id: post(5) },
  { post_id: post(4), author_id: user(4), text: texts.ids, tombstoned_at: 5, emoji: 'carol-c' },
  { post_id: post(5), author_id: user(6), text: 'PRIVATE POST', share_setting: 'private' },
  { post_id: post(6), author_id: user(6), text: 'UNLISTED POST', posted_to_public: 0 },
  { post_id: post(7), author_id: user(6), text: 'UNKNOWN POST', posted_to_public: null },
  { post_id: post(8), author_id: user(3), text: 'from the feed', posted_to_public: null },
].map((each) => ({
  posted_to_public: 1,
  permalink: `https://sora.chatgpt.com/p/${each.post_id}`,
  preview_image_url: signed(`task_secret/${each.post_id}.jpeg`),
  posted_at: 1_760_544_196_886_897,
  source: 'sy',
  like_count: 3,
  ...each,
}))

const comments: Fields[] = [
  { comment_id: comment(1), post_id: post(1), author_id: user(2), text: 'Bob 🦊' },
  { comment_id: comment(2), post_id: post(1), parent_comment_id: comment(1), text: '@erin hm' },
  { comment_id: comment(3), post_id: post(4), author_id: user(3), text: 'under a deleted one' },
  { comment_id: comment(4), post_id: post(1), text: 'PRIVATE COMMENT', share_setting: 'private' },
  { comment_id: comment(5), post_id: post(5), author_id: user(1), text: 'UNDER PRIVATE' },
  { comment_id: comment(6), post_id: post(1), author_id: user(4), text: 'x', tombstoned_at: 7 },
]

const owned = (owner_kind: string, owner_id: string): Fields => ({ owner_kind, owner_id })

/** Rows of an archive in which every place that may hold somebody's name holds one. */
export const world: Record<string, Fields[]> = {
  users: people,
  posts,
  comments,
  remixes: [
    { parent_post_id: post(1), remix_post_id: post(2), told_by: 'parent_post_id' },
    { parent_post_id: post(5), remix_post_id: post(3), told_by: 'parent_post_id' },
    { parent_post_id: post(1), remix_post_id: post(6), told_by: 'draft' },
  ],
  attachments: [1, 2, 4, 5].map((n) => ({
    attachment_id: n === 2 ? 'alice-attachment' : `${post(n)}-attachment-0`,
    ...owned('post', post(n)),
    kind: n === 2 ? 'alice' : 'sora',
    generation_id: 'gen_secret',
    task_id: 'task_secret',
    prompt: 'PRIVATE PROMPT of an attachment',
    title: 'Alice A. Liddell',
    width: 640,
  })),
  generations: [
    {
      generation_id: 'gen_secret',
      prompt: 'PRIVATE PROMPT',
      task_id: 'task_secret',
      post_id: post(1),
    },
    { generation_id: 'gen_secret2', prompt: 'PRIVATE PROMPT of @alice', title: 'alice' },
  ],
  tasks: [{ task_id: 'task_secret', prompt: 'PRIVATE PROMPT', status: 'alice' }],
  assets: [
    ...[1, 2, 4, 5].map((n) => ({
      ...owned('post', post(n)),
      variant: n === 2 ? 'alice' : 'source',
      asset_key: `task_secret/${post(n)}/alice.mp4`,
      url: signed(`task_secret/${post(n)}/alice.mp4`),
      size_bytes: 5,
    })),
    {
      ...owned('user', user(1)),
      variant: 'profile_picture',
      asset_key: `project-y/profile/${user(1)}/a.jpeg`,
    },
    { ...owned('generation', 'gen_secret'), variant: 'source', asset_key: 'task_secret/draft.mp4' },
  ],
  media: [
    { asset_key: `task_secret/${post(1)}/alice.mp4`, sha256: 'ab'.repeat(32), state: 'saved' },
    { asset_key: `task_secret/${post(5)}/alice.mp4`, sha256: 'cd'.repeat(32), state: 'saved' },
    { asset_key: `project-y/profile/${user(1)}/a.jpeg`, sha256: 'ef'.repeat(32), state: 'saved' },
  ].map((each) => ({ path: 'media/ab/abab.mp4', error: `PROBLEM WITH ${user(1)}`, ...each })),
  cameos: [
    { ...owned('post', post(1)), user_id: character },
    { ...owned('post', post(4)), user_id: user(1) },
    { ...owned('post', post(5)), user_id: user(6) },
    { ...owned('generation', 'gen_secret'), user_id: user(6) },
  ],
  reposts: [
    { ...owned('post', post(8)), user_id: user(9) },
    { ...owned('post', post(5)), user_id: user(6) },
  ],
  follows: [{ follower_id: user(1), followee_id: user(5) }],
  text_facets: [
    {
      ...owned('post', post(1)),
      position: 0,
      kind: 'mention',
      user_id: user(1),
      value: '@alice',
      start_char: 3,
    },
    {
      ...owned('post', post(5)),
      position: 0,
      kind: 'mention',
      user_id: user(6),
      value: '@hidden.h',
    },
  ],
  feed_entries: [
    { response_id: 'r_feed', position: 0, post_id: post(8), feed: 'nf2_top_7d' },
    { response_id: 'r_feed', position: 2, post_id: post(8), reposter_user_id: user(9) },
    { response_id: 'r_feed', position: 1, post_id: post(5), feed: 'alice' },
  ],
  leaderboard_entries: [{ response_id: 'r_board', position: 0, user_id: user(7), cameo_count: 3 }],
  search_entries: [{ response_id: 'r_search', position: 0, user_id: user(2), term: 'bob.b' }],
  observations: [1, 5].map((n) => ({
    entity_kind: 'post',
    entity_id: post(n),
    response_id: 'r_feed',
    like_count: n,
  })),
  revisions: [
    ['user', user(1), 'username', 'old_alice', 'alice'],
    ['user', user(1), 'display_name', 'Old Alice', 'Alice A. Liddell'],
    ['user', user(1), 'description', 'BIO OF old', 'BIO OF new'],
    ['user', user(1), 'verified', '0', '1'],
    ['post', post(1), 'text', 'was @old_alice', texts.mentions],
    ['post', post(2), 'text', 'OLD SECRET WORDS', texts.links],
    ['post', post(2), 'share_setting', 'private', 'public'],
    ['post', post(1), 'preview_image_url', 'task_secret/a', 'task_secret/b'],
    ['post', post(5), 'text', 'PRIVATE POST', 'PRIVATE POST 2'],
  ].map(([entity_kind, entity_id, field, old, next]) => ({
    ...{ entity_kind: entity_kind!, entity_id: entity_id!, field: field!, old: old! },
    ...{ new: next!, response_id: 'r_feed' },
  })),
  absences: [
    { entity_kind: 'post', entity_id: post(5), response_id: 'r_gone', reason: 'not_found' },
    { entity_kind: 'user', entity_id: user(1), response_id: 'r_gone', reason: 'alice' },
  ],
  anomalies: [
    {
      response_id: 'r_feed',
      json_pointer: '/data/items/0/post/alice',
      problem: `PROBLEM WITH ${user(1)}`,
      excerpt: `EXCERPT OF @alice`,
    },
  ],
  drift: [{ endpoint: 'get_feed', place: 'post alice', type: 'string', example: '"EXCERPT OF x"' }],
  listings: [
    {
      listing_key: `get_user_posts?user_id=${user(1)}`,
      endpoint: 'get_user_posts',
      subject: user(1),
    },
    { listing_key: 'alice', endpoint: 'alice', subject: 'alice', end_reason: 'alice' },
  ],
  passes: [
    {
      pass: 1,
      seeds: JSON.stringify([
        'feed',
        `user:${user(1)}`,
        'search:alice',
        `post:${post(5)}`,
        `post:${post(1)}`,
        `https://sora.chatgpt.com/p/${post(2)}`,
        'task:task_secret',
        'alice',
      ]),
    },
  ],
  runs: [
    {
      run_id: 1,
      command: 'crawl',
      seeds: '["/home/me/dump.json"]',
      config: '{"budgetUsd":1.5,"archive":"/home/me/dump.json","alice":"alice"}',
      outcome: 'alice',
    },
  ],
  requests: [
    {
      request_id: 1,
      endpoint: 'get_user_posts',
      params: `{"user_id":"${user(1)}"}`,
      request_key: `get_user_posts ${user(1)}`,
      listing_key: `get_user_posts?user_id=${user(1)}`,
      reason: 'alice',
      error: 'PROBLEM WITH alice',
    },
  ],
  responses: [
    {
      response_id: 'r_feed',
      endpoint: 'search_users',
      params: '{"username":"alice"}',
      base_url: 'https://videos.example',
      headers: `{"x":"${user(1)}"}`,
      origin: '/home/me/dump.json#alice',
      outcome: 'PROBLEM WITH alice',
      billed: 'no',
    },
  ],
}
