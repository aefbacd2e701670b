import { kindOfHead, type FileKind } from '../model/file-kind.js'

/** What kind of video or picture begins with these bytes; NULL if it is none that is known. */
export function videoKindOf(head: Uint8Array): FileKind | null {
  const kind = kindOfHead(head)
  return kind?.group === 'captions' ? null : kind
}
