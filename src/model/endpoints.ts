import type { Endpoint, Parameter } from './endpoint.js'
import { isEagerViews } from './eager-views.js'
import { idForms } from './ids.js'
import { readDownloadInfo } from './read-download-info.js'
import { readComments, readPostDetail, readPostList, readReplies } from './read-posts-page.js'
import { readTaskDetail, readTaskStatus } from './read-task.js'
import { readNothing } from './read-nothing.js'
import {
  readFollowers,
  readFollowing,
  readLeaderboard,
  readSearch,
  readUserProfile,
} from './read-users-page.js'

const cursor: Parameter = { name: 'cursor', about: 'Next page, as the page before gave it.' }

const postOrUrl: Parameter[] = [
  { name: 'post_id', about: 'Post, `s_…`.', pattern: idForms.post, oneOf: 'post' },
  {
    name: 'post_url',
    about: 'Address of the post, `https://sora.chatgpt.com/p/s_…`.',
    pattern: idForms.permalink,
    oneOf: 'post',
  },
]

const user: Parameter = {
  name: 'user_id',
  about: 'Person `user-…` or character `ch_…`.',
  pattern: idForms.user,
  required: true,
}

const read = { method: 'GET', priceUsd: 0.05, rateClass: 'reads' } as const

/**
 * The 17 endpoints of TikHub's Sora2 family as documented up to 2026-03-27, with the prices of that
 * day. Client, crawler, simulator, importer and `call` all read this list.
 */
