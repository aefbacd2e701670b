import { describe, expect, it } from 'vitest'
import { fieldsOf, readFields, toCell, type Cell, type FieldType } from '../../src/model/fields.js'
import type { Page } from '../../src/model/page.js'
import { Reading, under, type Wire } from '../../src/model/reading.js'
import type { Value } from '../../src/model/table.js'

const kept = (value: Value): Cell => ({ ok: true, value })
const not = (problem: string): Cell => ({ ok: false, problem })

const noWhole = not('expected a whole number of at most 64 bits')
const noAddress = not('expected an https address')
const noTime = not('expected seconds since 1970')

describe('toCell', () => {
  it.each<[FieldType, unknown, Cell]>([
    ['text', 'a 🦊\u2028\n\u0000', kept('a 🦊\u2028\n\u0000')],
    ['text', '', kept('')],
    [
      'text',
      'half \ud83e fox',
      { ok: true, value: 'half \uFFFD fox', problem: 'half a surrogate pair, kept as U+FFFD' },
    ],
    ['text', 17, not('expected a text')],
    ['text', ['a'], not('expected a text')],
    ['texts', [], kept('[]')],
    ['texts', ['public', 'a "b"', '🦊'], kept('["public","a \\"b\\"","🦊"]')],
    ['texts', ['█forgotten█', 'b', '█forgotten 0123456789ab█'], kept('["b"]')],
    [
      'texts',
      ['a', '\ud83e'],
      { ok: true, value: '["a","\uFFFD"]', problem: 'half a surrogate pair, kept as U+FFFD' },
    ],
    ['texts', ['a', 1], not('expected a list of texts')],
    ['texts', 'public', not('expected a list of texts')],
    ['texts', { items: [] }, not('expected a list of texts')],
    ['count', 0, kept(0)],
    ['count', -0, kept(0)],
    ['count', Number.MAX_SAFE_INTEGER, kept(9007199254740991)],
    ['count', 9007199254740993n, kept(9007199254740993n)],
    ['count', 2n ** 63n - 1n, kept(9223372036854775807n)],
    ['count', 2n ** 63n, noWhole],
    ['count', -1, not('expected a count, came a negative number')],
    ['count', -9007199254740993n, not('expected a count, came a negative number')],
    ['count', 1.5, noWhole],
    ['count', 2 ** 53, noWhole],
    ['count', '12', kept(12)],
    ['count', '9007199254740993', kept(9007199254740993n)],
    ['count', '-1', not('expected a count, came a negative number')],
    ['count', '1.5', noWhole],
    ['count', '1,200', not('expected a count')],
    ['count', '', not('expected a count')],
    ['count', true, not('expected a count')],
    ['int', -1, kept(-1)],
    ['int', -(2n ** 63n), kept(-(2n ** 63n))],
    ['int', -(2n ** 63n) - 1n, noWhole],
    ['int', '-1', kept(-1)],
    ['int', 'one', noWhole],
    ['real', 10.1, kept(10.1)],
    ['real', -0.5, kept(-0.5)],
    ['real', Infinity, not('expected a number')],
    ['real', NaN, not('expected a number')],
    ['real', '10.1', kept(10.1)],
    ['real', 'NaN', not('expected a number')],
    ['bool', true, kept(1)],
    ['bool', false, kept(0)],
    ['bool', 1, kept(1)],
    ['bool', 0, kept(0)],
    ['bool', 'true', kept(1)],
    ['bool', 'False', kept(0)],
    ['bool', 2, not('expected true or false')],
    ['bool', 'yes', not('expected true or false')],
    ['time', 1760618957.02966, kept(1760618957_029660)],
    ['time', 1770104973.740952, kept(1770104973_740952)],
    ['time', 1760500000, kept(1760500000_000000)],
    ['time', 0, noTime],
    ['time', -1, noTime],
    ['time', 1760618957029, { ...kept(1760618957_029000), problem: 'milliseconds, read as such' }],
    ['time', 1760618957029660, noTime],
    ['time', '1760618957.02966', kept(1760618957_029660)],
    ['time', '2025-10-16T12:49:17.02966Z', kept(1760618957_029660)],
    ['time', 9007199254740993n, noTime],
    ['time', '2025-10-16', noTime],
    ['url', 'https://videos.openai.com/a%2Fb?se=x', kept('https://videos.openai.com/a%2Fb?se=x')],
    ['url', 'http://127.0.0.1:8787/a', kept('http://127.0.0.1:8787/a')],
    ['url', 'http://videos.openai.com/a', noAddress],
    ['url', 'javascript:alert(1)', noAddress],
    ['url', 'https://a/\ud83e', noAddress],
    ['url', 17, noAddress],
  ])('%s from %s', (type, came, expected) => {
    const cell = toCell(came, type)

    expect(cell).toEqual(expected)
  })

  it('keeps every microsecond of the years that occur', () => {
    const micros = Array.from({ length: 1000 }, (_, index) => 1760500000_000000 + index * 7919)

    const read = micros.map((each) => toCell(Number((each / 1e6).toFixed(6)), 'time'))

    expect(read).toEqual(micros.map(kept))
  })
})

