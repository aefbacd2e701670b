import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMending } from '../../src/model/mend-json.js'
import { parseJson } from '../../src/model/parse-json.js'
import { readPage } from '../../src/model/read-page.js'
import { growth } from '../measure.js'

describe('parseMending', () => {
  it.each<[string, string, unknown]>([
    ['a raw line feed', '{"a":"one\ntwo"}', { a: 'one\ntwo' }],
    ['a raw tab in a key', '{"a\tb":1}', { 'a\tb': 1 }],
    ['a raw NUL beside escapes', '["\\"\u0000\\u2028\\\\"]', ['"\u0000\u2028\\']],
    ['words that are no numbers', '[NaN,Infinity,-Infinity, 1]', [null, null, null, 1]],
    ['such words inside of a text', '["NaN, \\"Infinity\\"\n", NaN]', ['NaN, "Infinity"\n', null]],
  ])('reads %s', (_, text, value) => {
    expect(parseMending(text)).toMatchObject({ value, isMended: true })
  })

  it('reads a raw line feed behind an escaped backslash', () => {
    expect(parseMending('["\\\\\n"]').value).toEqual(['\\\n'])
  })

  it('reads a long text full of escapes', () => {
    const { value } = parseMending(`["${'\\"'.repeat(5e6)}\n"]`)

    expect(value).toEqual([`${'"'.repeat(5e6)}\n`])
  })

  it('refuses one that is cut off as soon as it is read once', async () => {
    const times = await growth(20_000, (size) =>
      expect(() => parseMending(`["${'\\"'.repeat(size)}`)).toThrow(SyntaxError),
    )

    expect(times).toBeLessThan(30)
  })

  it('leaves JSON as it is', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseMending(text)).toEqual({ value: JSON.parse(text), json: text, isMended: false })
      }),
    )
  })

  it('reads a text with raw control characters as the one with escapes', () => {
    const raw = fc.string({ unit: fc.constantFrom('\n', '\t', '\u0001', '\u2028', 'a', '🦊', ':') })
    fc.assert(
      fc.property(raw, (text) => {
        expect(parseMending(`{"text":"${text}"}`).value).toEqual({ text })
      }),
    )
  })

  it.each(['', '{', '{"a":"b', '["a\\\nb"]', '[NaN', '{a:1}', "['a']", '[undefined]', '[NaNa]'])(
    'refuses %j as JSON.parse does',
    (text) => {
      let expected: unknown
      try {
        JSON.parse(text)
      } catch (error) {
        expected = error
      }

      expect(() => parseMending(text)).toThrow(expected as SyntaxError)
    },
  )
})

const postId = 's_68ef1920000081910000000000000001'

describe('a page that is no JSON as it stands', () => {
  const page = `{"items":[{"post":{"id":"${postId}","text":"one\ntwo","view_count":NaN,"like_count":9007199254740993}}],"cursor":null}`

  it('is read, long numbers too, and noted', () => {
    const { page: read } = readPage('get_feed', {}, page)

    expect(read.rows[0]).toEqual({
      table: 'posts',
      values: { post_id: postId, text: 'one\ntwo', like_count: 9007199254740993n },
      partial: true,
    })
    expect(read.anomalies.map((each) => each.problem)).toEqual([
      'no JSON as it stands: control characters raw inside of texts, or NaN, which is read as null',
    ])
  })

  it('is told from one that is JSON', () => {
    expect(parseJson(page).isMended).toBe(true)
    expect(parseJson('{}')).not.toHaveProperty('isMended')
  })
})
