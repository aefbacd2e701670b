import { describe, expect, it } from 'vitest'
import { agreedKind, isKeptType } from '../../src/media/content-kind.js'
import { bytes, heads } from '../model/heads.js'

describe('isKeptType', () => {
  it.each([
    ['video/mp4', true],
    ['VIDEO/MP4; codecs="avc1"', true],
    ['image/webp', true],
    ['text/vtt ; charset=utf-8', true],
    ['application/x-subrip', true],
    ['text/html', false],
    ['application/json', false],
    ['image/svg+xml', false],
    ['image/../../evil', false],
    ['x-image/png', false],
    ['x-video/mp4', false],
    ['video/mp4 evil', false],
    ['application/octet-stream', false],
    [null, false],
  ])('%s: %s', (type, expected) => {
    expect(isKeptType(type, false)).toBe(expected)
  })

  it.each(['application/octet-stream', 'binary/octet-stream', '', null])(
    'takes the type %s where first bytes are to tell',
    (type) => {
      expect(isKeptType(type, true)).toBe(true)
    },
  )
})

describe('agreedKind', () => {
  it.each([
    ['video/mp4', heads.mp4, 'mp4'],
    ['video/quicktime', heads.mp4, 'mp4'],
    ['image/jpeg', heads.webp, 'webp'],
    ['text/plain', heads.srt, 'srt'],
    ['application/octet-stream', heads.gif, 'gif'],
    ['image/jpeg', heads.mp4, undefined],
    ['video/mp4', heads.png, undefined],
    ['video/mp4', '<html>', undefined],
    ['text/html', heads.mp4, undefined],
  ])('%s over such bytes: %#', (type, head, extension) => {
    expect(agreedKind(type, bytes(head))?.extension).toBe(extension)
  })
})
