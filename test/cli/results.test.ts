import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openSimulator } from '../../src/simulator/index.js'
import { buildProgram, root, run, start, temporaryFolder } from './program.js'

const key = 'sim-key'
const drafts = join(root, 'config/demo-drafts.json')

/** The keys that `docs/json.md` names for each command. */
function documented(): Map<string, string[]> {
  const text = readFileSync(join(root, 'docs/json.md'), 'utf8')
  const rows = [...text.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)]
  const keys = new Map<string, string[]>()
  for (const [, command, told] of rows) {
    const [, base] = /^those of `([^`]+)`, and /.exec(told!) ?? []
    const own = [...told!.replace(/^those of `[^`]+`/, '').matchAll(/`([^`]+)`/g)]
    keys.set(command!, [...(base ? keys.get(base)! : []), ...own.map(([, name]) => name!)])
  }
  return keys
}

beforeAll(buildProgram, 120_000)

describe('docs/json.md', () => {
  it('names just the keys that every command prints with --json', async () => {
    const api = await openSimulator({ clock: () => Date.now(), posts: 3, key })
    onTestFinished(() => api.close())
    const folder = temporaryFolder()
    const { post_id } = api.truth().posts[0]!
    const base = ['--base-url', api.url]
    const keys = new Map<string, string[]>()
    const ask = async (name: string, ...more: string[]) => {
      const archive = name === 'demo' ? [] : ['--archive', join(folder, 'archive')]
      const words = [...name.split(' ').filter((each) => each !== 'ENDPOINT'), ...more]
      const { code, stdout, stderr } = await run([...words, ...archive, '--json'], { key })
      expect({ code, stderr }).toMatchObject({ code: 0 })
      keys.set(name, Object.keys(JSON.parse(stdout) as object))
    }

    await ask('crawl', 'feed', '--rate', '0', ...base)
    await ask('crawl --dry-run', 'feed')
    await ask('media', ...base)
    await ask('import', drafts)
    await ask('export', '--out', join(folder, 'out'))
    await ask('rebuild')
    for (const list of ['', ' --drift', ' --gaps', ' --coverage', ' --media'])
      await ask(`status${list}`)
    await ask('verify')
    await ask('backup', join(folder, 'copy'))
    await ask('trace', 'posts', post_id)
    await ask('history', post_id)
    await ask('call')
    await ask('call ENDPOINT', 'get_post_detail', `post_id=${post_id}`, ...base)
    await ask('doctor', ...base)
    await ask('forget --dry-run', `post:${post_id}`)
    await ask('forget', `post:${post_id}`)
    const served = await start(['simulate', '--posts', '1', '--json']).line('stdout', () => true)
    keys.set('simulate', Object.keys(JSON.parse(served) as object))
    await ask('demo', '--posts', '2', '--out', join(folder, 'demo'))

    const sorted = (told: Map<string, string[]>) =>
      Object.fromEntries([...told].map(([name, names]) => [name, [...names].sort()]))
    expect(sorted(keys)).toEqual(sorted(documented()))
  }, 240_000)
})
