import { fieldsOf } from './fields.js'

const shared = {
  text: ['text'],
  posted_at: ['time'],
  updated_at: ['time'],
  posted_to_public: ['bool'],
  like_count: ['count'],
  dislike_count: ['count'],
  reply_count: ['count', 'reply_count', 'comment_count'],
  recursive_reply_count: ['count'],
  post_locations: ['texts'],
  workspace_id: ['text'],
} as const

const keptCounters = {
  view_count: ['count'],
  unique_view_count: ['count'],
  remix_count: ['count'],
} as const

/** What a post tells of itself. */
export const postFields = fieldsOf('posts', {
  ...shared,
  ...keptCounters,
  caption: ['text'],
  emoji: ['text'],
  discovery_phrase: ['text'],
  source: ['text'],
  permalink: ['text'],
  preview_image_url: ['url'],
  cover_photo_url: ['url'],
  repost_of_post_id: ['text'],
  repost_of_user_id: ['text'],
  is_featured: ['bool'],
  share_count: ['count'],
  repost_count: ['count'],
})

/** What a comment tells of itself. */
export const commentFields = fieldsOf('comments', { ...shared, permalink: ['text'] })

/** What a post's tombstone still tells truly (`data-shapes` 3.9). */
export const deletedPostFields = fieldsOf('posts', {
  posted_at: ['time'],
  tombstoned_at: ['time'],
  ...keptCounters,
})
/** What a comment's tombstone still tells truly. */
export const deletedCommentFields = fieldsOf('comments', {
  posted_at: ['time'],
  tombstoned_at: ['time'],
})

/** What `permissions` tells of a post or comment itself; the rest of it depends on who asked. */
export const shareSetting = fieldsOf('posts', { share_setting: ['text'] })
