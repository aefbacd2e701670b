import { z } from 'zod'
import { endpoints } from '../model/endpoints.js'
import { extraNames } from '../model/extras.js'
import { ownerKinds, variantNames } from '../media/variants.js'
import { orders } from '../model/order.js'
import type { PriceTier } from '../model/prices.js'
import { tables } from '../model/tables.js'
import type { Settings } from './settings.js'

const isAscending = (discounts: readonly PriceTier[]): boolean =>
  discounts.every(({ from }, index) => index === 0 || from > discounts[index - 1]!.from)

const discount = z.strictObject({ from: z.int().min(0), off: z.number().min(0).max(1) })

const amounts = <Name extends string>(names: readonly Name[]) =>
  z.partialRecord(z.enum(names as [Name, ...Name[]]), z.number().min(0))

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
        prices: amounts(endpoints.map(({ name }) => name)),
        discounts: z.array(discount).refine(isAscending, 'expected ascending values of `from`'),
      })
      .partial(),
    durability: z.enum(['full', 'normal']),
    order: z.enum(orders),
    extras: z.array(z.enum(extraNames)),
    refresh: z
      .strictObject({
        known_run: z.int().min(0),
        recheck_missing: z.boolean(),
        young_h: z.number().min(0),
        second_look_after_h: z.number().min(0),
      })
      .partial(),
    weights: amounts(tables.map(({ name }) => name)),
    media: z
      .strictObject({
        variants: z.array(z.enum(variantNames as [string, ...string[]])),
        owners: z.array(z.enum(ownerKinds)),
        hosts: z.array(z.string().min(1)),
        untyped: z.boolean(),
        max_file_mb: z.number().positive(),
        concurrency: z.int().min(1).max(64),
        per_host: z.int().min(1).max(64),
        bandwidth_mb: z.number().min(0),
        least_rate_kb: z.number().min(0),
        idle_timeout_s: z.number().positive(),
        renew: z.boolean(),
        priority: z.enum(['deadline', 'walk']),
      })
      .partial(),
    export: z.strictObject({ before_deadline_h: z.number().min(0) }).partial(),
  })
  .partial()

/**
 * A parsed config file as settings; what it leaves out keeps its default.
 * @throws Error that names each setting that is wrong
 */
export function toSettings(parsed: unknown, defaults: Settings): Settings {
  const checked = schema.safeParse(parsed ?? {})
  if (!checked.success) throw new Error(z.prettifyError(checked.error))
  const { api, refresh, weights, media, export: ofExport, ...rest } = checked.data
  return {
    ...defaults,
    ...told(rest),
    api: { ...defaults.api, ...told(api ?? {}) },
    refresh: { ...defaults.refresh, ...told(refresh ?? {}) },
    weights: { ...defaults.weights, ...told(weights ?? {}) },
    media: { ...defaults.media, ...told(media ?? {}) },
    export: { ...defaults.export, ...told(ofExport ?? {}) },
  }
}

type Told<Part> = { [Name in keyof Part]: Exclude<Part[Name], undefined> }

/** Without the settings that are not given. */
const told = <Part extends object>(part: Part): Told<Part> =>
  Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)) as Told<Part>
