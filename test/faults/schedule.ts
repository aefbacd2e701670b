import type { Random } from '../hostile/random.js'
import { postId, seededRandom, userId } from '../hostile/random.js'
import { gentle } from '../hostile/scenario.js'
import { hostileAnswers, type HostileOptions } from '../hostile/server.js'
import type { FaultPlan, LastingFault, PassingFault } from './fault-plan.js'
import type { Kill } from './killed-crawl.js'

/** Everything that is decided of one schedule before it runs. */
export interface Schedule {
  world: HostileOptions
  plan: FaultPlan
  seeds: string[]
  /** Ids that the API does not have. */
  missing: string[]
  /** A list has pages that are never to be had, so what is behind them is not either. */
  hasBrokenLists: boolean
  kills: Kill[]
  concurrency: number
  timeoutMs: number
  durability: 'full' | 'normal'
}

const everyKind: readonly PassingFault[] = [
  ...(['500', '500 text', '502 html', '503', '503 after 0', '504 html', '429', '429'] as const),
  ...(['429 after 0', 'reset', 'reset after head', 'cut length', 'cut chunks'] as const),
  ...(['cut last byte', 'half json', 'no json', 'error inside', 'code inside'] as const),
  ...(['400 retry', '400 chinese'] as const),
]

/** The schedule of a seed: a small world, what fails in it, when the runs are killed. */
export function scheduleOf(seed: number): Schedule {
  const random = seededRandom(seed * 7919)
  const world = worldOf(random)
  const hasBrokenLists = !world.broken && !world.drift && random.chance(0.3)
  const { truth, someUser } = hostileAnswers(world)
  const posts = hasBrokenLists ? [] : someUser.posts.slice(0, random.int(3))
  const missing = missingIds(random)
  const lasting = new Map<string, LastingFault>([
    ...missing.map((id) => [detailOf(id), random.pick(waysToBeMissing)] as const),
    ...(hasBrokenLists ? brokenLists(truth.expected, random) : []),
    ...(posts[0] && !world.drift && random.chance(0.2)
      ? [[detailOf(posts[0]), 'always other'] as const]
      : []),
  ])
  const isSilent = random.chance(0.06)
  return {
    ...{ world, missing, hasBrokenLists },
    plan: planOf(random, { seed, lasting, isSilent, hasOthers: !hasBrokenLists && !world.drift }),
    seeds: [
      ...(random.chance(0.5) ? ['feed'] : []),
      ...[...posts, ...missing].map((id) => (id.startsWith('s_') ? `post:${id}` : `user:${id}`)),
      ...(random.chance(0.3) && !hasBrokenLists ? [`user:${someUser.id}`] : []),
      'feed',
    ],
    kills: killsOf(random, truth.fewest),
    concurrency: 1 + random.int(8),
    timeoutMs: isSilent ? 1500 : 20_000,
    durability: random.chance(0.2) ? 'full' : 'normal',
  }
}

function worldOf(random: Random): HostileOptions {
  const isLarge = random.chance(0.03)
  return {
    ...gentle,
    seed: 1 + random.int(1e6),
    feedPosts: 2 + random.int(7),
    feedEnd: random.pick(['null', 'absent', 'empty', 'circle'] as const),
    forms: random.chance(0.3),
    remixes: random.chance(0.15),
    threads: random.chance(0.2),
    broken: random.chance(0.2),
    drift: random.chance(0.2),
    ends: isLarge,
  }
}

interface PlanChoice {
  seed: number
  lasting: FaultPlan['lasting']
  isSilent: boolean
  hasOthers: boolean
}

function planOf(random: Random, { seed, lasting, isSilent, hasOthers }: PlanChoice): FaultPlan {
  const some = everyKind.filter(() => random.chance(0.5))
  const kinds: PassingFault[] = [
    ...(some.length > 0 ? some : everyKind),
    ...(hasOthers ? (['other object'] as const) : []),
    ...(isSilent ? (['silent'] as const) : []),
    ...(random.chance(0.05) ? (['429 after 1', '429 date'] as const) : []),
  ]
  const share = random.pick([0.05, 0.15, 0.15, 0.15, 0.3])
  return { seed, share, kinds, slowShare: random.pick([0, 0.05, 0.2]), lasting }
}

const waysToBeMissing = ['404 object', 'empty 200'] as const

const detailOf = (id: string): string =>
  id.startsWith('s_') ? `get_post_detail ${id} ` : `get_user_profile ${id} `

const missingIds = (random: Random): string[] => [
  ...(random.chance(0.3) ? [postId(random, 1750000000)] : []),
  ...(random.chance(0.3) ? [userId(random)] : []),
]

/** One to three pages that fail for good; where two requests do as well as each other, neither. */
function brokenLists(expected: string[][], random: Random): [string, LastingFault][] {
  const names = expected.flatMap((choice) => (choice.length === 1 ? choice : []))
  const behind = names.filter((name) => name !== 'get_feed  ')
  return Array.from({ length: 1 + random.int(3) }, () => [
    random.pick(behind),
    random.pick(['always 500', 'always 400'] as const),
  ])
}

function killsOf(random: Random, calls: number): Kill[] {
  const count = random.pick([0, 1, 1, 2, 2, 3, 4])
  return Array.from({ length: count }, () => ({
    atCall: 1 + random.int(Math.ceil((1.3 * calls) / count)),
    stage: random.pick(['arrived', 'answered'] as const),
    waitMs: random.pick([0, 0, 1, 2, 4]),
    isTorn: random.chance(0.25),
  }))
}
