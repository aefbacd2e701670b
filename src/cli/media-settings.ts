import type { MediaSettings } from '../media/index.js'
import { defaultHosts } from '../media/safe-url.js'
import { defaultVariants, ownerKinds, type OwnerKind } from '../media/variants.js'

/** What a config file may say of media, under `media`. */
export interface MediaConfig {
  variants: string[]
  owners: OwnerKind[]
  hosts: string[]
  /** Also files that are served without a type, by their first bytes. */
  untyped: boolean
  max_file_mb: number
  concurrency: number
  per_host: number
  /** MB (10^6 bytes) a second over all downloads; 0: no limit. */
  bandwidth_mb: number
  least_rate_kb: number
  idle_timeout_s: number
  renew: boolean
  /** `deadline`: the walk of a crawl waits while files are in danger; `walk`: it never does. */
  priority: 'deadline' | 'walk'
}

/** What holds where no file says otherwise; `config/default.yaml` says the same. */
export const defaultMedia: MediaConfig = {
  variants: [...defaultVariants],
  owners: [...ownerKinds],
  hosts: [...defaultHosts],
  untyped: false,
  max_file_mb: 2048,
  concurrency: 6,
  per_host: 6,
  bandwidth_mb: 0,
  least_rate_kb: 0.5,
  idle_timeout_s: 30,
  renew: true,
  priority: 'deadline',
}

/** Flags that go before the file. */
export interface MediaFlags {
  variants?: string[]
  bandwidth?: number
  /** False with `--no-renew`. */
  renew?: boolean
}

/** The settings of a run. */
export const toMediaSettings = (media: MediaConfig, flags: MediaFlags): MediaSettings => ({
  variants: flags.variants ?? media.variants,
  owners: media.owners,
  hosts: media.hosts,
  untyped: media.untyped,
  largestBytes: media.max_file_mb * 1e6,
  concurrency: media.concurrency,
  perHost: media.per_host,
  bytesPerSecond: (flags.bandwidth ?? media.bandwidth_mb) * 1e6 || Infinity,
  leastBytesPerSecond: media.least_rate_kb * 1000,
  idleTimeoutMs: media.idle_timeout_s * 1000,
  renew: media.renew && flags.renew !== false,
})
