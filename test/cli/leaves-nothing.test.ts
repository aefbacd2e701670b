import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { openSimulator } from '../../src/simulator/index.js'
import { buildProgram, main, root, run, start, temporaryFolder } from './program.js'

beforeAll(buildProgram)

const key = 'sim-secret-key-8841'

/** Empty folders where a program runs, for its temporary files, and of its user; no program is found there. */
function openRoom() {
  const room = temporaryFolder()
  const [cwd, TMPDIR, HOME] = ['cwd', 'tmp', 'home'].map((name) => join(room, name)) as [
    ...[string, string, string],
  ]
  for (const folder of [cwd, TMPDIR, HOME]) mkdirSync(folder)
  return { room, place: { key, cwd, env: { TMPDIR, HOME, PATH: room } } }
}

const filesIn = (room: string): string[] => readdirSync(room, { recursive: true, encoding: 'utf8' })

const bare = ['cwd', 'home', 'tmp']

it('starts no other program, and leaves nothing where it runs, at home and among the temporary files', async () => {
  const { room, place } = openRoom()
  const simulator = await openSimulator({ clock: () => Date.now(), posts: 3, comments: 2, key })
  const folder = temporaryFolder()
  const at = (name: string): string => join(folder, name)
  const archive = ['--archive', at('archive')]
  const api = ['--base-url', simulator.url, '--rate', '0', ...archive]
  const formats = 'parquet,sqlite,csv,ndjson,arrow,edges,graphml,threads,warc,wacz'
  const commands: [code: number, ...args: string[]][] = [
    [0, 'crawl', 'feed', '--dry-run', ...api],
    [3, 'crawl', 'feed', '--max-requests', '2', ...api],
    [0, 'crawl', 'feed', '--media', '--export', at('beside'), ...api],
    [0, 'media', ...api],
    [0, 'import', join(root, 'config/demo-drafts.json'), ...archive],
    [0, 'export', '--out', at('whole'), '--format', formats, '--with-log', ...archive],
    [0, 'export', '--out', at('public'), '--publish', ...archive],
    [2, 'export', '--out', folder, '--publish', ...archive],
    [0, 'verify', ...archive],
    [0, 'verify', '--dataset', at('whole'), ...archive],
    [0, 'verify', '--dataset', at('public'), ...archive],
    [2, 'verify', '--dataset', folder, ...archive],
    [0, 'backup', at('copy'), ...archive],
    [0, 'rebuild', ...archive],
    [0, 'status', '--coverage', '--gaps', ...archive],
    [2, 'status', '--archive', at('nowhere')],
    [0, 'doctor', '--base-url', simulator.url, ...archive],
    [0, 'call', 'get_feed', '--base-url', simulator.url, ...archive],
    [0, 'demo', '--out', at('demo'), '--posts', '2'],
  ]

  for (const [code, ...args] of commands) {
    const ended = await run(args, place)
    expect({ args, ...ended }).toMatchObject({ code })
    expect({ args, left: filesIn(room).sort() }).toEqual({ args, left: bare })
  }
  await simulator.close()
})

it('leaves nothing when a served API ends', async () => {
  const { room, place } = openRoom()
  const api = start(['simulate', '--posts', '2', '--json'], place)
  await api.line('stdout', (line) => line.includes('url'))

  api.process.kill('SIGTERM')
  await api.ended

  expect(filesIn(room).sort()).toEqual(bare)
})

/** Has a command make a temporary folder with a file, and brings it to an end from without. */
async function endInTheMiddle(end: (program: ChildProcessWithoutNullStreams) => unknown) {
  const { room, place } = openRoom()
  const module = (path: string) => pathToFileURL(join(dirname(main), path)).href
  const script = `import { writeFileSync } from 'node:fs'
    import { runCommand } from '${module('run-command.js')}'
    import { makeRoom } from '${module('../archive/temporary-room.js')}'
    await runCommand({}, async () => {
      writeFileSync(await makeRoom('afterfeed-') + '/rows', 'private')
      process.stdin.on('data', () => { throw new Error('bug') })
      console.log('made')
      await new Promise(() => {})
    })`
  const args = ['--input-type=module', '-e', script]
  const program = spawn(process.execPath, args, { env: { ...process.env, ...place.env } })
  const closed = once(program, 'close')
  await once(program.stdout, 'data')
  const meanwhile = filesIn(room)
  await end(program)
  const [code] = (await closed) as [number | null]
  return { code, meanwhile: meanwhile.length, left: filesIn(room).sort() }
}

it('leaves no temporary files when a second interrupt ends it at once', async () => {
  const ended = await endInTheMiddle(async (program) => {
    program.kill('SIGINT')
    // It says that it is ending.
    await once(program.stderr, 'data')
    program.kill('SIGINT')
  })

  expect(ended).toEqual({ code: 130, meanwhile: 5, left: bare })
})

it('leaves no temporary files when a bug ends it', async () => {
  const ended = await endInTheMiddle((program) => program.stdin.write('x'))

  expect(ended).toEqual({ code: 1, meanwhile: 5, left: bare })
})
