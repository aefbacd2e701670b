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
    try {
      return { value: JSON.parse(json), json, isMended: true }
    } catch {
      throw error
    }
  }
}

/** An escape, a quote, a control character, a word that is no number: nothing is read twice. */
const sign = /\\[^]|"|\p{Cc}|-?\b(?:NaN|Infinity)\b/gu

function mend(text: string): string {
  let isInText = false
  return text.replace(sign, (found) => {
    if (found === '"') isInText = !isInText
    if (found.length === 1) return isInText && found !== '"' ? escaped(found) : found
    return isInText || found.startsWith('\\') ? found : 'null'
  })
}

/** A control character behind a backslash is no escape that JSON knows: it is left, and the text is no JSON. */
const escaped = (control: string): string =>
  `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`
