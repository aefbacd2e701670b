import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { flagOf, isoMicros, numberOf } from '../../src/model/other-writings.js'

describe('numberOf', () => {
  it.each([
    ['0', 0],
    ['-7', -7],
    ['12.50', 12.5],
    ['9007199254740993', 9007199254740993n],
    ['1e5', '1e5'],
    ['007', '007'],
    [' 7', ' 7'],
    ['', ''],
    ['0x10', '0x10'],
    [7, 7],
    [null, null],
  ])('makes of %j %s', (came, expected) => {
    expect(numberOf(came)).toEqual(expected)
  })

  it('reads every whole number as it was written', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }), (whole) => {
        expect(BigInt(numberOf(String(whole)) as number | bigint)).toBe(whole)
      }),
    )
  })
})

describe('flagOf', () => {
  it.each([
    [true, true],
    [false, false],
    [1, true],
    [0, false],
    ['TRUE', true],
    ['false', false],
    ['1', undefined],
    [2, undefined],
    [null, undefined],
  ])('makes of %j %s', (came, expected) => {
    expect(flagOf(came)).toBe(expected)
  })
})

describe('isoMicros', () => {
  it.each([
    ['2025-10-13T06:42:42Z', 1760337762_000000],
    ['2025-10-13T06:42:42.1Z', 1760337762_100000],
    ['2025-10-13T06:42:42.123456Z', 1760337762_123456],
    ['2025-10-13T06:42:42.123456789Z', 1760337762_123456],
    ['2025-10-13T08:42:42.123456+02:00', 1760337762_123456],
    ['2025-10-13T01:12:42-0530', 1760337762_000000],
    ['2025-10-13T06:42:42', null],
    ['2025-10-13', null],
    ['2025-02-30T06:42:42Z', null],
    ['2025-10-13T25:42:42Z', null],
    ['2025-10-13T06:42:42+24:00', null],
    ['at 2025-10-13T06:42:42Z', null],
    ['2025-10-13T06:42:42Z or so', null],
    [1760337762, null],
  ])('makes of %j %s', (came, expected) => {
    expect(isoMicros(came)).toBe(expected)
  })
})
