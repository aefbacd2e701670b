import { describe, expect, it } from 'vitest'
import { endpoints } from '../../src/model/endpoints.js'
import { recognise } from '../../src/model/recognise.js'

const hex = '68ef1920000081910000000000000001'
const postId = `s_${hex}`
const person = 'user-ada000000000000000000000'
const ulid = '01k7z067p3j2cp16nmzvdpbweg'

const wrapper = (author: string) => ({ post: { id: postId, shared_by: author }, profile: {} })
const cursorOf = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64')
const feedCursor = cursorOf({ cut: 'nf2_latest', limit: 15, offset: 15 })
const postsCursor = cursorOf({ kind: 'sv2_created_at', created_at: 1760618957.02966 })

type Told = [endpoint: string, params: Record<string, string>, isList: boolean]

describe('recognise', () => {
  it.each(endpoints.map((each) => [each.name, each] as const))(
    'knows an answer of %s by its envelope, with its own parameters in one form',
    (name, { path: router, paged, subject, parameters }) => {
      const isList = paged || !subject
      const names = parameters
        .map((each) => each.name)
        .filter((each) => !/_(url|views)$/.test(each))
      const known = Object.fromEntries(names.sort().map((each) => [each, `its ${each}`]))
      const params = {
        ...{ token: 'x', ...known, post_url: null, eager_views: '{"views":[]}' },
        ...{ count: 20, api_key: 'y' },
      }

      const recognised = recognise({ code: 200, router, params, data: null })

      expect(recognised).toEqual({
        ok: true,
        endpoint: name,
        params: known,
        isList,
      })
    },
  )

  it.each<[string, unknown, Told]>([
    ['a feed by its cursor', { items: [wrapper('a')], cursor: feedCursor }, ['get_feed', {}, true]],
    [
      'a feed by its several authors, on its last page',
      { items: [wrapper(person), wrapper(`${person}1`)], cursor: null },
      ['get_feed', {}, true],
    ],
    [
      'the posts of a person by their one author',
      { items: [wrapper(person), wrapper(person)], cursor: postsCursor },
      ['get_user_posts', { user_id: person }, true],
    ],
    [
      'posts of several people with a cursor of another kind as posts',
      { items: [wrapper(person), wrapper(`${person}1`)], cursor: postsCursor },
      ['native_posts', {}, false],
    ],
    ['a post in its wrapper', wrapper(person), ['get_post_detail', { post_id: postId }, false]],
    ['a bare post', { id: postId }, ['get_post_detail', { post_id: postId }, false]],
    [
      'the tree of a post',
      { ...wrapper(person), children: { items: [], cursor: null } },
      ['get_post_comments', { post_id: postId }, true],
    ],
    [
      'the tree of a comment',
      { post: { id: hex }, profile: {}, children: { items: [], cursor: null } },
      ['get_comment_replies', { comment_id: hex }, true],
    ],
    [
      'bare posts as a remix list of an unknown post',
      { items: [{ id: postId }], cursor: null },
      ['get_post_remix_list', {}, false],
    ],
    ['a flat profile', { user_id: person }, ['get_user_profile', { user_id: person }, false]],
    [
      'a wrapped profile',
      { profile: { user_id: `ch_${hex}` } },
      ['get_user_profile', { user_id: `ch_${hex}` }, false],
    ],
    ['people', { items: [{ user_id: person }] }, ['native_people', {}, false]],
    [
      'a search by its tokens',
      { items: [{ profile: { user_id: person }, token: '<@…>' }] },
      ['search_users', {}, false],
    ],
    [
      'drafts by their kind',
      { items: [{ id: hex, kind: 'sora_error' }], cursor: null },
      ['native_drafts', {}, true],
    ],
    [
      'drafts by a storyboard without a kind',
      { items: [{ id: hex, timeline: [], assets: [] }] },
      ['native_drafts', {}, true],
    ],
    [
      'one draft',
      { id: `gen_${ulid}`, kind: 'sora_draft', creation_config: {} },
      ['native_draft', {}, false],
    ],
    [
      'a failed draft, whose id looks like that of a comment',
      { id: hex, kind: 'sora_content_violation' },
      ['native_draft', {}, false],
    ],
    ['pending tasks', [{ id: `task_${ulid}` }], ['native_pending_tasks', {}, false]],
    [
      'a task',
      { id: `task_${ulid}`, status: 'queued' },
      ['get_task_status', { task_id: `task_${ulid}` }, false],
    ],
    [
      'a download info',
      { post_id: postId, video: {} },
      ['get_video_download_info', { post_id: postId }, false],
    ],
    [
      'what an envelope of an unknown path holds',
      { code: 200, router: '/api/v2/sora/x', params: {}, data: wrapper(person) },
      ['get_post_detail', { post_id: postId }, false],
    ],
  ])('knows %s without an envelope', (_, body, [endpoint, params, isList]) => {
    const recognised = recognise(body)

    expect(recognised).toEqual({ ok: true, endpoint, params, isList })
  })

  it.each<[unknown, string]>([
    [{ detail: 'Not Found' }, 'is an error answer (Not Found), not a page'],
    [{ detail: { code: 402, message: 'no money' } }, 'is an error answer (no money), not a page'],
    [{ error: { message: 'Oops', code: 'x' } }, 'is an error answer (Oops), not a page'],
    [
      { code: 400, message: 'bad', router: '/api/v1/sora2/get_feed', data: null },
      'is an error answer (bad), not a page',
    ],
    [{ code: 400, request_id: 'r', message_zh: '坏' }, 'is an error answer (坏), not a page'],
    [{ code: 200, router: '/api/v1/x', data: {} }, 'is an answer of /api/v1/x'],
    [
      {
        ...{ code: 200, router: '/api/v1/sora2/get_user_profile', params: {} },
        data: { profile: { user_id: person }, my_info: { email: 'a@b.c' } },
      },
      'holds the data of an account (my_info: its e-mail and phone), which is never kept',
    ],
    [{ items: [] }, 'is a list without items, which tells not of what'],
    [{ items: [{ a: 1, b: 2 }] }, 'is a list of objects with the keys a, b'],
    [{ a: 1, b: 2 }, 'is an object with the keys a, b'],
    [[{ id: 'x' }], 'is a list of something unknown'],
    ['text', 'holds no object'],
    [null, 'holds no object'],
    [17, 'holds no object'],
  ])('refuses %j: %s', (body, problem) => {
    const recognised = recognise(body)

    expect(recognised).toMatchObject({ ok: false, problem })
  })
})
