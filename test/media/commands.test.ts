import { cpSync, existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openSimulator, type Simulator } from '../../src/index.js'
import { buildProgram, run, start } from '../cli/program.js'
import { smallDisk } from '../cli/small-disk.js'
import { requestLines, toldRows } from '../crawl/worlds.js'
import { behaviours } from './behaviours.js'
import { sha256 } from './file-bytes.js'
import { hostileMedia, type HostedFile } from './hostile-media.js'
import {
  archiveOf,
  faultsOfFiles,
  feedOf,
  filesBelow,
  isPartial,
  mediaRows,
  postItem,
  rowOf,
  rowsOf,
  temporaryFolder,
} from './worlds.js'

beforeAll(buildProgram)

const key = 'sim-secret-key-5521'

/** A local API at whose clock it is always the same, so that equal calls give equal objects. */
async function openApi(posts: number): Promise<Simulator> {
  const now = Date.now()
  const simulator = await openSimulator({ clock: () => now, posts, key, mediaLifetimeHours: 48 })
  onTestFinished(() => simulator.close())
  return simulator
}

const flagsOf = ({ url }: { url: string }, archive: string): string[] => [
  ...['--base-url', url, '--archive', archive, '--rate', '100000'],
]

const resultOf = (stdout: string): Record<string, unknown> =>
  JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>

/** An instant as progress tells it: microseconds, or ISO. */
const microsOf = (told: string): number =>
  /^\d+$/.test(told) ? Number(told) : Date.parse(told) * 1000

/** What is held of every file, without times. */
const heldRows = (archive: string) =>
  mediaRows(archive).map(({ asset_key, state, sha256, bytes, content_type, path }) => ({
    ...{ asset_key, state, sha256, bytes, content_type, path },
  }))

describe('afterfeed crawl --media', () => {
  it('ends with the archive that crawl and media give one after the other', async () => {
    const simulator = await openApi(12)
    const [together, apart] = [join(temporaryFolder(), 'a'), join(temporaryFolder(), 'b')]

    const both = await run(
      ['crawl', 'feed', '--media', '--json', ...flagsOf(simulator, together)],
      {
        key,
      },
    )
    const first = await run(['crawl', 'feed', ...flagsOf(simulator, apart)], { key })
    const second = await run(['media', ...flagsOf(simulator, apart)], { key })

    expect([both.code, first.code, second.code]).toEqual([0, 0, 0])
    expect(resultOf(both.stdout)).toMatchObject({ outcome: 'done', pending: 0, failed: 0 })
    expect(toldRows(together)).toEqual(toldRows(apart))
    expect(requestLines(together)).toEqual(requestLines(apart))
    expect(heldRows(together)).toEqual(heldRows(apart))
    expect(heldRows(together).length).toBeGreaterThan(24)
    expect(filesBelow(together)).toEqual(filesBelow(apart))
    expect(faultsOfFiles(together)).toEqual([])
    expect(simulator.calls().calls).toBe(2 * simulator.fewestRequests().requests)
  })

  it('goes on with both after a kill, and pays for nothing twice', async () => {
    const simulator = await openApi(25)
    const archive = join(temporaryFolder(), 'archive')
    const args = ['crawl', 'feed', '--media', ...flagsOf(simulator, archive), '--rate', '60']
    const program = start(args, { key })
    while (simulator.calls().calls < 15 && program.process.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 5))

    program.process.kill('SIGKILL')
    await program.ended
    const faults = faultsOfFiles(archive).filter((fault) => !fault.startsWith('no row tells'))
    const next = await run([...args.slice(0, -1), '100000'], { key })

    expect(faults).toEqual([])
    expect(next.code).toBe(0)
    expect(heldRows(archive).every(({ state }) => state === 'saved')).toBe(true)
    expect(faultsOfFiles(archive)).toEqual([])
    expect(simulator.calls().calls - simulator.fewestRequests().requests).toBeLessThanOrEqual(4)
  })

  it('stops at the budget with the files of what it paid for, and goes on', async () => {
    const simulator = await openApi(20)
    const archive = join(temporaryFolder(), 'archive')
    const args = ['crawl', 'feed', '--media', '--json', ...flagsOf(simulator, archive)]

    const first = await run([...args, '--budget', '0.5'], { key })
    const billed = simulator.calls().billed_usd
    const held = mediaRows(archive)
    const next = await run(args, { key })

    expect([first.code, next.code]).toEqual([3, 0])
    expect(billed).toBeLessThanOrEqual(0.5)
    expect(resultOf(first.stdout)).toMatchObject({ outcome: 'budget', cost_usd: billed })
    expect(held.length).toBeGreaterThan(4)
    expect(held.filter(({ state }) => state !== 'saved')).toEqual([])
    expect(mediaRows(archive).filter(({ state }) => state !== 'saved')).toEqual([])
    expect(faultsOfFiles(archive)).toEqual([])
  })

  it('shows the nearest deadline while it walks', async () => {
    const simulator = await openApi(12)
    const archive = join(temporaryFolder(), 'archive')
    const flags = ['--base-url', simulator.url, '--archive', archive, '--rate', '60']

    const { code, stderr } = await run(['crawl', 'feed', '--media', '--json', ...flags], { key })

    const told = [...stderr.matchAll(/"nearest_deadline":"?([\w:.-]+)"?/g)].map(([, at]) => at!)
    const ends = rowsOf<{ expires_at: number }>(archive, 'SELECT DISTINCT expires_at FROM assets')
      .filter(({ expires_at }) => expires_at !== null)
      .map(({ expires_at }) => expires_at)
    const instants = told.filter((at) => at !== 'null').map((at) => microsOf(at))
    expect(code).toBe(0)
    expect(instants.length).toBeGreaterThan(0)
    expect(instants.filter((at) => !ends.includes(at))).toEqual([])
  })

  it('writes the dataset at the end, and in time before the nearest deadline', async () => {
    const simulator = await openApi(20)
    const folder = temporaryFolder()
    const [archive, out] = [join(folder, 'archive'), join(folder, 'out')]
    const config = join(folder, 'my.yaml')
    writeFileSync(config, 'export: { before_deadline_h: 100 }\n')
    const flags = ['--base-url', simulator.url, '--archive', archive, '--config', config]
    const program = start(['crawl', 'feed', '--export', out, '--rate', '10', ...flags], { key })
    while (!existsSync(join(out, 'dataset.sqlite')) && program.process.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 10))

    const calls = simulator.calls().calls
    const { code, stderr } = await program.ended

    const exported = new Database(join(out, 'dataset.sqlite'), { readonly: true })
    onTestFinished(() => void exported.close())
    const posts = exported.prepare('SELECT count(*) AS count FROM posts').get()
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(calls).toBeLessThan(simulator.calls().calls)
    expect([posts]).toEqual(rowsOf(archive, 'SELECT count(*) AS count FROM posts'))
  })

  it('is what a second writer is told to use', async () => {
    const media = await hostileMedia()
    const file = media.put({ behave: behaviours['no answer']!.behave })
    const archive = await archiveOf(feedOf([postItem(0, { source_wm: media.address(file) })]))
    const first = start(['media', ...flagsOf(media, archive)])
    while (media.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))

    const second = await run(['media', ...flagsOf(media, archive)])
    first.process.kill('SIGKILL')

    expect(second.code).toBe(2)
    expect(second.stderr).toMatch(/crawl --media/)
    expect(media.asked).toHaveLength(1)
  })
})

