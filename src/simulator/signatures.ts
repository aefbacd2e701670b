import { mix } from './random.js'

const keyObject = '8ffff87a-01f1-47c9-9090-32999d4d6380'
const tenant = 'a48cca56-e6da-484e-a814-9c849652bcb3'

/** What a request to a signed address deserves. */
export type Verdict = 'valid' | 'expired' | 'forged'

/** Signs addresses, the same for every call within a window of an hour. */
export interface Signer {
  /** The query of an asset's address at that time, with the `?`. */
  query(asset: number, now: number): string
  /** Checks the query of a request. */
  check(asset: number, query: URLSearchParams, now: number): Verdict
  /** A number that changes when addresses are signed anew. */
  window(now: number): number
}

/** A signer whose addresses live that long, `se` in whole seconds. */
export function createSigner(seed: number, lifetimeMs: number): Signer {
  const windowMs = Math.max(1000, Math.min(3_600_000, Math.floor(lifetimeMs / 4)))
  const window = (now: number): number => Math.floor(now / windowMs)
  let written = -1
  let frame = { start: '', end: '', expiry: 0 }
  const frameAt = (now: number): typeof frame => {
    if (window(now) !== written) {
      written = window(now)
      frame = writeFrame(written * windowMs, lifetimeMs)
    }
    return frame
  }
  return {
    window,
    query(asset, now) {
      const { start, end, expiry } = frameAt(now)
      return start + signatureOf(seed, asset, expiry) + end
    },
    check(asset, query, now) {
      const expiry = Math.floor(Date.parse(query.get('se') ?? '') / 1000)
      const expected = decodeURIComponent(signatureOf(seed, asset, expiry))
      if (query.get('sig') !== expected) return 'forged'
      return now < expiry * 1000 ? 'valid' : 'expired'
    },
  }
}

/** The instant as Azure writes it: seconds, UTC. */
export const azureTime = (milliseconds: number): string =>
  `${new Date(milliseconds).toISOString().slice(0, 19)}Z`

function writeFrame(signedAt: number, lifetimeMs: number) {
  const expiry = Math.max(
    Math.ceil(signedAt / 1000) + 1,
    Math.floor((signedAt + lifetimeMs) / 1000),
  )
  const keyStart = Math.floor(signedAt / 1000) - 1800
  const times = {
    se: azureTime(expiry * 1000),
    skt: azureTime(keyStart * 1000),
    ske: azureTime((keyStart + 604_800 + 300) * 1000),
  }
  const quote = encodeURIComponent
  return {
    expiry,
    start:
      `?se=${quote(times.se)}&sp=r&sv=2024-08-04&sr=b&skoid=${keyObject}&sktid=${tenant}` +
      `&skt=${quote(times.skt)}&ske=${quote(times.ske)}&sks=b&skv=2024-08-04&sig=`,
    end: '&ac=oaivgprodscus',
  }
}

/** 32 bytes as base64, percent-encoded, of an asset and its expiry in seconds. */
function signatureOf(seed: number, asset: number, expiry: number): string {
  const bytes = Buffer.allocUnsafe(32)
  const root = mix(seed ^ 0x736967, asset, expiry | 0)
  for (let word = 0; word < 8; word++) bytes.writeUInt32LE(mix(root, asset, word), word * 4)
  return bytes.toString('base64').replace(/[+/=]/g, encodeURIComponent)
}
