import { describe, expect, it } from 'vitest'
import { findInCell, isOurForm } from '../../../src/export/publish/gate-cells.js'
import { graphTexts } from '../../../src/export/publish/gate-graph.js'
import {
  findForbidden,
  findKnownMentions,
  findMentions,
  findName,
  type Hit,
} from '../../../src/export/publish/gate-texts.js'
import type { People } from '../../../src/export/publish/texts.js'
import type { Column, Publish } from '../../../src/model/table.js'

const people: People = {
  personOf: () => null,
  isName: (name) => ['alice', 'eve_', '17', 'public'].includes(name),
  isPerson: () => false,
}

const hex = (digits: number): string => '0123456789abcdef'.repeat(4).slice(0, digits)
const pseudonym = `p_${hex(20)}`

const whatIs = (hits: Iterable<Hit>): string[] => [...hits].map(({ what }) => what)

describe('findForbidden', () => {
  it.each([...[`user-${'A1'.repeat(10)}`, `by USER-${'a1'.repeat(10)}!`, `ch_${hex(24)}`]])(
    'finds an id: %s',
    (text) => {
      expect(whatIs(findForbidden(text, []))).toEqual(['the id of a person'])
    },
  )

  it.each([
    ...['a?sig=abcdefgh', 'a&sig=abcdefgh', 'a;SIG=abcdefgh', 'a%26sig%3dabcdefgh', 'sig=abcdefgh'],
    ...['a%3fsig%3Dabcdefgh', '?signature=abcdefgh', '?X-Amz-Signature=abcdefgh'],
    ...['se=2026-01-01', 'a?ske%3d2026-01-01', 'skoid=0123-abc', 'xsktid%3d0123-abc'],
  ])('finds a signature: %s', (text) => {
    expect(whatIs(findForbidden(text, []))).toEqual(['a URL signature'])
  })

  it('finds secrets, and shows no more of anything than its beginning', () => {
    expect([...findForbidden(`an API-KEY, user-${'a'.repeat(20)}`, ['other', 'API-KEY'])]).toEqual([
      { what: 'the id of a person', shown: '"us"… (25 characters)' },
      { what: 'a secret', shown: '"AP"… (7 characters)' },
    ])
  })

  it.each([
    ...[`user-${'a'.repeat(19)}`, `ch_${hex(23)}`, `user-${pseudonym}`, 'sig=abcdefg', 'sig'],
    ...['design=abcdefgh', 'se=20260101', 'these=2026-01-01', 'skoid=0123'],
  ])('finds nothing in %s', (text) => {
    expect(whatIs(findForbidden(text, []))).toEqual([])
  })
})

describe('findMentions', () => {
  it.each([
    ...['@', '＠', '﹫', '&#64;', '&#0064;', '&#x40;', '&#X0040;', '&commat;', '%40', '\\u0040'],
    ...['\\x40', '@\u200b', '@\ufe0f\u3164', 'a@'],
  ])('finds one behind %j', (sign) => {
    expect([...findMentions(`gm ${sign}alice.b!`)]).toEqual([
      { what: 'a mention', shown: '"al"… (7 characters)' },
    ])
  })

  it.each(['@_-.alice', '@张三', '@7', `@${pseudonym}a`, `@p_${hex(19)}`, `@x${pseudonym}`])(
    'finds %s',
    (text) => {
      expect(whatIs(findMentions(text))).toEqual(['a mention'])
    },
  )

  it.each([`@${pseudonym}`, `hi @${pseudonym}, @${pseudonym}.`, '@ alice', 'alice@', '@...', '@'])(
    'finds nothing in %s',
    (text) => {
      expect(whatIs(findMentions(text))).toEqual([])
    },
  )
})

describe('findKnownMentions', () => {
  it.each(['@alice', 'by &#64;ALICE.', '@_.alice-_', '@eve_', '＠ａｌｉｃｅ'])(
    'finds %s',
    (text) => {
      expect(whatIs(findKnownMentions(text, people))).toEqual(['the handle of a person'])
    },
  )

  it.each(['@json', '@al_ice', '@alice2', '@eve', 'alice', `@${pseudonym}`])(
    'finds nothing in %s',
    (text) => {
      expect(whatIs(findKnownMentions(text, people))).toEqual([])
    },
  )
})

describe('findName', () => {
  const everybody: People = { ...people, isName: () => true }

  it.each(['x', `${pseudonym}a`, `a${pseudonym}`, '[link] '])('finds %j', (text) => {
    expect(whatIs(findName(text, everybody, ['[link]']))).toEqual([
      'the name or handle of a person',
    ])
  })

  it.each(['', ' \u200b', '[link]', pseudonym])('takes %j for no name', (text) => {
    expect(whatIs(findName(text, everybody, ['[link]']))).toEqual([])
  })

  it('compares names as they are folded', () => {
    expect(whatIs(findName(' ＡLICE\u200b', people, []))).not.toEqual([])
    expect(whatIs(findName('alice and bob', people, []))).toEqual([])
  })
})

const post = `s_${hex(32)}`
const attachment = `${hex(32)}-attachment-12`
const other = `x_${hex(20)}`
const instant = '2025-10-15T16:03:16.886897Z'

