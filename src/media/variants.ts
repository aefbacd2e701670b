import { InputError } from '../model/errors.js'

/** Kinds of objects that files belong to. */
export const ownerKinds = ['post', 'comment', 'generation', 'user'] as const

/** A kind of object that files belong to. */
export type OwnerKind = (typeof ownerKinds)[number]

/** What is saved where nobody says otherwise: the watermarked original, and the thumbnail. */
export const defaultVariants: readonly string[] = ['source_wm', 'thumbnail']

/**
 * Which key holds the watermarked original drifted over time (`data-shapes` 3.4): the first of these
 * that an owner has. The last ones are better than nothing to play.
 */
const originals = [
  ...['source_wm', 'downloadable_url', 'watermark', 'source', 'url', 'medium_quality', 'md', 'ld'],
]

const others = [
  ...['source', 'md', 'ld', 'gif', 'unfurl', 'endcard_wm', 'url', 'downloadable_url'],
  ...['no_watermark', 'watermark', 'endcard_watermark', 'thumbnail', 'srt', 'vtt'],
  ...['profile_picture', 'cover_photo', 'preview_gif', 'medium_quality'],
]

/** Names that stand for others. */
const meanings: Readonly<Record<string, readonly string[]>> = {
  captions: ['srt', 'vtt'],
  avatars: ['profile_picture'],
  profile_picture_url: ['profile_picture'],
  cover_photo_url: ['cover_photo'],
}

/** Every name that `variants` takes. */
export const variantNames: readonly string[] = [
  ...new Set(['source_wm', ...others, ...Object.keys(meanings)]),
]

/**
 * Chosen variants as lists of keys, of each of which the first that is there is wanted.
 * @throws InputError for a name that is none
 */
export function toChoices(names: readonly string[]): readonly (readonly string[])[] {
  const unknown = names.filter((name) => !variantNames.includes(name))
  if (unknown.length > 0)
    throw new InputError(
      `there is no variant ${unknown.join(', ')}; there are ${variantNames.join(', ')}`,
    )
  const plain = [...new Set(names.flatMap((name) => meanings[name] ?? [name]))]
  return plain.map((name) => (name === 'source_wm' ? originals : [name]))
}

const videos = new Set([...originals, 'endcard_wm', 'no_watermark', 'endcard_watermark'])

/** Something to play. */
export const isPlayable = (variant: string): boolean => videos.has(variant)

/** Bytes of a file whose size nobody has told, where no such file has been seen. */
const usualBytes: Readonly<Record<string, number>> = {
  ...{ md: 2_000_000, ld: 1_000_000, medium_quality: 2_000_000 },
  ...{ gif: 1_500_000, preview_gif: 1_500_000, srt: 2000, vtt: 2000 },
}

/** Bytes of a file of that variant, by experience. */
export const usualSize = (variant: string): number =>
  usualBytes[variant] ?? (isPlayable(variant) ? 6_000_000 : 50_000)
