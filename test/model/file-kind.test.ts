import { describe, expect, it } from 'vitest'
import { kindOfHead } from '../../src/model/file-kind.js'

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')

const heads = {
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

describe('kindOfHead', () => {
  it.each(Object.entries(heads))('knows %s', (extension, head) => {
    expect(kindOfHead(bytes(head))?.extension).toBe(extension)
  })

  it.each([
    '',
    '<html>',
    '<?xml version="1.0"?>',
    'MZ\x90',
    '%PDF-1.7',
    'RIFF\0\0\0\0WAVE',
    'ftypisom',
    'GIF8',
  ])('knows nothing that begins with %j', (head) => {
    expect(kindOfHead(bytes(head))).toBeNull()
  })

  it('knows captions behind a byte order mark', () => {
    expect(kindOfHead(bytes('\xef\xbb\xbfWEBVTT\n'))?.extension).toBe('vtt')
  })
})
