/** A kind of file that is kept: what files of it are called, and how they are served. */
export interface FileKind {
  group: 'video' | 'image' | 'captions'
  extension: string
  contentType: string
}

const kinds: readonly (readonly [RegExp, FileKind])[] = [
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

function captions(extension: string, contentType: string): FileKind {
  return { group: 'captions', extension, contentType }
}

/** Bytes from the beginning of a file that tell what it is. */
export const headBytes = 64

/** What a file is, by its first bytes; NULL if it is none of the kinds that are kept. */
export function kindOfHead(head: Uint8Array): FileKind | null {
  const text = Buffer.from(head.subarray(0, headBytes)).toString('latin1')
  return kinds.find(([pattern]) => pattern.test(text))?.[1] ?? null
}
