import { seededRandom } from '../hostile/random.js'

/** What can go wrong with one call; `none` is a whole answer, `slow` one that takes its time. */
export type Fault = 'none' | 'slow' | PassingFault | LastingFault

/** Goes wrong once, then another thing, then it goes well. */
export type PassingFault =
  | ('500' | '500 text' | '502 html' | '503' | '503 after 0' | '504 html')
  | ('429' | '429 after 0' | '429 after 1' | '429 date')
  | ('reset' | 'reset after head' | 'cut length' | 'cut chunks' | 'cut last byte')
  | ('half json' | 'no json' | 'error inside' | 'code inside')
  | ('400 retry' | '400 chinese' | 'other object' | 'silent')

/** Goes wrong however often it is asked. */
export type LastingFault = 'always 500' | 'always 400' | 'always other' | '404 object' | 'empty 200'

/** Which calls fail, and how: the same plan, request and number of the call, the same fault. */
export interface FaultPlan {
  seed: number
  /** Share of the calls that fail. */
  share: number
  /** What passing faults there are; one that is named twice comes twice as often. */
  kinds: readonly PassingFault[]
  /** Share of the calls that are slow. */
  slowShare: number
  /** By request name. */
  lasting: ReadonlyMap<string, LastingFault>
}

/** Faults that use up no try of a request. */
const usesNoTry: ReadonlySet<Fault> = new Set(['429', '429 after 0', '429 after 1', '429 date'])

/** A request never fails more often than this by passing faults: three retries are enough. */
const mostFailures = 3
const mostRefusals = 6

/** What becomes of the `nth` call (from 0) of a request. */
export function faultAt(plan: FaultPlan, name: string, nth: number): Fault {
  const lasting = plan.lasting.get(name)
  if (lasting !== undefined) return lasting
  const random = seededRandom(hash(`${plan.seed} ${name}`))
  const drawn: Fault[] = []
  while (drawn.length <= nth) drawn.push(nextFault(plan, drawn, random))
  return drawn[nth]!
}

function nextFault(
  { share, kinds, slowShare }: FaultPlan,
  before: readonly Fault[],
  random: ReturnType<typeof seededRandom>,
): Fault {
  const isFailing = random.chance(share)
  const isSlow = random.chance(slowShare)
  const kind = kinds.length > 0 ? random.pick(kinds) : undefined
  if (!isFailing || kind === undefined) return isSlow ? 'slow' : 'none'
  return isAllowed(kind, before) ? kind : 'none'
}

function isAllowed(kind: PassingFault, before: readonly Fault[]): boolean {
  const refusals = before.filter((fault) => usesNoTry.has(fault)).length
  const failures = before.filter((fault) => fault !== 'none' && fault !== 'slow').length - refusals
  if (usesNoTry.has(kind)) return refusals < mostRefusals
  return failures < mostFailures && (kind !== 'other object' || !before.includes(kind))
}

/** FNV-1a: a number of any text. */
function hash(text: string): number {
  let state = 0x811c9dc5
  for (const character of text) {
    state = Math.imul(state ^ character.codePointAt(0)!, 0x01000193) >>> 0
  }
  return state
}
