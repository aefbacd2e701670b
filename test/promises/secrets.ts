import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { run } from '../cli/program.js'
import { ask, everythingIn, temporaryFolder } from './runs.js'
import { detail, idOf, openScripted, postSeeds, success, post } from './scripted-api.js'
import type { Call, Scripted } from './scripted-api.js'

const html = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')

/** Every way in which a text may be written in an answer. */
const spellings = (key: string): string[] => [
  ...new Set([
    key,
    JSON.stringify(key).slice(1, -1),
    JSON.stringify(key).slice(1, -1).replaceAll('/', '\\/'),
    encodeURIComponent(key),
    new URLSearchParams({ key }).toString().slice(4),
    html(key),
    Buffer.from(key).toString('base64'),
  ]),
]

/** Answers that echo the key, one way after the other, the last ones for good. */
function echo(call: Call, key: string): Scripted {
  const headers = { authorization: `Bearer ${key}`, 'user-agent': 'x' }
  const inDetail = { code: 400, message: `Request failed. Please retry. ${key}`, headers }
  const id: string = call.params['post_id'] ?? ''
  switch (id) {
    case idOf(2):
      return call.nth > 0
        ? detail(call)
        : { status: 400, body: JSON.stringify({ detail: inDetail }) }
    case idOf(3):
      return { status: 422, body: JSON.stringify({ detail: [{ msg: key, input: headers }] }) }
    case idOf(4):
      if (call.nth > 0) return detail(call)
      return { status: 502, body: `<p>${html(key)} ${encodeURIComponent(key)} ${key}</p>` }
    case idOf(5):
      return { body: success({ ...post(5), echoed: headers, note: `with ${key} in it` }) }
    case idOf(6):
      if (call.nth > 0) return detail(call)
      return {
        ...{ status: 500, body: gzipSync(JSON.stringify({ detail: inDetail })) },
        headers: { 'content-encoding': 'gzip', 'x-upstream-server': encodeURIComponent(key) },
      }
    case idOf(7):
      if (call.nth > 0) return detail(call)
      return { body: `{"code":200,"data":{"post":{"id":"${key.replace(/\W/g, '')}` }
    case idOf(8):
      return { status: 404, body: JSON.stringify({ detail: { ...inDetail, code: 404 } }) }
    default:
      return detail(call)
  }
}

const keys = ['sk-0f3a77c1b2d94e6688', 'k+y/"with\\odd%&=<chars>~0f3a77']

/** Part 9: secrets. */
export function secretPromises(): void {
  it.each(keys)('keeps the key out of every byte: %s', async (key) => {
    const { url, calls } = await openScripted((call) => echo(call, key))
    const archive = temporaryFolder()
    const flags = ['--base-url', url, '--archive', archive, '--rate', '0', '--json']

    const { code, stdout, stderr } = await run(['crawl', ...postSeeds(9), ...flags], { key })
    const status = await run(['status', '--archive', archive, '--json'], { key })

    const kept = everythingIn(archive) + stdout + stderr + status.stdout + status.stderr
    expect(calls.map(({ headers }) => headers.authorization)).toContain(`Bearer ${key}`)
    expect({ code, stderr }).toMatchObject({ code: 5 })
    expect(spellings(key).filter((spelling) => kept.includes(spelling))).toEqual([])
    expect(ask(archive, 'SELECT config FROM runs')).toHaveLength(1)
  })

  it('keeps a refused key out of what it says', async () => {
    const key = keys[1]!
    const { url } = await openScripted(() => ({
      status: 401,
      body: JSON.stringify({ detail: { code: 401, message_zh: `您提交的API令牌为 ${key}` } }),
    }))
    const archive = temporaryFolder()
    const flags = ['--base-url', url, '--archive', archive]

    const { code, stdout, stderr } = await run(['crawl', 'feed', ...flags], { key })

    const kept = everythingIn(archive) + stdout + stderr
    expect(code).toBe(4)
    expect(spellings(key).filter((spelling) => kept.includes(spelling))).toEqual([])
  })

  it.each([
    { mode: 0o600, warns: false },
    { mode: 0o644, warns: true },
  ])('warns of a config file with a key that others can read: $mode', async ({ mode, warns }) => {
    const { url, calls } = await openScripted((call) => detail(call))
    const folder = temporaryFolder()
    const config = join(folder, 'my.yaml')
    const archive = join(folder, 'archive')
    writeFileSync(config, `api:\n  key: sk-of-the-file\n  base_url: ${url}\n`)
    chmodSync(config, mode)

    const { code, stderr } = await run([
      'crawl',
      ...postSeeds(1),
      '--config',
      config,
      '--archive',
      archive,
    ])

    expect(code).toBe(0)
    expect(calls[0]!.headers.authorization).toBe('Bearer sk-of-the-file')
    expect(/my\.yaml/.test(stderr)).toBe(warns)
    expect(everythingIn(archive)).not.toContain('sk-of-the-file')
  })
}
