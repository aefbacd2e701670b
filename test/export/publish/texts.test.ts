import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findForbidden, findMentions, findName } from '../../../src/export/publish/gate-texts.js'
import { Pseudonyms } from '../../../src/export/publish/pseudonyms.js'
import { textRewriter, type People } from '../../../src/export/publish/texts.js'
import { growth } from '../../measure.js'

const alice = 'user-AliceAliceAliceAliceAlic'
const handles = new Map([
  ['alice', alice],
  ['bob.b', 'user-bob'],
  ['sora', 'user-sora'],
  ['max김', 'user-max'],
  ['eve_', 'user-eve'],
])
const people: People = {
  personOf: (handle) => handles.get(handle) ?? null,
  isName: (name) =>
    handles.has(name) || ['', 'sunset', 'two words', '[link]', 'gm [link]'].includes(name),
  isPerson: (id) => [...handles.values()].includes(id),
}
const pseudonyms = new Pseudonyms(Buffer.alloc(32, 7))
const rewrite = textRewriter(people, pseudonyms)
const A = `@${pseudonyms.handle(alice)}`
const unknown = (handle: string) => `@${pseudonyms.unknownHandle(handle)}`

describe('textRewriter', () => {
  it.each([
    ['hi @alice!', `hi ${A}!`],
    ['@ALICE and @Alice.', `${A} and ${A}.`],
    ['@bob.b.', `@${pseudonyms.handle('user-bob')}.`],
    ['@bob.b', `@${pseudonyms.handle('user-bob')}`],
    ['＠alice ﹫alice', `${A} ${A}`],
    ['@ａｌｉｃｅ', A],
    ['@𝐚𝐥𝐢𝐜𝐞', A],
    ['@\u200balice @al\u200dice @a\u00adlice', `${A} ${A} ${A}`],
    ['&#64;alice &#x40;alice &commat;alice %40alice \\u0040alice', `${A} ${A} ${A} ${A} ${A}`],
    ['&#64alice &amp;#64;alice %2540alice \\u{40}alice', `${A} ${A} ${A} ${A}`],
    [`%${'25'.repeat(99)}40alice &${'amp;'.repeat(99)}#64;alice`, `${A} ${A}`],
    [`&#${'0'.repeat(99)}64;alice \\u{${'0'.repeat(99)}40}alice`, `${A} ${A}`],
    ['@(alice) @[alice] @"alice" @«alice» @<alice>', `${A}) ${A}] ${A}" ${A}» ${A}>`],
    ['**@alice** @**alice** @`alice`', `**${A}** ${A}** ${A}\``],
    ['[@alice](x)', `[${A}](x)`],
    ['@alice你好', `${A}你好`],
    ["@alice's", `${A}'s`],
    ['x@alice', `x${A}`],
    ['#@alice', `#${A}`],
    ['@__alice @alice..', `${A} ${A}..`],
    ['@eve_ @eve', `@${pseudonyms.handle('user-eve')} ${unknown('eve')}`],
    ['@_张三', unknown('张三')],
    ['@аlice', unknown('аlice')],
    ['@nobody_here', unknown('nobody_here')],
    ['@张三', unknown('张三')],
    ['@김_철수, @हिन्दी', `${unknown('김_철수')}, ${unknown('हिन्दी')}`],
    ['@max김. @maxさん', `@${pseudonyms.handle('user-max')}. ${unknown('max')}さん`],
    ['see profile/alice, username/@alice', `see profile/${A.slice(1)}, username/@${A.slice(1)}`],
    ['{"username": "alice","by":"alice"}', `{"username": "${A.slice(1)}","by":"alice"}`],
    ['{\\"username\\":\\"Alice\\"}', `{\\"username\\":\\"${A.slice(1)}\\"}`],
    ['at @ noon, a@, @... ', 'at @ noon, a@, @... '],
  ])('gives mentions a pseudonym: %j', (text, expected) => {
    expect(rewrite(text)).toBe(expected)
  })

  it.each([
    ['mail alice@example.com now', 'mail [e-mail] now'],
    ['mail alice＠example.co.uk', 'mail [e-mail]'],
    ["mail o'alice+x@example.com, alice!def@example.com", 'mail [e-mail], [e-mail]'],
    ['alice\u200b@x.com alice@\u200bx.com alice@x\u200b.com', '[e-mail] [e-mail] [e-mail]'],
    ['alice@x．com ali\u0301ce@x.com', '[e-mail] [e-mail]'],
    ['https%3A%2F%2Fx.com%2Falice https&#58;//alice', '[link] [link]'],
    ['https：／／x.com／alice x．com/alice', '[link] [link]'],
    ['x.com\\/alice x.com%2Falice x.com\u200b/alice', '[link] [link] [link]'],
    ['пример.рф/alice', '[link]'],
    ['．x.com/alice, see...x.com/alice', '[link] [link]'],
    [`x${'\u200b'.repeat(99)}y.com/alice`, '[link]'],
    ['what...then/or', 'what...then/or'],
    ['call +49‑170‑1234567, ＋49 170 1234567', 'call [phone], [phone]'],
    ['call +４９ １７０ １２３４５６７, +(49) 170 123\u200b4567', 'call [phone], [phone]'],
    ['see https://sora.chatgpt.com/profile/alice?x=@bob.b ok', 'see [link] ok'],
    ['sora.chatgpt.com/profile/alice', '[link]'],
    ['www.alice.com', '[link]'],
    ['HTTPS://X.Y/%40alice', '[link]'],
    ['https:\\/\\/sora.chatgpt.com\\/profile\\/alice', '[link]'],
    ['?sig=abc&se=2026-01-01', '?[link]'],
    ['call +49 (170) 123-4567!', 'call [phone]!'],
    ['1+1=2, 3.5/4, no. 12345678901', '1+1=2, 3.5/4, no. 12345678901'],
    [`by ${alice}.`, `by ${pseudonyms.person(alice)}.`],
    ['USER-zzzzzzzzzzzzzzzzzzzzzzzz', pseudonyms.person('user-zzzzzzzzzzzzzzzzzzzzzzzz')],
    ['user-friendly ch_1', 'user-friendly ch_1'],
    ['user-bob', pseudonyms.person('user-bob')],
    [`ch_${'0a'.repeat(16)}`, pseudonyms.person(`ch_${'0a'.repeat(16)}`)],
  ])('takes out addresses, numbers and ids: %j', (text, expected) => {
    expect(rewrite(text)).toBe(expected)
  })

  it.each([
    ['sora', '[name]'],
    ['SORA\u200b', '[name]'],
    [' Sunset\u200b ', '[name]'],
    ['Two Words', '[name]'],
    ['a sunset by sora', 'a sunset by sora'],
    ['[link]', '[link]'],
    ['gm https://x.y', '[name]'],
    ['', ''],
  ])('blanks a text only where it is nothing but a name: %j', (text, expected) => {
    expect(rewrite(text)).toBe(expected)
  })

  it('lets no mention of a known person through, whatever stands around it', () => {
    const around = fc.string({ unit: 'binary', maxLength: 20 })
    const ats = fc.constantFrom('@', '＠', '&#64;', '%40')
    const forms = fc.constantFrom('alice', 'ALICE', 'aLiCe', 'ａｌｉｃｅ', 'a\u200dlice')
    fc.assert(
      fc.property(around, ats, forms, around, (before, sign, form, behind) => {
        const found = rewrite(`${before}${sign}${form} ${behind}`)

        expect(found.normalize('NFKC').replace(/\p{Cf}/gu, '')).not.toMatch(/@alice/i)
      }),
    )
  })

  it('leaves nothing in any text that the gate would find', () => {
    const pieces = fc.constantFrom(
      ...[
        '@',
        '＠',
        '&#64;',
        '%40',
        '\\u0040',
        'alice',
        'Bob.B',
        '张三',
        'а',
        '.',
        '_',
        '-',
        ' ',
        '*',
      ],
      ...[
        '\u200b',
        '\ufe0f',
        '\u0301',
        '\u3164',
        'user-',
        'ch_',
        '0'.repeat(24),
        alice,
        'p_',
        '\\',
      ],
      ...[
        'https://',
        'x.com',
        '/',
        '?',
        '=',
        'sig',
        'se',
        '2026-01-01',
        'abcdefgh',
        '+',
        '123',
        '#',
      ],
      ...['sunset', '[link]', 'gm', '&', ';', 'x-amz-date', '%3D', ':', '\n', '𝐚', '²', '`', '|'],
    )
    const texts = fc.array(pieces, { maxLength: 14 }).map((each) => each.join(''))
    fc.assert(
      fc.property(texts, (text) => {
        const clean = rewrite(text)

        const ours = ['[link]', '[e-mail]', '[phone]', '[name]']
        expect([...findForbidden(clean, []), ...findMentions(clean)]).toEqual([])
        expect([...findName(clean, people, ours)]).toEqual([])
      }),
      { numRuns: 3000 },
    )
  })

  const units = [
    ...['a', 'a.', '@', 'a@', '+1', 'user-', '@a\u200d', 'http:/', 'x-amz-', '%40', '%25', '&amp;'],
    ...['a\uff0e', 'a.\u200b', 'e\u0301x.', 'a.aa\u200b', '@a…b'],
  ]

  it.each(units)('takes time in proportion to the length of a text of %s', async (text) => {
    const ofLength = (size: number): string =>
      text === '@a…b' ? `@a${'.'.repeat(size)}b` : text.repeat(size)

    expect(await growth(3000, (size) => rewrite(ofLength(size)))).toBeLessThan(30)
  })
})

