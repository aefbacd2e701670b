import { fieldsOf, readFields, type FieldSource } from './fields.js'
import { isAnonymous, isUserId } from './ids.js'
import { readAsset } from './read-assets.js'
import { isWire, type Path, type Reading, type Wire, under } from './reading.js'
import type { Value } from './table.js'

const profileFields = fieldsOf('users', {
  username: ['text'],
  display_name: ['text'],
  description: ['text', 'description', 'bio'],
  location: ['text'],
  website: ['text'],
  permalink: ['text'],
  profile_picture_url: ['url', 'profile_picture_url', 'avatar'],
  cover_photo_url: ['url', 'cover_photo_url', 'banner_image_url'],
  verified: ['bool', 'verified', 'is_verified'],
  is_public_figure: ['bool'],
  public_figure_name: ['text'],
  plan_type: ['text'],
  created_at: ['time'],
  updated_at: ['time'],
  banned_at: ['time'],
  follower_count: ['count'],
  following_count: ['count'],
  post_count: ['count'],
  reply_count: ['count'],
  likes_received_count: ['count', 'likes_received_count', 'like_count'],
  remix_count: ['count'],
  cameo_count: ['count'],
  view_count: ['count'],
  character_count: ['count'],
})

/** A full profile tells when the account was made; summaries and TikHub's short forms do not. */
const isFullProfile = (profile: Wire): boolean => 'created_at' in profile

/**
 * Reads a profile, full or summary (`data-shapes` 3.6, 3.7), into `users` and its pictures.
 * `userId` stands in where the profile names none (TikHub's flat comments). One full telling in an
 * answer is enough: the same person's others are passed over.
 * @returns the user's id; NULL for nobody: absent, `anonymous`, or unreadable
 */
export function readProfile(
  reading: Reading,
  profile: unknown,
  path: Path,
  userId?: unknown,
): string | null {
  if (profile === undefined || profile === null) return null
  if (!isWire(profile)) {
    reading.note(path, 'expected a profile', profile)
    return null
  }
  const id = profile['user_id'] ?? userId
  if (isAnonymous(id)) return null
  if (!isUserId(id)) {
    reading.note(under(path, 'user_id'), 'expected the id of a user', id)
    return null
  }
  if (reading.toldInFull.has(id)) return id
  const isFull = isFullProfile(profile)
  const notes = reading.anomalies.length
  const values: Record<string, Value> = { user_id: id }
  readFields(reading, { object: profile, path, isFull }, profileFields, values)
  if (typeof values['username'] === 'string') values['username'] = bareName(values['username'])
  if (isFull && reading.anomalies.length === notes) reading.toldInFull.add(id)
  readOwner(reading, { object: profile, path, isFull }, values)
  reading.tell('users', values, !isFull)
  readPictures(reading, id, values)
  return id
}

const bareName = (username: string): string => username.replace(/^@/, '')

/** A character's profile holds a summary of the person it belongs to. */
function readOwner(
  reading: Reading,
  { object: profile, path, isFull }: FieldSource,
  values: Record<string, Value>,
): void {
  if (!('owner_profile' in profile)) return
  const ownerPath = under(path, 'owner_profile')
  // A character belongs to a person, who belongs to nobody.
  if (path?.key === 'owner_profile') return
  const owner = readProfile(reading, profile['owner_profile'], ownerPath)
  if (owner !== null || (isFull && profile['owner_profile'] === null))
    values['owner_user_id'] = owner
}

function readPictures(reading: Reading, userId: string, values: Record<string, Value>): void {
  for (const column of ['profile_picture_url', 'cover_photo_url']) {
    const url = values[column]
    if (typeof url !== 'string') continue
    const variant = column.replace(/_url$/, '')
    readAsset(reading, { owner_kind: 'user', owner_id: userId, variant, url })
  }
}
