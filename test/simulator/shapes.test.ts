import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSimulator } from '../../src/simulator/index.js'
import type { Simulator, Truth } from '../../src/simulator/index.js'
import { gatherKinds, hasSamples, sample, samplesFolder } from './kinds.js'
import type { Kinds } from './kinds.js'

const noon = Date.UTC(2026, 1, 3, 12)

describe.skipIf(!hasSamples)(`shapes, held against ${samplesFolder}`, () => {
  let native: Simulator
  let documented: Simulator
  let truth: Truth
  let parameters: Record<string, Record<string, string>>

  beforeAll(async () => {
    native = await openSimulator({ posts: 60, clock: () => noon, seed: 3 })
    documented = await openSimulator({
      posts: 60,
      clock: () => noon,
      seed: 3,
      shape: 'documented',
      hasMore: 'present',
    })
    truth = native.truth()
    parameters = await parametersOf(native, truth)
  })
  afterAll(async () => {
    await native.close()
    await documented.close()
  })

  const known: Kinds = new Map()
  if (hasSamples) for (const name of comparable) gatherKinds(sample(name), known)

  it.each(Object.keys(paths))('%s has no form of an object that the samples lack', async (name) => {
    const answer = await ask(native, name, parameters[name] ?? {})

    const kinds = gatherKinds(answer)
    expect(unknownForms(kinds, known)).toEqual([])
  })

  it.each(Object.keys(paths))('%s begins as its sample does', async (name) => {
    const answer = await ask(native, name, parameters[name] ?? {})

    const expected = sample(paths[name] ?? '') as Record<string, unknown>
    expect(Object.keys(answer)).toEqual(Object.keys(expected))
    const [data, wanted] = [answer.data, expected.data] as Record<string, unknown>[]
    const optional = new Set(['has_more', 'reposter_profile'])
    const plain = (keys: object = {}) => Object.keys(keys).filter((key) => !optional.has(key))
    expect(plain(data)).toEqual(plain(wanted))
  })

  it('tells posts of 2025 with 39 keys, and some of 2026 with more', async () => {
    const details = await Promise.all(
      truth.posts.slice(0, 40).map(({ post_id }) => ask(native, 'get_post_detail', { post_id })),
    )

    const counts = details.map(({ data }) => Object.keys((data as { post: object }).post).length)
    const of2026 = Object.keys(
      (sample('get_post_detail_2026_schema') as { data: { post: object } }).data.post,
    ).length
    expect([...new Set(counts)].sort()).toEqual([39, of2026])
  })

  it('comments and remixes of the documented shape are those of the documents', async () => {
    const flat = gatherKinds(sample('get_post_comments_flat_as_documented'))
    const bare = gatherKinds(sample('get_post_remix_list_bare_as_documented'), new Map(known))

    const comments = gatherKinds(
      await ask(documented, 'get_post_comments', parameters.get_post_comments ?? {}),
    )
    const remixes = gatherKinds(
      await ask(documented, 'get_post_remix_list', parameters.get_post_remix_list ?? {}),
    )

    expect([...(comments.get('items[]') ?? new Map()).keys()]).toEqual([
      ...(flat.get('items[]') ?? new Map()).keys(),
    ])
    expect(unknownForms(remixes, bare)).toEqual([])
  })
})

const paths: Record<string, string> = {
  get_feed: 'get_feed',
  get_post_detail: 'get_post_detail',
  get_post_remix_list: 'get_post_remix_list',
  get_post_comments: 'get_post_comments',
  get_comment_replies: 'get_comment_replies',
  get_user_profile: 'get_user_profile',
  get_user_posts: 'get_user_posts',
  get_user_cameo_appearances: 'get_user_cameo_appearances',
  get_user_followers: 'get_user_followers',
  get_user_following: 'get_user_following',
  get_cameo_leaderboard: 'get_cameo_leaderboard',
  search_users: 'search_users',
  get_video_download_info: 'get_video_download_info',
  get_task_status: 'get_task_status_succeeded',
  get_task_detail: 'get_task_detail',
}

const comparable = [
  ...Object.values(paths),
  'get_feed_last_page',
  'get_post_comments_last_page',
  'get_post_detail_2026_schema',
  'get_user_profile_flat_2026',
  'native_public_feed',
  'native_tombstoned_wrapper',
]

async function ask(
  { url, key }: Simulator,
  endpoint: string,
  params: Record<string, string>,
): Promise<Record<string, unknown>> {
  const query = new URLSearchParams(params).toString()
  const response = await fetch(`${url}/api/v1/sora2/${endpoint}?${query}`, {
    headers: { authorization: `Bearer ${key}` },
  })
  expect(response.status).toBe(200)
  return (await response.json()) as Record<string, unknown>
}

async function parametersOf(simulator: Simulator, truth: Truth) {
  const busiest = <Each>(list: Each[], by: (each: Each) => number): Each =>
    list.reduce((best, each) => (by(each) > by(best) ? each : best))
  const video = truth.posts.find((post) => !post.tombstoned && post.text !== '')
  const most = {
    comments: busiest(truth.posts, (post) => post.reply_count).post_id,
    remixes: busiest(truth.posts, (post) => post.remix_count).post_id,
    replies: busiest(truth.comments, (each) => each.reply_count).comment_id,
    user: busiest(truth.users, (user) => user.follower_count).user_id,
    cast: busiest(truth.users, (user) => user.cameo_count).user_id,
  }
  const details = await Promise.all(
    truth.posts.slice(0, 12).map(({ post_id }) => ask(simulator, 'get_post_detail', { post_id })),
  )
  const made = details.flatMap(({ data }) => {
    const { post } = data as { post: { attachments: Record<string, string | null>[] } }
    return post.attachments
  })
  const told = (key: string): string => made.find((each) => each[key])?.[key] ?? ''
  return {
    get_post_detail: { post_id: video?.post_id ?? '', post_url: '' },
    get_post_remix_list: { post_id: most.remixes },
    get_post_comments: { post_id: most.comments },
    get_comment_replies: { comment_id: most.replies },
    get_user_profile: { user_id: truth.users[0]?.user_id ?? '' },
    get_user_posts: { user_id: truth.users[0]?.user_id ?? '' },
    get_user_cameo_appearances: { user_id: most.cast },
    get_user_followers: { user_id: most.user },
    get_user_following: { user_id: most.user },
    search_users: { username: 'owl' },
    get_video_download_info: { post_id: video?.post_id ?? '' },
    get_task_status: { task_id: told('task_id') },
    get_task_detail: { generation_id: told('generation_id') },
  } as Record<string, Record<string, string>>
}

/** Values that the samples happen not to hold, and `data-shapes.md` tells (3.2, 3.5, 3.6). */
const toldElsewhere = new Set([
  'post.srt_url: null',
  'post.vtt_url: null',
  'encodings.md: null',
  'owner_profile.display_name: string',
])

/** Forms and types of values that the samples do not have. */
function unknownForms(kinds: Kinds, known: Kinds): string[] {
  const problems: string[] = []
  for (const [kind, forms] of kinds) {
    if (kind === 'params') continue
    const knownForms = known.get(kind)
    for (const [keys, fields] of forms) {
      if (!knownForms?.has(keys)) problems.push(`${kind}: ${keys}`)
      for (const [key, types] of fields) {
        const fit = new Set(
          [...(knownForms?.values() ?? [])].flatMap((f) => [...(f.get(key) ?? [])]),
        )
        for (const type of types) if (!fit.has(type)) problems.push(`${kind}.${key}: ${type}`)
      }
    }
  }
  return problems.filter((problem) => !toldElsewhere.has(problem))
}
