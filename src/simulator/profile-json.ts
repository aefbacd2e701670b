import { hasPicture, pictureFileId } from './assets.js'
import { hexDigits, secondsOf, userIdOf } from './identity.js'
import type { Links } from './links.js'
import type { Network } from './network.js'
import { fraction, isAmong, mix, powerLaw } from './random.js'
import { biographyOf, displayNameOf, usernameOf } from './usernames.js'

const quote = JSON.stringify

/** Seconds with six decimals, without trailing zeros, and always with a point as Python writes it. */
export function secondsText(micros: number): string {
  const parts = String(micros % 1e6)
    .padStart(6, '0')
    .replace(/0+$/, '')
  return `${secondsOf(micros)}.${parts === '' ? '0' : parts}`
}

/** When a person joined, in microseconds: before the first post of the network. */
const joinedAt = (network: Network, person: number): number =>
  (1_753_800_000 + (mix(network.seed, person, 111) % 5_000_000)) * 1e6 +
  (mix(network.seed, person, 112) % 1_000_000)

/** Address of a person's page. */
const profilePermalink = (network: Network, person: number): string =>
  `https://sora.chatgpt.com/profile/${usernameOf(network, person)}`

const isVerified = (person: number): boolean => person >= 0 && person % 17 === 0

/** The full profile with the 35 keys of 2025, and for some the seven of 2026; -1 is `anonymous`. */
export function profileJson(network: Network, links: Links, person: number): string {
  if (person < 0) return anonymousJson(links)
  const { people, seed } = network
  const isCharacter = person >= people.firstCharacter
  const isPictured = hasPicture(network, person)
  const pictureId = isPictured ? `"${hexDigits(seed, person, { salt: 113 })}"` : 'null'
  const fileId = isPictured ? `"${pictureFileId(network, person)}"` : 'null'
  const isFamous = person % 23 === 3
  const messages = ['followees_only', 'everyone', 'no_one'][mix(seed, person, 114) % 3] ?? ''
  return (
    `{"user_id":"${userIdOf(network, person)}","username":"${usernameOf(network, person)}",` +
    `"profile_picture_url":"${links.picture(person)}","profile_picture_id":${pictureId},` +
    `"profile_picture_file_id":${fileId},"is_default_profile_picture":${!isPictured},` +
    `"cover_photo_url":null,"verified":${isVerified(person)},` +
    `"follower_count":${people.followers.count(person)},` +
    `"following_count":${people.following.count(person)},` +
    `"post_count":${people.posts.count(person)},"reply_count":${people.commentCount[person] ?? 0},` +
    `"likes_received_count":${powerLaw(fraction(mix(seed, person, 115)), 90, 1e7)},` +
    `"remix_count":${mix(seed, person, 116) % 300},` +
    `"cameo_count":${people.appearances.count(person)},"is_following":false,"is_blocked":false,` +
    `"followed_by":[],"plan_type":null,"permalink":"${profilePermalink(network, person)}",` +
    `"can_cameo":${isCharacter},"created_at":${secondsText(joinedAt(network, person))},` +
    `"updated_at":${secondsText(joinedAt(network, person) + 12_345_678_900_001)},` +
    `"banned_at":null,"calpico_is_enabled":true,"can_message":false,` +
    `"sora_who_can_message_me":"${messages}","is_public_figure":${isFamous},` +
    `"public_figure_name":${isFamous ? '"Invented Figure"' : 'null'},` +
    `"display_name":${quote(displayNameOf(network, person))},"location":null,` +
    `"description":${quote(biographyOf(network, person))},"birthday":null,"website":null,` +
    `"follows_you":false${isCharacter || isNew(network, person) ? newKeys(network, links, person) : ''}}`
  )
}

/** A few people and all characters are told with the keys of 2026. */
const isNew = (network: Network, person: number): boolean =>
  person >= network.people.firstCharacter || isAmong(mix(network.seed, person, 117), 0.05)

function newKeys(network: Network, links: Links, person: number): string {
  const { firstCharacter } = network.people
  const owner =
    person >= firstCharacter ? ownerJson(network, links, person - firstCharacter) : 'null'
  return (
    `,"chatgpt_who_can_message_me":"followees_only","character_count":${person % 3},` +
    `"owner_profile":${owner},"social_context":null,"verification_info":null,"work":null,"schools":null`
  )
}

function ownerJson(network: Network, links: Links, person: number): string {
  return (
    `{"user_id":"${userIdOf(network, person)}","username":"${usernameOf(network, person)}",` +
    `"display_name":${quote(displayNameOf(network, person))},` +
    `"profile_picture_url":"${links.picture(person)}",` +
    `"verified":${isVerified(person)},"permalink":"${profilePermalink(network, person)}"}`
  )
}

/** The 12 keys of a summary, as in `text_facets` and search results. */
export function summaryJson(network: Network, links: Links, person: number): string {
  const isPictured = hasPicture(network, person)
  const pictureId = isPictured ? `"${hexDigits(network.seed, person, { salt: 113 })}"` : 'null'
  return (
    `{"user_id":"${userIdOf(network, person)}","username":"${usernameOf(network, person)}",` +
    `"profile_picture_url":"${links.picture(person)}","profile_picture_id":${pictureId},` +
    `"is_default_profile_picture":${!isPictured},` +
    `"follower_count":${network.people.followers.count(person)},"is_following":false,` +
    `"display_name":${quote(displayNameOf(network, person))},` +
    `"permalink":"${profilePermalink(network, person)}",` +
    `"can_cameo":${person >= network.people.firstCharacter},` +
    `"verified":${isVerified(person)},"follows_you":false}`
  )
}

/** The profile of a deleted account (`data-shapes.md` 3.9). */
function anonymousJson(links: Links): string {
  return (
    `{"user_id":"anonymous","username":"anonymous","profile_picture_url":"${links.picture(-1)}",` +
    `"profile_picture_id":null,"profile_picture_file_id":null,"is_default_profile_picture":null,` +
    `"cover_photo_url":null,"verified":false,"follower_count":0,"following_count":0,` +
    `"post_count":0,"reply_count":0,"likes_received_count":0,"remix_count":0,"cameo_count":0,` +
    `"is_following":false,"is_blocked":false,"followed_by":[],"plan_type":null,"permalink":null,` +
    `"can_cameo":null,"created_at":0.0,"updated_at":0.0,"banned_at":null,` +
    `"calpico_is_enabled":null,"can_message":null,"sora_who_can_message_me":null,` +
    `"is_public_figure":null,"public_figure_name":null,"display_name":null,"location":null,` +
    `"description":null,"birthday":null,"website":null,"follows_you":false}`
  )
}
