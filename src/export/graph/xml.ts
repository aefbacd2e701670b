/** Characters that XML 1.0 has no words for: controls, lone surrogates, U+FFFE, U+FFFF. */
const unspeakable = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

/** Signs with a meaning, and white space that parsers of XML 1.0 or 1.1 would change. */
const signs = /[&<>"\t\n\r\u0085\u2028\u2029]/g

/** Text between tags or in an attribute; a character that XML cannot hold becomes U+FFFD. */
export const toXmlText = (text: string): string =>
  text.replace(unspeakable, '\ufffd').replace(signs, (sign) => `&#${sign.charCodeAt(0)};`)

/**
 * The id of a node, as a seed names it: `post:s_…`. What XML cannot hold, and `%`, is written as `%`
 * and the four hex digits of its code, so that no two ids become one.
 */
export const toNodeId = (kind: string, id: string): string =>
  toXmlText(`${kind}:${id}`.replace(/%/g, toCode).replace(unspeakable, toCode))

const toCode = (sign: string): string =>
  `%${sign.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
