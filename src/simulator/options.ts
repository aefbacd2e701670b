import { InputError } from '../model/errors.js'
import { readFaults } from './faults.js'
import type { FaultRule } from './faults.js'

/** What the local API can be told. Same seed and options: the same network, the same bytes. */
export interface SimulatorOptions {
  /** Default 1. */
  seed?: number
  /** Original posts in the feed; default 100. Remixes and comments come on top. */
  posts?: number
  /** Mean number of direct comments on a post; default 4. */
  comments?: number
  /** Mean number of direct replies to a comment, below 1; default 0.4. */
  replies?: number
  /** Mean number of direct remixes of a post, below 1; default 0.4. */
  remixes?: number
  /** People; default 30 and 0.6 a post. */
  users?: number
  /** Mean number of followers of a person; default 8. */
  followers?: number
  /** Default 0: any free port. The server listens on 127.0.0.1. */
  port?: number
  /** The API key that is accepted; default `sim-key`. */
  key?: string
  /** Milliseconds since 1970. */
  clock: () => number
  /** What goes wrong, e.g. `503=0.1,reset=0.02,slow=0.05:400`: share of the calls, and an argument. */
  faults?: string
  /** Calls a second; uploads, task states and the account's paths: one at most. Default 0: unlimited. */
  rateLimit?: number
  /** Whether a key has that limit for all paths together (default), or for each path. */
  ratePer?: 'key' | 'path'
  /** Default Infinity. */
  balanceUsd?: number
  /** Spent before the balance, on all endpoints but uploads; default 0. */
  freeCreditUsd?: number
  /** Calls cost less from so many a day on, as in the example of TikHub's documents; default false. */
  discounts?: boolean
  /** How lists tell `has_more`; default `absent`, as in all captures. */
  hasMore?: 'absent' | 'present' | 'wrong'
  /** `native`: wrapped objects as captured; `documented`: the short forms TikHub's documents print. */
  shape?: 'native' | 'documented'
  /** How long a signed address is good; default 72. */
  mediaLifetimeHours?: number
  /** Some pages short, some empty with a cursor; default true. */
  unevenPages?: boolean
  /** Items that a feed page repeats of the page before; default 0. */
  feedShift?: number
}

/** The options with everything filled in and checked. */
export interface Settings {
  seed: number
  posts: number
  comments: number
  replies: number
  remixes: number
  users: number
  followers: number
  port: number
  key: string
  clock: () => number
  faults: FaultRule[]
  rateLimit: number
  ratePer: 'key' | 'path'
  balanceUsd: number
  freeCreditUsd: number
  discounts: boolean
  hasMore: 'absent' | 'present' | 'wrong'
  shape: 'native' | 'documented'
  mediaLifetimeMs: number
  unevenPages: boolean
  feedShift: number
}

interface Range {
  least: number
  most: number
  whole?: boolean
}

/** Checks the options and fills in the rest; throws InputError that names the option. */
export function readOptions(options: SimulatorOptions): Settings {
  const posts = inRange('posts', options.posts ?? 100, { least: 0, most: 1e6, whole: true })
  return {
    seed: inRange('seed', options.seed ?? 1, { least: 0, most: 4294967295, whole: true }),
    posts,
    comments: inRange('comments', options.comments ?? 4, { least: 0, most: 1000 }),
    replies: inRange('replies', options.replies ?? 0.4, { least: 0, most: 0.9 }),
    remixes: inRange('remixes', options.remixes ?? 0.4, { least: 0, most: 0.9 }),
    users: inRange('users', options.users ?? 30 + Math.floor(posts * 0.6), {
      least: 4,
      most: 1e6,
      whole: true,
    }),
    followers: inRange('followers', options.followers ?? 8, { least: 0, most: 1000 }),
    port: inRange('port', options.port ?? 0, { least: 0, most: 65535, whole: true }),
    key: readKey(options.key ?? 'sim-key'),
    clock: options.clock,
    faults: readFaults(options.faults ?? ''),
    rateLimit: inRange('rateLimit', options.rateLimit ?? 0, { least: 0, most: 1e6 }),
    ratePer: oneOf('ratePer', options.ratePer ?? 'key', ['key', 'path']),
    balanceUsd: inRange('balanceUsd', options.balanceUsd ?? Infinity, { least: 0, most: Infinity }),
    freeCreditUsd: inRange('freeCreditUsd', options.freeCreditUsd ?? 0, { least: 0, most: 1e6 }),
    discounts: options.discounts ?? false,
    hasMore: oneOf('hasMore', options.hasMore ?? 'absent', ['absent', 'present', 'wrong']),
    shape: oneOf('shape', options.shape ?? 'native', ['native', 'documented']),
    mediaLifetimeMs:
      3_600_000 *
      inRange('mediaLifetimeHours', options.mediaLifetimeHours ?? 72, { least: 0.001, most: 168 }),
    unevenPages: options.unevenPages ?? true,
    feedShift: inRange('feedShift', options.feedShift ?? 0, { least: 0, most: 14, whole: true }),
  }
}

function inRange(name: string, value: number, { least, most, whole }: Range): number {
  const isFit = value >= least && value <= most && (!whole || Number.isInteger(value))
  if (isFit) return value
  const kind = whole ? 'a whole number' : 'a number'
  throw new InputError(`simulator: ${name} is ${value}; give ${kind} from ${least} to ${most}`)
}

function oneOf<Word extends string>(name: string, value: Word, words: readonly Word[]): Word {
  if (words.includes(value)) return value
  throw new InputError(`simulator: ${name} is ${value}; give one of ${words.join(', ')}`)
}

function readKey(key: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key
  throw new InputError('simulator: the key must be visible ASCII without spaces')
}
