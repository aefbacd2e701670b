import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/model/parse-json.js'

const long = '9007199254740993'

describe('parseJson', () => {
  it.each([
    ['2^53 + 1', '9007199254740993', 9007199254740993n],
    ['-(2^53 + 1)', '-9007199254740993', -9007199254740993n],
    ['2^63 - 1', '9223372036854775807', 9223372036854775807n],
    ['-2^63', '-9223372036854775808', -9223372036854775808n],
    ['more than 64 bits', '123456789012345678901234567890', 123456789012345678901234567890n],
    ['2^53 - 1, a plain number', '9007199254740991', 9007199254740991],
    ['sixteen digits below 2^53', '1760618957029661', 1760618957029661],
    ['a short one', '17', 17],
  ])('keeps whole numbers exact: %s', (_, digits, expected) => {
    const parsed = parseJson(`{"count": ${digits}, "list": [${digits},${digits}]}`)

    expect(parsed).toMatchObject({
      value: { count: expected, list: [expected, expected] },
      isRounded: false,
    })
  })

  it('keeps a whole number exact that is the whole text', () => {
    const parsed = parseJson(long)

    expect(parsed).toMatchObject({ value: 9007199254740993n, isRounded: false })
  })

  it('reads all else as JSON.parse does, beside a long whole number too', () => {
    const others =
      '"float": 1760618957.02966, "tiny": 5e-324, "big": 1.7976931348623157e308, ' +
      '"many": 0.12345678901234567890, "exponent": 1234567890123456789e3, "zero": -0, ' +
      '"text": "9007199254740993 \\u2028 \\ud83e\\udd8a \\n \u2028", "null": null, "true": true'

    const parsed = parseJson(`{${others}, "long": ${long}}`)

    const expected = { ...(JSON.parse(`{${others}}`) as object), long: 9007199254740993n }
    expect(parsed).toMatchObject({ value: expected, isRounded: false })
  })

  it('keeps `__proto__` and its like as plain keys', () => {
    const text = '{"__proto__": {"id": "s_1"}, "constructor": 1, "hasOwnProperty": 2}'

    const parsed = parseJson(text.replace('1,', `${long},`)).value as Record<string, unknown>

    expect(Object.entries(parsed)).toEqual([
      ['__proto__', { id: 's_1' }],
      ['constructor', 9007199254740993n],
      ['hasOwnProperty', 2],
    ])
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype)
    expect(parsed['id']).toBeUndefined()
  })

  it('takes the last of two equal keys, as JSON.parse does', () => {
    const short = parseJson('{"a": 1, "b": 2, "a": 3}')
    const exact = parseJson(`{"a": 1, "b": 2, "a": ${long}}`)

    expect(short.value).toEqual({ a: 3, b: 2 })
    expect(exact.value).toEqual({ a: 9007199254740993n, b: 2 })
  })

  it.each(['nan', 'undefined', "'a'", '01', '1.', '+1', '[1,]', '{a:1}'])(
    'refuses %s, beside a long whole number too',
    (wrong) => {
      const alone = () => parseJson(`{"a": ${wrong}}`)
      const beside = () => parseJson(`{"a": ${wrong}, "b": ${long}}`)

      expect(alone).toThrow(SyntaxError)
      expect(beside).toThrow(SyntaxError)
    },
  )

  it.each(['', ' ', '{"a": 1} x', `{"a": ${long}} x`, `{"a": ${long}`, '<html>', '\uFEFF{}'])(
    'refuses %j',
    (text) => {
      const parse = () => parseJson(text)

      expect(parse).toThrow(SyntaxError)
    },
  )

  it('reads what is nested too deep for exact numbers rounded, and says so', () => {
    const depth = 10_000
    const text = `${'['.repeat(depth)}${long}${']'.repeat(depth)}`

    const { value, isRounded } = parseJson(text)

    let innermost = value
    let levels = 0
    for (; Array.isArray(innermost); levels += 1) innermost = innermost[0]
    expect({ levels, innermost, isRounded }).toEqual({
      levels: depth,
      innermost: 9007199254740992,
      isRounded: true,
    })
  })
})
