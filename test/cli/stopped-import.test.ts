import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { detail } from '../import/room.js'
import { buildProgram, main, start, temporaryFolder } from './program.js'

beforeAll(buildProgram)

it('ends an import from a silent pipe at a SIGINT, and says how to go on', async () => {
  const archive = join(temporaryFolder(), 'archive')
  const program = spawn(process.execPath, [main, 'import', '-', '--archive', archive])
  onTestFinished(() => void program.kill('SIGKILL'))
  let said = ''
  program.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const code = new Promise((resolve) => program.on('close', resolve))

  const answers = Array.from({ length: 100 }, (_, n) => `${JSON.stringify(detail(n))}\n`)
  program.stdin.write(answers.join(''))
  await vi.waitFor(() => expect(existsSync(join(archive, 'archive.sqlite'))).toBe(true), 60_000)
  program.kill('SIGINT')

  expect(await code).toBe(130)
  expect(said).toMatch(/^\d+ new answers?/m)
  expect(said).toContain('Stopped before the end: the same command goes on')
})

it.skipIf(process.platform === 'win32')(
  'takes a named pipe, and stops while nothing is written to it',
  async () => {
    const [archive, pipe] = [join(temporaryFolder(), 'archive'), join(temporaryFolder(), 'pipe')]
    execFileSync('mkfifo', [pipe])
    const written = start(['import', pipe, '--archive', archive])
    await writeFile(pipe, `${JSON.stringify(detail(1))}\n`)

    const first = await written.ended
    const silent = start(['import', pipe, '--archive', archive])
    // It opens once there is a reader.
    const writer = await open(pipe, 'w')
    silent.process.kill('SIGINT')
    const second = await silent.ended
    await writer.close()

    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 new answer') as string,
    })
    expect(second).toMatchObject({ code: 130 })
  },
)
