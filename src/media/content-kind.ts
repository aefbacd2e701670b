import { kindOfHead, type FileKind } from '../model/file-kind.js'

const captionTypes = /^(text\/(vtt|srt|plain)|application\/(x-subrip|srt))$/

/** Types that say nothing. */
const untold = new Set(['', 'application/octet-stream', 'binary/octet-stream'])

/** The kinds of file that a content type announces; NULL: none that is kept. */
function groupsOf(contentType: string): readonly FileKind['group'][] | null {
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
export function agreedKind(contentType: string | null, head: Uint8Array): FileKind | null {
  const kind = kindOfHead(head)
  const groups = groupsOf(plainType(contentType))
  return kind !== null && groups?.includes(kind.group) ? kind : null
}
