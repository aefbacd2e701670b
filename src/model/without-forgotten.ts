import { isLosslessNumber, parse as parseLossless, stringify } from 'lossless-json'
import { subjectOf } from './asked-about.js'
import { forgottenItem, forgottenMark } from './forgotten-mark.js'
import {
  hasForgotten,
  hidesForgotten,
  isForgottenId,
  isOnlyHandle,
  overwrite,
  replaceNames,
  tellsOnlyHandle,
  type Forgotten,
  type ForgottenKind,
} from './forgotten-names.js'
import { idIn } from './ids.js'
import { parseMending } from './mend-json.js'
import type { Params } from './page.js'
import { isWire, type Wire } from './reading.js'
import { survey } from './survey.js'
import { Theirs, type Learned } from './theirs.js'

/** A kept or incoming answer. */
export interface AnswerText {
  endpoint: string
  params: Params
  text: string
}

/** An answer without what was forgotten, and what it showed to belong to it. */
export interface RewrittenAnswer {
  text: string
  learned: Learned[]
}

/**
 * Takes out of an answer whatever belongs to somebody or something forgotten: people, their posts and
 * comments, what hangs below a forgotten post, and their names in the texts of others. A mark stands in its
 * place, so that what is others' keeps its place; texts keep their length. All else reads as before.
 * @returns NULL if nothing in it is forgotten
 */
export function withoutForgotten(answer: AnswerText, forgotten: Forgotten): RewrittenAnswer | null {
  const { params, text } = answer
  if (!isSuspect(text, forgotten) && !namesAny(params, forgotten)) return null
  const parsed = parseExactly(text)
  if (parsed === undefined) return notJson(text, forgotten)
  const theirs = new Theirs(forgotten, isListOfTheirs(answer, forgotten))
  learnAll(parsed.value, theirs, isAboutPost(answer, theirs))
  const value = isAllTheirs(answer, theirs) ? emptied(parsed.value) : parsed.value
  const list = `${answer.endpoint} ${subjectOf(answer.endpoint, params) ?? ''}`
  const holder: Wire = { value }
  const isRewritten = new Rewriter(theirs, list).rewrite(holder)
  if (!isRewritten && value === parsed.value) return null
  return { text: write(holder['value'], parsed.write), learned: theirs.learned }
}

/** A quick look at the text alone: most answers hold nothing forgotten, and are not parsed for it. */
function isSuspect(text: string, forgotten: Forgotten): boolean {
  // Characters may be written as numbers, which hides a name from a look at the text.
  if (/\\u/.test(text) || hasForgotten(text, forgotten)) return true
  if (tellsOnlyHandle(text, forgotten)) return true
  for (const [, packed = ''] of text.matchAll(/"cursor"\s*:\s*"([^"]*)"/g))
    if (hidesForgotten(packed, forgotten)) return true
  return false
}

const namesAny = (params: Params, forgotten: Forgotten): boolean =>
  Object.values(params).some((each) => hasForgotten(each, forgotten))

function notJson(text: string, forgotten: Forgotten): RewrittenAnswer | null {
  const written = replaceNames(text, forgotten, overwrite)
  return written === text ? null : { text: written, learned: [] }
}

interface Parsed {
  value: unknown
  write: (value: unknown) => string | undefined
}

/** Numbers that JavaScript cannot hold are kept as they are written. */
function parseExactly(text: string): Parsed | undefined {
  try {
    const { value, json } = parseMending(text)
    if (!survey(value).hasLongIntegers) return { value, write: JSON.stringify }
    const exact = parseLossless(json, undefined, { onDuplicateKey: ({ newValue }) => newValue })
    return { value: exact, write: stringify }
  } catch {
    return undefined
  }
}

/** What is nested too deep to be written again is emptied: it cannot be told apart what in it is whose. */
function write(value: unknown, stringifier: Parsed['write']): string {
  try {
    return stringifier(value) ?? JSON.stringify(forgottenMark)
  } catch (error) {
    if (error instanceof RangeError) return JSON.stringify(forgottenMark)
    throw error
  }
}

/** Ids that a call names; a post may be named by its address. */
const namedIn = (params: Params): string[] => Object.values(params).map(idIn)

/** Answers that tell nothing but their subject and what is below it. */
const toldOf: Partial<Record<ForgottenKind, readonly string[]>> = {
  user: ['get_user_profile'],
  post: [
    'get_post_detail',
    'get_post_comments',
    'get_comment_replies',
    'get_video_download_info',
    'get_task_detail',
  ],
  thing: ['get_task_status', 'get_task_detail', 'native_draft'],
}