const column = (publish: Publish | undefined, more: Partial<Column> = {}): Column => ({
  ...{ name: 'a_column', type: 'text', about: '' },
  ...(publish === undefined ? {} : { publish }),
  ...more,
})

const findIn = (text: string, of: Column): string[] =>
  whatIs(findInCell(text, of, { people, secrets: ['API-KEY'] }))

const time = { type: 'time' } as const
const words = { words: ['public', 'private'] }

/** Of each rule what a cell may hold, and what it may not. */
const cells: [Publish | undefined, Partial<Column>, string[], string[]][] = [
  [
    'id',
    {},
    [post, hex(32), attachment, hex(64), other],
    ['alice', `s_${hex(31)}`, `a${post}`, `${post} `, `${attachment}34567`, `user-${pseudonym}`],
  ],
  ['person', {}, [`user-${pseudonym}`, `ch_${pseudonym}`], [pseudonym, 'user-alice', post]],
  ['object', {}, [`user-${pseudonym}`, post], ['alice', pseudonym]],
  ['handle', {}, [pseudonym], ['alice', `user-${pseudonym}`, `${pseudonym}0`]],
  ['answer', {}, [`r_${hex(20)}`], [`f_${hex(20)}`, 'r_1']],
  ['file', {}, [`f_${hex(20)}`], [`l_${hex(20)}`, 'a.mp4']],
  ['list', {}, [`l_${hex(20)}`], [`r_${hex(20)}`, 'get_user_posts']],
  ['glyph', {}, ['🦊1', '', '🦊'.repeat(32)], ['a', 'я', '@', '🦊'.repeat(33)]],
  ['origin', {}, ['network', 'imported'], ['alice.har', 'networks']],
  ['own', {}, ['get_feed', '1.0 + a-b'], ['a@b', 'a'.repeat(65), '']],
  ['own', { name: 'field' }, ['text', 'author_id'], ['alice', post]],
  ['settings', {}, ['{}', '{"rate":1.5,"media":true}'], ['{"key":"a"}', '[1]', '1']],
  [
    'seeds',
    {},
    ['[]', `["feed","user:user-${pseudonym}","followers:*","post:${post}","search:*"]`],
    ['["user:user-alice"]', '["search:cats"]', `["alice"]`, `feed`],
  ],
  [
    'word',
    words,
    ['public', 'other', other],
    ['secret', '', `x_${hex(19)}`, `a${other}`, `${other}a`],
  ],
  ['place', {}, ['', '/items/12/post', `/items/${other}`], ['/alice', '/items/1234567890']],
  ['keep', time, [instant, '-INF'], ['alice', `${instant}!`]],
  ['day', time, [instant, '+010000-01-01T00:00:00.0Z'], ['alice', `on ${instant}`]],
  ['keep', {}, [], [instant]],
  ['post', {}, [post], ['alice']],
  ['comment', {}, [hex(32)], ['alice']],
  ['text', {}, ['alice and eve', ''], ['@alice', ' Alice', '17']],
  [
    'change',
    {},
    ['17', '-1.5', 'other', 'public', post, `user-${pseudonym}`, 'alice and eve'],
    ['@alice', 'alice', 'at 17 @bob'],
  ],
  [undefined, {}, [], ['', 'a', instant]],
]

describe('findInCell', () => {
  it.each(cells)('holds cells of `%s` %j to their form', (publish, more, good, bad) => {
    const of = column(publish, more)

    expect(good.filter((each) => findIn(each, of).length > 0)).toEqual([])
    expect(bad.filter((each) => findIn(each, of).length === 0)).toEqual([])
  })

  it('finds ids and secrets, whatever the column may hold', () => {
    expect(findIn(`user-${'a'.repeat(20)}`, column('own'))).toEqual(['the id of a person'])
    expect(findIn('an API-KEY', column('own'))).toEqual(['a secret'])
  })
})

describe('isOurForm', () => {
  it('is an id, a pseudonym of a person or an instant', () => {
    const forms = [post, `user-${pseudonym}`, instant, 'INF', 'alice', pseudonym, '17']

    expect(forms.map(isOurForm)).toEqual([true, true, true, true, false, false, false])
  })
})

describe('graphTexts', () => {
  it('reads what elements `data` hold, but for numbers and flags declared as such', () => {
    const textsOf = graphTexts()
    const keys = [
      '<key id="n0" for="node" attr.name="kind" attr.type="string">',
      '<key id="n1" for="node" attr.name="like_count" attr.type="long">',
    ]

    expect(keys.flatMap(textsOf)).toEqual([])
    expect(
      textsOf(
        '<node id="a"><data key="n0">17</data><data key="n1">-17</data><data key="n1">true</data>' +
          '<data key="n1">1.5e+300</data><data key="n1">alice</data><data key="n1">17 a</data>' +
          '<data key="n9">18</data></node>',
      ),
    ).toEqual(['17', 'alice', '17 a', '18'])
  })

  it('reads what is written as references', () => {
    expect(
      graphTexts()('<data key="a">&#64;al&#x69;ce &amp;lt; &lt;b&gt; &quot;&apos;</data>'),
    ).toEqual([`@alice &lt; <b> "'`])
  })
})
