import { readFile } from 'node:fs/promises'
import { InputError } from '../model/errors.js'
import type { SharedFlags } from './shared-flags.js'

/** The settings that a config file may give; flags go before them. */
export interface Settings {
  archive: string
  api: {
    base_url: string
    key: string | null
    rate: number
    concurrency: number
    timeout_s: number
  }
  durability: 'full' | 'normal'
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
  },
  durability: 'full',
}

/**
 * The settings in force: defaults, then the config file, then `--archive`; the key of the environment
 * (`TIKHUB_API_KEY`) goes before the file's.
 * @throws InputError if the file cannot be read or says what no setting is
 */
export async function readSettings(
  flags: SharedFlags,
  environment: Record<string, string | undefined>,
): Promise<Settings> {
  const settings =
    flags.config === undefined ? defaultSettings : await readConfig(flags.config, defaultSettings)
  const key = (environment['TIKHUB_API_KEY'] || settings.api.key)?.trim() || null
  return { ...settings, archive: flags.archive ?? settings.archive, api: { ...settings.api, key } }
}

async function readConfig(path: string, defaults: Settings): Promise<Settings> {
  const [{ parse }, { toSettings }] = await Promise.all([
    import('yaml'),
    import('./settings-schema.js'),
  ])
  try {
    // Pretty errors would show the lines around, the key among them.
    return toSettings(parse(await readFile(path, 'utf8'), { prettyErrors: false }), defaults)
  } catch (error) {
    throw new InputError(`--config ${path}: ${(error as Error).message}`)
  }
}
