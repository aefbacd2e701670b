import fc from 'fast-check'
import type { Answer } from './archives.js'

/**
 * Answers about a small world, at random: what hangs under what is fixed, all else is as told at the
 * time. Objects are full, summaries, TikHub's short forms or tombstones; keys come and go.
 */

type Json = Record<string, unknown>

const second = 1760500000
const hex = (n: number): string =>
  `${(second + n).toString(16)}00008191${String(n).padStart(16, '0')}`
const postId = (n: number): string => `s_${hex(n)}`
const userId = (n: number): string =>
  n === 3 ? `ch_${hex(0)}` : `user-${String(n).padStart(24, 'u')}`
const ulid = (n: number): string => `01k7z067p3${String(n).padStart(16, '0')}`

/** Which post each post remixes: 0 ← 1 ← 2, 0 ← 3. */
const remixPaths: string[][] = [[], [postId(0)], [postId(1), postId(0)], [postId(0)]]

/** Where each comment hangs, nearest first: two on a post, a reply, its reply, one on a remix. */
const commentPaths: Record<number, string[]> = {
  10: [postId(0)],
  11: [postId(0)],
  12: [hex(10), postId(0)],
  13: [hex(12), hex(10), postId(0)],
  14: [postId(1), postId(0)],
}
const commentsOn = (parent: string): number[] =>
  Object.keys(commentPaths)
    .map(Number)
    .filter((n) => commentPaths[n]![0] === parent)

