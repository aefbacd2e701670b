import { fold } from '../../model/fold.js'
import { withoutCacheSignature } from '../../model/signed-url.js'
import type { People } from './texts.js'

/** What was found where nothing of the kind may be. */
export interface Hit {
  what: string
  /** So much of it that it can be found, and no more. */
  shown: string
}

/** Ids of people and signatures of URLs; long enough that no other bytes look like them. */
const forbidden = new RegExp(
  [
    '(?<id>user-[0-9A-Za-z]{20,}|ch_[0-9a-f]{24,})',
    '(?<signature>(?:[?&;]|%26|%3f|\\b)(?:sig|signature|x-amz-[a-z-]{3,40})(?:=|%3d)[A-Za-z0-9%+/_-]{8,}' +
      '|\\b(?:se|ske)(?:=|%3d)\\d{4}-\\d\\d-\\d\\d|(?:skoid|sktid)(?:=|%3d)[0-9a-f-]{8,})',
  ].join('|'),
  'gi',
)

const mention =
  /(?:[@\uff20\ufe6b]|&(?:amp;)*(?:#0*64;?|#x0*40;|commat;)|%(?:25)*40|\\u(?:0040|\{0*40\})|\\x40)[\p{Cf}\u034f\u115f\u1160\u3164\ufe00-\ufe0f\uffa0[({<"'«“‘„]*(?<run>[._-]*[\p{L}\p{N}][\p{L}\p{N}\p{M}\p{Cf}._-]*)/giu

const pseudonym = /^p_[0-9a-f]{20}(?![0-9A-Za-z])/

/** The first characters of something that must not be told, and how long it is. */
export const redacted = (text: string): string =>
  `${JSON.stringify(Array.from(text).slice(0, 2).join(''))}… (${text.length} characters)`

/** Ids of people, signatures and secrets in any text, also in bytes read as Latin-1. */
export function* findForbidden(text: string, secrets: readonly string[]): Generator<Hit> {
  for (const { 0: found, groups } of text.matchAll(forbidden))
    yield { what: groups!['id'] ? 'the id of a person' : 'a URL signature', shown: redacted(found) }
  if (withoutCacheSignature(text) !== text)
    yield { what: 'a URL signature', shown: redacted('estuary/public_content/enc/') }
  for (const each of secrets)
    if (text.includes(each)) yield { what: 'a secret', shown: redacted(each) }
}

/** Mentions that are no pseudonym. */
export function* findMentions(text: string): Generator<Hit> {
  if (!mayMention.test(text)) return
  for (const { groups } of text.matchAll(mention)) {
    const run = groups!['run']!
    if (!pseudonym.test(run)) yield { what: 'a mention', shown: redacted(run) }
  }
}

/** Mentions of somebody known, in a text in which an `@` may stand for other things. */
export function* findKnownMentions(text: string, people: People): Generator<Hit> {
  for (const { groups } of text.matchAll(mention)) {
    const run = groups!['run']!
    const core = fold(run).replace(/^[._-]+|(?<![._-])[._-]+$/g, '')
    if (people.isName(fold(run)) || people.isName(core))
      yield { what: 'the handle of a person', shown: redacted(run) }
  }
}

const mayMention = /[@\uff20\ufe6b&%\\]/

/** A text that is nothing but the name or handle of somebody. */
export function* findName(text: string, people: People, ours: readonly string[]): Generator<Hit> {
  const name = fold(text)
  if (name === '' || ours.includes(text) || /^p_[0-9a-f]{20}$/.test(text)) return
  if (people.isName(name)) yield { what: 'the name or handle of a person', shown: redacted(text) }
}
