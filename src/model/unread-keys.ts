/** Why no table takes keys of which it is known what they are; by kind of object, as `knownShapes`. */
export interface UnreadKeys {
  why: string
  keys: Readonly<Record<string, string>>
}

/**
 * The keys that answers are known to hold and that no table takes, though it is known what they are; the
 * kept answers hold them. Every other known key is read, or is one of `unexplainedKeys`.
 */
export const unreadKeys: readonly UnreadKeys[] = [
  {
    why: 'They depend on the account that asked',
    keys: {
      post: 'is_owner user_liked user_disliked has_reposted disabled_cameo_user_ids',
      permissions: 'can_read can_write can_delete can_remix',
      attachment: 'can_create_character',
      profile: 'is_following is_blocked follows_you followed_by can_cameo can_message',
      draft: 'draft_reviewed can_remix can_extend can_storyboard can_create_character',
      task: 'priority rate_limit_and_credit_balance',
      page: 'my_info',
    },
  },
  {
    why: 'They follow those who look, and may lead to them',
    keys: { post: 'share_ref ranking_session_id' },
  },
  {
    why: "They are a person's own business",
    keys: {
      profile: 'birthday calpico_is_enabled sora_who_can_message_me chatgpt_who_can_message_me',
    },
  },
  {
    why: 'Other columns tell the same',
    keys: {
      post: 'num_direct_children og_title og_description',
      profile: 'profile_picture_id profile_picture_file_id is_default_profile_picture',
      draft: 'n_frames markdown_reason_str',
      creation: 'prompt',
      style: 'display_name image_url orientation',
      item: 'token',
    },
  },
  {
    why: 'They are of a picture that the account itself sent',
    keys: {
      upload:
        'id type kind filename file_name extension mime_type url width height duration_sec n_frames ' +
        'size_bytes thumbnail_url created_at',
    },
  },
  {
    why: 'They are of the call, and told by TikHub',
    keys: {
      envelope:
        'code request_id message message_zh support time time_stamp time_zone docs cache_message ' +
        'cache_message_zh cache_url router params',
    },
  },
]
