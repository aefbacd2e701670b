import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { detail } from '../import/room.js'
import { buildProgram, main, temporaryFolder } from './program.js'

beforeAll(buildProgram, 120_000)

it('ends an import from a silent pipe at a SIGINT, and says how to go on', async () => {
  const archive = join(temporaryFolder(), 'archive')
  const program = spawn(process.execPath, [main, 'import', '-', '--archive', archive])
  onTestFinished(() => void program.kill('SIGKILL'))
  let said = ''
  program.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const code = new Promise((resolve) => program.on('close', resolve))

  const answers = Array.from({ length: 100 }, (_, n) => `${JSON.stringify(detail(n))}\n`)
  program.stdin.write(answers.join(''))
  await vi.waitFor(() => expect(existsSync(join(archive, 'archive.sqlite'))).toBe(true), 10_000)
  program.kill('SIGINT')

  expect(await code).toBe(130)
  expect(said).toMatch(/^\d+ new answers/m)
  expect(said).toContain('Stopped before the end: the same command goes on')
})
