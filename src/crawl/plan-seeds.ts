import type { Archive } from '../archive/archive.js'
import { listingKeyOf } from '../archive/walk-planner.js'
import type { EndpointName } from '../model/endpoints.js'
import { InputError } from '../model/errors.js'
import type { Params } from '../model/page.js'
import type { WalkLimits } from '../model/walk-plan.js'
import { toSeedRequest } from './seeds.js'

/** A seed as written, under the limits of this run. */
export interface SeedPlan {
  seeds: readonly string[]
  limits: WalkLimits
  clock: () => number
  /** Without a key nothing can be asked, so nothing is planned. */
  hasKey: boolean
}

/** What is missing if nothing can be asked. */
export const noKeyMessage =
  'no API key: set TIKHUB_API_KEY, or `api.key` in a config file. Nothing was sent or changed.'

/** What is missing if there is nothing to ask. */
export const noSeedMessage = 'nothing to crawl: name a seed, e.g. `afterfeed crawl feed`'

/**
 * Brings the seeds into the frontier.
 * @returns the pass they belong to
 * @throws InputError if there is nothing to crawl, or no key to ask with; nothing is changed
 */
export function planSeeds(archive: Archive, { seeds, limits, clock, hasKey }: SeedPlan): number {
  const requests = seeds.map(toSeedRequest)
  return archive.transaction(() => {
    const pass = archive.runs.currentPass(seeds, clock())
    for (const { endpoint, params } of requests) {
      // What is held in full is not asked for again; its lists are planned from what is held.
      const object = objectOf(endpoint, params)
      if (object !== null && archive.planner.isHeld(object.kind, object.id)) {
        archive.planner.planHeld(object.kind, object.id, { pass, limits, now: clock() })
        continue
      }
      const first = { endpoint, params, pass, page: 1, depth: 0, parentRequestId: null }
      const plan = { ...first, listingKey: listingKeyOf({ ...first, listingKey: null }) }
      archive.frontier.add(plan, limits, clock())
    }
    if (archive.frontier.isBlank()) throw new InputError(noSeedMessage)
    if (!hasKey && archive.frontier.hasPending()) throw new InputError(noKeyMessage)
    return pass
  })
}

/** The post or person that a seed asks for; NULL if it asks for a list. */
function objectOf(
  endpoint: EndpointName,
  { post_id, user_id }: Params,
): { kind: 'post' | 'user'; id: string } | null {
  if (endpoint === 'get_post_detail' && post_id !== undefined) return { kind: 'post', id: post_id }
  if (endpoint === 'get_user_profile' && user_id !== undefined) return { kind: 'user', id: user_id }
  return null
}
