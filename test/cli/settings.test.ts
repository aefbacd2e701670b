import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import {
  defaultSettings,
  describeSettings,
  readSettings,
  traceSettings,
} from '../../src/cli/settings.js'
import { InputError } from '../../src/model/errors.js'
import { root } from './program.js'

/** A config file with this content. */
function configFile(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'afterfeed-settings-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'my.yaml')
  writeFileSync(path, content, { mode: 0o600 })
  return path
}

describe('config/default.yaml', () => {
  it('says what holds without it', () => {
    const file = readFileSync(join(root, 'config/default.yaml'), 'utf8')

    expect(parse(file)).toEqual(defaultSettings)
  })
})

describe('readSettings', () => {
  it('gives the defaults where nobody says otherwise', async () => {
    expect(await readSettings({}, {})).toEqual(defaultSettings)
  })

  it.each(['', '# nothing\n', 'api: {}\n'])('keeps them for the file %j', async (content) => {
    expect(await readSettings({ config: configFile(content) }, {})).toEqual(defaultSettings)
  })

  it('takes what the file says, and keeps the rest', async () => {
    const config = configFile('archive: here\napi:\n  rate: 0.5\n  key: of-file\n')

    expect(await readSettings({ config }, {})).toEqual({
      ...defaultSettings,
      archive: 'here',
      api: { ...defaultSettings.api, rate: 0.5, key: 'of-file' },
    })
  })

  it('takes prices, discounts, an order and weights', async () => {
    const config = configFile(
      'api:\n' +
        '  prices: { get_feed: 0.04, get_task_status: 0 }\n' +
        '  discounts: [{ from: 0, off: 0 }, { from: 1000, off: 0.1 }, { from: 5000, off: 1 }]\n' +
        'order: yield\n' +
        'weights: { comments: 2.5, users: 0 }\n',
    )

    const { api, order, weights } = await readSettings({ config }, {})

    expect({ prices: api.prices, discounts: api.discounts, order, weights }).toEqual({
      prices: { get_feed: 0.04, get_task_status: 0 },
      discounts: [
        { from: 0, off: 0 },
        { from: 1000, off: 0.1 },
        { from: 5000, off: 1 },
      ],
      order: 'yield',
      weights: { ...defaultSettings.weights, comments: 2.5, users: 0 },
    })
  })

  it('takes 0 as no limit where a flag does', async () => {
    const config = configFile('api: { rate: 0 }\nmedia: { bandwidth_mb: 0 }\n')

    const { api, media } = await readSettings({ config }, {})

    expect([api.rate, media.bandwidth_mb]).toEqual([0, 0])
  })

  it('takes --archive and TIKHUB_API_KEY before the file', async () => {
    const config = configFile('archive: here\napi:\n  key: of-file\n')

    const settings = await readSettings({ config, archive: 'there' }, { TIKHUB_API_KEY: 'of-env' })

    expect([settings.archive, settings.api.key]).toEqual(['there', 'of-env'])
  })

  it('takes an empty TIKHUB_API_KEY as none', async () => {
    const config = configFile('api:\n  key: of-file\n')

    const settings = await readSettings({ config }, { TIKHUB_API_KEY: '' })

    expect(settings.api.key).toBe('of-file')
  })

  it.each([
    ['api:\n  rate: fast\n', /at api\.rate/],
    ['api:\n  rate: -1\n', /at api\.rate/],
    ['api:\n  rate: 0.0001\n', /number from 0\.001 to 1000000, or 0 for no limit.*at api\.rate/s],
    ['api:\n  rate: .inf\n', /at api\.rate/],
    ['api:\n  speed: 3\n', /"speed"/],
    ['colour: red\n', /"colour"/],
    ['api:\n  concurrency: 0\n', /at api\.concurrency/],
    ['api:\n  concurrency: 1.5\n', /at api\.concurrency/],
    ['api:\n  concurrency: 65\n', /whole number from 1 to 64\s+→ at api\.concurrency/],
    ['api:\n  timeout_s: -1\n', /at api\.timeout_s/],
    ['api:\n  timeout_s: 0\n', /at api\.timeout_s/],
    ['api:\n  timeout_s: 3000000\n', /number from 0\.001 to 86400\s+→ at api\.timeout_s/],
    ['refresh: { known_run: 0.5 }\n', /whole number from 0 on\s+→ at refresh\.known_run/],
    ['refresh: { young_h: -1 }\n', /at refresh\.young_h/],
    ['refresh: { second_look_after_h: .nan }\n', /at refresh\.second_look_after_h/],
    ['media: { max_file_mb: 0 }\n', /at media\.max_file_mb/],
    ['media: { concurrency: 0 }\n', /at media\.concurrency/],
    ['media: { per_host: 1.5 }\n', /at media\.per_host/],
    ['media: { bandwidth_mb: -1 }\n', /at media\.bandwidth_mb/],
    ['media: { least_rate_kb: -1 }\n', /at media\.least_rate_kb/],
    ['media: { idle_timeout_s: 0 }\n', /at media\.idle_timeout_s/],
    ['export: { before_deadline_h: -1 }\n', /at export\.before_deadline_h/],
    ['api:\n  base_url: ftp://x\n', /at api\.base_url/],
    ['api:\n  key: ""\n', /at api\.key/],
    ['durability: some\n', /at durability/],
    ['archive: ""\n', /at archive/],
    ['- a list\n', /expected object/],
    ['api:\n  prices: { get_feeds: 0.04 }\n', /"get_feeds"\s+→ at api\.prices/],
    ['api:\n  prices: { get_feed: -1 }\n', /at api\.prices\.get_feed/],
    ['api:\n  prices: 0.04\n', /at api\.prices/],
    ['api:\n  discounts: [{ from: 5, off: 0.1 }, { from: 5, off: 0.2 }]\n', /ascending/],
    ['api:\n  discounts: [{ from: 1.5, off: 0.1 }]\n', /at api\.discounts\[0\]\.from/],
    ['api:\n  discounts: [{ from: 1, off: 1.1 }]\n', /at api\.discounts\[0\]\.off/],
    ['api:\n  discounts: [{ from: 1, off: 0.1, to: 3 }]\n', /"to"/],
    ['order: random\n', /at order/],
    ['weights: { likes: 1 }\n', /"likes"\s+→ at weights/],
    ['weights: { posts: -1 }\n', /at weights\.posts/],
    ['archive: [\n', /Flow sequence/],
  ])('refuses the file %j, naming what is wrong', async (content, named) => {
    const config = configFile(content)

    const reading = readSettings({ config }, {})

    await expect(reading).rejects.toThrow(InputError)
    await expect(reading).rejects.toThrow(`--config ${config}: `)
    await expect(reading).rejects.toThrow(named)
  })

  it('does not repeat the lines of a file that is no YAML: the key may be among them', async () => {
    const config = configFile('api:\n  key: sk-secret\n  rate: [\n')

    const error = (await readSettings({ config }, {}).catch((caught: unknown) => caught)) as Error

    expect(error).toBeInstanceOf(InputError)
    expect(error.message).not.toContain('sk-secret')
  })

  it('takes spaces around a key for a slip', async () => {
    const settings = await readSettings({}, { TIKHUB_API_KEY: ' of-env\n' })

    expect(settings.api.key).toBe('of-env')
  })

  it('refuses a file that is not there', async () => {
    await expect(readSettings({ config: '/nowhere/my.yaml' }, {})).rejects.toThrow(
      /^--config \/nowhere\/my\.yaml: ENOENT/,
    )
  })
})