const userFields = fieldsOf('users', {
  username: ['text'],
  display_name: ['text'],
  description: ['text', 'description', 'bio'],
  verified: ['bool', 'verified', 'is_verified'],
  follower_count: ['count'],
  created_at: ['time'],
  banned_at: ['time'],
})

function readUser(object: Wire, isFull: boolean): [Record<string, Value>, Page['anomalies']] {
  const reading = new Reading()
  const values: Record<string, Value> = {}
  readFields(
    reading,
    { object, path: under(null, 'items', 0, 'a/b~c'), isFull },
    userFields,
    values,
  )
  return [values, reading.anomalies]
}

describe('readFields', () => {
  it.each<[string, Wire, boolean, Record<string, Value>]>([
    ['tells nothing of absent keys', {}, true, {}],
    [
      'lets a null clear what is marked clearable, in a full object',
      { username: null, display_name: null, description: null, verified: null },
      true,
      { display_name: null, description: null },
    ],
    ['lets a null of a summary tell nothing', { display_name: null, bio: null }, false, {}],
    ['takes an alias where the native key is absent', { bio: 'b' }, true, { description: 'b' }],
    [
      'takes the native key before an alias',
      { bio: 'b', description: 'd', is_verified: false, verified: true },
      true,
      { description: 'd', verified: 1 },
    ],
    [
      'takes a native null before an alias',
      { bio: 'b', description: null },
      true,
      { description: null },
    ],
    [
      'takes a time of 0 for none, which clears as null does',
      { created_at: 0, banned_at: 0 },
      true,
      { banned_at: null },
    ],
    ['passes over undefined', { description: undefined, bio: 'b' }, true, { description: 'b' }],
    ['passes over what is only inherited', Object.create({ username: 'evil' }) as Wire, true, {}],
  ])('%s', (_, object, isFull, expected) => {
    const [values, anomalies] = readUser(object, isFull)

    expect(values).toEqual(expected)
    expect(anomalies).toEqual([])
  })

  it('notes what has the wrong type, with its place, and keeps the rest', () => {
    const long = 'x'.repeat(300)

    const [values, anomalies] = readUser(
      { username: { long }, is_verified: 'yes', follower_count: -(2n ** 60n), bio: 'kept' },
      true,
    )

    expect(values).toEqual({ description: 'kept' })
    expect(anomalies).toEqual([
      {
        json_pointer: '/items/0/a~1b~0c/username',
        problem: 'expected a text',
        excerpt: `{"long":"${long}"}`.slice(0, 200),
      },
      {
        json_pointer: '/items/0/a~1b~0c/is_verified',
        problem: 'expected true or false',
        excerpt: '"yes"',
      },
      {
        json_pointer: '/items/0/a~1b~0c/follower_count',
        problem: 'expected a count, came a negative number',
        excerpt: '"-1152921504606846976"',
      },
    ])
  })

  it('keeps a text with half a surrogate pair mended, and notes it', () => {
    const [values, anomalies] = readUser({ username: 'fox \ud83e' }, false)

    expect(values).toEqual({ username: 'fox \uFFFD' })
    expect(anomalies).toEqual([
      {
        json_pointer: '/items/0/a~1b~0c/username',
        problem: 'half a surrogate pair, kept as U+FFFD',
        excerpt: '"fox \\ud83e"',
      },
    ])
  })
})

describe('fieldsOf', () => {
  it('refuses a column that the table does not have', () => {
    const describe = () => fieldsOf('users', { caption: ['text'] })

    expect(describe).toThrow('no column users.caption')
  })

  it('refuses a key that no known shape has: every answer that holds it would tell of drift', () => {
    const describe = () => fieldsOf('users', { username: ['text', 'username', 'nickname'] })

    expect(describe).toThrow('no known shape has the key nickname')
  })
})
