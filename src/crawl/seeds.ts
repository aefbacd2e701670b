import type { EndpointName } from '../model/endpoints.js'
import { InputError } from '../model/errors.js'
import { isAnonymous, isPostId, isUserId, postIdOfPermalink } from '../model/ids.js'
import type { Params } from '../model/page.js'

/** The first request of a seed. */
export interface SeedRequest {
  endpoint: EndpointName
  params: Params
}

interface SeedKind {
  form: string
  /** The first request; NULL if the text behind the colon is none. */
  toRequest: (subject: string) => SeedRequest | null
}

const ofUser =
  (endpoint: EndpointName) =>
  (user_id: string): SeedRequest | null =>
    isUserId(user_id) ? { endpoint, params: { user_id } } : null

const withPrefix =
  (endpoint: EndpointName, name: string, prefix: string) =>
  (id: string): SeedRequest | null =>
    id.startsWith(prefix) && /^\w+$/.test(id) ? { endpoint, params: { [name]: id } } : null

/** Every kind of seed and the request it begins with. */
const seedKinds: Readonly<Record<string, SeedKind>> = {
  feed: {
    form: 'feed',
    toRequest: (rest) => (rest === '' ? { endpoint: 'get_feed', params: {} } : null),
  },
  post: { form: 'post:<id or address>', toRequest: postRequest },
  user: { form: 'user:<user-… or ch_…>', toRequest: ofUser('get_user_profile') },
  appearances: {
    form: 'appearances:<user id>',
    toRequest: ofUser('get_user_cameo_appearances'),
  },
  followers: { form: 'followers:<user id>', toRequest: ofUser('get_user_followers') },
  following: { form: 'following:<user id>', toRequest: ofUser('get_user_following') },
  leaderboard: {
    form: 'leaderboard',
    toRequest: (rest) => (rest === '' ? { endpoint: 'get_cameo_leaderboard', params: {} } : null),
  },
  search: {
    form: 'search:<text>',
    toRequest: (username) =>
      username === '' ? null : { endpoint: 'search_users', params: { username } },
  },
  task: { form: 'task:<task_…>', toRequest: withPrefix('get_task_status', 'task_id', 'task_') },
  generation: {
    form: 'generation:<gen_…>',
    toRequest: withPrefix('get_task_detail', 'generation_id', 'gen_'),
  },
}

function postRequest(subject: string): SeedRequest | null {
  const post_id = isPostId(subject) ? subject : postIdOfPermalink(subject)
  return post_id === null ? null : { endpoint: 'get_post_detail', params: { post_id } }
}

function readSeed(seed: string): SeedRequest | null {
  if (seed.startsWith('https://')) return postRequest(seed)
  const [, kind = seed, subject] = /^([a-z]+):(.*)$/s.exec(seed) ?? []
  if (!Object.hasOwn(seedKinds, kind) || subject === '') return null
  return seedKinds[kind]!.toRequest(subject ?? '')
}

/** The seed that stands for what imports mention and do not hold. */
export const gapsSeed = '@gaps'

/** The forms a seed may have, as messages name them. */
export const seedForms: readonly string[] = [
  ...Object.values(seedKinds).map(({ form }) => form),
  gapsSeed,
  '@<file, one seed a line>',
]

/**
 * The request that a seed begins with; NULL for `@gaps`, which is many.
 * @throws InputError if it is no seed
 */
export function toSeedRequest(seed: string): SeedRequest | null {
  if (seed === gapsSeed) return null
  const request = readSeed(seed)
  if (request === null) {
    const told = [`${seed} is no seed.`, ...hintOn(seed), `Seeds are: ${seedForms.join(', ')}`]
    throw new InputError(told.join(' '))
  }
  return request
}

/** What was probably meant; empty where nothing is near. */
function hintOn(seed: string): string[] {
  if (/^[–—]/.test(seed)) return ['Options begin with two plain hyphens, `--`.']
  if (/[“”„‘’«»]/.test(seed)) return ['Quotes are plain ones, " or \'.']
  const id = seed.replace(/^[a-z]+:/, '')
  if (isPostId(id)) return [`Did you mean post:${id}?`]
  if (isUserId(id)) return [`Did you mean user:${id}?`]
  const name = /^(?:user|appearances|followers|following):@?([\w.-]+)$/.exec(seed)?.[1]
  if (name === undefined || isAnonymous(name)) return []
  return [
    `People are named by their ids: \`afterfeed call search_users username=${name}\` shows them.`,
  ]
}
