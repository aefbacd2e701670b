import { parse as parseLossless } from 'lossless-json'

const longInteger = /(?:[[:,\s]|^)-?\d{16,}(?![\d.])/

/** A parsed body. `isRounded`: integers above 2^53 in it could not be kept exact. */
export interface ParsedJson {
  value: unknown
  isRounded: boolean
}

/**
 * Parses JSON text; integers above 2^53 become bigint, everything else is as `JSON.parse` has it.
 * A page without a number of 16 digits or more goes straight through `JSON.parse`.
 * @throws SyntaxError if the text is no JSON
 */
export function parseJson(text: string): ParsedJson {
  if (!longInteger.test(text)) return { value: JSON.parse(text), isRounded: false }
  try {
    const value = parseLossless(text, undefined, {
      parseNumber: toNumber,
      onDuplicateKey: ({ newValue }) => newValue,
    })
    return { value, isRounded: false }
  } catch (error) {
    // The lossless parser recurses; what is nested too deep for it is still read, rounded.
    if (error instanceof RangeError) return { value: JSON.parse(text), isRounded: true }
    throw new SyntaxError((error as Error).message)
  }
}

function toNumber(digits: string): number | bigint {
  if (!/^-?\d{16,}$/.test(digits)) return Number(digits)
  const exact = BigInt(digits)
  const rounded = Number(exact)
  return Number.isSafeInteger(rounded) ? rounded : exact
}
