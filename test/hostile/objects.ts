import type { Random } from './random.js'
import { ulid, userId } from './random.js'
import type { Wire } from './wire.js'

const placeholder = 'https://cdn.openai.com/sora/images/profile_placeholder_v4.png'

/** A full profile with its 35 keys of October 2025 (data-shapes.md 3.6). */
export function profileWire(random: Random, username: string): Wire {
  const createdAt = 1753800000 + random.int(6000000) + random.int(1e6) / 1e6
  return {
    user_id: userId(random),
    username,
    profile_picture_url: placeholder,
    profile_picture_id: null,
    profile_picture_file_id: null,
    is_default_profile_picture: true,
    cover_photo_url: null,
    verified: random.chance(0.2),
    follower_count: random.int(40000),
    following_count: random.int(300),
    post_count: random.int(200),
    reply_count: random.int(100),
    likes_received_count: random.int(90000),
    remix_count: random.int(3000),
    cameo_count: random.int(500),
    is_following: false,
    is_blocked: false,
    followed_by: [],
    plan_type: null,
    permalink: `https://sora.chatgpt.com/profile/${username}`,
    can_cameo: false,
    created_at: createdAt,
    updated_at: 1760500000 + random.int(90000) + random.int(1e6) / 1e6,
    banned_at: null,
    calpico_is_enabled: true,
    can_message: false,
    sora_who_can_message_me: 'followees_only',
    is_public_figure: random.chance(0.1),
    public_figure_name: null,
    display_name: random.chance(0.8) ? `The ${username} 🦉` : null,
    location: null,
    description: random.chance(0.5) ? `bio of ${username}\nsecond line` : null,
    birthday: null,
    website: null,
    follows_you: false,
  }
}

const summaryKeys =
  'user_id username profile_picture_url profile_picture_id is_default_profile_picture follower_count is_following display_name permalink can_cameo verified follows_you'.split(
    ' ',
  )

/** The 12 keys of a profile inside a text facet (3.7). */
export const summaryWire = (profile: Wire): Wire =>
  Object.fromEntries(summaryKeys.map((key) => [key, profile[key]]))

/** The deleted author (3.9). */
export const anonymousWire = (): Wire => ({
  user_id: 'anonymous',
  username: 'anonymous',
  profile_picture_url: placeholder,
  profile_picture_id: null,
  profile_picture_file_id: null,
  is_default_profile_picture: null,
  cover_photo_url: null,
  verified: false,
  follower_count: 0,
  following_count: 0,
  post_count: 0,
  reply_count: 0,
  likes_received_count: 0,
  remix_count: 0,
  cameo_count: 0,
  is_following: false,
  is_blocked: false,
  followed_by: [],
  plan_type: null,
  permalink: null,
  can_cameo: null,
  created_at: 0,
  updated_at: 0,
  banned_at: null,
  calpico_is_enabled: null,
  can_message: null,
  sora_who_can_message_me: null,
  is_public_figure: null,
  public_figure_name: null,
  display_name: null,
  location: null,
  description: null,
  birthday: null,
  website: null,
  follows_you: false,
})

/** A post or comment with its 39 keys of October 2025, nothing counted yet (3.2). */
export const postWire = (id: string, authorId: string, postedAt: number, text: string): Wire => ({
  id,
  shared_by: authorId,
  is_owner: false,
  workspace_id: null,
  posted_to_public: true,
  posted_at: postedAt,
  updated_at: postedAt + 4096.5,
  like_count: 0,
  recursive_reply_count: 0,
  reply_count: 0,
  view_count: 0,
  unique_view_count: 0,
  remix_count: 0,
  user_liked: false,
  source: id.startsWith('s_') ? 'sy' : 'project_y',
  text,
  caption: null,
  cover_photo_url: null,
  preview_image_url: `https://ogimg.chatgpt.com/?postId=${id}`,
  attachments: [],
  parent_post_id: null,
  root_post_id: null,
  parent_path: null,
  tombstoned_at: null,
  permalink: id.startsWith('s_')
    ? `https://sora.chatgpt.com/p/${id}`
    : `http://localhost:3000/s/${id}`,
  permissions: { can_read: true, can_write: false, can_delete: false, share_setting: 'public' },
  text_facets: [],
  cameo_profiles: null,
  disabled_cameo_user_ids: null,
  rooms: [],
  groups: [],
  user_disliked: false,
  verifications: [],
  dislike_count: 0,
  remix_posts: null,
  ancestors: null,
  parent_post: null,
  emoji: null,
  is_featured: null,
})

/** What is left of a deleted post or comment in an answer of the second `now` (3.9). */
export const tombstoneWire = (living: Wire, now: number): Wire => ({
  ...living,
  shared_by: 'anonymous',
  posted_to_public: null,
  text: 'This post has been deleted',
  attachments: [],
  text_facets: [],
  cameo_profiles: null,
  disabled_cameo_user_ids: null,
  like_count: 0,
  reply_count: 0,
  recursive_reply_count: 0,
  emoji: null,
  tombstoned_at: now,
  permalink: `http://localhost:3000/s/${String(living['id'])}`,
})

/** The one attachment of a video with its 17 keys and signed URLs (3.4, 3.5, 7.2). */
export function attachmentWire(random: Random, ownerId: string, postedAt: number): Wire {
  const ms = Math.floor(postedAt * 1000) - 60000
  const task = ulid(random, 'task', ms - 200000)
  const folder = `assets%2F${task}%2F${task}_genid_${random.hex(8)}-${random.hex(4)}%2Fvideos%2F00000_wm%2F`
  const url = (file: string): string =>
    `https://videos.openai.com/az/vg-assets/${folder}${file}?se=2025-10-26T03%3A18%3A09Z&sp=r&sv=2024-08-04&sr=b` +
    `&skt=2025-10-19T16%3A55%3A21Z&ske=2025-10-26T17%3A00%3A21Z&sks=b&skv=2024-08-04&sig=${'A'.repeat(43)}%3D&ac=oaivgprodscus`
  const wide = random.chance(0.4)
  return {
    id: `${ownerId}-attachment-0`,
    tags: ['sora'],
    kind: 'sora',
    generation_id: ulid(random, 'gen', ms),
    generation_type: 'video_gen',
    url: url('src.mp4'),
    downloadable_url: url('src.mp4'),
    width: wide ? 640 : 352,
    height: wide ? 352 : 640,
    prompt: null,
    task_id: null,
    output_blocked: false,
    title: null,
    source: null,
    encodings: {
      source: { path: url('src.mp4') },
      source_wm: { path: url('src.mp4') },
      thumbnail: { path: url('thumbnail.webp') },
      unfurl: null,
      md: { path: url('md.mp4') },
      gif: { path: url('preview.gif') },
    },
    asset_pointer: null,
    conversation_id: null,
  }
}
