import { fold } from '../../model/fold.js'
import {
  atSign as at,
  beforePlainHandle,
  betweenAtAndHandle as unseen,
  handleLetters as letters,
  handleStops as stops,
  otherLetters as others,
} from '../../model/mention.js'
import type { Pseudonyms } from './pseudonyms.js'

/** Whom an archive knows; handles and names come folded. */
export interface People {
  /** Whose handle it is; NULL if nobody's, or that of several people. */
  personOf(handle: string): string | null
  /** True for every handle and every shown name. */
  isName(name: string): boolean
  isPerson(userId: string): boolean
}

/** Turns a text into one that leads to nobody. */
export type RewriteText = (text: string) => string

/** What stands in the place of what is taken out. */
export const blanks = {
  link: '[link]',
  mail: '[e-mail]',
  phone: '[phone]',
  name: '[name]',
} as const

/** Signs of addresses as they are, wide, in JSON and in URLs. */
const colon = String.raw`(?:[:\uff1a]|%(?:25){0,8}3a|&(?:#58|colon);)`
const slash = String.raw`(?:\\{0,7}[\/\uff0f]|%(?:25){0,8}2f)`
const signs = String.raw`\p{L}\p{N}\p{M}\p{Cf}\-`
const dots = String.raw`.\uff0e\u2024`
const label = String.raw`[${signs}]{1,63}`
const dot = String.raw`[${dots}]`
/** All that may be an address without its scheme: begun where nothing of it stands before, it takes no long time. */
const host = String.raw`(?<![${signs}${dots}@])[${signs}${dots}]*[${signs}]`

const parts = {
  link: [
    String.raw`\b[a-z][a-z0-9]{1,11}${colon}${slash}{2}\S+`,
    String.raw`\b(?:mailto|tel):\S+`,
    String.raw`\bwww\.\S+`,
    String.raw`${host}${dot}\p{L}{2,24}\p{Cf}?(?::\d+)?(?:${slash}|\?)\S*`,
    String.raw`(?:sig|signature|x-amz-[\w\-]{1,40}|se|ske|skoid|sktid)(?:=|%3d)\S+`,
  ].join('|'),
  mail:
    String.raw`[\p{L}\p{N}\p{M}\p{Cf}.!#$%&'*+\/=?^_\x60{|}~\-]{1,64}${at}\p{Cf}{0,8}` +
    String.raw`(?:${label}${dot})+\p{Cf}{0,8}\p{L}[\p{L}\p{Cf}]{1,24}`,
  phone:
    String.raw`(?<![\p{L}\p{N}])[+\uff0b][\s(\p{Cf}]{0,4}\p{Nd}` +
    String.raw`[\p{Nd}\s().\p{Pd}\p{Cf}]{6,24}\p{Nd}`,
  id: String.raw`user-[0-9a-z]{20,}|ch_[0-9a-f]{20,}`,
  shortId: String.raw`user-[0-9a-z]{1,19}(?![\w-])|ch_[0-9a-f]{1,19}(?![\w-])`,
  mention: String.raw`${at}${unseen}[${stops}]*[${letters}${others}][${letters}${others}${stops}]*`,
  told: String.raw`(?<=${beforePlainHandle})[${letters}${others}][${letters}${others}${stops}]*`,
}

const anyOf = (...names: (keyof typeof parts)[]): RegExp =>
  new RegExp(names.map((name) => `(?<${name}>${parts[name]})`).join('|'), 'giu')

/** What is always taken out goes first, so that nothing that stays hides a part of it. */
const steps = [anyOf('link', 'mail', 'phone', 'id'), anyOf('mention', 'told', 'shortId')] as const

const beforeHandle = new RegExp(`^${at}${unseen}`, 'iu')
const narrow = new RegExp(`^[${letters}${stops}]*`, 'iu')

/**
 * Makes a function that takes out of texts what leads to people: mentions and ids of people become their
 * pseudonyms; web and e-mail addresses, international phone numbers and texts that are nothing but
 * somebody's name or handle are blanked: a pseudonym in the place of every `lol` would tell who is called
 * so. Names inside of sentences stay.
 */
export function textRewriter(people: People, pseudonyms: Pseudonyms): RewriteText {
  const replace = (found: string, ...rest: unknown[]): string => {
    const groups = rest.at(-1) as Partial<Record<keyof typeof parts, string>>
    if (groups.mention !== undefined)
      return `@${toHandle(found.replace(beforeHandle, ''), people, pseudonyms)}`
    if (groups.told !== undefined) return toHandle(found, people, pseudonyms)
    if (groups.link !== undefined) return blanks.link
    if (groups.mail !== undefined) return blanks.mail
    if (groups.phone !== undefined) return blanks.phone
    const [, kind = '', own = ''] = /^(user-|ch_)(.*)$/i.exec(found)!
    const id = kind.toLowerCase() + own
    return groups.id !== undefined || people.isPerson(id) ? pseudonyms.person(id) : found
  }
  return (text) => {
    if (!beforeHandle.test(text) && isOnlyAName(text, people)) return blanks.name
    const clean = steps.reduce((rest, step) => rest.replace(step, replace), text)
    return isOnlyAName(clean, people) ? blanks.name : clean
  }
}

/**
 * The pseudonym of a handle as it is written; signs that end a sentence stay behind it, and so do words of
 * another script that follow without a space, unless the handle is known with them.
 */
function toHandle(written: string, people: People, pseudonyms: Pseudonyms): string {
  const whole = fold(written)
  const known = toKnownHandle(whole, people, pseudonyms)
  if (known !== null) return known
  const [own] = narrow.exec(written)!
  if (/[\p{L}\p{N}]/u.test(own) && own.length < written.length)
    return toHandle(own, people, pseudonyms) + written.slice(own.length)
  const core = toCore(whole)
  return core === '' ? `${whole} ` : pseudonyms.unknownHandle(core) + stopsBehind(whole)
}

function toKnownHandle(whole: string, people: People, pseudonyms: Pseudonyms): string | null {
  for (const handle of [whole, toCore(whole)]) {
    const person = handle === '' ? null : people.personOf(handle)
    if (person !== null)
      return pseudonyms.handle(person) + (handle === whole ? '' : stopsBehind(whole))
  }
  return null
}

const toCore = (handle: string): string =>
  handle.slice(0, handle.length - stopsBehind(handle).length).replace(/^[._-]+/, '')

const stopsBehind = (handle: string): string => /(?<![._-])[._-]+$/.exec(handle)?.[0] ?? ''

const isOnlyAName = (text: string, people: People): boolean => {
  const name = fold(text)
  const isOurs = (Object.values(blanks) as string[]).includes(text)
  return name !== '' && !isOurs && people.isName(name)
}
