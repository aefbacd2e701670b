import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clocks, isTruer, originOfCall, type AnswerTime } from '../../src/model/answer-time.js'

const time = (clock: AnswerTime['clock'], at: number, origin: string): AnswerTime => ({
  ...{ clock, at, origin },
})

const own = time('local', 9, 'network')

describe('isTruer', () => {
  it.each([
    ['an own call before that of another archive', own, time('local', 1, 'other#r_1')],
    ['an own call noted beside', time('local', 9, originOfCall('call-1-2')), time('local', 1, 'a')],
    ['a call before an envelope', time('local', 9, 'b'), time('envelope', 1, 'a')],
    ['an envelope before a HAR', time('envelope', 9, 'b'), time('har', 1, 'a')],
    ['a HAR before a WARC', time('har', 9, 'b'), time('warc', 1, 'a')],
    ['a WARC before the page', time('warc', 9, 'b'), time('page', 1, 'a')],
    ['the page before its file', time('page', 9, 'b'), time('file', 1, 'a')],
    ['of one clock the earlier', time('file', 1, 'b'), time('file', 2, 'a')],
    ['a file called network is no call', own, time('file', 9, 'network')],
    ['an archive called network is another', own, time('local', 1, 'network#r_1')],
  ])('believes %s', (_, truer, other) => {
    expect(isTruer(truer, other)).toBe(true)
    expect(isTruer(other, truer)).toBe(false)
  })

  it.each([
    ['itself', own, own],
    ['another call of its own at that instant', own, time('local', 9, originOfCall('call-1-2'))],
    ['a copy under another name', time('file', 1, 'a.json'), time('file', 1, 'b.json')],
  ])('believes no telling more than %s', (_, one, other) => {
    expect(isTruer(one, other)).toBe(false)
    expect(isTruer(other, one)).toBe(false)
  })

  it('leaves the same time, in whatever order tellings become known', () => {
    const telling = fc.record({
      clock: fc.constantFrom(...clocks),
      at: fc.nat(3),
      origin: fc.constantFrom('a', 'network'),
    })
    const believed = (all: readonly AnswerTime[]) => {
      const { at, clock } = all.reduce((held, next) => (isTruer(next, held) ? next : held))
      return { at, clock }
    }
    const shuffled = fc
      .array(telling, { minLength: 1, maxLength: 6 })
      .chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
      )

    fc.assert(
      fc.property(shuffled, ([all, others]) => {
        expect(believed(others)).toEqual(believed(all))
      }),
    )
  })
})
