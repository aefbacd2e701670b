import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/model/parse-json.js'
import { survey } from '../../src/model/survey.js'

const samples = new URL('../../../shared/samples/', import.meta.url).pathname
const names = (existsSync(samples) ? readdirSync(samples) : []).filter((name) =>
  /^(get|native|search|upload).*\.json$/.test(name),
)

const post = (more: object): object => ({ code: 200, data: { post: { id: 's_1', ...more } } })

describe('survey', () => {
  it.each(names)('knows everything in %s', (name) => {
    const { strays } = parseJson(readFileSync(join(samples, name), 'utf8'))

    expect(strays).toEqual([])
  })

  it('tells a key that was never seen, once an answer, with its value', () => {
    const answer = { items: [{ post: { mood: 'blue' }, more: 1 }, { post: { mood: 'red' } }] }

    expect(survey(answer).strays).toEqual([
      { place: 'item.more', type: 'number', example: '1' },
      { place: 'post.mood', type: 'string', example: '"blue"' },
    ])
  })

  it('tells a known key with a new type; null is no type', () => {
    const answer = post({ like_count: '12', attachments: {}, text: null, emoji: false })

    expect(survey(answer).strays).toEqual([
      { place: 'post.like_count', type: 'string', example: '"12"' },
      { place: 'post.attachments', type: 'object', example: '{}' },
      { place: 'post.emoji', type: 'boolean', example: 'false' },
    ])
  })

  it('tells what stands under a key of which nobody knows what it means, unless that is empty', () => {
    const empty = post({ topic_labels: [], rooms: [], story_type: null, verification_info: null })
    const answer = post({ topic_labels: ['cats'], story_type: 'x', verification_info: {} })

    expect(survey(empty).strays).toEqual([])
    expect(survey(answer).strays).toEqual([
      { place: 'post.topic_labels', type: 'array', example: '["cats"]' },
      { place: 'post.story_type', type: 'string', example: '"x"' },
      { place: 'post.verification_info', type: 'object', example: '{}' },
    ])
  })

  it('takes an empty object or list for nothing where nobody knows which of them it is', () => {
    const context = (social_context: unknown) => ({ user_id: 'user-a', social_context })

    expect([{}, [], null].flatMap((each) => survey(context(each)).strays)).toEqual([])
    expect(survey(context({ a: 1 })).strays).toEqual([
      { place: 'page.social_context', type: 'object', example: '{"a":1}' },
    ])
  })

  it('finds it at any depth, and says nothing of what lies inside of what is new', () => {
    const answer = post({ parent_post: { post: { attachments: [{ mood: { deep: 1 } }] } } })

    expect(survey(answer).strays).toEqual([
      { place: 'attachment.mood', type: 'object', example: '{"deep":1}' },
    ])
  })

  it('keeps no signature in an example', () => {
    const { strays } = survey(post({ extra_url: 'https://videos.openai.com/a?sig=secret&se=1' }))

    expect(JSON.stringify(strays)).not.toContain('secret')
  })

  it('is not flooded by an answer of nothing but news', () => {
    const keys = Array.from({ length: 5000 }, (_, index) => [`k${index}${'x'.repeat(500)}`, 1])

    const { strays } = survey(post(Object.fromEntries(keys) as object))

    expect(strays).toHaveLength(50)
    expect(Math.max(...strays.map(({ place }) => place.length))).toBeLessThan(120)
  })

  it('survives keys that mean something to the language, and any depth', () => {
    const text = `{"data":{"post":{"__proto__":1,"constructor":2,"toString":"x"}},"code":200}`
    const deep = `${'{"children":{"items":['.repeat(20_000)}${']}}'.repeat(20_000)}`

    expect(parseJson(text).strays.map(({ place }) => place)).toEqual([
      'post.__proto__',
      'post.constructor',
      'post.toString',
    ])
    expect(() => parseJson(deep)).not.toThrow()
  })

  it('sees integers that a number cannot hold', () => {
    expect(survey({ items: [{ view_count: 2 ** 53 }] }).hasLongIntegers).toBe(true)
    expect(survey({ items: [{ view_count: 2 ** 53 - 1 }] }).hasLongIntegers).toBe(false)
  })
})
