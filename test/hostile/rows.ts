import type { Comment, Network, Post } from './network.js'
import type { Row } from './truth.js'
import type { Wire } from './wire.js'
import { toMicroseconds } from './wire.js'

const time = (value: unknown): number | null =>
  typeof value === 'number' ? toMicroseconds(value) : null

const flag = (value: unknown): number | null => (typeof value === 'boolean' ? Number(value) : null)

const copy = (wire: Wire, keys: string): Row =>
  Object.fromEntries(keys.split(' ').map((key) => [key, (wire[key] ?? null) as Row[string]]))

const shareSetting = (wire: Wire): string =>
  (wire['permissions'] as Wire)['share_setting'] as string

const tombstone = { author_id: null, text: null, like_count: null, reply_count: null }

function postRow({ id, wire, dead, truth }: Post): Row {
  if (dead === 'always') {
    const kept = copy(wire, 'view_count unique_view_count remix_count')
    const unknown = { ...tombstone, recursive_reply_count: null, tombstoned_at: null }
    return { post_id: id, posted_at: time(wire['posted_at']), ...kept, ...unknown }
  }
  const row: Record<string, Row[string] | undefined> = {
    post_id: id,
    author_id: wire['shared_by'] as string,
    ...copy(wire, 'text caption emoji source permalink preview_image_url cover_photo_url'),
    ...copy(wire, 'parent_post_id root_post_id'),
    posted_at: time(wire['posted_at']),
    updated_at: time(wire['updated_at']),
    posted_to_public: flag(wire['posted_to_public']),
    share_setting: shareSetting(wire),
    is_featured: null,
    tombstoned_at: null,
    ...copy(wire, 'like_count dislike_count view_count unique_view_count'),
    ...copy(wire, 'reply_count recursive_reply_count remix_count share_count repost_count'),
    ...truth,
  }
  return Object.fromEntries(
    Object.entries(row).filter((entry): entry is [string, Row[string]] => entry[1] !== undefined),
  )
}

function commentRow({ id, wire, post, parent, depth, flat, dead }: Comment): Row {
  const place = { comment_id: id, post_id: post.id, parent_comment_id: parent?.id ?? null, depth }
  const posted = { posted_at: time(wire['posted_at']), tombstoned_at: null }
  if (dead) return { ...place, ...posted, ...tombstone, recursive_reply_count: null }
  const told = { author_id: wire['shared_by'] as string, text: wire['text'] as string }
  const counted = copy(wire, 'like_count reply_count')
  const rest = flat
    ? { updated_at: null, dislike_count: null, recursive_reply_count: null, share_setting: null }
    : {
        updated_at: time(wire['updated_at']),
        posted_to_public: flag(wire['posted_to_public']),
        share_setting: shareSetting(wire),
        ...copy(wire, 'dislike_count recursive_reply_count'),
      }
  return { ...place, ...posted, ...told, ...counted, ...rest }
}

function userRow(profile: Wire): Row {
  const owner = profile['owner_profile'] as Wire | undefined
  return {
    ...copy(profile, 'user_id username display_name description location website permalink'),
    ...copy(profile, 'profile_picture_url cover_photo_url public_figure_name plan_type'),
    verified: flag(profile['verified']),
    is_public_figure: flag(profile['is_public_figure']),
    owner_user_id: (owner?.['user_id'] as string | undefined) ?? null,
    created_at: time(profile['created_at']),
    updated_at: time(profile['updated_at']),
    banned_at: null,
    ...copy(profile, 'follower_count following_count post_count reply_count'),
    ...copy(profile, 'likes_received_count remix_count cameo_count'),
  }
}

function attachmentRow(ownerId: string, wire: Wire): Row {
  return {
    attachment_id: wire['id'] as string,
    owner_id: ownerId,
    ...copy(wire, 'kind generation_id generation_type width height title'),
    output_blocked: flag(wire['output_blocked']),
  }
}

/** Writes down what the finished network's perfect archive holds. */
export function tellTruth({ truth, posts, comments, users, summaries }: Network): void {
  for (const post of posts) {
    truth.posts.set(post.id, postRow(post))
    const path = (post.wire['parent_path'] ?? []) as string[]
    const chain = [post.id, ...path]
    for (const [i, parent] of path.entries()) truth.remixes.add(`${parent}>${chain[i]!}`)
    for (const id of path) truth.namedPosts.add(id)
    if (post.dead === 'always' || 'attachments' in post.truth) continue
    for (const each of post.wire['attachments'] as Wire[]) {
      truth.attachments.set(each['id'] as string, attachmentRow(post.id, each))
    }
    for (const cast of (post.wire['cameo_profiles'] ?? []) as (Wire | null)[]) {
      if (cast) truth.cameos.add(`${post.id}>${cast['user_id'] as string}`)
    }
  }
  for (const comment of comments) truth.comments.set(comment.id, commentRow(comment))
  for (const profile of [...users, ...summaries]) {
    truth.users.set(profile['user_id'] as string, userRow(profile))
  }
  truth.fewest = truth.expected.length
}
