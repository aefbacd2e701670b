import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromIsoTime, toIsoTime } from '../../src/export/iso-time.js'

describe('toIsoTime', () => {
  it.each([
    [1_760_544_196_886_897n, '2025-10-15T16:03:16.886897Z'],
    [0n, '1970-01-01T00:00:00.000000Z'],
    [-1n, '1969-12-31T23:59:59.999999Z'],
    [951_782_399_999_999n, '2000-02-28T23:59:59.999999Z'],
    [951_782_400_000_000n, '2000-02-29T00:00:00.000000Z'],
    [253_402_300_799_999_999n, '9999-12-31T23:59:59.999999Z'],
    [253_402_300_800_000_000n, '+010000-01-01T00:00:00.000000Z'],
    [-62_167_219_200_000_000n, '0000-01-01T00:00:00.000000Z'],
    [-62_167_219_200_000_001n, '-000001-12-31T23:59:59.999999Z'],
    [9_223_372_036_854_775_807n, '+294247-01-10T04:00:54.775807Z'],
    [-9_223_372_036_854_775_808n, '-290308-12-21T19:59:05.224192Z'],
  ])('shows %d as %s', (micros, shown) => {
    expect(toIsoTime(micros)).toBe(shown)
  })

  it('agrees with Date wherever that reaches', () => {
    const millis = fc.bigInt({ min: -8_640_000_000_000_000n, max: 8_640_000_000_000_000n })
    fc.assert(
      fc.property(millis, (each) => {
        const shown = toIsoTime(each * 1000n)

        expect(shown).toBe(new Date(Number(each)).toISOString().replace('Z', '000Z'))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('fromIsoTime', () => {
  it('takes back every time that toIsoTime shows', () => {
    const micros = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    fc.assert(
      fc.property(micros, (each) => {
        expect(fromIsoTime(toIsoTime(each))).toBe(each)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ...['', 'x', '2025-10-15', '2025-10-15T16:03:16Z', '2025-10-15T24:00:00.000000Z'],
    ...['2025-02-30T00:00:00.000000Z', '+002025-10-15T16:03:16.886897Z', ' 1970-01-01'],
  ])('refuses %j, which it would show in another way', (text) => {
    expect(() => fromIsoTime(text)).toThrow(RangeError)
  })
})
