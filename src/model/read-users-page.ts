import { forgottenItemOf, namesForgotten } from './forgotten-mark.js'
import { isUserId } from './ids.js'
import { findList, toStretch } from './read-list.js'
import { readProfile } from './read-profile.js'
import type { Page, PageReader } from './page.js'
import { fieldsOf, readFields } from './fields.js'
import { isWire, Reading, under, type Path, type Wire } from './reading.js'
import type { Value } from './table.js'

/** Reads a profile: `data.profile` as TikHub documents it, or flat as the app gets it (3.6). */
export const readUserProfile: PageReader = (data) => {
  const reading = new Reading()
  const isWrapped = isWire(data) && 'profile' in data && !isFlat(data)
  const profile = isWrapped ? data['profile'] : data
  const path = isWrapped ? under(null, 'profile') : null
  const id = readProfile(reading, profile, path)
  if (id !== null) {
    reading.aboutId = id
    reading.subjects.push({ kind: 'user', id })
  } else if (reading.anomalies.length === 0) reading.note(path, 'expected a profile', profile)
  return reading.toPage()
}

/** A profile that says of itself that it wraps none. */
const isFlat = (data: Wire): boolean => data['profile'] === null && 'user_id' in data

/** What each user of a list tells besides the profile. */
type TellUser = (
  reading: Reading,
  userId: string,
  found: { item: unknown; path: Path },
  position: number,
) => void

/** Reads a list of users, flat or as `{profile}` (3.12 to 3.14). */
function readUsers(data: unknown, tellUser: TellUser): Page {
  const reading = new Reading()
  const found = findList(reading, data, [['items']])
  const itemIds: string[] = []
  found.items.forEach((item, position) => {
    const path = under(found.path, position)
    const isWrapped = isWire(item) && isWire(item['profile'])
    const userId = isWrapped
      ? readProfile(reading, item['profile'], under(path, 'profile'))
      : readProfile(reading, item, path)
    if (item === null) reading.note(path, 'expected a user', item)
    const forgotten = forgottenItemOf(item)
    if (forgotten !== null) itemIds.push(forgotten)
    if (userId === null) return
    itemIds.push(userId)
    tellUser(reading, userId, { item, path }, position)
  })
  reading.listing = toStretch(itemIds, found)
  return reading.toPage()
}

/** Reads who follows the user asked about. */
export const readFollowers: PageReader = (data, params) =>
  readUsers(data, (reading, userId) => {
    const followee = params['user_id']
    if (isUserId(followee)) reading.tell('follows', { follower_id: userId, followee_id: followee })
  })

/** Reads whom the user asked about follows. */
export const readFollowing: PageReader = (data, params) =>
  readUsers(data, (reading, userId) => {
    const follower = params['user_id']
    if (isUserId(follower)) reading.tell('follows', { follower_id: follower, followee_id: userId })
  })

/** Reads a list of users of which it is not known what list it is. */
export const readPeople: PageReader = (data) => readUsers(data, () => undefined)

/** Reads a page of the cameo leaderboard; the rank is the place in the pages (3.13). */
export const readLeaderboard: PageReader = (data) =>
  readUsers(data, (reading, userId, found, position) => {
    const values: Record<string, Value> = { position, user_id: userId, cameo_count: null }
    readFields(reading, { ...entryOf(found), isFull: false }, entryFields, values)
    reading.tell('leaderboard_entries', values)
  })

const entryFields = fieldsOf('leaderboard_entries', { cameo_count: ['count'] })

/** The object that tells the place in the leaderboard: the item, or the profile that it wraps. */
function entryOf({ item, path }: { item: unknown; path: Path }): { object: Wire; path: Path } {
  const object = isWire(item) ? item : {}
  const { profile } = object
  return 'cameo_count' in object || !isWire(profile)
    ? { object, path }
    : { object: profile, path: under(path, 'profile') }
}

/** Reads the answer of the user search; it has no pages (3.14). */
export const readSearch: PageReader = (data, params) =>
  readUsers(data, (reading, userId, _item, position) => {
    const asked = params['username'] ?? null
    const term = asked !== null && namesForgotten(asked) ? null : asked
    reading.tell('search_entries', { position, term, user_id: userId })
  })
