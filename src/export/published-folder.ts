import { InputError } from '../model/errors.js'
import { readManifest } from './manifest.js'

/**
 * Where a folder holds what was made for others, nobody puts names and texts as they are in its place
 * by leaving out an option: whatever carries that folder to others would carry those.
 * @throws InputError if it does
 */
export async function requireUnpublished(outDir: string): Promise<void> {
  const former = await readManifest(outDir).catch(() => null)
  const profile = former?.afterfeed.options.profile ?? 'full'
  if (profile === 'full') return
  throw new InputError(
    `${outDir} holds a dataset for others (profile ${profile}); this one would be for yourself, names and all: ` +
      `export with --publish or --profile ${profile}, or name another folder (--profile full replaces it)`,
  )
}
