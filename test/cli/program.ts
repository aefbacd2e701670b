import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { buildFolder } from './build.js'

export { temporaryFolder } from '../temporary-folder.js'
export { buildProgram, root } from './build.js'

/** The built command. */
export const main = join(buildFolder, 'cli/main.js')

/** How a program ended, and what it said. */
export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** A program that runs. */
export interface Running {
  process: ChildProcessWithoutNullStreams
  ended: Promise<Ended>
  /** The first line on a stream that the test accepts. */
  line(stream: 'stdout' | 'stderr', isWanted: (line: string) => boolean): Promise<string>
  /** The arguments as every user of the machine sees them. */
  visibleArguments(): string
}

/** Where and as whom a program runs. */
export interface Place {
  key?: string | undefined
  cwd?: string
  /** Put over the environment of the test. */
  env?: NodeJS.ProcessEnv
  /** Run by a shell before the program, in its place: limits of the process. */
  shell?: string
}

/** Starts `afterfeed` with these arguments; it ends with the test at the latest. */
export function start(
  args: readonly string[],
  { key, cwd = tmpdir(), env: more, shell }: Place = {},
): Running {
  const env = { ...process.env, NO_COLOR: '1', TIKHUB_API_KEY: key ?? '', ...more }
  const words = [process.execPath, main, ...args]
  const child =
    shell === undefined
      ? spawn(words[0]!, words.slice(1), { cwd, env })
      : spawn('bash', ['-c', `${shell}; exec "$@"`, 'bash', ...words], { cwd, env })
  child.stdin.end()
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()))
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, ...said }))
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return {
    process: child,
    ended,
    async line(stream, isWanted) {
      try {
        for await (const line of createInterface({ input: child[stream] }))
          if (isWanted(line)) return line
      } finally {
        // Reading lines ends with a pause; the rest is still to be gathered.
        child[stream].resume()
      }
      throw new Error(`ended without that line: ${JSON.stringify(await ended)}`)
    },
    visibleArguments: () => readFileSync(`/proc/${child.pid}/cmdline`, 'utf8'),
  }
}

/** Runs `afterfeed` to its end. */
export const run = (args: readonly string[], place: Place = {}): Promise<Ended> =>
  start(args, place).ended
