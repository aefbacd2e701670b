/** A text that was parsed. */
export interface MendedJson {
  value: unknown
  /** The JSON that was parsed: the text itself, or what it was mended to. */
  json: string
  isMended: boolean
}

/**
 * Parses JSON, also where two slips keep it from being any: control characters that stand raw inside of
 * texts, as editors leave them that take U+2028 for a line break (two of the public captures have one),
 * and NaN or Infinity for numbers, which are read as null (`data-shapes` 1.4).
 * @throws SyntaxError if it is no JSON for another reason
 */
export function parseMending(text: string): MendedJson {
  try {
    return { value: JSON.parse(text), json: text, isMended: false }
  } catch (error) {
    const json = mend(text)
    if (json === text) throw error
    try {
      return { value: JSON.parse(json), json, isMended: true }
    } catch {
      throw error
    }
  }
}

/** Texts as they stand, and the words that are no numbers. */
const textOrWord = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g

const mend = (text: string): string =>
  text.replace(textOrWord, (found) => (found.startsWith('"') ? escaped(found) : 'null'))

/** A backslash before one is no escape that JSON knows: it is left, and the text is no JSON. */
const control = /(?<!\\)\p{Cc}/gu

const escaped = (text: string): string =>
  text.replace(control, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