export const endpoints = [
  {
    ...read,
    name: 'get_feed',
    step: 'feed',
    path: '/api/v1/sora2/get_feed',
    about: 'The trending feed: an offset into a ranking that moves.',
    parameters: [
      cursor,
      {
        name: 'eager_views',
        about: 'What was watched, as JSON text.',
        default: '{"views":[]}',
        isFit: isEagerViews,
      },
    ],
    pageSize: 15,
    subject: null,
    paged: true,
    items: 'posts',
    momentary: true,
    readPage: readPostList('feed'),
  },
  {
    ...read,
    name: 'get_post_detail',
    step: 'post',
    path: '/api/v1/sora2/get_post_detail',
    about: 'One post with its author.',
    parameters: postOrUrl,
    pageSize: null,
    subject: 'post_id',
    paged: false,
    items: null,
    readPage: readPostDetail,
  },
  {
    ...read,
    name: 'get_post_remix_list',
    step: 'remixes',
    path: '/api/v1/sora2/get_post_remix_list',
    about: 'Remixes of a post.',
    parameters: [...postOrUrl, cursor],
    pageSize: 20,
    subject: 'post_id',
    paged: true,
    items: 'posts',
    announcedBy: 'remix_count',
    ofThread: true,
    readPage: readPostList('remixes'),
  },
  {
    ...read,
    name: 'get_post_comments',
    step: 'comments',
    path: '/api/v1/sora2/get_post_comments',
    about: 'Comments on a post.',
    parameters: [
      { name: 'post_id', about: 'Post, `s_…`.', pattern: idForms.post, required: true },
      cursor,
    ],
    pageSize: 10,
    subject: 'post_id',
    paged: true,
    items: 'comments',
    announcedBy: 'reply_count',
    ofThread: true,
    readPage: readComments,
  },
  {
    ...read,
    name: 'get_comment_replies',
    step: 'replies',
    path: '/api/v1/sora2/get_comment_replies',
    about: 'Replies to a comment, or to a reply.',
    parameters: [
      {
        name: 'comment_id',
        about: 'Comment, 32 hex digits.',
        pattern: idForms.comment,
        required: true,
      },
      cursor,
    ],
    pageSize: 10,
    subject: 'comment_id',
    paged: true,
    items: 'comments',
    announcedBy: 'reply_count',
    ofThread: true,
    readPage: readReplies,
  },
  {
    ...read,
    name: 'get_user_profile',
    step: 'profile',
    path: '/api/v1/sora2/get_user_profile',
    about: 'One person or character.',
    parameters: [user],
    pageSize: null,
    subject: 'user_id',
    paged: false,
    items: null,
    readPage: readUserProfile,
  },
  {
    ...read,
    name: 'get_user_posts',
    step: 'posts',
    path: '/api/v1/sora2/get_user_posts',
    about: 'Posts of a person.',
    parameters: [user, cursor],
    pageSize: 30,
    subject: 'user_id',
    paged: true,
    items: 'posts',
    announcedBy: 'post_count',
    newestFirst: true,
    readPage: readPostList('user'),
  },
  {
    ...read,
    name: 'get_user_cameo_appearances',
    step: 'appearances',
    path: '/api/v1/sora2/get_user_cameo_appearances',
    about: 'Posts in which a person is cast.',
    parameters: [user, cursor],
    pageSize: 30,
    subject: 'user_id',
    paged: true,
    items: 'posts',
    announcedBy: 'cameo_count',
    newestFirst: true,
    readPage: readPostList('appearances'),
  },
  {
    ...read,
    name: 'get_user_followers',
    step: 'followers',
    path: '/api/v1/sora2/get_user_followers',
    about: 'Who follows a person.',
    parameters: [user, cursor],
    pageSize: 50,
    subject: 'user_id',
    paged: true,
    items: 'users',
    announcedBy: 'follower_count',
    readPage: readFollowers,
  },
  {
    ...read,
    name: 'get_user_following',
    step: 'following',
    path: '/api/v1/sora2/get_user_following',
    about: 'Whom a person follows.',
    parameters: [user, cursor],
    pageSize: 50,
    subject: 'user_id',
    paged: true,
    items: 'users',
    announcedBy: 'following_count',
    readPage: readFollowing,
  },
  {
    ...read,
    name: 'get_cameo_leaderboard',
    step: 'leaderboard',
    path: '/api/v1/sora2/get_cameo_leaderboard',
    about: 'The people cast most often.',
    parameters: [cursor],
    pageSize: 10,
    subject: null,
    paged: true,
    items: 'users',
    momentary: true,
    readPage: readLeaderboard,
  },
  {
    ...read,
    name: 'search_users',
    step: 'search',
    path: '/api/v1/sora2/search_users',
    about: 'People by a part of their name; one page.',
    parameters: [{ name: 'username', about: 'What to search for.', required: true }],
    pageSize: 20,
    subject: 'username',
    paged: false,
    items: 'users',
    readPage: readSearch,
  },
  {
    ...read,
    name: 'get_video_download_info',
    step: 'download_info',
    path: '/api/v1/sora2/get_video_download_info',
    about: "TikHub's own short record of a post; get_post_detail tells more for the same price.",
    parameters: postOrUrl,
    pageSize: null,
    subject: 'post_id',
    paged: false,
    items: null,
    readPage: readDownloadInfo,
  },
  {
    name: 'upload_image',
    step: 'upload',
    method: 'POST',
    path: '/api/v1/sora2/upload_image',
    about: 'Uploads a picture (PNG or JPEG, 10 MB).',
    parameters: [{ name: 'file', about: 'Path of the picture.', in: 'file', required: true }],
    priceUsd: 0.001,
    pageSize: null,
    rateClass: 'uploads',
    subject: null,
    paged: false,
    items: null,
    readPage: readNothing,
  },
  {
    name: 'create_video',
    step: 'create',
    method: 'POST',
    path: '/api/v1/sora2/create_video',
    about: 'Starts a generation.',
    parameters: [
      { name: 'prompt', about: 'The prompt.', in: 'json', required: true, maxLength: 2000 },
      {
        name: 'orientation',
        about: 'portrait or landscape.',
        in: 'json',
        values: ['portrait', 'landscape'],
        default: 'portrait',
      },
      { name: 'media_id', about: 'Uploaded picture, `media_…`.', in: 'json', pattern: /^media_/ },
    ],
    priceUsd: 0.1,
    pageSize: null,
    rateClass: 'reads',
    subject: null,
    paged: false,
    items: null,
    deprecated: true,
    readPage: readNothing,
  },
  {
    name: 'get_task_status',
    step: 'task',
    method: 'GET',
    path: '/api/v1/sora2/get_task_status',
    about: 'State of a generation task.',
    parameters: [
      { name: 'task_id', about: 'Task, `task_…`.', pattern: idForms.task, required: true },
    ],
    priceUsd: 0,
    pageSize: null,
    rateClass: 'task_status',
    subject: 'task_id',
    paged: false,
    items: null,
    momentary: true,
    deprecated: true,
    readPage: readTaskStatus,
  },
  {
    ...read,
    name: 'get_task_detail',
    step: 'generation',
    path: '/api/v1/sora2/get_task_detail',
    about: 'The post of a finished task.',
    parameters: [
      { name: 'task_id', about: 'Task, `task_…`.', pattern: idForms.task, oneOf: 'task' },
      {
        name: 'generation_id',
        about: 'Generation, `gen_…`.',
        pattern: idForms.generation,
        oneOf: 'task',
      },
    ],
    pageSize: null,
    subject: 'task_id',
    paged: false,
    items: null,
    deprecated: true,
    readPage: readTaskDetail,
  },
] as const satisfies readonly Endpoint[]

/** Name of an endpoint. */
export type EndpointName = (typeof endpoints)[number]['name']

const byName = new Map<string, Endpoint>(endpoints.map((each) => [each.name, each]))
const byPath = new Map<string, Endpoint>(endpoints.map((each) => [each.path, each]))

/** The endpoint of that name, if there is one. */
export const findEndpoint = (name: string): Endpoint | undefined => byName.get(name)

/** The endpoint at that path (`router` of an envelope), if there is one. */
export const endpointAt = (path: string): Endpoint | undefined => byPath.get(path)

/** The endpoint of that name; an unknown name is a bug. */
export function endpointOf(name: EndpointName): Endpoint {
  const endpoint = byName.get(name)
  if (!endpoint) throw new Error(`no endpoint ${name}`)
  return endpoint
}
