import { z } from 'zod'
import { endpoints } from '../model/endpoints.js'
import { extraNames } from '../model/extras.js'
import { ownerKinds, variantNames } from '../media/variants.js'
import { orders } from '../model/order.js'
import type { PriceTier } from '../model/prices.js'
import { tables } from '../model/tables.js'
import { expectedOf, isOfKind, numbers, type NumberKind } from './numbers.js'
import type { Settings } from './settings.js'

const isAscending = (discounts: readonly PriceTier[]): boolean =>
  discounts.every(({ from }, index) => index === 0 || from > discounts[index - 1]!.from)

const numberOf = (kind: NumberKind) =>
  z.number().refine((value) => isOfKind(kind, value), expectedOf(kind))

const discount = z.strictObject({
  from: numberOf(numbers.count),
  off: numberOf(numbers.share),
})

const amounts = <Name extends string>(names: readonly Name[]) =>
  z.partialRecord(z.enum(names as [Name, ...Name[]]), numberOf(numbers.amount))

const schema = z
  .strictObject({
    archive: z.string().min(1),
    api: z
      .strictObject({
        base_url: z.url({ protocol: /^https?$/ }),
        key: z.string().min(1).nullable(),
        rate: numberOf(numbers.speed),
        concurrency: numberOf(numbers.parallel),
        timeout_s: numberOf(numbers.seconds),
        prices: amounts(endpoints.map(({ name }) => name)),
        discounts: z.array(discount).refine(isAscending, 'expected ascending values of `from`'),
      })
      .partial(),
    durability: z.enum(['full', 'normal']),
    order: z.enum(orders),
    extras: z.array(z.enum(extraNames)),
    refresh: z
      .strictObject({
        known_run: numberOf(numbers.count),
        recheck_missing: z.boolean(),
        young_h: numberOf(numbers.amount),
        second_look_after_h: numberOf(numbers.amount),
      })
      .partial(),
    weights: amounts(tables.map(({ name }) => name)),
    media: z
      .strictObject({
        variants: z.array(z.enum(variantNames as [string, ...string[]])),
        owners: z.array(z.enum(ownerKinds)),
        hosts: z.array(z.string().min(1)),
        untyped: z.boolean(),
        max_file_mb: numberOf(numbers.megabytes),
        concurrency: numberOf(numbers.parallel),
        per_host: numberOf(numbers.parallel),
        bandwidth_mb: numberOf(numbers.speed),
        least_rate_kb: numberOf(numbers.amount),
        idle_timeout_s: numberOf(numbers.seconds),
        renew: z.boolean(),
        priority: z.enum(['deadline', 'walk']),
      })
      .partial(),
    export: z.strictObject({ before_deadline_h: numberOf(numbers.amount) }).partial(),
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
