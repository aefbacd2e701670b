/** A kind of video or picture: what files of it are called and how they are served. */
export interface VideoType {
  extension: string
  contentType: string
}

const types: readonly (readonly [RegExp, VideoType])[] = [
  [/^....ftypqt/s, { extension: 'mov', contentType: 'video/quicktime' }],
  [/^....ftyp/s, { extension: 'mp4', contentType: 'video/mp4' }],
  [/^\x1a\x45\xdf\xa3/, { extension: 'webm', contentType: 'video/webm' }],
  [/^RIFF....WEBP/s, { extension: 'webp', contentType: 'image/webp' }],
  [/^GIF8/, { extension: 'gif', contentType: 'image/gif' }],
  [/^\xff\xd8\xff/, { extension: 'jpg', contentType: 'image/jpeg' }],
  [/^\x89PNG\r\n/, { extension: 'png', contentType: 'image/png' }],
]

/** What kind of video or picture begins with these bytes; NULL if it is none that is known. */
export function videoTypeOf(head: Buffer): VideoType | null {
  const text = head.subarray(0, 32).toString('latin1')
  return types.find(([pattern]) => pattern.test(text))?.[1] ?? null
}
