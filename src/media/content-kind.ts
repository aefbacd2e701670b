/** A kind of file that is kept. */
export interface ContentKind {
  group: 'video' | 'image' | 'captions'
  extension: string
  contentType: string
}

const kinds: readonly (readonly [RegExp, ContentKind])[] = [
  [/^....ftypqt/s, { group: 'video', extension: 'mov', contentType: 'video/quicktime' }],
  [/^....ftypavi[fs]/s, { group: 'image', extension: 'avif', contentType: 'image/avif' }],
  [/^....ftyp/s, { group: 'video', extension: 'mp4', contentType: 'video/mp4' }],
  [/^\x1a\x45\xdf\xa3/, { group: 'video', extension: 'webm', contentType: 'video/webm' }],
  [/^RIFF....WEBP/s, { group: 'image', extension: 'webp', contentType: 'image/webp' }],
  [/^GIF8[79]a/, { group: 'image', extension: 'gif', contentType: 'image/gif' }],
  [/^\xff\xd8\xff/, { group: 'image', extension: 'jpg', contentType: 'image/jpeg' }],
  [/^\x89PNG\r\n\x1a\n/, { group: 'image', extension: 'png', contentType: 'image/png' }],
  [/^(\xef\xbb\xbf)?WEBVTT[ \t\r\n]/, captions('vtt', 'text/vtt')],
  [
    /^(\xef\xbb\xbf)?\s*\d{1,6}\r?\n\d\d:\d\d:\d\d[,.]\d{3} -->/,
    captions('srt', 'application/x-subrip'),
  ],
]

function captions(extension: string, contentType: string): ContentKind {
  return { group: 'captions', extension, contentType }
}

/** Bytes from the beginning of a file that tell what it is. */
export const headBytes = 64

/** What a file is, by its first bytes; NULL if it is none of the kinds that are kept. */
export function kindOfHead(head: Uint8Array): ContentKind | null {
  const text = Buffer.from(head.subarray(0, headBytes)).toString('latin1')
  return kinds.find(([pattern]) => pattern.test(text))?.[1] ?? null
}

const captionTypes = /^(text\/(vtt|srt|plain)|application\/(x-subrip|srt))$/

/** Types that say nothing. */
const untold = new Set(['', 'application/octet-stream', 'binary/octet-stream'])

/** The kinds of file that a content type announces; NULL: none that is kept. */
function groupsOf(contentType: string): readonly ContentKind['group'][] | null {
  if (untold.has(contentType)) return ['video', 'image', 'captions']
  if (/^video\/[\w.+-]+$/.test(contentType)) return ['video']
  if (contentType === 'image/svg+xml') return null
  if (/^image\/[\w.+-]+$/.test(contentType)) return ['image']
  return captionTypes.test(contentType) ? ['captions'] : null
}

/** A content type without its parameters. */
export const plainType = (contentType: string | null): string =>
  (contentType ?? '').split(';')[0]!.trim().toLowerCase()

/** True for a type that says nothing of what a file is. */
export const isUntold = (contentType: string | null): boolean => untold.has(plainType(contentType))

/** True for a type of video, image or captions; `untyped`: also for one that says nothing. */
export const isKeptType = (contentType: string | null, untyped: boolean): boolean =>
  isUntold(contentType) ? untyped : groupsOf(plainType(contentType)) !== null

/** What a file is if its type and its first bytes agree; NULL if they do not. */
export function agreedKind(contentType: string | null, head: Uint8Array): ContentKind | null {
  const kind = kindOfHead(head)
  const groups = groupsOf(plainType(contentType))
  return kind !== null && groups?.includes(kind.group) ? kind : null
}
