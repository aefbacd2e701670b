/**
 * What answers are known to hold: kind of object → key → types, as one word: `s` text, `n` number, `b`
 * true or false, `o` object, `a` list, `e` an empty object or list (null is always known), and behind a
 * colon the kind of the objects in it, where that is known. A key of which nobody knows what it means has
 * no other types than `e`: no table takes it, so that it is told as drift where it holds something. From
 * `data-shapes` section 3 and `tikhub-api` section 2.
 */
export const knownShapes: Readonly<Record<string, Readonly<Record<string, string>>>> = toShapes({
  envelope:
    'code:n request_id:s message:s message_zh:s support:s time:s time_stamp:n time_zone:s docs:s ' +
    'cache_message:s cache_message_zh:s cache_url:s router:s params:o data:oa:page',
  page:
    'items:a:item cursor:s has_more:b debug_info: children:o:children post:o:post profile:o:profile ' +
    'reposter_profile:o:profile my_info:o ' +
    // One post, profile, task, draft or file by itself.
    '@post @profile @task @draft @download @upload',
  children: 'items:a:item cursor:s has_more:b',
  item:
    'post:o:post profile:o:profile reposter_profile:o:profile children:o:children cursor:s token:s ' +
    '@post @profile @task @draft',
  post:
    'id:s shared_by:s posted_by:s is_owner:b workspace_id:s posted_to_public:b post_locations:a ' +
    'posted_at:n updated_at:n like_count:n reply_count:n recursive_reply_count:n view_count:n ' +
    'unique_view_count:n remix_count:n share_count:n repost_count:n user_liked:b user_disliked:b ' +
    'has_reposted:b dislike_count:n source:s story_type: text:s caption:s cover_photo_url:s ' +
    'preview_image_url:s attachments:a:attachment parent_post_id:s root_post_id:s parent_path:a ' +
    'tombstoned_at:n permalink:s permissions:o:permissions text_facets:a:facet ' +
    'cameo_profiles:a:profile disabled_cameo_user_ids:a rooms:e groups:e verifications:e ' +
    'verification_info: audience_description: topic_labels:e remix_posts:o:children ' +
    'ancestors:o:children parent_post:o:item repost_of_post_id:s repost_of_user_id:s ' +
    'original_poster:o:profile share_ref:s emoji:s is_featured:b visibility: discovery_phrase:s ' +
    'srt_url:s vtt_url:s ranking_session_id:s num_direct_children:n has_children: og_title:s ' +
    'og_description:s',
  permissions: 'can_read:b can_write:b can_delete:b can_remix:b share_setting:s',
  facet: 'start:n end:n type:s profile:o:profile',
  attachment:
    'id:s tags:a kind:s generation_id:s generation_type:s url:s downloadable_url:s ' +
    'download_urls:o:urls width:n height:n n_frames:n duration_s:n prompt:s task_id:s ' +
    'output_blocked:b title:s source: asset_pointer: conversation_id: encodings:o:encodings ' +
    'can_create_character:b has_captions:b style:os:style',
  urls: 'watermark:s no_watermark:s endcard_watermark:s',
  encodings:
    'source:o:encoding source_wm:o:encoding endcard_wm:o:encoding thumbnail:o:encoding ' +
    'unfurl:o:encoding md:o:encoding ld:o:encoding gif:o:encoding',
  encoding: 'path:s url:s size:n ssim:n duration_secs:n',
  profile:
    'user_id:s username:s profile_picture_url:s profile_picture_id:s profile_picture_file_id:s ' +
    'is_default_profile_picture:b cover_photo_url:s banner_image_url:s verified:b is_verified:b ' +
    'follower_count:n following_count:n post_count:n reply_count:n likes_received_count:n ' +
    'like_count:n view_count:n remix_count:n cameo_count:n character_count:n is_following:b ' +
    'is_blocked:b follows_you:b followed_by:a plan_type:s permalink:s can_cameo:b created_at:n ' +
    'updated_at:n banned_at:n calpico_is_enabled:b can_message:b sora_who_can_message_me:s ' +
    'chatgpt_who_can_message_me:s is_public_figure:b public_figure_name:s display_name:s ' +
    'description:s bio:s location:s birthday:s website:s social_links:e owner_profile:o:profile ' +
    'social_context:e verification_info:e work:e schools:e avatar:s',
  task:
    'id:s task_type:s status:s failure_reason:s prompt:s title:s progress_pct:n priority:n ' +
    'generations:a:draft creation_config:o:creation rate_limit_and_credit_balance:o',
  draft:
    'id:s generation_id:s task_id:s kind:s created_at:n width:n height:n prompt:s title:s ' +
    'draft_reviewed:b generation_type:s storyboard_id:s tags:a creation_config:o:creation url:s ' +
    'downloadable_url:s download_urls:o:urls encodings:o:encodings can_remix:b can_extend:b ' +
    'can_storyboard:b can_create_character:b post_visibility: post:o:item unwrap: shot_data: ' +
    'operations:e rooted_project: duration_s:n n_frames:n has_children: reason:s reason_str:s ' +
    'markdown_reason_str:s error_reason:s drafts:a:draft timeline:e assets:a preview_asset:',
  creation:
    'remix_target_post:o:item style:o:style inpaint_image: reference_inpaint_items:e prompt:s ' +
    'task_id: cameo_profiles:a:profile orientation:s n_frames:n storyboard_id: editing_config:',
  style: 'id:s display_name:s image_url:s orientation:s',
  download:
    'post_id:s title:s video:o:video author:o:profile stats:o:stats permalink:s created_at:n',
  video: 'no_watermark:s watermark:s width:n height:n thumbnail:s preview_gif:s medium_quality:s',
  stats: 'like_count:n view_count:n comment_count:n remix_count:n',
  upload:
    'id:s type:s kind:s filename:s file_name:s extension:s mime_type:s url:s width:n height:n ' +
    'duration_sec:n n_frames:n size_bytes:n thumbnail_url:s created_at:s',
})

/** The keys of a kind of object of which nobody knows what they mean. */
export const unexplainedKeys = (kind: string): string[] =>
  Object.entries(knownShapes[kind] ?? {}).flatMap(([key, types]) =>
    /^e?$/.test(types) ? [key] : [],
  )

const knownKeys = new Set(Object.values(knownShapes).flatMap((shape) => Object.keys(shape)))

/** True if any kind of object is known to hold the key. */
export const isKnownKey = (key: string): boolean => knownKeys.has(key)

/** Splits the words, and puts in place of `@kind` all that this kind holds. */
function toShapes(words: Record<string, string>): Record<string, Record<string, string>> {
  const entriesOf = (kind: string): [string, string][] =>
    words[kind]!.split(' ')
      .filter((word) => word !== '')
      .flatMap((word) => (word.startsWith('@') ? entriesOf(word.slice(1)) : [splitAt(word)]))
  return Object.fromEntries(
    Object.keys(words).map((kind) => [kind, joined(entriesOf(kind))] as const),
  )
}

function splitAt(word: string): [string, string] {
  const colon = word.indexOf(':')
  return [word.slice(0, colon), word.slice(colon + 1)]
}

/** A key that two kinds share has the types of both, and the kind within of the first. */
function joined(entries: readonly [string, string][]): Record<string, string> {
  const shape: Record<string, string> = {}
  for (const [key, told] of entries) {
    const [types = '', within] = (shape[key] ?? '').split(':')
    const [more = '', other] = told.split(':')
    const kind = within ?? other
    shape[key] = [...new Set(types + more)].join('') + (kind === undefined ? '' : `:${kind}`)
  }
  return shape
}
