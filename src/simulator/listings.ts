import { endpointOf } from '../model/endpoints.js'
import { shareOf } from './faults.js'
import { idOf, nodeOf, userIdOf } from './identity.js'
import type { Network } from './network.js'
import type { Settings } from './options.js'
import type { Listing } from './paging.js'
import { fraction, hashText, mix } from './random.js'
import { secondsText } from './profile-json.js'

/** The paged lists by endpoint: of a node, of a person, or of nobody. */
export type ListingName =
  | 'get_feed'
  | 'get_post_comments'
  | 'get_comment_replies'
  | 'get_post_remix_list'
  | 'get_user_posts'
  | 'get_user_cameo_appearances'
  | 'get_user_followers'
  | 'get_user_following'
  | 'get_cameo_leaderboard'

/** The list of an endpoint about a subject (index of a node or of a person). */
export function listingOf(
  network: Network,
  settings: Settings,
  { endpoint, subject }: { endpoint: ListingName; subject: number },
): Listing {
  const key = mix(hashText(endpoint) | 0, subject, network.seed)
  const frame = {
    key,
    ending: endingOf(key, settings),
    brokenShare: shareOf(settings.faults, 'broken'),
    size: endpointOf(endpoint).pageSize ?? 20,
    repeats: endpoint === 'get_feed' ? settings.feedShift : 0,
    uneven: settings.unevenPages,
  }
  const { people } = network
  switch (endpoint) {
    case 'get_feed':
      return { ...frame, ...byOffset(network.feed, '"cut":"nf2_top_7d","limit":15') }
    case 'get_cameo_leaderboard':
      return { ...frame, ...byOffset(people.leaderboard, '"limit":10') }
    case 'get_user_followers':
      return { ...frame, ...byOffset(people.followers.get(subject), ofUser(network, subject)) }
    case 'get_user_following':
      return { ...frame, ...byOffset(people.following.get(subject), ofUser(network, subject)) }
    case 'get_post_comments':
    case 'get_comment_replies':
      return { ...frame, ...byTime(network, repliesIn(network, subject), ofNode(network, subject)) }
    case 'get_user_posts':
      return { ...frame, ...byTime(network, listed(people.posts.get(subject)), createdAt) }
    case 'get_user_cameo_appearances':
      return { ...frame, ...byTime(network, listed(people.appearances.get(subject)), createdAt) }
    case 'get_post_remix_list':
      return { ...frame, ...byLast(network, remixesIn(network, subject)) }
  }
}

function endingOf(key: number, { faults }: Settings): Listing['ending'] {
  const chance = fraction(mix(key, 152))
  const endless = shareOf(faults, 'endless')
  if (chance < endless) return 'endless'
  return chance < endless + shareOf(faults, 'circle') ? 'circle' : 'well'
}

const createdAt = '"kind":"sv2_created_at"'
const ofUser = (network: Network, person: number): string =>
  `"user_id":"${userIdOf(network, person)}"`
const ofNode = (network: Network, node: number): string =>
  `"post_id":"${idOf(network, node).replace('s_', '')}"`

/** Items by their place, without a copy of them. */
interface Items {
  length: number
  at(index: number): number
}

const listed = (items: Int32Array): Items => ({
  length: items.length,
  at: (index) => items[index] ?? 0,
})

const neighbours = (first: number, length: number): Items => ({
  length,
  at: (index) => first + index,
})

const repliesIn = (network: Network, node: number): Items =>
  neighbours(network.firstReply[node] ?? 0, network.replyCount[node] ?? 0)

const remixesIn = (network: Network, post: number): Items =>
  neighbours(network.firstRemix[post] ?? 0, network.remixCount[post] ?? 0)

const copy = ({ length, at }: Items): number[] => Array.from({ length }, (_, index) => at(index))

/** Direct comments of a post, or replies of a comment, oldest first. */
export const repliesOf = (network: Network, node: number): number[] =>
  copy(repliesIn(network, node))

/** Direct remixes of a post, oldest first. */
export const remixesOf = (network: Network, post: number): number[] =>
  copy(remixesIn(network, post))

type Paging = Pick<Listing, 'length' | 'at' | 'cursorAt' | 'indexOf'>

function byOffset(items: Int32Array, fields: string): Paging {
  return {
    ...listed(items),
    cursorAt: (index) => `${fields},"offset":${index}`,
    indexOf: ({ offset }) =>
      Number.isInteger(offset) && Number(offset) >= 0 ? Math.min(Number(offset), items.length) : -1,
  }
}

/** A keyset on the time of the last item told. */
function byTime(network: Network, items: Items, fields: string): Paging {
  const microsAt = (index: number): number => network.postedAt[items.at(index)] ?? 0
  return {
    ...items,
    cursorAt: (index) => `${fields},"created_at":${secondsText(microsAt(index - 1))}`,
    indexOf: ({ created_at: time }) => {
      const micros = typeof time === 'number' ? Math.round(time * 1e6) : -1
      for (let index = 0; index < items.length; index++) {
        if (microsAt(index) === micros) return index + 1
      }
      return -1
    },
  }
}

function byLast(network: Network, items: Items): Paging {
  return {
    ...items,
    cursorAt: (index) => `"last_post_id":"${idOf(network, items.at(index - 1))}"`,
    indexOf: ({ last_post_id: id }) => {
      const index = typeof id === 'string' ? nodeOf(network, id) - items.at(0) : -1
      return index >= 0 && index < items.length ? index + 1 : -1
    },
  }
}
