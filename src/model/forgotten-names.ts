import { fold } from './fold.js'
import { isPostId } from './ids.js'
import {
  atSign,
  beforePlainHandle,
  betweenAtAndHandle,
  handleLetters,
  handleStops,
  otherLetters,
} from './mention.js'

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

/** Ids of people, posts, comments, generations and tasks, and what an id may be glued to. */
const begin = '(?:user-|ch_|gen_|task_|media_)'
const idRuns =
  String.raw`(?:s_)?[0-9a-f]{32,}(?!h_)|(?:user-|ch_)(?:(?!${begin})[0-9a-z]){1,64}` +
  '|(?:gen|task|media)_[0-9a-z]{26}'
const runs = new RegExp(idRuns, 'gi')

const before = `${atSign}${betweenAtAndHandle}|${beforePlainHandle}`
const letters = `${handleLetters}${handleStops}`
const names = new RegExp(`(${before})([${letters}${otherLetters}]+)|${idRuns}`, 'giu')

const isWholeId =
  /^(?:(?:s_)?[0-9a-f]{32}|(?:user-|ch_)[0-9A-Za-z]{1,64}|(?:gen|task|media)_[0-9a-z]{26})$/

/** What a forgotten name of a text is replaced by. */
export type Replace = (name: string) => string

/** Writes the same number of characters over a name, so that all that follows it stays in its place. */
export const overwrite: Replace = (found) => '\u2588'.repeat(found.length)

/** A text in which every forgotten name is replaced; the same text if there is none. */
export function replaceNames(text: string, forgotten: Forgotten, replace: Replace): string {
  if (text.length < 3) return text
  return text.replace(names, (found: string, before?: string, handle?: string) =>
    before === undefined || handle === undefined
      ? replaceRun(found, forgotten, replace)
      : before + replaceHandle(handle, forgotten, replace),
  )
}

/** Ids of people have these lengths; behind them other letters may follow without a gap. */
const lengths: Readonly<Record<string, number>> = { 'user-': 24, ch_: 32 }

/** Replaces an id, whatever it is glued to; hex digits may be written in capitals. */
function replaceRun(run: string, forgotten: Forgotten, replace: Replace): string {
  const isGone = (id: string) => forgotten.kindOf(id) !== null
  const [prefix = ''] = /^(?:user-|ch_|gen_|task_|media_)/.exec(run) ?? []
  if (prefix === '') return replaceDigits(run, isGone, replace)
  const shorter = run.slice(0, prefix.length + (lengths[prefix] ?? run.length))
  const id = [run, shorter].find(isGone)
  return id === undefined ? run : replace(id) + run.slice(id.length)
}

function replaceDigits(run: string, isGone: (id: string) => boolean, replace: Replace): string {
  const first = /^s_/i.test(run) ? 2 : 0
  let written = ''
  let done = 0
  for (let at = first; at + 32 <= run.length;) {
    if (isGone(run.slice(at, at + 32).toLowerCase())) {
      const from = at === first ? 0 : at
      written += run.slice(done, from) + replace(run.slice(from, at + 32))
      done = at += 32
    } else at += 1
  }
  return written + run.slice(done)
}

/**
 * Full stops around a handle are mostly none of it; words of another script may follow without a space;
 * and an id may stand where a handle does.
 */
function replaceHandle(found: string, forgotten: Forgotten, replace: Replace): string {
  const near = found.slice(0, longestWritten)
  const lead = leadingStops.exec(near)![0].length
  const ends = [plain, narrow].map((each) => lead + each.exec(near.slice(lead))![0].length)
  for (const start of new Set([0, lead]))
    for (const end of new Set([near.length, ...ends]))
      for (const each of [near.slice(start, end), near.slice(start, end).replace(stopsBehind, '')])
        if (isHandle(each, forgotten)) {
          const behind = found.slice(start + each.length)
          return found.slice(0, start) + replace(each) + replaceIds(behind, forgotten, replace)
        }
  return replaceIds(found, forgotten, replace)
}

/** No handle is longer, and none is written with more signs, seen or not. */
const longestHandle = 64
const longestWritten = 512

function isHandle(text: string, forgotten: Forgotten): boolean {
  const name = fold(text)
  return name !== '' && name.length <= longestHandle && forgotten.isHandle(name)
}

const plain = /^[0-9A-Za-z._-]*/
const narrow = new RegExp(`^[${letters}]*`, 'u')
const leadingStops = new RegExp(`^[${handleStops}]*`, 'u')
const stopsBehind = new RegExp(`[${handleStops}]+$`, 'u')

const replaceIds = (text: string, forgotten: Forgotten, replace: Replace): string =>
  text.replace(runs, (run) => replaceRun(run, forgotten, replace))

const erase: Replace = () => '\u0000'

/** True if a text holds a forgotten name. */
export const hasForgotten = (text: string, forgotten: Forgotten): boolean =>
  replaceNames(text, forgotten, erase) !== text

/** True if bytes hold a forgotten id, whatever stands before and behind it. */
export const hasForgottenId = (bytes: string, forgotten: Forgotten): boolean =>
  replaceIds(bytes, forgotten, erase) !== bytes

/** Keys under which people write what they like. */
const freeTexts = ['text', 'caption', 'discovery_phrase', 'prompt', 'title']
const shortTexts = new RegExp(`"(?:${freeTexts.join('|')})"\\s*:\\s*"([^"]{1,80})"`, 'g')

/** True for a text of somebody that is nothing but a forgotten handle; other texts may be any word. */
export const isOnlyHandle = (key: string, text: string, forgotten: Forgotten): boolean =>
  freeTexts.includes(key) && text.length <= 80 && forgotten.isHandle(fold(text))

/** True if such a text stands in JSON. */
export function tellsOnlyHandle(json: string, forgotten: Forgotten): boolean {
  for (const [, text = ''] of json.matchAll(shortTexts))
    if (forgotten.isHandle(fold(text))) return true
  return false
}

/** True if the text is nothing but a forgotten id. */
export const isForgottenId = (text: string, forgotten: Forgotten): boolean =>
  isWholeId.test(text) && forgotten.kindOf(text) !== null

/** True for a cursor or another packed text in which a forgotten name stands. */
export function hidesForgotten(text: string, forgotten: Forgotten): boolean {
  if (text.length < 12 || !/^[0-9A-Za-z+/_-]+=*$/.test(text)) return false
  const unpacked = Buffer.from(text, 'base64').toString('latin1')
  return /^(?:[[{"]|[\x20-\x7e]+$)/.test(unpacked) && hasForgotten(unpacked, forgotten)
}

/** An id in the one form in which it is forgotten: that of a post may be told without its `s_`. */
export const plainId = (id: string): string => (isPostId(id) ? id.slice(2) : id)

/** A handle in the one form in which it is forgotten. */
export const plainHandle = fold