const text = fc.constantFrom('', 'one', 'two', 'zwei 🦊')
const orNull = <Item>(item: fc.Arbitrary<Item>) => fc.option(item, { freq: 2 })
const count = fc.constantFrom(0, 1, 2, 3)
const maybe = (model: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Json> =>
  fc.record(model, { requiredKeys: [] })

/** The address of a file: with a signature, or as a dump holds it that was cleaned of them. */
const signed = (file: string) =>
  fc
    .constantFrom('?se=2026-02-06T00%3A00%3A00Z&sig=A', '?se=2026-02-07T00%3A00%3A00Z&sig=A', '')
    .map((signature) => `https://videos.openai.com/az/files/${file}%2Fraw${signature}`)

const summary = (n: number): fc.Arbitrary<Json> =>
  maybe({
    username: fc.constantFrom(`name${n}`, `other${n}`),
    display_name: orNull(text),
    verified: fc.boolean(),
    follower_count: count,
    profile_picture_url: signed(`picture${n}`),
  }).map((told) => ({ user_id: userId(n), ...told }))

const fullProfile = (n: number): fc.Arbitrary<Json> =>
  fc
    .tuple(
      summary(n),
      maybe({
        description: orNull(text),
        location: orNull(text),
        cover_photo_url: orNull(signed(`cover${n}`)),
        post_count: count,
        cameo_count: count,
        owner_profile: n === 3 ? orNull(summary(0)) : fc.constant(null),
        updated_at: fc.constantFrom(second + 1, second + 2),
      }),
    )
    .map(([short, rest]) => ({ ...short, ...rest, created_at: second - 1000 }))

const anonymous: Json = { user_id: 'anonymous', username: 'anonymous', created_at: 0 }
const person = fc.integer({ min: 0, max: 3 })
const profile = (n: number) => fc.oneof(fullProfile(n), summary(n))
const anyProfile = person.chain(profile)

const video = (owner: string): fc.Arbitrary<Json> =>
  maybe({
    url: signed(`${owner}-md`),
    downloadable_url: orNull(signed(owner)),
    width: fc.constantFrom(352, 640),
    n_frames: fc.constantFrom(300, 450),
    duration_s: fc.constantFrom(10.1, 10),
    prompt: orNull(text),
    title: orNull(text),
    encodings: maybe({
      source: maybe({ size: orNull(count), ssim: fc.constantFrom(0.5, 1) }).chain((facts) =>
        signed(owner).map((path) => ({ path, ...facts })),
      ),
      md: fc.constant(null),
    }),
  })

const mention = fc.constantFrom(
  { text: 'hi @name1', text_facets: [{ start: 3, end: 9, type: 'mention' }] },
  { text: '🦊 @name1', text_facets: [{ start: 3, end: 9, type: 'mention' }] },
  { text: 'nobody', text_facets: [{ start: 0, end: 3, type: 'mention' }] },
)

const attachmentsOf = (id: string, isRequired: boolean) =>
  video(id).map((told) => [
    {
      id: `${id}-attachment-0`,
      kind: 'sora',
      generation_id: `gen_${ulid(isRequired ? 1 : 2)}`,
      ...told,
    },
  ])

const counters = {
  like_count: count,
  dislike_count: count,
  reply_count: count,
  recursive_reply_count: count,
  view_count: fc.constantFrom(1, 2),
  remix_count: count,
  share_count: count,
}

/** A post or comment, living or not, full or short; its parents are told in part or not at all. */
function post(id: string, path: string[]): fc.Arbitrary<Json> {
  const parents = fc.constantFrom<Json>(
    {},
    path.length > 0 ? { parent_post_id: path[0] } : {},
    path.length > 0
      ? { parent_post_id: path[0], root_post_id: path.at(-1), parent_path: path }
      : { parent_post_id: null, root_post_id: null, parent_path: null },
  )
  const living = fc
    .tuple(
      maybe({
        ...counters,
        text,
        caption: orNull(text),
        emoji: orNull(text),
        shared_by: fc.constantFrom(userId(0), userId(1)),
        posted_at: fc.constantFrom(second, second + 0.5),
        updated_at: fc.constantFrom(second + 1, second + 2),
        posted_to_public: fc.boolean(),
        permissions: fc.constantFrom({ share_setting: 'public' }, { share_setting: 'private' }),
        preview_image_url: signed(`preview-${id}`),
        cameo_profiles: orNull(fc.array(anyProfile, { maxLength: 2 })),
        attachments: fc.oneof(fc.constant([]), attachmentsOf(id, true)),
        is_featured: orNull(fc.boolean()),
        unknown_key: text,
      }),
      fc.oneof(fc.constant({}), mention),
      fc.constantFrom<Json>({ tombstoned_at: null }, {}),
    )
    .map(([told, facets, full]) => ({ ...told, ...facets, ...full }))
  const deleted = fc
    .tuple(maybe(counters), fc.constantFrom(second + 50, second + 60))
    .map(([told, tombstoned_at]) => ({
      ...told,
      tombstoned_at,
      shared_by: 'anonymous',
      text: 'gone',
    }))
  return fc
    .tuple(parents, fc.oneof({ weight: 4, arbitrary: living }, { weight: 1, arbitrary: deleted }))
    .map(([placed, told]) => ({ id, ...placed, ...told }))
}

const beside = fc.oneof(anyProfile, fc.constant(anonymous), fc.constant(null))

const postOf = (n: number): fc.Arbitrary<Json> => post(postId(n), remixPaths[n]!)
const wrapped = (item: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.tuple(item, beside).map(([told, by]) => ({ post: told, profile: by }))

const anyPost = fc
  .integer({ min: 0, max: 3 })
  .chain((n) =>
    wrapped(
      fc
        .tuple(
          postOf(n),
          n > 0 ? orNull(wrapped(postOf(remixPaths[n]!.length === 2 ? 1 : 0))) : fc.constant(null),
        )
        .map(([told, parent]) => ({ ...told, parent_post: parent })),
    ),
  )

const flatComment = (n: number): fc.Arbitrary<Json> =>
  fc
    .tuple(
      maybe({ text, like_count: count, reply_count: count, posted_by: fc.constant(userId(2)) }),
      beside,
    )
    .map(([told, by]) => ({ id: hex(n), ...told, profile: by }))

/** A comment of a list, with the comments under it inlined down to some level. */
function node(n: number, levels: number): fc.Arbitrary<Json> {
  const below = levels === 0 ? [] : commentsOn(hex(n))
  const item = fc.oneof(flatComment(n), wrapped(post(hex(n), commentPaths[n]!)))
  return fc
    .tuple(
      item,
      fc.subarray(below).chain((some) => fc.tuple(...some.map((each) => node(each, levels - 1)))),
    )
    .map(([told, items]) => ({ ...told, children: { items, cursor: null } }))
}

const cursor = fc.constantFrom(null, '', 'next')
const listOf = (items: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.record({ items: fc.array(items, { maxLength: 3 }), cursor })

const treeOf = (parent: string): fc.Arbitrary<Json> =>
  fc
    .tuple(
      fc
        .subarray(commentsOn(parent))
        .chain((some) => fc.tuple(...some.map((each) => node(each, 2)))),
      cursor,
    )
    .map(([items, next]) => ({ children: { items, cursor: next } }))

const creation = fc.record({
  orientation: fc.constantFrom('portrait', 'landscape'),
  n_frames: fc.constantFrom(300, 450),
  remix_target_post: orNull(wrapped(postOf(0))),
  cameo_profiles: orNull(fc.array(anyProfile, { maxLength: 1 })),
})

const draft = fc.integer({ min: 1, max: 2 }).chain((n) =>
  fc
    .tuple(
      video(`draft${n}`),
      maybe({
        kind: fc.constantFrom('sora_draft', 'sora_error'),
        prompt: orNull(text),
        error_reason: orNull(text),
        created_at: orNull(fc.constantFrom(second, second + 0.5)),
        creation_config: creation,
        post: orNull(wrapped(postOf(1))),
      }),
    )
    .map(([files, told]) => ({ id: `gen_${ulid(n)}`, ...files, ...told })),
)

const task = maybe({
  status: fc.constantFrom('queued', 'running'),
  prompt: orNull(text),
  progress_pct: orNull(fc.constantFrom(0, 0.5)),
  generations: fc.array(draft, { maxLength: 1 }),
}).map((told) => ({ id: `task_${ulid(1)}`, ...told }))

const downloadInfo = fc
  .tuple(maybe({ title: text, created_at: fc.constant(second) }), maybe(counters), summary(0))
  .map(([told, stats, author]) => ({ post_id: postId(0), ...told, stats, author }))

const broken = fc.constantFrom<Json>({ items: [17, { post: { id: 'x' } }] }, { cursor: 5 }, {})

const call = (endpoint: string, params: Record<string, string>, data: fc.Arbitrary<unknown>) =>
  data.map((told) => ({ endpoint, params, data: told }))

const anyCall = fc.oneof(
  call('get_feed', {}, listOf(anyPost)),
  call('get_user_posts', { user_id: userId(0) }, listOf(anyPost)),
  call('get_post_detail', { post_id: postId(0) }, wrapped(postOf(0))),
  call(
    'get_post_remix_list',
    { post_id: postId(0) },
    listOf(fc.oneof(postOf(1), wrapped(postOf(3)))),
  ),
  call('get_post_comments', { post_id: postId(0) }, treeOf(postId(0))),
  call('get_post_comments', { post_id: postId(1) }, treeOf(postId(1))),
  call('get_comment_replies', { comment_id: hex(10) }, treeOf(hex(10))),
  call('get_comment_replies', { comment_id: hex(12) }, treeOf(hex(12))),
  call('get_user_profile', { user_id: userId(3) }, fullProfile(3)),
  call('get_user_followers', { user_id: userId(0) }, listOf(anyProfile)),
  call('get_cameo_leaderboard', {}, listOf(anyProfile)),
  call(
    'search_users',
    { username: 'n' },
    fc.record({ items: fc.array(anyProfile, { maxLength: 2 }) }),
  ),
  call('native_drafts', {}, listOf(draft)),
  call('get_task_status', { task_id: `task_${ulid(1)}` }, task),
  call('get_video_download_info', { post_id: postId(0) }, downloadInfo),
  call('get_feed', {}, broken),
)

/** Several answers, some of one instant; the number in the envelope keeps equal ones apart. */
export const anyAnswers: fc.Arbitrary<Answer[]> = fc
  .array(fc.tuple(anyCall, fc.integer({ min: 1, max: 5 })), { minLength: 2, maxLength: 7 })
  .map((calls) =>
    calls.map(([{ endpoint, params, data }, at], index) => ({
      endpoint,
      params,
      body: endpoint.startsWith('native_')
        ? JSON.stringify({ ...(data as Json), debug_info: index })
        : JSON.stringify({ code: 200, request_id: String(index), router: 'r', data }),
      receivedAt: (second + at) * 1e6,
    })),
  )