const isAllTheirs = ({ endpoint, params }: AnswerText, theirs: Theirs): boolean =>
  namedIn(params).some((each) => {
    const kind = theirs.kindOf(each)
    return kind !== null && toldOf[kind]?.includes(endpoint) === true
  })

const isAboutPost = ({ params }: AnswerText, theirs: Theirs): boolean =>
  namedIn(params).some((each) => theirs.kindOf(each) === 'post')

const isListOfTheirs = ({ endpoint, params }: AnswerText, forgotten: Forgotten): boolean =>
  endpoint === 'get_user_posts' && namedIn(params).some((each) => forgotten.kindOf(each) === 'user')

/** An answer of which nothing but the envelope is left. */
function emptied(value: unknown): unknown {
  return isWire(value) && 'data' in value ? { ...value, data: forgottenMark } : forgottenMark
}

/** Learns until an answer shows nothing more: what hangs below a post may come before it. */
function learnAll(value: unknown, theirs: Theirs, isBelow: boolean): void {
  for (let known = -1; theirs.learned.length > known;) {
    known = theirs.learned.length
    const pending: { value: unknown; isBelow: boolean }[] = [{ value, isBelow }]
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (typeof next.value !== 'object' || next.value === null || isLosslessNumber(next.value))
        continue
      const isHome = isWire(next.value) && theirs.learnFrom(next.value, next.isBelow)
      for (const [key, child] of Object.entries(next.value) as [string, unknown][])
        pending.push({ value: child, isBelow: isBelowIt(key, next.isBelow, isHome) })
    }
  }
}

/** What hangs below an object is its `children`; what it carries along beside them may be others'. */
const isBelowIt = (key: string, isBelow: boolean, isHome: boolean): boolean =>
  key === 'children' || key === 'items' || key === 'data' || /^\d+$/.test(key)
    ? isBelow || isHome
    : false

/** Writes marks over what is theirs, in place, however deep it is. */
class Rewriter {
  private isChanged = false

  constructor(
    private readonly theirs: Theirs,
    private readonly list: string,
  ) {}

  rewrite(holder: Wire): boolean {
    const pending: (Wire | unknown[])[] = [holder]
    for (let next = pending.pop(); next !== undefined; next = pending.pop())
      for (const [key, child] of Object.entries(next) as [string, unknown][]) {
        const written = this.written(key, child)
        if (written !== child) this.put(next as Wire, key, written)
        if (!Array.isArray(next) && hasForgotten(key, this.theirs)) this.drop(next, key)
        else if (isHolder(written)) pending.push(written)
      }
    return this.isChanged
  }

  private put(holder: Wire, key: string, value: unknown): void {
    // A key that JSON knows and JavaScript has other plans for.
    Object.defineProperty(holder, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    })
    this.isChanged = true
  }

  private drop(holder: Wire, key: string): void {
    delete holder[key]
    this.isChanged = true
  }

  private written(key: string, value: unknown): unknown {
    if (typeof value === 'string') return this.text(key, value)
    if (!isWire(value) || isLosslessNumber(value)) return value
    const id = this.theirs.idOf(value)
    return id === null ? value : this.taken(value, id)
  }

  /** The replies to a comment that is forgotten are others', and stay. */
  private taken(value: Wire, id: string): unknown {
    const mark = forgottenItem(this.theirs.tagOf(id, this.list))
    const keepsReplies =
      this.theirs.postIn(value)?.kind === 'comment' && isHolder(value['children'])
    if (!keepsReplies) return mark
    const { children, cursor = null } = value
    this.isChanged = true
    return { post: mark, children, cursor }
  }

  private text(key: string, text: string): string {
    const { theirs } = this
    const isWhole =
      isForgottenId(text, theirs) ||
      (key === 'username' && theirs.isHandle(text)) ||
      hidesForgotten(text, theirs)
    if (isWhole) return forgottenMark
    const written = replaceNames(text, theirs, overwrite)
    if (written === text && isOnlyHandle(key, text, theirs)) return overwrite(text)
    return written !== text && key === 'permalink' ? forgottenMark : written
  }
}

const isHolder = (value: unknown): value is Wire | unknown[] =>
  typeof value === 'object' && value !== null && !isLosslessNumber(value)
