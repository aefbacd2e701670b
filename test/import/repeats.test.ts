import { describe, expect, it } from 'vitest'
import { Repeats } from '../../src/import/repeats.js'

describe('Repeats', () => {
  const [a, b, c] = ['aaaa', 'bbbb', 'cccc'].map((text) => Buffer.from(text)) as [
    Buffer,
    Buffer,
    Buffer,
  ]

  it('finds the body that has a digest', () => {
    const repeats = new Repeats(8)
    repeats.keep('a', a)
    repeats.keep(null, b)

    expect(['a', 'b', null].map((digest) => repeats.bodyOf(digest))).toEqual([
      a,
      undefined,
      undefined,
    ])
  })

  it('keeps no more bytes than it may: what was not asked for the longest goes first', () => {
    const repeats = new Repeats(8)
    repeats.keep('a', a)
    repeats.keep('b', b)
    repeats.keep('b', b)
    repeats.bodyOf('a')

    repeats.keep('c', c)

    expect(['a', 'b', 'c'].map((digest) => repeats.bodyOf(digest))).toEqual([a, undefined, c])
  })

  it('keeps no body that is larger than all of it', () => {
    const repeats = new Repeats(3)
    repeats.keep('a', a)

    expect(repeats.bodyOf('a')).toBeUndefined()
  })
})
