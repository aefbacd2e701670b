import { z } from 'zod'
import { InputError } from '../model/errors.js'
import { profiles, tombstoneKinds } from '../model/profiles.js'
import { formatNames, parquetKinds } from './format.js'
import { fromIsoTime } from './iso-time.js'
import type { Manifest } from './manifest.js'

const count = z.int().min(0)
/** A path below the package, as Data Package wants it. */
const path = z.string().regex(/^(?![/~])(?!.*(?:^|\/)\.\.(?:\/|$))[^\\:]+$/)
const time = z.string().refine(isIsoTime, 'no time as export writes it').nullable()

function isIsoTime(text: string): boolean {
  try {
    fromIsoTime(text)
    return true
  } catch {
    return false
  }
}

const options = z.looseObject({
  formats: z.array(z.enum(formatNames)),
  tables: z.array(z.string()),
  since: time,
  until: time,
  seeds: z
    .array(
      z.looseObject({
        seed: z.string(),
        endpoint: z.string(),
        params: z.record(z.string(), z.string()),
      }),
    )
    .nullable(),
  profile: z.enum(profiles).optional(),
  tombstones: z.enum(tombstoneKinds).optional(),
  pseudonym_key: z.string().nullable().optional(),
  with_log: z.boolean(),
  with_signed_urls: z.boolean(),
  parquet: z.enum(parquetKinds),
  rows_per_part: z.int().min(1),
  bytes_per_warc: z.int().min(1).optional(),
  by_month: z.boolean(),
  csv_safe: z.boolean(),
  appends: count,
})

const resource = z.looseObject({
  name: z.string(),
  path: z.union([path, z.array(path)]),
  format: z.string(),
  title: z.string(),
  rows: count,
  bytes: count,
  hash: z.string().optional(),
  parts: z.array(z.looseObject({ path, rows: count, bytes: count, hash: z.string() })).optional(),
  schema: z
    .looseObject({
      fields: z.array(z.looseObject({ name: z.string(), type: z.string() })),
      primaryKey: z.array(z.string()),
    })
    .optional(),
})

/** What export writes, as far as it is read again. */
const manifest = z.looseObject({
  name: z.string(),
  title: z.string(),
  homepage: z.string().optional(),
  contributors: z.array(z.looseObject({ title: z.string() })).optional(),
  licenses: z.array(z.looseObject({ name: z.string() })).optional(),
  resources: z.array(resource),
  id: z.string(),
  version: z.string(),
  afterfeed: z.looseObject({
    ...{ version: z.string(), options, digest: z.string() },
    notes: z.string().optional(),
  }),
})

/**
 * Reads the text of a manifest, as it is.
 * @throws InputError for what no export writes
 */
export function parseManifest(text: string, place: string): Manifest {
  try {
    const value = JSON.parse(text) as Manifest
    const { error } = manifest.safeParse(value)
    if (!error) return value
    const [{ path, message }] = error.issues as [z.core.$ZodIssue]
    throw new SyntaxError(`${path.join('.') || 'all of it'}: ${message}`)
  } catch (error) {
    throw new InputError(
      `${place} is not as export writes it; it is damaged, or another program's (${(error as Error).message})`,
    )
  }
}
