import { existsSync } from 'node:fs'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openSimulator, type Simulator } from '../../src/simulator/index.js'
import { buildProgram, run, start, temporaryFolder } from './program.js'

const key = 'sim-secret-key-8841'

async function openApi(): Promise<Simulator> {
  const simulator = await openSimulator({ clock: () => Date.now(), posts: 6, key })
  onTestFinished(() => simulator.close())
  return simulator
}

beforeAll(buildProgram)

describe('a command whose output nobody reads any more', () => {
  it('walks on, and ends as it would have', async () => {
    const { url } = await openApi()
    const archive = temporaryFolder()
    const args = ['crawl', 'feed', '--base-url', url, '--archive', archive, '--rate', '40']
    const walk = start([...args, '--json'], { key })

    await walk.line('stderr', () => true)
    walk.process.stderr.destroy()
    const { code, stdout } = await walk.ended

    const again = await run([...args, '--json'], { key })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'done', pending: 0 })
    expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'done', requests_sent: 0 })
  })

  it('ends without an error before it tells its result', async () => {
    const list = start(['call'], { key })

    list.process.stdout.destroy()

    expect(await list.ended).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it.runIf(existsSync('/dev/full'))('ends with 5 where its result has no room', async () => {
    const { code, stderr } = await run(['call'], { shell: 'exec > /dev/full' })

    expect(code).toBe(5)
    expect(stderr).toBe(
      'afterfeed: the result cannot be written: ENOSPC: no space left on device, write; all else is done\n',
    )
  })
})
