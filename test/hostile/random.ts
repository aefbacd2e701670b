/** A small seeded source of chance (mulberry32): the same seed gives the same network. */
export interface Random {
  /** 0 <= x < 1 */
  next(): number
  /** A whole number from 0 to `below` - 1. */
  int(below: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
  /** `length` lower-case hex digits. */
  hex(length: number): string
  /** `length` characters of `alphabet`. */
  word(alphabet: string, length: number): string
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const int = (below: number): number => Math.floor(next() * below)
  const word = (alphabet: string, length: number): string =>
    Array.from({ length }, () => alphabet.charAt(int(alphabet.length))).join('')
  return {
    next,
    int,
    word,
    chance: (probability) => next() < probability,
    pick: (list) => list[int(list.length)]!,
    hex: (length) => word('0123456789abcdef', length),
  }
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const crockford = '0123456789abcdefghjkmnpqrstvwxyz'

/** A comment's id; a post's is the same behind `s_`. The first 8 digits are the second it was posted. */
export const commentId = (random: Random, second: number): string =>
  `${second.toString(16).padStart(8, '0')}${random.hex(4)}8191${random.hex(16)}`

export const postId = (random: Random, second: number): string => `s_${commentId(random, second)}`

export const userId = (random: Random): string => `user-${random.word(letters, 24)}`

export const characterId = (random: Random): string => `ch_${random.hex(32)}`

/** `gen_…`, `task_…`: a ULID whose first ten characters are the milliseconds since 1970. */
export function ulid(random: Random, prefix: string, ms: number): string {
  let time = ''
  for (let left = ms, i = 0; i < 10; i++, left = Math.floor(left / 32)) {
    time = crockford.charAt(left % 32) + time
  }
  return `${prefix}_${time}${random.word(crockford, 16)}`
}