describe('findForbidden', () => {
  it.each([
    ['0'.repeat(64), ['a URL signature']],
    ['', []],
  ])('finds a signature inside of a link into the picture cache: %s', (sig, expected) => {
    const inside = Buffer.from(JSON.stringify({ id: 'postcache:a', sig })).toString('base64')

    const hits = findForbidden(`x https://a.example/estuary/public_content/enc/${inside}`, [])

    expect([...hits].map((each) => each.what)).toEqual(expected)
  })
})

describe('Pseudonyms', () => {
  it('are the same under one key, and others under another', () => {
    const other = new Pseudonyms(randomBytes(32))

    expect(new Pseudonyms(Buffer.alloc(32, 7)).person(alice)).toBe(pseudonyms.person(alice))
    expect(other.person(alice)).not.toBe(pseudonyms.person(alice))
    expect(pseudonyms.person(alice)).toMatch(/^user-p_[0-9a-f]{20}$/)
    expect(pseudonyms.person('ch_0a')).toMatch(/^ch_p_[0-9a-f]{20}$/)
  })

  it('keep kinds apart, but for a person and the handle', () => {
    const made = [
      pseudonyms.handle('x'),
      pseudonyms.unknownHandle('x'),
      ...(['answer', 'file', 'list', 'other'] as const).map((each) => pseudonyms.mark(each, 'x')),
    ].map((each) => each.slice(2))

    expect(new Set(made).size).toBe(6)
    expect(pseudonyms.person(alice)).toBe(`user-${pseudonyms.handle(alice)}`)
  })
})
