import { assetAt, assetNumber } from './assets.js'
import type { Asset } from './assets.js'
import { mix } from './random.js'
import type { Network } from './network.js'
import { azureTime } from './signatures.js'
import type { Signer } from './signatures.js'

/** An answer of the storage. */
export interface MediaAnswer {
  status: number
  headers: Record<string, string | number>
  body: Buffer
}

/** A request to the storage. */
export interface MediaRequest {
  path: string
  query: URLSearchParams
  range: string | undefined
  now: number
}

const contentTypes = {
  source: 'video/mp4',
  md: 'video/mp4',
  ld: 'video/mp4',
  thumbnail: 'image/webp',
  unfurl: 'image/jpeg',
  gif: 'image/gif',
  srt: 'application/x-subrip',
  vtt: 'text/vtt',
  picture: 'image/jpeg',
} as const

type Kind = keyof typeof contentTypes

const kindOf = (asset: Asset): Kind => ('person' in asset ? 'picture' : asset.variant)

const captions = '1\n00:00:00,000 --> 00:00:02,000\n(a paper boat crosses)\n'

const openings: Record<Kind, Buffer> = {
  source: mp4Opening(),
  md: mp4Opening(),
  ld: mp4Opening(),
  thumbnail: Buffer.from('524946460000000057454250565038200000000000000000', 'hex'),
  unfurl: Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'),
  picture: Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'),
  gif: Buffer.from('47494638396160016002f70000', 'hex'),
  srt: Buffer.from(captions),
  vtt: Buffer.from(`WEBVTT\n\n${captions.slice(2).replaceAll(',', '.')}`),
}

function mp4Opening(): Buffer {
  const brands = 'ftypisom\0\0\x02\0isomiso2avc1mp41'
  const size = Buffer.from([0, 0, 0, brands.length + 4])
  return Buffer.concat([size, Buffer.from(brands, 'latin1')])
}

/** Size of an asset in bytes. */
export function assetSize(network: Network, asset: Asset): number {
  const kind = kindOf(asset)
  if (kind === 'srt' || kind === 'vtt') return openings[kind].length
  const bits = mix(network.seed, assetNumber(asset), 101)
  return kind === 'source' ? 6000 + (bits % 6000) : 1500 + (bits % 2500)
}

/** The bytes of an asset: the opening of its format, then noise of its own. */
function assetBytes(network: Network, asset: Asset): Buffer {
  const bytes = Buffer.alloc(assetSize(network, asset))
  const opening = openings[kindOf(asset)]
  opening.copy(bytes)
  const number = assetNumber(asset)
  for (let at = opening.length; at < bytes.length; at++) {
    bytes[at] = mix(network.seed ^ number, at >>> 2, 102) >>> ((at & 3) * 8)
  }
  return bytes
}

/** Answers a request for a file: 200, 206, 403 as Azure writes it, 404, 416. */
export function answerMedia(network: Network, signer: Signer, request: MediaRequest): MediaAnswer {
  const asset = assetAt(network, request.path)
  if (!asset) return refusal(404, 'BlobNotFound', 'The specified blob does not exist.')
  const verdict = signer.check(assetNumber(asset), request.query, request.now)
  if (verdict !== 'valid') return unauthenticated(verdict, request)
  const bytes = assetBytes(network, asset)
  const headers = {
    'content-type': contentTypes[kindOf(asset)],
    etag: `"0x${mix(network.seed, assetNumber(asset), 103).toString(16).toUpperCase()}"`,
    'accept-ranges': 'bytes',
    'x-ms-blob-type': 'BlockBlob',
  }
  if (request.range === undefined) return { status: 200, headers, body: bytes }
  return answerRange(bytes, headers, request.range)
}

function answerRange(bytes: Buffer, headers: MediaAnswer['headers'], range: string): MediaAnswer {
  const match = /^bytes=(\d*)-(\d*)$/.exec(range)
  const [from = '', to = ''] = match?.slice(1) ?? []
  const isTail = from === ''
  const first = isTail ? Math.max(0, bytes.length - Number(to)) : Number(from)
  const last = isTail || to === '' ? bytes.length - 1 : Math.min(Number(to), bytes.length - 1)
  if (!match || (isTail && to === '') || first > last) {
    const contentRange = { 'content-range': `bytes */${bytes.length}` }
    return { ...refusal(416, 'InvalidRange', 'The range is invalid.'), headers: contentRange }
  }
  const contentRange = { 'content-range': `bytes ${first}-${last}/${bytes.length}` }
  return {
    status: 206,
    headers: { ...headers, ...contentRange },
    body: bytes.subarray(first, last + 1),
  }
}

const gmt = (milliseconds: number): string => new Date(milliseconds).toUTCString()

function unauthenticated(verdict: 'expired' | 'forged', { query, now }: MediaRequest): MediaAnswer {
  const start = gmt(Date.parse(query.get('skt') ?? '') || now)
  const expiry = gmt(Date.parse(query.get('se') ?? '') || now)
  const detail =
    verdict === 'expired'
      ? `Signature not valid in the specified time frame: Start [${start}] - Expiry [${expiry}] - Current [${gmt(now)}]`
      : 'Signature did not match. String to sign used was r'
  const message =
    'Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.\n' +
    `RequestId:00000000-0000-0000-0000-000000000000\nTime:${azureTime(now).slice(0, -1)}.0000000Z`
  const more = `<AuthenticationErrorDetail>${detail}</AuthenticationErrorDetail>`
  return refusal(403, 'AuthenticationFailed', message, more)
}

function refusal(status: number, code: string, message: string, more = ''): MediaAnswer {
  const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message>${more}</Error>`
  return {
    status,
    headers: { 'content-type': 'application/xml', 'x-ms-error-code': code },
    body: Buffer.from(body),
  }
}
