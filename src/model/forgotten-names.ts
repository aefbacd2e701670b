import { isPostId } from './ids.js'

/** What a forgotten id names; under a `post` everything goes with it, under a `comment` nothing does. */
export type ForgottenKind = 'user' | 'post' | 'comment' | 'thing'

/** Tells who and what is forgotten. Handles are told without `@`, in any case. */
export interface Forgotten {
  /** What an id names, if that is forgotten. A post's id is known with and without its `s_`. */
  kindOf(id: string): ForgottenKind | null
  isHandle(name: string): boolean
  /** Twelve hex digits for an item of one list; nobody can tell by them where else it stood. */
  tagOf(id: string, list: string): string
}

/** Ids of people, posts, comments, generations and tasks. */
const ids = /(?:s_)?[0-9a-f]{32}|(?:user-|ch_)[0-9A-Za-z]{1,64}|(?:gen|task|media)_[0-9a-z]{26}/
const slash = '(?:\\\\?/|%2[Ff])'
/** What a handle stands behind where it can be nothing else: `@`, the address of a profile, a profile's key. */
const before = `[@＠]|(?:profile|username)${slash}@?|"username"\\s*:\\s*"@?`
const names = new RegExp(`(${before})([0-9A-Za-z._-]{1,64})|${ids.source}`, 'g')

const isWholeId = new RegExp(`^(?:${ids.source})$`)

/** What a forgotten name of a text is replaced by. */
export type Replace = (name: string) => string

/** Writes the same number of characters over a name, so that all that follows it stays in its place. */
export const overwrite: Replace = (found) => '\u2588'.repeat(found.length)

/** A text in which every forgotten name is replaced; the same text if there is none. */
export function replaceNames(text: string, forgotten: Forgotten, replace: Replace): string {
  if (text.length < 3) return text
  return text.replace(names, (found: string, before?: string, handle?: string) => {
    if (before === undefined || handle === undefined)
      return forgotten.kindOf(found) === null ? found : replace(found)
    return before + replaceHandle(handle, forgotten, replace)
  })
}

/** A full stop behind a handle is mostly none of it; and an id may stand where a handle does. */
function replaceHandle(found: string, forgotten: Forgotten, replace: Replace): string {
  const bare = found.replace(/[._-]+$/, '')
  for (const each of new Set([found, bare]))
    if (each !== '' && forgotten.isHandle(each)) return replace(each) + found.slice(each.length)
  return found.replace(new RegExp(ids.source, 'g'), (id) =>
    forgotten.kindOf(id) === null ? id : replace(id),
  )
}

/** True if a text holds a forgotten name. */
export const hasForgotten = (text: string, forgotten: Forgotten): boolean =>
  replaceNames(text, forgotten, () => '\u0000') !== text

/** True if the text is nothing but a forgotten id. */
export const isForgottenId = (text: string, forgotten: Forgotten): boolean =>
  text.length <= 70 && isWholeId.test(text) && forgotten.kindOf(text) !== null

/** True for a cursor or another packed text in which a forgotten name stands. */
export function hidesForgotten(text: string, forgotten: Forgotten): boolean {
  if (text.length < 12 || !/^[0-9A-Za-z+/_-]+=*$/.test(text)) return false
  const unpacked = Buffer.from(text, 'base64').toString('latin1')
  return /^[[{"]/.test(unpacked) && hasForgotten(unpacked, forgotten)
}

/** An id in the one form in which it is forgotten: that of a post may be told without its `s_`. */
export const plainId = (id: string): string => (isPostId(id) ? id.slice(2) : id)

/** A handle in the one form in which it is forgotten. */
export const plainHandle = (handle: string): string => handle.replace(/^[@＠]/, '').toLowerCase()
