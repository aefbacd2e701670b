import { fold } from '../../model/fold.js'
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

/** Every way to write an `@`: wide, small, as HTML, in a URL, in JSON. */
const at = String.raw`(?:[@\uff20\ufe6b]|&#0*64;|&#x0*40;|&commat;|%40|\\u0040|\\x40)`

/** What may stand in a handle, or looks as if it did: wide, styled and confusable letters too. */
const inHandle =
  String.raw`[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}` +
  String.raw`\p{Script=Cherokee}\p{N}\p{M}\p{Cf}\u{1d400}-\u{1d7ff}\u24b6-\u24e9._\-\uff0d\uff0e\uff3f]`

const unseen = String.raw`[\p{Cf}*~\x60\\]*`

const parts = {
  link: [
    String.raw`\b[a-z][a-z0-9]{1,11}:\/\/\S+`,
    String.raw`\b(?:mailto|tel):\S+`,
    String.raw`\bwww\.\S+`,
    String.raw`(?<![\p{L}\p{N}.@\-])(?:[\p{L}\p{N}\-]{1,63}\.)+[a-z]{2,24}(?::\d+)?[\/?]\S*`,
    String.raw`(?:sig|signature|x-amz-[\w\-]{1,40}|se|ske|skoid|sktid)(?:=|%3d)\S+`,
  ].join('|'),
  mail: String.raw`[\p{L}\p{N}._%+\-]{1,64}${at}(?:[\p{L}\p{N}\-]{1,63}\.)+\p{L}{2,24}`,
  phone: String.raw`(?<![\p{L}\p{N}])\+\d[\d\s().\-]{6,20}\d`,
  person: String.raw`(?:user-[0-9a-z]{1,200}|ch_[0-9a-f]{1,200})`,
  mention: String.raw`${at}${unseen}(?:${inHandle}+|[\p{L}\p{N}]+)`,
}

const everyPart = new RegExp(
  Object.entries(parts)
    .map(([name, form]) => `(?<${name}>${form})`)
    .join('|'),
  'giu',
)

const beforeHandle = new RegExp(`^${at}${unseen}`, 'iu')

/** Ids of this length are no word of any language. */
const surelyAnId = 20

/**
 * Makes a function that takes out of texts what leads to people: mentions and ids of people become their
 * pseudonyms; web and e-mail addresses, international phone numbers and texts that are nothing but
 * somebody's name or handle are blanked. Names inside of sentences stay.
 */
export function textRewriter(people: People, pseudonyms: Pseudonyms): RewriteText {
  const toPerson = (id: string): string => {
    const kind = id.toLowerCase().startsWith('ch_') ? 'ch_' : 'user-'
    const rest = id.slice(kind.length)
    const known = kind + rest
    const isOne = rest.length >= surelyAnId || people.isPerson(known)
    return isOne ? pseudonyms.person(known) : id
  }
  const replace = (found: string, ...rest: unknown[]): string => {
    const groups = rest.at(-1) as Partial<Record<keyof typeof parts, string>>
    if (groups.mention !== undefined) return toMention(found, people, pseudonyms)
    if (groups.person !== undefined) return toPerson(found)
    return groups.link ? blanks.link : groups.mail ? blanks.mail : blanks.phone
  }
  return (text) => {
    if (isOnlyAName(text, people)) return toOnlyAName(fold(text), people, pseudonyms)
    const clean = text.replace(everyPart, replace)
    return clean !== text && isOnlyAName(clean, people) ? blanks.name : clean
  }
}

/** A mention with a pseudonym; signs that end a sentence stay behind it. */
function toMention(mention: string, people: People, pseudonyms: Pseudonyms): string {
  const written = mention.replace(beforeHandle, '')
  const whole = fold(written)
  const core = whole.replace(/^[._-]+|[._-]+$/g, '')
  if (core === '') return mention
  for (const handle of [whole, core]) {
    const person = people.personOf(handle)
    if (person === null) continue
    const behind = handle === whole ? '' : (/[._-]+$/.exec(whole)?.[0] ?? '')
    return `@${pseudonyms.handle(person)}${behind}`
  }
  return `@${pseudonyms.unknownHandle(core)}${/[._-]+$/.exec(whole)?.[0] ?? ''}`
}

const isOnlyAName = (text: string, people: People): boolean => {
  const name = fold(text)
  const isOurs = (Object.values(blanks) as string[]).includes(text)
  return name !== '' && !isOurs && !beforeHandle.test(text) && people.isName(name)
}

/** A handle becomes a pseudonym, so that it can still be told from others; a name does not. */
function toOnlyAName(name: string, people: People, pseudonyms: Pseudonyms): string {
  const person = people.personOf(name)
  return person === null ? blanks.name : pseudonyms.handle(person)
}
