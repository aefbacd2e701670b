/**
 * What stands in a kept answer, or in a log, in the place of what was forgotten. Readers pass over it:
 * it tells nothing, and is no anomaly.
 */

/** In an answer: something that is forgotten stood here. No text of anybody is likely to be just this. */
export const forgottenMark = '\u2588forgotten\u2588'

/** An item that was forgotten, told apart from others of the same list by twelve hex digits. */
export const forgottenItem = (tag: string): string => `\u2588forgotten ${tag}\u2588`

/** True for what stands in an answer in the place of something forgotten. */
export const isForgottenMark = (value: unknown): value is string =>
  typeof value === 'string' && /^\u2588forgotten(?: [0-9a-f]{12})?\u2588$/.test(value)

/** In parameters, keys and seeds: a name that was forgotten, by its HMAC. */
export const forgottenName = (hmac: string): string => `forgotten-${hmac.slice(0, 12)}`

/** True for a text in which a forgotten name stood. */
export const namesForgotten = (text: string): boolean =>
  /forgotten-[0-9a-f]{12}/.test(text) || isForgottenMark(text)

/** The id of an item that is forgotten: of a wrapped one, that of what is in it; NULL for any other item. */
export function forgottenItemOf(item: unknown): string | null {
  const inside = typeof item === 'object' && item !== null && 'post' in item ? item.post : item
  return isForgottenMark(inside) && inside !== forgottenMark ? inside : null
}
