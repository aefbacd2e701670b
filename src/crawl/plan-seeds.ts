import { hasArchive, noArchiveAt } from '../archive/archive-file.js'
import type { Archive } from '../archive/archive.js'
import { readGaps } from '../archive/gaps.js'
import { listingKeyOf } from '../archive/list-of-request.js'
import type { EndpointName } from '../model/endpoints.js'
import { InputError } from '../model/errors.js'
import { unknownList } from '../model/order.js'
import type { Params } from '../model/page.js'
import type { WalkLimits } from '../model/walk-plan.js'
import { gapsSeed, toSeedRequest, type SeedRequest } from './seeds.js'

/** A seed as written, under the limits of this run. */
export interface SeedPlan {
  seeds: readonly string[]
  limits: WalkLimits
  clock: () => number
  /** Without a key nothing can be asked, so nothing is planned. */
  hasKey: boolean
  /** Told now and then while many requests are planned. */
  onPlanned?: () => void
  /** Begins a new pass, over all seeds there were if none is named, where nothing is left of the last. */
  isRefresh: boolean
}

/** What is missing if nothing can be asked. */
export const noKeyMessage =
  'no API key: set TIKHUB_API_KEY, or `api.key` in a config file. Nothing was sent or changed.'

/** What is missing if there is nothing to ask. */
export const noSeedMessage = 'nothing to crawl: name a seed, e.g. `afterfeed crawl feed`'

/** @throws ArchiveError where gaps alone are asked for, and no archive is there to have any */
export function requireGaps(archiveDir: string, seeds: readonly string[]): void {
  const isGapsAlone = seeds.length > 0 && seeds.every((seed) => seed === gapsSeed)
  if (isGapsAlone && !hasArchive(archiveDir)) throw noArchiveAt(archiveDir)
}

/**
 * Brings the seeds into the frontier.
 * @returns the pass they belong to
 * @throws InputError if there is nothing to crawl, or no key to ask with; nothing is changed
 */
export function planSeeds(archive: Archive, asked: SeedPlan): number {
  const plan = { ...asked, seeds: withoutForgotten(archive, asked.seeds) }
  const named = plan.seeds.map(toSeedRequest)
  return archive.transaction(() => {
    const pass = isNextPassDue(archive, plan)
      ? beginPass(archive, plan)
      : joinPass(archive, plan, named)
    // An archive without gaps has nothing to ask, and that is no mistake.
    if (archive.frontier.isBlank() && !plan.seeds.includes(gapsSeed))
      throw new InputError(noSeedMessage)
    if (!plan.hasKey && archive.frontier.hasPending()) throw new InputError(noKeyMessage)
    return pass
  })
}

/**
 * Whom and what the archive has forgotten is not asked for: among others it is passed over.
 * @throws InputError if nothing else is named
 */
function withoutForgotten({ denylist }: Archive, seeds: readonly string[]): readonly string[] {
  if (denylist.isEmpty) return seeds
  const isForgotten = (seed: string): boolean => {
    const params = toSeedRequest(seed)?.params ?? {}
    return denylist.maskParams(params) !== params
  }
  const left = seeds.filter((seed) => !isForgotten(seed))
  if (left.length > 0 || seeds.length === 0) return left
  throw new InputError(
    `${seeds.join(', ')} was forgotten in this archive for good (\`afterfeed forget\`), and is never asked ` +
      'for again. Nothing was sent or changed.',
  )
}

/** A pass that is unfinished goes on; the next one begins after it. */
const isNextPassDue = (archive: Archive, { isRefresh }: SeedPlan): boolean =>
  isRefresh &&
  archive.runs.allSeeds().some((seed) => seed !== gapsSeed) &&
  !archive.frontier.hasPending()

/** Begins the next pass: its seeds are asked for, whatever is held. */
function beginPass(archive: Archive, plan: SeedPlan): number {
  const { clock } = plan
  const seeds = plan.seeds.length > 0 ? plan.seeds : archive.runs.allSeeds()
  const pass = archive.runs.nextPass(seeds, clock())
  for (const request of seeds.flatMap((seed) => toSeedRequest(seed) ?? []))
    planSeed(archive, request, { ...plan, pass })
  return pass
}

/** Takes seeds up in the pass under way. What is held in full is not asked for; its lists are planned. */
function joinPass(
  archive: Archive,
  plan: SeedPlan,
  requests: readonly (SeedRequest | null)[],
): number {
  const { seeds, limits, clock } = plan
  const pass = archive.runs.currentPass(seeds, clock())
  for (const request of requests) {
    if (request === null) {
      planGaps(archive, { ...plan, pass })
      continue
    }
    const object = objectOf(request.endpoint, request.params)
    if (object !== null && archive.planner.isHeld(object.kind, object.id))
      archive.planner.planHeld(object.kind, object.id, { pass, limits, now: clock() })
    else planSeed(archive, request, { ...plan, pass })
  }
  return pass
}

function planSeed(
  archive: Archive,
  { endpoint, params }: SeedRequest,
  { pass, limits, clock }: SeedPlan & { pass: number },
): void {
  const first = { endpoint, params, pass, page: 1, depth: 0, parentRequestId: null }
  const listingKey = listingKeyOf({ ...first, listingKey: null })
  archive.frontier.add({ ...first, listingKey }, limits, clock())
}

/** Gaps that are planned between two words on it. */
const gapsAWord = 1000

/** Plans what imports mention and do not hold: each list from where it breaks off. */
function planGaps(archive: Archive, plan: SeedPlan & { pass: number }): void {
  const { pass, limits, clock, onPlanned } = plan
  let planned = 0
  for (const { endpoint, params, announced, held } of readGaps(archive.database)) {
    const page = params['cursor'] === undefined ? 1 : 2
    const first = { endpoint, params, pass, page, depth: 0, parentRequestId: null }
    const listingKey = listingKeyOf({ ...first, listingKey: null })
    const facts = { ...unknownList, announced, itemsHeld: held }
    archive.frontier.add({ ...first, listingKey }, limits, clock(), facts)
    if ((planned += 1) % gapsAWord === 0) onPlanned?.()
  }
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