describe('traceSettings', () => {
  it('tells of each setting where it comes from', async () => {
    const config = configFile(
      'archive: here\norder: depth\napi:\n  rate: 2\n  base_url: http://x\n',
    )
    const flags = { config, archive: 'there', baseUrl: 'http://y' }

    const { settings, sources } = await traceSettings(flags, { TIKHUB_API_KEY: 'of-env' })

    expect([settings.archive, settings.api.base_url]).toEqual(['there', 'http://y'])
    expect(sources).toEqual({
      archive: '--archive',
      order: config,
      'api.rate': config,
      'api.base_url': '--base-url',
      'api.key': 'TIKHUB_API_KEY',
    })
  })

  it('tells the file of a key that no environment replaces', async () => {
    const config = configFile('api:\n  key: of-file\n')

    const { sources } = await traceSettings({ config }, { TIKHUB_API_KEY: ' ' })

    expect(sources).toEqual({ 'api.key': config })
  })
})

describe('describeSettings', () => {
  it('tells that there is a key, and never which', () => {
    const settings = { ...defaultSettings, api: { ...defaultSettings.api, key: 'sk-secret' } }

    const lines = describeSettings({ settings, sources: { 'api.key': 'my.yaml' } })

    expect(lines).toContainEqual(['api.key', 'set (from my.yaml)', 'my.yaml'])
    expect(lines).toContainEqual(['api.rate', '5', 'default'])
    expect(JSON.stringify(lines)).not.toContain('sk-secret')
  })

  it('tells of each setting where it comes from, where a file gives one of several', async () => {
    const config = configFile('refresh: { known_run: 5 }\nweights: { comments: 2 }\n')

    const lines = describeSettings(await traceSettings({ config }, {}))

    expect(lines.filter(([name]) => /^(refresh|weights)/.test(name))).toEqual([
      ['refresh.known_run', '5', config],
      ['refresh.recheck_missing', 'true', 'default'],
      ['refresh.young_h', '48', 'default'],
      ['refresh.second_look_after_h', '24', 'default'],
      ['weights.posts', '1', 'default'],
      ['weights.comments', '2', config],
      ['weights.remixes', '0.5', 'default'],
      ['weights.users', '0.2', 'default'],
    ])
  })
})
