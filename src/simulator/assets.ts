import {
  fileUuid,
  generatedAt,
  hexDigits,
  indexOfHex,
  nodeOfMaking,
  personOf,
  taskIdOf,
  userIdOf,
  uuid4,
} from './identity.js'
import { hasVideo } from './network.js'
import type { Network } from './network.js'
import { isMarked, mark } from './marks.js'
import { mix } from './random.js'

/** Files of a video, and the picture of a person. */
const variants = ['source', 'md', 'ld', 'thumbnail', 'gif', 'unfurl', 'srt', 'vtt'] as const

/** Name of a file of a video. */
export type Variant = (typeof variants)[number]

/** One file: a variant of the video of a node, or the picture of a person. */
export type Asset = { node: number; variant: Variant } | { person: number }

/** A number that stands for an asset, for its signature and its bytes. */
export function assetNumber(asset: Asset): number {
  if ('person' in asset) return (0x80000000 | asset.person) >>> 0
  return asset.node * 8 + variants.indexOf(asset.variant)
}

/** The video was relayed without a watermark: `downloadable_url` and `source_wm` are null. */
export const isUnmarked = (network: Network, node: number): boolean =>
  mix(network.seed, node, 81) % 45 === 0

/** Has no file of that variant. */
export function lacks(network: Network, node: number, variant: Variant): boolean {
  if (isMarked(network, node, mark.keys2026)) return false
  if (variant === 'md') return mix(network.seed, node, 82) % 20 === 0
  return variant === 'ld' || variant === 'unfurl' || variant === 'srt' || variant === 'vtt'
}

/** File names of the families 1 and 2. */
export const blobNames: Partial<Record<Variant, string>> = {
  source: 'src.mp4',
  md: 'md.mp4',
  thumbnail: 'thumbnail.webp',
  gif: 'preview.gif',
}

/** Path of an asset in the families 2, 3 and 4 of `data-shapes.md` 7.1, percent-encoded as there. */
export function assetPath(network: Network, asset: Asset): string {
  if ('person' in asset) return picturePath(network, asset.person)
  const { node, variant } = asset
  return isMarked(network, node, mark.keys2026)
    ? filesPath(network, node, variant)
    : blobPath(network, node, variant)
}

function blobPath(network: Network, node: number, variant: Variant): string {
  return blobFolder(network, node) + (blobNames[variant] ?? variant)
}

/** The folder in which all files of a video of 2025 lie. */
export function blobFolder(network: Network, node: number): string {
  const task = taskIdOf(network, node)
  const made = new Date(generatedAt(network, node)).toISOString()
  const at = `${made.slice(2, 16).replace(/[-T:]/g, '_')}_${100_000 + (node % 899_999)}`
  const genid = uuid4(mix(network.seed, node, 83), node)
  const watermark = isUnmarked(network, node) ? '' : '_wm'
  return `/az/vg-assets/assets%2F${task}%2F${task}_genid_${genid}_${at}%2Fvideos%2F00000${watermark}%2F`
}

function filesPath(network: Network, node: number, variant: Variant): string {
  const uuid = fileUuid(network.seed, node, variant === 'unfurl' ? 86 : 84)
  if (variant === 'source') return `/az/files/${uuid}%2Fraw`
  const salt = 800 + 4 * variants.indexOf(variant)
  const prefix = hexDigits(network.seed, node, { salt, digits: 15 })
  const name = variant === 'unfurl' ? 'link_thumbnail' : variant
  return `/az/files/${prefix}_${uuid}%2Fdrvs%2F${name}%2Fraw`
}

/** A person without a picture of its own shows the placeholder. */
export const hasPicture = (network: Network, person: number): boolean =>
  person >= 0 && person < network.people.firstCharacter && mix(network.seed, person, 91) % 4 !== 0

/** `profile_picture_file_id` of a person with a picture. */
export function pictureFileId(network: Network, person: number): string {
  const file = `file_${fileUuid(network.seed, person, 92).replaceAll('-', '')}`
  const prefix = hexDigits(network.seed, person, { salt: 94, digits: 15 })
  return `${prefix}#${file}#thumbnail`
}

function picturePath(network: Network, person: number): string {
  const file = pictureFileId(network, person).replaceAll('#', '%23')
  return `/az/vg-assets/project-y%2Fprofile%2F${userIdOf(network, person)}%2F${file}.jpeg`
}

/** The asset at a path as it came in a request; null if there is none. */
export function assetAt(network: Network, path: string): Asset | null {
  const found = candidates(network, path).find((asset) => assetPath(network, asset) === path)
  return found ?? null
}

function candidates(network: Network, path: string): Asset[] {
  const user = /\/project-y%2Fprofile%2F((?:user-|ch_)[0-9A-Za-z]+)%2F/.exec(path)?.[1]
  if (user !== undefined) {
    const person = personOf(network, user)
    return hasPicture(network, person) ? [{ person }] : []
  }
  const node = nodeOfPath(network, path)
  if (node < 0 || node >= network.nodeCount || !hasVideo(network, node)) return []
  return variants
    .filter((each) => !lacks(network, node, each))
    .map((variant) => ({ node, variant }))
}

function nodeOfPath(network: Network, path: string): number {
  const task = /\/assets%2F(task_[0-9a-z]{26})%2F/.exec(path)?.[1]
  if (task !== undefined) return nodeOfMaking(network, task)
  const uuid = /([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})%2F/.exec(path)?.[1]
  return uuid === undefined ? -1 : indexOfHex(network.seed, uuid)
}
