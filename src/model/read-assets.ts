import { fieldsOf, readFields, toCell } from './fields.js'
import { under, type Placed, type Reading, type Wire } from './reading.js'
import { assetKey, expiresAt } from './signed-url.js'
import type { Value } from './table.js'

/** A file and whose it is; `url` has passed the check for web addresses. */
export interface AssetTold {
  owner_kind: 'post' | 'comment' | 'generation' | 'user'
  owner_id: string
  variant: string
  url: string
  /** size_bytes, ssim, duration_s, where told. */
  facts?: Record<string, Value>
}

/** Whose files are read. */
export type AssetOwner = Pick<AssetTold, 'owner_kind' | 'owner_id'>

const encodingFields = fieldsOf('assets', {
  size_bytes: ['count', 'size'],
  ssim: ['real'],
  duration_s: ['real', 'duration_secs', 'duration_s'],
})

/** Notes one file under its key, with the instant at which this signature ends. */
export function readAsset(
  reading: Reading,
  { owner_kind, owner_id, variant, url, facts }: AssetTold,
): void {
  const key = { owner_kind, owner_id, variant, asset_key: assetKey(url) }
  reading.tell('assets', { ...key, url, expires_at: expiresAt(url), ...facts })
}

/** Reads the addresses that stand under the given keys of an object, each under its own variant. */
export function readAssetUrls(
  reading: Reading,
  owner: AssetOwner,
  { object, path }: Placed,
  variants: Record<string, string>,
): void {
  for (const [key, variant] of Object.entries(variants)) {
    const came = object[key]
    if (came === undefined || came === null) continue
    const cell = toCell(came, 'url')
    if (!cell.ok) reading.note(under(path, key), cell.problem, came)
    else readAsset(reading, { ...owner, variant, url: cell.value as string })
  }
}

/**
 * Reads the files of an attachment or draft: `url`, `downloadable_url`, `download_urls`, `encodings`
 * (`data-shapes` 3.4, 3.5). What a key means drifted over time, so the key is kept as the variant.
 */
export function readVideoAssets(reading: Reading, owner: AssetOwner, video: Placed): void {
  readAssetUrls(reading, owner, video, { url: 'url', downloadable_url: 'downloadable_url' })
  const addresses = 'expected an object of addresses'
  const downloads = reading.objectUnder(video, 'download_urls', addresses)
  if (downloads !== null) {
    const names = variantNames(downloads.object).map((name) => [name, name])
    readAssetUrls(reading, owner, downloads, Object.fromEntries(names))
  }
  const encodings = reading.objectUnder(video, 'encodings', 'expected an object of encodings')
  if (encodings !== null) readEncodings(reading, owner, encodings)
}

function readEncodings(reading: Reading, owner: AssetOwner, encodings: Placed): void {
  for (const variant of variantNames(encodings.object)) {
    const encoding = reading.objectUnder(encodings, variant, 'expected an encoding')
    if (encoding !== null) readEncoding(reading, { ...owner, variant }, encoding)
  }
}

function readEncoding(
  reading: Reading,
  target: AssetOwner & { variant: string },
  { object: encoding, path }: Placed,
): void {
  const key = (encoding['path'] ?? null) === null && 'url' in encoding ? 'url' : 'path'
  const cell = toCell(encoding[key], 'url')
  if (!cell.ok) return reading.note(under(path, key), cell.problem, encoding[key])
  const facts: Record<string, Value> = {}
  readFields(reading, { object: encoding, path, isFull: false }, encodingFields, facts)
  readAsset(reading, { ...target, url: cell.value as string, facts })
}

const variantNames = (object: Wire): string[] =>
  Object.keys(object).filter((name) => /^[a-z][a-z0-9_]{0,31}$/.test(name))
