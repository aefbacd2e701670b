import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The captured and assembled answers, beside the checkout. */
export const samplesFolder = join(
  dirname(fileURLToPath(import.meta.url)),
  '../../../shared/samples',
)

/** The samples can be read here. */
export const hasSamples = existsSync(samplesFolder)

/** A sample by its file name without `.json`. */
export const sample = (name: string): unknown =>
  JSON.parse(readFileSync(join(samplesFolder, `${name}.json`), 'utf8'))

/** Forms of the objects of one kind: their keys in order, joined, each with the types of values. */
export type Kinds = Map<string, Map<string, Map<string, Set<string>>>>

/**
 * Gathers the objects of an answer by kind: the field they are in, since post, profile,
 * permissions, attachments, encodings, facets and the rest have names of their own.
 */
export function gatherKinds(value: unknown, kinds: Kinds = new Map(), kind = 'answer'): Kinds {
  if (Array.isArray(value)) {
    for (const each of value) gatherKinds(each, kinds, `${kind}[]`)
    return kinds
  }
  if (typeof value !== 'object' || value === null) return kinds
  const keys = Object.keys(value)
  const name = kindOf(kind, keys)
  const forms = kinds.get(name) ?? new Map<string, Map<string, Set<string>>>()
  const form = forms.get(keys.join(' ')) ?? new Map<string, Set<string>>()
  kinds.set(name, forms.set(keys.join(' '), form))
  for (const [key, each] of Object.entries(value)) {
    form.set(key, (form.get(key) ?? new Set()).add(typeOf(each)))
    gatherKinds(each, kinds, key)
  }
  return kinds
}

const profileFields = ['profile', 'cameo_profiles[]', 'reposter_profile', 'author']
const encodingFields = 'source source_wm endcard_wm thumbnail unfurl md ld gif'.split(' ')

function kindOf(field: string, keys: string[]): string {
  if (field === 'params') return 'params'
  if (keys.includes('user_id') && profileFields.includes(field)) return 'profile'
  if (keys.includes('user_id') && field === 'items[]') return 'profile'
  if (encodingFields.includes(field)) return 'encoding'
  if (field === 'parent_post') return 'items[]'
  return field
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
