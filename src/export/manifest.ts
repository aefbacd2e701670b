import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cut } from '../archive/cut.js'
import { InputError } from '../model/errors.js'
import type { FileFormat } from './format.js'
import { fromIsoTime } from './iso-time.js'
import { resourceName, type Schema } from './package/data-package.js'
import type { RecordedOptions } from './package/dataset.js'
import { manifestName } from './package/write-package.js'
import { parseManifest } from './parse-manifest.js'

/** A resource of `datapackage.json`, as far as it is read again. */
export interface Resource {
  name: string
  path: string | string[]
  format: string
  title: string
  rows: number
  bytes: number
  /** Of one file; of several, each has one. */
  hash?: string
  parts?: { path: string; rows: number; bytes: number; hash: string }[]
  schema?: Schema
}

/** What a package tells of itself. */
export interface Manifest {
  name: string
  title: string
  homepage?: string
  contributors?: { title: string }[]
  licenses?: { name: string }[]
  resources: Resource[]
  id: string
  version: string
  afterfeed: { version: string; options: RecordedOptions; digest: string; notes?: string }
}

/**
 * Reads what a package tells of itself.
 * @throws InputError if the folder holds no package of ours
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, manifestName), 'utf8').catch(() => null)
  if (text === null)
    throw new InputError(`${folder} holds no dataset of this program: ${manifestName} is missing`)
  const manifest = parseManifest(text, join(folder, manifestName))
  const { options } = manifest.afterfeed
  return { ...manifest, afterfeed: { ...manifest.afterfeed, options: { ...older, ...options } } }
}

/** What earlier programs did not tell, since there was nothing else. */
const older = { profile: 'full', tombstones: 'keep', pseudonym_key: null } as const

/** The paths of a resource's files. */
export const pathsOf = ({ path }: Resource): string[] => (Array.isArray(path) ? path : [path])

/** The resource of a table in a format. */
export const resourceOf = (
  { resources }: Manifest,
  format: FileFormat,
  table: string,
): Resource | undefined => resources.find((each) => each.name === resourceName(table, format))

/** The cut with which a package was made. */
export const cutOf = ({ since, until, seeds }: RecordedOptions): Cut => ({
  ...(since === null ? {} : { since: Number(fromIsoTime(since)) }),
  ...(until === null ? {} : { until: Number(fromIsoTime(until)) }),
  ...(seeds === null ? {} : { roots: seeds.map(({ endpoint, params }) => ({ endpoint, params })) }),
})
