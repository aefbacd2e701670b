import type { Network } from './network.js'
import { mix, scramble, unscramble } from './random.js'

/**
 * Ids hold the index they stand for in their last characters, scrambled: no table is needed to find
 * an object, and an id counts only if writing it again gives the same text.
 */

const bytesAsHex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

const byteText = (value: number, shift: number): string =>
  bytesAsHex[(value >>> shift) & 255] ?? '00'

const hex8 = (value: number): string =>
  byteText(value, 24) + byteText(value, 16) + byteText(value, 8) + byteText(value, 0)

const hex4 = (value: number): string => byteText(value, 8) + byteText(value, 0)

const alphabet62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const alphabetUlid = '0123456789abcdefghjkmnpqrstvwxyz'

/** Seconds of a time in microseconds, rounded down. */
export const secondsOf = (micros: number): number => Math.floor(micros / 1e6)

/** 32 hex digits: Unix seconds, `8191`, and the index; the form of posts, comments, characters. */
function hexId(seed: number, index: number, seconds: number): string {
  const high = mix(seed, index, 11) & 0xffff
  const middle = ((mix(seed, index, 12) & 0x3fffffff) | 0x80000000) >>> 0
  return hex8(seconds) + hex4(high) + '8191' + hex8(middle) + hex8(scramble(index ^ seed))
}

/** The index in the last 8 hex digits of a text. */
export const indexOfHex = (seed: number, text: string): number =>
  (unscramble(parseInt(text.slice(-8), 16)) ^ seed) >>> 0

/** Id of a post (`s_…`) or of a comment (32 hex digits). */
export function idOf(network: Network, node: number): string {
  const id = hexId(network.seed, node, secondsOf(network.postedAt[node] ?? 0))
  return node < network.postCount ? `s_${id}` : id
}

/** The node with that id; -1 if there is none. */
export function nodeOf(network: Network, id: string): number {
  if (!/^(s_)?[0-9a-f]{32}$/.test(id)) return -1
  const node = indexOfHex(network.seed, id)
  return node < network.nodeCount && idOf(network, node) === id ? node : -1
}

/** Id of a person (`user-…`) or of a character (`ch_…`); -1 is `anonymous`. */
export function userIdOf(network: Network, person: number): string {
  if (person < 0) return 'anonymous'
  const { seed } = network
  if (person >= network.people.firstCharacter) {
    return `ch_${hexId(seed ^ 0x63685f, person, 1_767_225_600 + (mix(seed, person, 13) % 2_000_000))}`
  }
  let text = ''
  for (let part = 0; part < 3; part++) text += base62(mix(seed, person, 14 + part), 6)
  return `user-${text}${base62(scramble(person ^ seed), 6)}`
}

/** The person or character with that id; -1 if there is none. */
export function personOf(network: Network, id: string): number {
  const person = id.startsWith('ch_')
    ? indexOfHex(network.seed ^ 0x63685f, id)
    : (unscramble(number62(id.slice(-6))) ^ network.seed) >>> 0
  return person < network.people.count && userIdOf(network, person) === id ? person : -1
}

function base62(value: number, digits: number): string {
  let text = ''
  let rest = value >>> 0
  for (let digit = 0; digit < digits; digit++) {
    text = (alphabet62[rest % 62] ?? '0') + text
    rest = Math.floor(rest / 62)
  }
  return text
}

const number62 = (text: string): number =>
  [...text].reduce((sum, digit) => sum * 62 + alphabet62.indexOf(digit), 0)

/** 26 characters: milliseconds since 1970, and the index; the form of generations, tasks, media. */
export function ulid(seed: number, index: number, milliseconds: number): string {
  const random = base32(mix(seed, index, 18), 5) + base32(mix(seed, index, 19), 4)
  return base32(milliseconds, 10) + random + base32(scramble(index ^ seed), 7)
}

/** The index in the last 7 characters of a ULID. */
export const indexOfUlid = (seed: number, text: string): number =>
  (unscramble(number32(text.slice(-7)) % 4294967296) ^ seed) >>> 0

/** The milliseconds in a ULID. */
export const timeOfUlid = (text: string): number => number32(text.slice(0, 10))

function base32(value: number, digits: number): string {
  let text = ''
  let rest = Math.floor(value)
  for (let digit = 0; digit < digits; digit++) {
    text = (alphabetUlid[rest % 32] ?? '0') + text
    rest = Math.floor(rest / 32)
  }
  return text
}

const number32 = (text: string): number =>
  [...text].reduce((sum, digit) => sum * 32 + alphabetUlid.indexOf(digit), 0)

/** Milliseconds at which the video of a node was generated: half a minute or more before it was posted. */
export const generatedAt = (network: Network, node: number): number =>
  Math.floor((network.postedAt[node] ?? 0) / 1000) -
  33_000 -
  (mix(network.seed, node, 41) % 600_000)

/** Generation of the video that a node shows. */
export const generationIdOf = (network: Network, node: number): string =>
  `gen_${ulid(network.seed ^ 0x67656e, node, generatedAt(network, node) - 20_000)}`

/** Task that made the video of a node. */
export const taskIdOf = (network: Network, node: number): string =>
  `task_${ulid(network.seed ^ 0x746173, node, generatedAt(network, node) - 220_000)}`

/** The node whose video came of that task or generation; -1 if there is none. */
export function nodeOfMaking(network: Network, id: string): number {
  const isTask = id.startsWith('task_')
  const node = indexOfUlid(network.seed ^ (isTask ? 0x746173 : 0x67656e), id)
  if (node >= network.nodeCount) return -1
  const written = isTask ? taskIdOf(network, node) : generationIdOf(network, node)
  return written === id ? node : -1
}

/** A UUID of that node; its last 8 digits hold the node. */
export function fileUuid(seed: number, index: number, salt: number): string {
  const bits = mix(seed, index, salt)
  const more = mix(seed, index, salt + 1)
  const start = `00000000-${hex4(bits >>> 16)}-7${hex4(bits).slice(1)}`
  return `${start}-${hex4(more >>> 16)}-${hex4(more)}${hex8(scramble(index ^ seed))}`
}

/** A random-looking UUID of version 4. */
export function uuid4(a: number, b: number): string {
  const text = hex8(mix(a, b, 1)) + hex8(mix(a, b, 2)) + hex8(mix(a, b, 3))
  const tail = hex8(mix(a, b, 4))
  const variant = '89ab'[mix(a, b, 5) & 3] ?? '8'
  const groups = [text.slice(0, 8), text.slice(8, 12), `4${text.slice(13, 16)}`]
  return [...groups, variant + text.slice(17, 20), text.slice(20, 24) + tail].join('-')
}

/** `digits` hex digits out of a few numbers. */
export function hexDigits(seed: number, index: number, { salt = 0, digits = 32 } = {}): string {
  let text = ''
  for (let part = 0; text.length < digits; part++) text += hex8(mix(seed, index, salt + part))
  return text.slice(0, digits)
}
