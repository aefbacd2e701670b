import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openArchive } from '../../src/archive/archive.js'
import { noKeyMessage, noSeedMessage } from '../../src/crawl/plan-seeds.js'
import { seedForms, toSeedRequest } from '../../src/crawl/seeds.js'
import { ArchiveError, InputError } from '../../src/model/errors.js'
import { crawlWorld, openWorld, rowsOf, temporaryFolder } from './worlds.js'

const post_id = 's_6926e4400a11819180bdc1a3711006fb'
const user_id = 'user-4BVxx42Erazd1m6qjT0cJ6Mx'
const task_id = 'task_01k9rsq5h7e4ta6q1r9z6w0x5c'
const generation_id = 'gen_01k9rsq5h7e4ta6q1r9z6w0x5c'

describe('toSeedRequest', () => {
  it.each([
    ['feed', 'get_feed', {}],
    ['leaderboard', 'get_cameo_leaderboard', {}],
    [`post:${post_id}`, 'get_post_detail', { post_id }],
    [`post:https://sora.chatgpt.com/p/${post_id}`, 'get_post_detail', { post_id }],
    [`post:https://sora.com/p/${post_id}?ref=x`, 'get_post_detail', { post_id }],
    [`https://sora.chatgpt.com/p/${post_id}`, 'get_post_detail', { post_id }],
    [`user:${user_id}`, 'get_user_profile', { user_id }],
    ['user:ch_68f2ab01', 'get_user_profile', { user_id: 'ch_68f2ab01' }],
    [`appearances:${user_id}`, 'get_user_cameo_appearances', { user_id }],
    [`followers:${user_id}`, 'get_user_followers', { user_id }],
    [`following:${user_id}`, 'get_user_following', { user_id }],
    ['search:two words: and more', 'search_users', { username: 'two words: and more' }],
    ['search:雨\n', 'search_users', { username: '雨\n' }],
    [`task:${task_id}`, 'get_task_status', { task_id }],
    [`generation:${generation_id}`, 'get_task_detail', { generation_id }],
  ])('begins %s with %s %j', (seed, endpoint, params) => {
    expect(toSeedRequest(seed)).toEqual({ endpoint, params })
  })

  it.each([
    '',
    ' feed',
    'Feed',
    'feed:',
    'feed:x',
    'leaderboard:x',
    'post',
    'post:',
    'post:s_short',
    `post:${post_id.toUpperCase()}`,
    'post:6926e4400a11819180bdc1a3711006fb',
    `post:https://example.com/p/${post_id}`,
    `post:http://sora.chatgpt.com/p/${post_id}`,
    'https://example.com/',
    'user:anonymous',
    'followers:',
    'search:',
    'task:gen_01k9rsq5h7e4ta6q1r9z6w0x5c',
    'task:task_../x',
    'generation:task_1',
    'constructor:x',
    '__proto__',
  ])('refuses %j and says what a seed is', (seed) => {
    expect(() => toSeedRequest(seed)).toThrow(
      new InputError(`${seed} is no seed. Seeds are: ${seedForms.join(', ')}`),
    )
  })

  it.each([
    [post_id, `Did you mean post:${post_id}?`],
    [`user:${post_id}`, `Did you mean post:${post_id}?`],
    [user_id, `Did you mean user:${user_id}?`],
    [`post:${user_id}`, `Did you mean user:${user_id}?`],
    ['—budget', 'Options begin with two plain hyphens, `--`.'],
    ['“feed”', 'Quotes are plain ones, " or \'.'],
    ['user:somebody', '`afterfeed call search_users username=somebody` shows them.'],
    ['followers:@some.body-1', '`afterfeed call search_users username=some.body-1` shows them.'],
  ])('refuses %j and says what was probably meant: %s', (seed, hint) => {
    expect(() => toSeedRequest(seed)).toThrow(InputError)
    expect(() => toSeedRequest(seed)).toThrow(`${hint} Seeds are: feed, `)
  })

  it('names every form', () => {
    expect(seedForms).toEqual([
      'feed',
      'post:<id or address>',
      'user:<user-… or ch_…>',
      'appearances:<user id>',
      'followers:<user id>',
      'following:<user id>',
      'leaderboard',
      'search:<text>',
      'task:<task_…>',
      'generation:<gen_…>',
      '@gaps',
      '@<file, one seed a line>',
    ])
  })
})

