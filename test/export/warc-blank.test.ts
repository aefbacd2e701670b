import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toBlanked, toBlankedText } from '../../src/export/warc/blank.js'

const blanking = { withSignedUrls: false, secrets: ['tikhub-key/1+2'] }
const clean = (text: string) => toBlankedText(text, blanking)

const cached = (sig: string) =>
  'https:\\/\\/chatgpt.com\\/backend-api\\/estuary\\/public_content\\/enc\\/' +
  Buffer.from(`{"id":"postcache:user-1:file_0","ts":"20376","sig":"${sig}","v":"0"}`).toString(
    'base64',
  )

const video = 'https://videos.openai.com/az/files/a%2Fdrvs%2Fmd%2Fraw'

describe('toBlanked', () => {
  it.each([
    [`{"url":"${video}?se=2026-02-09T00%3A00%3A00Z&sig=abc%3D"}`, `{"url":"${video}"}`],
    ['"https:\\/\\/v.io\\/a?sig=abc"', '"https:\\/\\/v.io\\/a"'],
    ['"https://v.io/a?b=c\\u0026sig=abc"', '"https://v.io/a"'],
    ['"https://v.io/a\\u003fsig\\u003dabc"', '"https://v.io/a"'],
    ['"see https://v.io/a?sig=abc now"', '"see https://v.io/a now"'],
    ['"\\"https://v.io/a?sig=abc\\"\\nnext"', '"\\"https://v.io/a\\"\\nnext"'],
    ['"https://v.io/東京?sig=abc"', '"https://v.io/東京"'],
    ['"https://v.io/a?b=\'&sig=abc"', '"https://v.io/a"'],
    ['"https://v.io/a?u=https%3A%2F%2Fw.io%3Fsig%3Dabc"', '"https://v.io/a"'],
    ['"https://v.io/https%3A%2F%2Fw.io%3Fsig%3Dabc"', '"https://v.io/https%3A%2F%2Fw.io"'],
    ['"https://v.io/a#token=abc"', '"https://v.io/a"'],
    [`{"url":"${cached('0'.repeat(64))}"}`, `{"url":"${cached('')}"}`],
    ['"//v.io/a?sig=abc"', '"//v.io/a?sig=[redacted]"'],
    ['<a href="https://v.io/a?x=1&amp;sig=abc">', '<a href="https://v.io/a">'],
    ['{"cache_url" : "https:\\/\\/c.io\\/\\"1?sign=ab"}', '{"cache_url" : "[redacted]"}'],
    ['{"cache_url":"https:\\/\\/c.io\\/\\"1?sign=ab', '{"cache_url":"[redacted]'],
    ['"Authorization: Bearer abcdefghijklmnopqrstuvwxyz"', '"Authorization: Bearer [redacted]"'],
    ['"your key tikhub-key/1+2, tikhub-key\\/1+2"', '"your key [redacted], [redacted]"'],
  ])('makes of %s: %s', (text, expected) => {
    expect(clean(text)).toBe(expected)
  })

  it.each([
    '"https://v.io/p/x%23file_1%23thumbnail.jpeg"',
    '"https://ogimg.chatgpt.com/?postId=s_1"',
    '"a bearer of news, see https://v.io/a?page=2#top"',
    '"cache_url"',
  ])('leaves %s as it is', (text) => {
    expect(clean(text)).toBe(text)
  })

  it('takes an address out of which ten million signs are escaped', () => {
    const text = `{"cache_url":"c.io${'\\/'.repeat(1e7)}?sign=ab","a":1}`

    expect(clean(text) === '{"cache_url":"[redacted]","a":1}').toBe(true)
  })

  it('keeps signatures for oneself, but neither keys nor cache_url', () => {
    const text = `{"url":"${video}?sig=abc","cache_url":"https://c.io/1?sign=ab","k":"tikhub-key/1+2"}`

    const kept = toBlankedText(text, { ...blanking, withSignedUrls: true })

    expect(kept).toBe(`{"url":"${video}?sig=abc","cache_url":"[redacted]","k":"[redacted]"}`)
  })

  it('leaves bytes that are no UTF-8 as they are', () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x22, 0x80])

    expect(toBlanked(bytes, blanking)).toBe(bytes)
  })

  it('changes nothing but signed addresses, whatever stands around them', () => {
    const text = fc
      .string({ unit: 'binary' })
      .filter((each) => !/https?:|[?&](sig|token)/i.test(each))
    const signed = fc.constantFrom(`${video}?sig=SECRET`, `${video}?a=1&token=SECRET`)
    const body = fc.array(fc.record({ before: text, signed, after: text }))

    fc.assert(
      fc.property(body, (items) => {
        const whole = items.map(({ before, signed, after }) => `${before} ${signed} ${after}`)
        const bare = items.map(({ before, after }) => `${before} ${video} ${after}`)
        expect(JSON.parse(clean(JSON.stringify(whole)))).toEqual(bare)
      }),
    )
  })
})
