/** Mixes up to three integers into 32 evenly spread bits; the same integers give the same bits. */
export function mix(a: number, b: number, c = 0): number {
  let bits = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b)
  bits = Math.imul(((bits ^ (bits >>> 13)) + b) | 0, 0xc2b2ae35)
  bits = Math.imul(((bits ^ (bits >>> 16)) + c) | 0, 0x27d4eb2f)
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d)
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39)
  return (bits ^ (bits >>> 15)) >>> 0
}

/** 32 bits as a fraction, 0 <= fraction < 1. */
export const fraction = (bits: number): number => (bits >>> 0) / 4294967296

/** True in `share` of all cases. */
export const isAmong = (bits: number, share: number): boolean => fraction(bits) < share

/** Spreads a 32-bit integer over all 32-bit integers, one to one: `unscramble` is its inverse. */
export function scramble(value: number): number {
  let bits = value >>> 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d)
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b)
  return (bits ^ (bits >>> 16)) >>> 0
}

/** Undoes `scramble`. */
export function unscramble(value: number): number {
  let bits = value >>> 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x43021123)
  bits = Math.imul(bits ^ (bits >>> 15) ^ (bits >>> 30), 0x1d69e2a5)
  return (bits ^ (bits >>> 16)) >>> 0
}

/** A stream of fractions that is the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return fraction(bits ^ (bits >>> 14))
  }
}

/** A whole number by a power law: mostly 0 or little, now and then very much; `mean` is rough. */
export function powerLaw(chance: number, mean: number, most: number): number {
  if (mean <= 0) return 0
  const drawn = mean * 0.6 * ((1 - chance) ** (-1 / 1.6) - 1) + 0.35 * Math.min(1, mean)
  return Math.min(most, Math.floor(drawn))
}

/** 53 bits that stand for a text. */
export function hashText(text: string): number {
  let low = 0x811c9dc5
  let high = 0x1b873593
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ code, 0x85ebca6b)
    high ^= high >>> 13
  }
  return (mix(high, low) & 0x1fffff) * 4294967296 + mix(low, high)
}
