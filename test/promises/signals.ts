import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { run, start } from '../cli/program.js'
import { ask, countOf, crawlAt, resultOf, temporaryFolder } from './runs.js'
import { detail, failure, openScripted, postSeeds, type Call } from './scripted-api.js'
import type { Script } from './scripted-api.js'

const key = 'key-of-the-tests'
const seeds = postSeeds(30)
const silentTo = 14
const isSilent = (call: Call): boolean => call.index >= 10 && call.index < silentTo

/** A crawl that came as far as the calls for which the API does something special, so many in all. */
async function begin(script: Script, sent = 12, ...flags: string[]) {
  const { url, calls } = await openScripted(script)
  const archive = join(temporaryFolder(), 'archive')
  const args = ['crawl', ...seeds, '--base-url', url, '--archive', archive, '--rate', '0', ...flags]
  const program = start(args, { key })
  while (calls.length < sent) await wait(5)
  return { program, archive, url, calls }
}

const integrity = (archive: string): unknown[] => ask(archive, 'PRAGMA integrity_check')

/** Part 7, signals. */
export function signalPromises(): void {
  it.each([
    { signal: 'SIGINT', code: 130 },
    { signal: 'SIGTERM', code: 143 },
  ] as const)('finishes what is under way at $signal, and names the command', async (given) => {
    const { program, archive, url, calls } = await begin((call) => ({
      ...detail(call),
      ...(call.index >= 10 ? { waitMs: 700 } : {}),
    }))

    program.process.kill(given.signal)
    const { code, stdout, stderr } = await program.ended
    const sent = calls.length
    const next = await crawlAt(url, archive, { seeds })

    expect({ code, isStopped: sent < 30 }).toEqual({ code: given.code, isStopped: true })
    expect(stdout + stderr).toMatch(/afterfeed crawl/)
    expect(ask(archive, 'SELECT outcome FROM runs')).toEqual(['interrupted', 'done'])
    expect(next).toMatchObject({ outcome: 'done', posts: 30, requests_sent: 30 - sent })
  })

  it('drops what does not come, and asks for it again', async () => {
    // Longer than this test may take.
    const config = join(temporaryFolder(), 'patient.yaml')
    writeFileSync(config, 'api:\n  timeout_s: 3600\n')
    const { program, archive, url } = await begin(
      (call) => (isSilent(call) ? undefined : detail(call)),
      silentTo,
      ...['--json', '--config', config],
    )

    program.process.kill('SIGINT')
    const { code, stdout } = await program.ended
    const next = await crawlAt(url, archive, { seeds })

    expect({ code, ...resultOf(stdout) }).toMatchObject({ code: 130, outcome: 'interrupted' })
    expect(next).toMatchObject({ outcome: 'done', posts: 30 })
    expect(integrity(archive)).toEqual(['ok'])
  })

  it('ends at once at a second SIGINT, and loses nothing', async () => {
    const { program, archive, url } = await begin(
      (call) => (isSilent(call) ? undefined : detail(call)),
      silentTo,
    )

    program.process.kill('SIGINT')
    await program.line('stderr', (line) => line.startsWith('ending'))
    program.process.kill('SIGINT')
    const { code, stdout } = await program.ended
    const broken = integrity(archive)
    const next = await crawlAt(url, archive, { seeds })

    // Who ends in order says how it went.
    expect({ code, stdout, broken }).toEqual({ code: 130, stdout: '', broken: ['ok'] })
    expect(next).toMatchObject({ outcome: 'done', posts: 30, requests_sent: 20 })
  })

  it('does not sleep through a signal while the API wants it to wait', async () => {
    const { program, archive } = await begin((call) =>
      call.index >= 10
        ? { ...failure(429, 'slow'), headers: { 'retry-after': '3600' } }
        : detail(call),
    )
    while (countOf(archive, 'SELECT count(*) FROM responses WHERE status = 429') === 0)
      await wait(5)

    program.process.kill('SIGTERM')
    const { code } = await program.ended

    expect(code).toBe(143)
  })

  it('says the same command goes on, also where it stopped at its budget', async () => {
    const { url } = await openScripted((call) => detail(call))
    const archive = temporaryFolder()
    const flags = ['--base-url', url, '--archive', archive, '--budget', '0.1']

    const { code, stdout } = await run(['crawl', ...seeds, ...flags], { key })

    expect(code).toBe(3)
    expect(stdout).toMatch(/same command/)
  })
}
