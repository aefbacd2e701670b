import { z } from 'zod'
import type { Settings } from './settings.js'

const schema = z
  .strictObject({
    archive: z.string().min(1),
    api: z
      .strictObject({
        base_url: z.url({ protocol: /^https?$/ }),
        key: z.string().min(1).nullable(),
        rate: z.number().positive(),
        concurrency: z.int().min(1).max(64),
        timeout_s: z.number().positive(),
      })
      .partial(),
    durability: z.enum(['full', 'normal']),
  })
  .partial()

/**
 * A parsed config file as settings; what it leaves out keeps its default.
 * @throws Error that names each setting that is wrong
 */
export function toSettings(parsed: unknown, defaults: Settings): Settings {
  const checked = schema.safeParse(parsed ?? {})
  if (!checked.success) throw new Error(z.prettifyError(checked.error))
  const { api, ...rest } = checked.data
  return { ...defaults, ...told(rest), api: { ...defaults.api, ...told(api ?? {}) } }
}

type Told<Part> = { [Name in keyof Part]: Exclude<Part[Name], undefined> }

/** Without the settings that are not given. */
const told = <Part extends object>(part: Part): Told<Part> =>
  Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)) as Told<Part>
