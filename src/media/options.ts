import type { Durability } from '../archive/archive.js'
import { InputError } from '../model/errors.js'
import type { Prices } from '../model/prices.js'
import type { Resolve } from './media-client.js'
import type { MediaProgress } from './report.js'
import { defaultHosts } from './safe-url.js'
import { defaultVariants, ownerKinds, toChoices, type OwnerKind } from './variants.js'
import type { Wish } from './wanted.js'

/** Which files are saved, and how. */
export interface MediaSettings {
  /** Names of variants (default: the watermarked original, and the thumbnail). */
  variants?: readonly string[]
  /** Whose files (default: everybody's). */
  owners?: readonly OwnerKind[]
  /** Hosts that are asked (default: those that files of Sora were seen under). */
  hosts?: readonly string[]
  /** Files that are served without a type are taken by their first bytes (default false). */
  untyped?: boolean
  /** Bytes of a file at most (default 2 GiB). */
  largestBytes?: number
  /** Files at a time (default 6). */
  concurrency?: number
  /** Connections to one host (default 6). */
  perHost?: number
  /** Bytes a second over all files (default: no limit). */
  bytesPerSecond?: number
  /** A stream slower than this, while it is waited for, is ended (default 512). */
  leastBytesPerSecond?: number
  /** How long to wait for a connection, a header or the next bytes (default 30,000). */
  idleTimeoutMs?: number
  /** A link that ends within this time is not asked for (default 10,000). */
  marginMs?: number
  /** Paid calls are made for fresh links (default true). */
  renew?: boolean
  /** Waiting time before the second try (default 1,000); doubles with each. */
  retryBaseMs?: number
  /** Addresses of a host (default: by DNS). */
  resolve?: Resolve
  random?: () => number
  onProgress?: (progress: MediaProgress) => void
}

/** Which files are saved of which archive, and what may be spent on fresh links. */
export interface MediaOptions extends MediaSettings {
  archiveDir: string
  /** Where the API is; on this machine, files are asked of it as well. */
  baseUrl: string
  /** '': no paid calls. */
  apiKey: string
  /** Paid calls of this run at most. */
  maxRequests?: number
  /** Dollars of this run at most. */
  budgetUsd?: number
  /** Dollars of all runs of the archive at most. */
  budgetTotalUsd?: number
  prices?: Prices
  /** Calls a second at most (default 5; Infinity: no limit). */
  ratePerSecond?: number
  /** Waiting time for an answer of the API (default 60,000). */
  timeoutMs?: number
  durability?: Durability
  /** Microseconds since 1970. */
  clock?: () => number
  /** Ends the run cleanly: what is under way is kept and gone on with. */
  signal?: AbortSignal
}

/** The settings that always have a value. */
export type FilledSettings = Required<
  Omit<MediaSettings, 'resolve' | 'onProgress' | 'variants' | 'owners'>
> &
  Pick<MediaSettings, 'resolve' | 'onProgress'> & { wish: Wish }

/**
 * The settings with everything filled in and checked.
 * @throws InputError for variants, owners or numbers that make no sense
 */
export function fillSettings(settings: MediaSettings): FilledSettings {
  const { variants = defaultVariants, owners = ownerKinds, ...rest } = settings
  const wrong = owners.filter((each) => !ownerKinds.includes(each))
  if (wrong.length > 0)
    throw new InputError(
      `media.owners: there is no ${wrong.join(', ')}; there are ${ownerKinds.join(', ')}`,
    )
  const filled: FilledSettings = {
    hosts: defaultHosts,
    untyped: false,
    largestBytes: 2 * 1024 ** 3,
    concurrency: 6,
    perHost: 6,
    bytesPerSecond: Infinity,
    leastBytesPerSecond: 512,
    idleTimeoutMs: 30_000,
    marginMs: 10_000,
    renew: true,
    retryBaseMs: 1000,
    random: Math.random,
    ...rest,
    wish: { choices: toChoices(variants), owners: new Set(owners) },
  }
  const { concurrency, perHost, bytesPerSecond, largestBytes, idleTimeoutMs } = filled
  const numbers = { concurrency, perHost, bytesPerSecond, largestBytes, idleTimeoutMs }
  for (const [name, value] of Object.entries(numbers))
    if (!(value > 0)) throw new InputError(`media: ${name} is ${value}; give a number above 0`)
  return filled
}