describe('crawl of what cannot be crawled', () => {
  it('makes no archive for a bad seed among good ones', async () => {
    const simulator = await openWorld({ posts: 1 })
    const archiveDir = join(temporaryFolder(), 'archive')

    const run = crawlWorld(simulator, archiveDir, { seeds: ['feed', 'nonsense'] })

    await expect(run).rejects.toThrow(InputError)
    expect(existsSync(archiveDir)).toBe(false)
    expect(simulator.calls().calls).toBe(0)
  })

  it('makes no archive for an address that is none', async () => {
    const simulator = await openWorld({ posts: 1 })
    const archiveDir = join(temporaryFolder(), 'archive')

    const run = crawlWorld(simulator, archiveDir, { baseUrl: 'ftp://example.com' })

    await expect(run).rejects.toThrow(
      new InputError('--base-url is no web address; expected e.g. https://api.tikhub.io'),
    )
    expect(existsSync(archiveDir)).toBe(false)
  })

  it('asks for a seed where there is no archive, and makes none', async () => {
    const simulator = await openWorld({ posts: 1 })
    const archiveDir = join(temporaryFolder(), 'archive')

    const run = crawlWorld(simulator, archiveDir, { seeds: [] })

    await expect(run).rejects.toThrow(new InputError(noSeedMessage))
    expect(existsSync(archiveDir)).toBe(false)
  })

  it('asks for a seed where nothing was ever planned, and changes nothing', async () => {
    const simulator = await openWorld({ posts: 1 })
    const archiveDir = temporaryFolder()
    openArchive(archiveDir).close()

    const run = crawlWorld(simulator, archiveDir, { seeds: [] })

    await expect(run).rejects.toThrow(new InputError(noSeedMessage))
    expect(rowsOf(archiveDir, 'SELECT * FROM passes')).toEqual([])
    expect(rowsOf(archiveDir, 'SELECT * FROM runs')).toEqual([])
  })

  it('sends nothing without a key, and makes no archive', async () => {
    const simulator = await openWorld({ posts: 1 })
    const archiveDir = join(temporaryFolder(), 'archive')

    const run = crawlWorld(simulator, archiveDir, { apiKey: '' })

    await expect(run).rejects.toThrow(new InputError(noKeyMessage))
    expect(existsSync(archiveDir)).toBe(false)
    expect(simulator.calls().calls).toBe(0)
  })

  it('changes nothing without a key where there is something to ask', async () => {
    const simulator = await openWorld({ posts: 2 })
    const archiveDir = temporaryFolder()
    await crawlWorld(simulator, archiveDir, { limits: { only: new Set() } })
    const planned = () =>
      ['passes', 'runs', 'requests'].map((table) => rowsOf(archiveDir, `SELECT * FROM ${table}`))
    const before = planned()

    const run = crawlWorld(simulator, archiveDir, { seeds: ['feed', 'leaderboard'], apiKey: '' })

    await expect(run).rejects.toThrow(new InputError(noKeyMessage))
    expect(planned()).toEqual(before)
  })

  it('leaves an archive alone that another crawl writes to', async () => {
    const simulator = await openWorld({ posts: 10 })
    const archiveDir = temporaryFolder()

    const first = crawlWorld(simulator, archiveDir)
    const second = crawlWorld(simulator, archiveDir)

    await expect(second).rejects.toThrow(ArchiveError)
    await expect(second).rejects.toThrow(/another afterfeed process writes to this archive/)
    expect((await first).outcome).toBe('done')
  })
})
