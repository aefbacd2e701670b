import { posix, win32 } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isInside } from '../../src/archive/is-inside.js'

describe('isInside', () => {
  it.each([
    ['the folder', '/data/archive', true],
    ['below it', '/data/archive/a/b', true],
    ['a name that begins with two stops', '/data/archive/..key', true],
    ['above it', '/data', false],
    ['beside it, with a longer name', '/data/archive.key', false],
    ['elsewhere', '/other/archive', false],
  ])('%s', (_, place, expected) => {
    expect(isInside(place, '/data/archive', posix)).toBe(expected)
  })

  it.each([
    ['small letters and slashes', 'c:/data/ARCHIVE/key', true],
    ['beside it', 'C:\\Data\\Archive.key', false],
    ['another drive', 'D:\\Data\\Archive\\key', false],
  ])('on Windows: %s', (_, place, expected) => {
    expect(isInside(place, 'C:\\Data\\Archive', win32)).toBe(expected)
  })

  it('is told of the whole disk, too', () => {
    expect(isInside('/key', '/', posix)).toBe(true)
    expect(isInside('C:\\key', 'c:\\', win32)).toBe(true)
  })
})