/** Counts of `media` by state, and the bytes of what is saved, as SQL says. */
function counted(archive: string) {
  const rows = rowsOf<{ state: string; files: number; bytes: number }>(
    archive,
    'SELECT state, count(*) AS files, total(bytes) AS bytes FROM media GROUP BY state',
  )
  const of = (state: string) => rows.find((row) => row.state === state)
  return {
    ...{ saved: of('saved')?.files ?? 0, lost: of('lost')?.files ?? 0 },
    ...{ failed: of('failed')?.files ?? 0, refused: of('refused')?.files ?? 0 },
    bytes: of('saved')?.bytes ?? 0,
  }
}

/** Every number in a value, by its path. */
function numbersIn(value: unknown, path = ''): [string, number][] {
  if (typeof value === 'number') return [[path, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => numbersIn(inner, `${path}/${name}`))
}

describe('afterfeed status --media', () => {
  it('tells numbers that add up', async () => {
    const media = await hostileMedia()
    const names = ['whole', 'whole', 'whole', '404', 'a page of HTML', '500 for ever']
    const files = names.map((name) => media.put({ behave: behaviours[name]!.behave, size: 5000 }))
    const soon = new Date(Date.now() + 3_600_000).toISOString().slice(0, 19) + 'Z'
    const dead = media.put({ name: 'dead' })
    const waiting = media.put({ name: 'waiting' })
    const archive = await archiveOf(
      feedOf([
        ...files.map((file, n) => postItem(n, { source_wm: media.address(file) })),
        postItem(20, { source_wm: media.address(dead, { expires: '2026-01-01T00:00:00Z' }) }),
      ]),
    )
    const flags = flagsOf(media, archive)
    await run(['media', '--no-renew', ...flags])
    const answer = join(dirname(archive), 'more.json')
    writeFileSync(
      answer,
      feedOf([postItem(30, { source_wm: media.address(waiting, { expires: soon }) })]),
    )
    await run(['import', answer, '--archive', archive])

    const { code, stdout } = await run(['status', '--media', '--json', '--archive', archive])
    const text = await run(['status', '--media', '--archive', archive])

    const rows = counted(archive)
    const told = numbersIn((resultOf(stdout) as { media: unknown }).media)
    const first = (name: RegExp) => told.find(([path]) => name.test(path))?.[1]
    expect([code, text.code]).toEqual([0, 0])
    expect(rows).toEqual({ saved: 3, lost: 2, failed: 1, refused: 1, bytes: 15_000 })
    expect({
      ...{ saved: first(/saved/), lost: first(/lost/), waiting: first(/waiting|wanted/) },
      ...{ failed: first(/failed/), refused: first(/refused/) },
    }).toEqual({ saved: 3, lost: 2, waiting: 1, failed: 1, refused: 1 })
    expect(told.map(([, value]) => value)).toContain(15_000)
    expect(text.stdout).toMatch(/ {2}lost: expired +1 {2}e\.g\. its link has ended/)
    for (const word of [/saved/i, /wait/i, /risk/i, /lost/i, /deadline|end/i])
      expect(text.stdout).toMatch(word)
  })

  it('says that a draft whose links are dead cannot be had again', async () => {
    const archive = await archiveOf(
      JSON.stringify({
        items: [
          {
            ...{ id: 'gen_01k9rsq5h70000000000000001', kind: 'sora_draft', prompt: 'a draft' },
            generation_id: 'gen_01k9rsq5h70000000000000001',
            url: 'https://videos.openai.com/az/files/00000000-0000-0000-0000-000000000001%2Fraw?se=2026-01-01T00%3A00%3A00Z&sig=A',
          },
        ],
        cursor: null,
      }),
    )

    const { code, stdout } = await run(['status', '--media', '--archive', archive])

    expect(code).toBe(0)
    expect(stdout).toMatch(/draft/i)
  })
})

describe('afterfeed media, asked for other variants', () => {
  it('offers to go on only where the same command would', async () => {
    const media = await hostileMedia()
    const [video, small] = [media.put(), media.put()]
    const expires = '2020-01-01T00:00:00Z'
    const source_wm = media.address(video, { expires })
    const archive = await archiveOf(feedOf([postItem(0, { source_wm, md: media.address(small) })]))
    const flags = ['--archive', archive, '--base-url', media.url, '--quiet']

    const first = await run(['media', ...flags, '--budget', '0'], { key })
    const next = await run(['media', ...flags, '--variants', 'md'], { key })

    expect([first.code, next.code]).toEqual([3, 0])
    expect(first.stdout).toMatch(/1 file is waiting. To go on: afterfeed media .*--budget 0/)
    expect(next.stdout).toMatch(/1 file saved/)
    expect(next.stdout).not.toMatch(/waiting/)
    expect(
      mediaRows(archive)
        .map(({ state }) => state)
        .sort(),
    ).toEqual(['saved', 'wanted'])
  })
})

describe('afterfeed media on a disk that is full', () => {
  it('says so, leaves nothing half under a final name, and goes on where there is room', async (context) => {
    const folder = smallDisk(context)
    const media = await hostileMedia()
    const files = Array.from({ length: 12 }, (_, n) => media.put({ size: 4_000_000 + n, seed: n }))
    const made = await archiveOf(
      feedOf(files.map((file, n) => postItem(n, { source_wm: media.address(file) }))),
    )
    const archive = join(folder, 'archive')
    cpSync(made, archive, { recursive: true })

    const ended = await run(['media', ...flagsOf(media, archive)])
    const faults = faultsOfFiles(archive).filter((fault) => !fault.startsWith('no row tells'))
    const held = heldOf(archive, files)
    const moved = join(temporaryFolder(), 'archive')
    cpSync(archive, moved, { recursive: true })
    const asked = media.asked.length
    const next = await run(['media', ...flagsOf(media, moved)])

    expect(ended.code).toBe(2)
    expect(ended.stderr).toMatch(/space|full|room|disk/i)
    expect(ended.stderr).not.toMatch(/^\s+at |this is a bug/m)
    expect(faults).toEqual([])
    expect(held.length).toBeGreaterThan(0)
    expect(rowsOf(archive, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
    expect(next.code).toBe(0)
    expect(files.map((file) => rowOf(mediaRows(moved), file)?.sha256)).toEqual(
      files.map(({ bytes }) => sha256(bytes)),
    )
    const later = new Set(media.asked.slice(asked).map(({ file }) => file))
    expect(held.filter((file) => later.has(file))).toEqual([])
    expect(faultsOfFiles(moved)).toEqual([])
    expect(filesBelow(moved).filter(isPartial)).toEqual([])
  })
})

const heldOf = (archive: string, files: readonly HostedFile[]): HostedFile[] =>
  files.filter((file) => rowOf(mediaRows(archive), file)?.state === 'saved')
