import { describe, expect, it } from 'vitest'
import { kindOfHead } from '../../src/model/file-kind.js'
import { bytes, heads } from './heads.js'

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
