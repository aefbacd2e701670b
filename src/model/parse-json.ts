import { parse as parseLossless } from 'lossless-json'
import { parseMending } from './mend-json.js'
import { survey, type Stray } from './survey.js'

/** A parsed body. */
export interface ParsedJson {
  value: unknown
  /** Integers above 2^53 in it could not be kept exact. */
  isRounded: boolean
  /** The text is no JSON as it stands: see `parseMending`. */
  isMended?: true
  /** What answers are not known to hold. */
  strays: readonly Stray[]
}

/**
 * Parses JSON text, with two slips that some have (see `parseMending`); integers above 2^53 become bigint,
 * everything else is as `JSON.parse` has it.
 * @throws SyntaxError if the text is no JSON
 */
export function parseJson(text: string): ParsedJson {
  const { value: rounded, json, isMended } = parseMending(text)
  const { strays, hasLongIntegers } = survey(rounded)
  const found = { strays, ...(isMended ? { isMended } : {}) }
  if (!hasLongIntegers) return { value: rounded, isRounded: false, ...found }
  try {
    const value = parseLossless(json, undefined, {
      parseNumber: toNumber,
      onDuplicateKey: ({ newValue }) => newValue,
    })
    return { value, isRounded: false, ...found }
  } catch (error) {
    // The lossless parser recurses; what is nested too deep for it is still read, rounded.
    if (error instanceof RangeError) return { value: rounded, isRounded: true, ...found }
    throw new SyntaxError((error as Error).message)
  }
}

/** The same; NULL if the text is no JSON. */
export function tryParseJson(text: string): ParsedJson | null {
  try {
    return parseJson(text)
  } catch {
    return null
  }
}

function toNumber(digits: string): number | bigint {
  if (!/^-?\d{16,}$/.test(digits)) return Number(digits)
  const exact = BigInt(digits)
  const rounded = Number(exact)
  return Number.isSafeInteger(rounded) ? rounded : exact
}
