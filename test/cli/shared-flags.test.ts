import { InvalidArgumentError } from 'commander'
import { describe, expect, it } from 'vitest'
import { toLimits, toMicros, toNames } from '../../src/cli/shared-flags.js'

describe('toLimits', () => {
  const read = toLimits(['remixes', 'replies'])

  it.each([
    ['remixes=3', { remixes: 3 }],
    ['remixes=3,replies=0', { remixes: 3, replies: 0 }],
  ])('reads %j', (text, expected) => {
    expect(read(text)).toEqual(expected)
  })

  it.each([
    '',
    '3',
    'remixes',
    'remixes=',
    'remixes=x',
    'remixes=1.5',
    'remixes=-1',
    'remixes=1e1',
    'likes=1',
    'remixes=1,',
    'remixes=1=2',
  ])('refuses %j', (text) => {
    expect(() => read(text)).toThrow(InvalidArgumentError)
  })
})

describe('toNames', () => {
  const read = toNames(['comments', 'replies'])

  it('reads a list', () => {
    expect(read('replies,comments')).toEqual(['replies', 'comments'])
  })

  it.each(['', 'likes', 'comments,', 'comments, replies'])('refuses %j', (text) => {
    expect(() => read(text)).toThrow(InvalidArgumentError)
  })
})

describe('toMicros', () => {
  const day = Date.UTC(2025, 9, 15) * 1000

  it.each([
    ['2025-10-15', day],
    ['2025-10-15T00:00:00Z', day],
    ['2025-10-15T00:00:00', day],
    ['2025-10-15T02:00:00+02:00', day],
    ['2025-10-15T12:30', day + 12.5 * 3600e6],
  ])('reads %j, in UTC where it names no zone', (text, expected) => {
    expect(toMicros(text)).toBe(expected)
  })

  it.each(['', 'yesterday', '2025-13-01', '2025-02-30', '15.10.2025'])('refuses %j', (text) => {
    expect(() => toMicros(text)).toThrow(InvalidArgumentError)
  })
})
