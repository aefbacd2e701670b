/** The first bytes of a file of each kind, by its extension. */
export const heads = {
  mp4: '\0\0\0\x20ftypisom\0\0\x02\0',
  mov: '\0\0\0\x14ftypqt  ',
  avif: '\0\0\0\x20ftypavif',
  webm: '\x1a\x45\xdf\xa3\x01',
  webp: 'RIFF\x24\0\0\0WEBPVP8 ',
  jpg: '\xff\xd8\xff\xe0\0\x10JFIF',
  png: '\x89PNG\r\n\x1a\n',
  gif: 'GIF89a',
  vtt: 'WEBVTT\n\n',
  srt: '1\r\n00:00:00,000 --> 00:00:02,000',
}

/** Such a text as bytes. */
export const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
