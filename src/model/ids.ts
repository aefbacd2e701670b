/** Ids of posts and comments carry their second, ids of generations and tasks their millisecond. */

/** Nothing of Sora is older: 2015-01-01, in microseconds. */
export const earliestTime = Date.UTC(2015, 0, 1) * 1000

const crockford = '0123456789abcdefghjkmnpqrstvwxyz'
const latestMicros = Date.UTC(2100, 0, 1) * 1000

/** The forms of ids, and of the addresses of posts. */
export const idForms = {
  post: /^s_[0-9a-f]{32}$/,
  comment: /^[0-9a-f]{32}$/,
  user: /^(user-[0-9A-Za-z]{1,64}|ch_[0-9a-f]{1,64})$/,
  generation: /^(gen_[0-9a-z]{26}|[0-9a-f]{32})$/,
  task: /^task_[0-9a-z]{1,64}$/,
  permalink: /^https:\/\/sora\.(?:chatgpt\.com|com)\/p\/(s_[0-9a-f]{32})(?:[/?#]|$)/,
} as const

/** A post (video or remix): `s_` and 32 hex digits. */
export const isPostId = (id: unknown): id is string =>
  typeof id === 'string' && idForms.post.test(id)

/** A comment or reply: 32 hex digits (failed drafts look the same; their place tells them apart). */
export const isCommentId = (id: unknown): id is string =>
  typeof id === 'string' && idForms.comment.test(id)

/** A person or character; `anonymous` is nobody. */
export const isUserId = (id: unknown): id is string =>
  typeof id === 'string' && idForms.user.test(id)

/** A draft: `gen_…`, or the 32 hex digits of a failed one. */
export const isGenerationId = (id: unknown): id is string =>
  typeof id === 'string' && idForms.generation.test(id)

/** A generation task. */
export const isTaskId = (id: unknown): id is string =>
  typeof id === 'string' && idForms.task.test(id)

/** The author of deleted or anonymised content. */
export const isAnonymous = (id: unknown): boolean => id === 'anonymous'

/**
 * The time inside an id, in microseconds since 1970; NULL if it holds none that can be true.
 * Posts, comments, failed drafts: whole seconds. Generations and tasks: milliseconds.
 */
export function timeOfId(id: string): number | null {
  const micros = /^(s_)?[0-9a-f]{32}$/.test(id)
    ? parseInt(id.replace('s_', '').slice(0, 8), 16) * 1e6
    : ulidMicros(/^(?:gen|task|media)_([0-9a-z]{26})$/.exec(id)?.[1])
  return micros !== null && micros >= earliestTime && micros < latestMicros ? micros : null
}

function ulidMicros(ulid: string | undefined): number | null {
  if (ulid === undefined) return null
  let millis = 0
  for (const character of ulid.slice(0, 10)) {
    const digit = crockford.indexOf(character)
    if (digit < 0) return null
    millis = millis * 32 + digit
  }
  return millis * 1000
}

/** The post id inside a permalink such as `https://sora.chatgpt.com/p/s_…`; NULL if there is none. */
export const postIdOfPermalink = (permalink: string): string | null =>
  idForms.permalink.exec(permalink)?.[1] ?? null

/** What names an object: an id as it is, the address of a post as its id. */
export const idIn = (word: string): string => postIdOfPermalink(word) ?? word
