import { countersOf } from './counters.js'
import { idOf, userIdOf } from './identity.js'
import type { Links } from './links.js'
import { authorOf } from './network.js'
import type { Network } from './network.js'
import { profileJson, secondsText } from './profile-json.js'
import { textOf } from './texts.js'
import { displayNameOf, usernameOf } from './usernames.js'

const quote = JSON.stringify

const shortProfile = (network: Network, links: Links, person: number): string =>
  `"username":"${usernameOf(network, person)}",` +
  `"display_name":${quote(person < 0 ? null : displayNameOf(network, person))},` +
  `"profile_picture_url":"${links.picture(person)}"`

/** A comment in the flat form of TikHub's documents. */
export function flatCommentJson(network: Network, links: Links, node: number): string {
  const counters = countersOf(network, node)
  const author = authorOf(network, node)
  return (
    `{"id":"${idOf(network, node)}","text":${quote(textOf(network, node).text)},` +
    `"posted_by":"${userIdOf(network, author)}",` +
    `"posted_at":${secondsText(network.postedAt[node] ?? 0)},` +
    `"like_count":${counters.like_count},"reply_count":${counters.reply_count},` +
    `"profile":{${shortProfile(network, links, author)}}}`
  )
}

const aliases: [native: string, documented: string][] = [
  ['description', 'bio'],
  ['verified', 'is_verified'],
  ['cover_photo_url', 'banner_image_url'],
  ['likes_received_count', 'like_count'],
]

const sameNames = ['follower_count', 'following_count', 'post_count', 'cameo_count', 'created_at']

/** A profile with the names of TikHub's documents. */
export function documentedProfileJson(network: Network, links: Links, person: number): string {
  const full = JSON.parse(profileJson(network, links, person)) as Record<string, unknown>
  const plain = sameNames.map((key) => `"${key}":${quote(full[key])}`)
  const renamed = aliases.map(([from, to]) => `"${to}":${quote(full[from])}`)
  const fields = [shortProfile(network, links, person), ...plain, ...renamed].join(',')
  return `{"user_id":"${userIdOf(network, person)}",${fields}}`
}
