import { describe, expect, it } from 'vitest'
import { checkParams } from '../../src/model/check-params.js'
import { endpointOf, type EndpointName } from '../../src/model/endpoints.js'

const hex = '68e853d2ad448191b3c81e830f53c3a2'
const post_id = `s_${hex}`
const post_url = `https://sora.chatgpt.com/p/${post_id}`
const user_id = 'user-xiCyLclE6KJcdTXyvVq3Ontc'
const views = (...all: unknown[]) => JSON.stringify({ views: all })
const view = { id: post_id, watch_time: 0.24, dwell_time: 3.94 }

const check = (name: EndpointName, given: Record<string, string>) =>
  checkParams(endpointOf(name), given)

describe('checkParams', () => {
  it.each<[EndpointName, Record<string, string>, Record<string, string>?]>([
    ['get_feed', {}],
    ['get_feed', { cursor: '', eager_views: '' }, {}],
    ['get_feed', { cursor: 'a+/=', eager_views: views() }],
    ['get_feed', { eager_views: views(view, view) }],
    ['get_post_detail', { post_id }],
    ['get_post_detail', { post_url: `${post_url}?utm=x` }],
    ['get_post_detail', { post_id, post_url: '' }, { post_id }],
    ['get_post_detail', { post_id, post_url }],
    ['get_post_remix_list', { post_url, cursor: 'c' }],
    ['get_post_comments', { post_id, cursor: 'c' }],
    ['get_comment_replies', { comment_id: hex }],
    ['get_user_profile', { user_id: `ch_${hex}` }],
    ['get_user_posts', { user_id, cursor: 'c' }],
    ['get_user_cameo_appearances', { user_id }],
    ['get_user_followers', { user_id }],
    ['get_user_following', { user_id }],
    ['get_cameo_leaderboard', { cursor: 'c' }],
    ['search_users', { username: 's' }],
    ['get_video_download_info', { post_url }],
    ['create_video', { prompt: '🦊'.repeat(2000), orientation: 'landscape', media_id: 'media_1' }],
    ['get_task_status', { task_id: 'task_01k7dttf0xfx3t7zhhzycjq8e3' }],
    ['get_task_detail', { generation_id: 'gen_01k7e1bff9eq6rxe9pntk7xdcf' }],
  ])('lets %s with %j go', (name, given, sent = given) => {
    expect(check(name, given)).toEqual(sent)
  })

  it.each<[EndpointName, Record<string, string>, string]>([
    ['get_feed', { eager_views: 'none' }, 'eager_views has another form than its own'],
    ['get_feed', { eager_views: '{"view":[]}' }, 'eager_views has another form than its own'],
    ['get_feed', { eager_views: views({ ...view, id: 7 }) }, 'eager_views has another form'],
    ['get_feed', { eager_views: views({ ...view, watch_time: '1' }) }, 'eager_views has another'],
    ['get_feed', { limit: '15' }, 'there is no parameter limit'],
    ['get_post_detail', {}, 'post_id or post_url is missing'],
    ['get_post_detail', { post_id: 's_68e466aa780c8191b' }, 'post_id has another form'],
    ['get_post_detail', { post_id: ' ' }, 'post_id has another form'],
    ['get_post_detail', { post_url: 'https://example.com/' }, 'post_url has another form'],
    ['get_post_detail', { post_url: `https://a.org/p/${post_id}` }, 'post_url has another form'],
    [
      'get_post_detail',
      { post_id: `s_${'0'.repeat(32)}`, post_url },
      'post_id and post_url name two posts',
    ],
    ['get_post_comments', { post_url }, 'there is no parameter post_url; post_id is missing'],
    ['get_comment_replies', { comment_id: post_id }, 'comment_id has another form'],
    ['get_user_profile', { user_id: 'anonymous' }, 'user_id has another form'],
    ['search_users', { username: '  ' }, 'username is missing'],
    ['upload_image', {}, 'file is missing'],
    ['create_video', { prompt: 'x'.repeat(2001) }, 'prompt is longer than 2000 characters'],
    ['create_video', { prompt: 'x', orientation: 'square' }, 'orientation is one of portrait'],
    ['create_video', { prompt: 'x', media_id: 'picture' }, 'media_id has another form'],
    ['get_task_status', {}, 'task_id is missing'],
    ['get_task_detail', {}, 'task_id or generation_id is missing'],
  ])('keeps %s with %j from being paid for', (name, given, problem) => {
    expect(() => check(name, given)).toThrow(problem)
    expect(() => check(name, given)).toThrow(/Nothing was sent$/)
  })
})
