import { describe, expect, it } from 'vitest'
import { mentionSpan, type Span } from '../../src/model/read-text-facets.js'

const facet = (start: unknown, end: unknown, username: unknown = 'dee') => ({
  start,
  end,
  type: 'mention',
  profile: { username },
})

describe('mentionSpan', () => {
  it.each<[string, string, Record<string, unknown>, Span]>([
    ['plain text', 'hi @dee!', facet(3, 7), { start: 3, end: 7, value: '@dee' }],
    ['the whole text', '@dee', facet(0, 4), { start: 0, end: 4, value: '@dee' }],
    [
      'letters beyond ASCII, not bytes',
      'é東 @dee',
      facet(3, 7),
      { start: 3, end: 7, value: '@dee' },
    ],
    ['code points behind a fox', '🦊 @dee', facet(2, 6), { start: 2, end: 6, value: '@dee' }],
    ['UTF-16 units behind a fox', '🦊 @dee', facet(3, 7), { start: 2, end: 6, value: '@dee' }],
    [
      'UTF-16 units behind a family of one glyph',
      '👨‍👩‍👧‍👦 @dee 🦊',
      facet(12, 16),
      { start: 8, end: 12, value: '@dee' },
    ],
    [
      'code points where another name stands at the UTF-16 units',
      '🦊 @dee @eve',
      facet(2, 6),
      { start: 2, end: 6, value: '@dee' },
    ],
    [
      'UTF-16 units where another name stands at the code points',
      '🦊🦊🦊🦊🦊@bob@dee',
      facet(14, 18),
      { start: 9, end: 13, value: '@dee' },
    ],
    ['another case', 'hi @DeE', facet(3, 7), { start: 3, end: 7, value: '@DeE' }],
    ['a username with its @', 'hi @dee', facet(3, 7, '@dee'), { start: 3, end: 7, value: '@dee' }],
    [
      'any name where the profile names none',
      'hi @dee',
      { start: 3, end: 7, profile: null },
      { start: 3, end: 7, value: '@dee' },
    ],
  ])('finds a mention in %s', (_, text, told, expected) => {
    const span = mentionSpan(text, told)

    expect(span).toEqual(expected)
  })

  it.each<[string, string, Record<string, unknown>]>([
    ['the name is another', 'hi @dee', facet(3, 7, 'eve')],
    ['the name was changed since', 'hi @dee_old', facet(3, 11)],
    ['no @ stands there', 'hi  dee', facet(3, 7)],
    ['the end lies behind the text', 'hi @dee', facet(3, 8)],
    ['the end is the start', 'hi @dee', facet(3, 3)],
    ['the end is before the start', 'hi @dee', facet(7, 3)],
    ['the start is negative', '@dee', facet(-4, 4)],
    ['the offsets are no whole numbers', 'hi @dee', facet(3.5, 7)],
    ['the offsets are texts', 'hi @dee', facet('3', '7')],
    ['there are no offsets', 'hi @dee', {}],
    ['the text is empty', '', facet(0, 4)],
  ])('finds none where %s', (_, text, told) => {
    const span = mentionSpan(text, told)

    expect(span).toBeNull()
  })
})
