import { readFile, stat } from 'node:fs/promises'
import type { EndpointName } from '../model/endpoints.js'
import { InputError } from '../model/errors.js'
import type { ExtraName } from '../model/extras.js'
import { defaultOrder, defaultWeights, type Order, type Weights } from '../model/order.js'
import type { PriceTier } from '../model/prices.js'
import { isWire } from '../model/reading.js'
import { defaultMedia, type MediaConfig } from './media-settings.js'
import { hideSecret, withoutSecrets } from './secrets.js'
import type { SharedFlags } from './shared-flags.js'
import { tellTrouble } from './terminal.js'

/** The settings that a config file may give; flags go before them. */
export interface Settings {
  archive: string
  api: {
    base_url: string
    key: string | null
    rate: number
    concurrency: number
    timeout_s: number
    /** USD a call, where it is not that of the endpoint list. */
    prices: Partial<Record<EndpointName, number>>
    /** Ascending by `from`. */
    discounts: PriceTier[]
  }
  durability: 'full' | 'normal'
  order: Order
  /** Steps after the walk, each at a price. */
  extras: ExtraName[]
  refresh: {
    known_run: number
    recheck_missing: boolean
    young_h: number
    second_look_after_h: number
  }
  /** Worth of a new row, for `order: yield`. */
  weights: Weights
  media: MediaConfig
  export: {
    /** How long before the nearest deadline `crawl --export` writes what is there, in hours. */
    before_deadline_h: number
  }
}

/** Name of a setting as a config file nests it, `api.rate`, and where its value comes from. */
export type Sources = Partial<Record<string, string>>

/** The settings in force, and where each of them comes from; one without a source is a default. */
export interface TracedSettings {
  settings: Settings
  sources: Sources
}

/** What holds where neither flag nor file says otherwise; `config/default.yaml` says the same. */
export const defaultSettings: Settings = {
  archive: 'data/archive',
  api: {
    base_url: 'https://api.tikhub.io',
    key: null,
    rate: 5,
    concurrency: 4,
    timeout_s: 60,
    prices: {},
    discounts: [],
  },
  durability: 'full',
  order: defaultOrder,
  extras: [],
  refresh: { known_run: 30, recheck_missing: true, young_h: 48, second_look_after_h: 24 },
  weights: defaultWeights,
  media: defaultMedia,
  export: { before_deadline_h: 6 },
}

/** The flags that stand for a setting. */
export interface SettingFlags extends SharedFlags {
  baseUrl?: string
}

type Environment = Record<string, string | undefined>

/**
 * The settings in force: defaults, then the config file, then `--archive` and `--base-url`; the key of
 * the environment (`TIKHUB_API_KEY`) goes before the file's.
 * @throws InputError if the file cannot be read or says what no setting is
 */
export async function readSettings(
  flags: SettingFlags,
  environment: Environment,
): Promise<Settings> {
  return (await traceSettings(flags, environment)).settings
}

/**
 * The settings in force, with where each comes from. Warns, on stderr, of a config file that shows the
 * key to others.
 * @throws InputError as `readSettings`
 */
export async function traceSettings(
  flags: SettingFlags,
  environment: Environment,
): Promise<TracedSettings> {
  const { settings, sources } = await readConfig(flags)
  const { archive, baseUrl } = flags
  const ofEnvironment = environment['TIKHUB_API_KEY']?.trim()
  const key = ofEnvironment || settings.api.key?.trim() || null
  hideSecret(key)
  return {
    settings: {
      ...settings,
      archive: archive ?? settings.archive,
      api: { ...settings.api, base_url: baseUrl ?? settings.api.base_url, key },
    },
    sources: {
      ...sources,
      ...(archive === undefined ? {} : { archive: '--archive' }),
      ...(baseUrl === undefined ? {} : { 'api.base_url': '--base-url' }),
      ...(ofEnvironment ? { 'api.key': 'TIKHUB_API_KEY' } : {}),
    },
  }
}

/** Settings that hold others, each of which a file may give by itself. */
const groups: ReadonlySet<string> = new Set(['api', 'refresh', 'weights', 'media', 'export'])

/** Every setting of a config file, or of all there are, by its name; `api.rate` for one within another. */
const namedSettings = (all: object): [string, unknown][] =>
  Object.entries(all).flatMap(([name, value]: [string, unknown]): [string, unknown][] =>
    groups.has(name) && isWire(value)
      ? Object.entries(value).map(([inner, its]) => [`${name}.${inner}`, its])
      : [[name, value]],
  )

/** One line a setting: its name, its value as text (never the key's), where it comes from. */
export function describeSettings({
  settings,
  sources,
}: TracedSettings): [string, string, string][] {
  return namedSettings(settings).map(([name, value]) => {
    const source = sources[name] ?? 'default'
    if (name !== 'api.key') return [name, valueText(value), source]
    return [name, value === null ? 'not set' : `set (from ${source})`, source]
  })
}

const valueText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

async function readConfig(flags: SettingFlags): Promise<TracedSettings> {
  const { config: path } = flags
  if (path === undefined) return { settings: defaultSettings, sources: {} }
  const [{ parse }, { toSettings }] = await Promise.all([
    import('yaml'),
    import('./settings-schema.js'),
  ])
  try {
    // Pretty errors would show the lines around, the key among them.
    const parsed: unknown = parse(await readFile(path, 'utf8'), { prettyErrors: false })
    const settings = toSettings(parsed, defaultSettings)
    hideSecret(settings.api.key)
    if (settings.api.key !== null) await warnIfShown(path, flags)
    const names = isWire(parsed) ? namedSettings(parsed).map(([name]) => name) : []
    return { settings, sources: Object.fromEntries(names.map((name) => [name, path])) }
  } catch (error) {
    throw new InputError(`--config ${path}: ${(error as Error).message}`)
  }
}

/** Windows has no such bits. */
async function warnIfShown(path: string, flags: SettingFlags): Promise<void> {
  const { mode } = await stat(path)
  if (process.platform === 'win32' || (mode & 0o077) === 0) return
  const bits = (mode & 0o777).toString(8)
  const message = withoutSecrets(
    `${path} holds the API key and is open to others (mode ${bits}): chmod 600 '${path}'`,
  )
  tellTrouble(flags, { event: 'warning', message }, `afterfeed: ${message}`)
}
