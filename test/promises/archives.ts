import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { chmodSync, closeSync, existsSync, openSync, writeSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { expect, it, onTestFinished } from 'vitest'
import { run, start, type Ended, type Place } from '../cli/program.js'
import { smallDisk } from '../cli/small-disk.js'
import { ask, crawlAt, temporaryFolder } from './runs.js'
import { feedPage, openScripted, post, success } from './scripted-api.js'
import type { Call, Scripted } from './scripted-api.js'

const key = 'key-of-the-tests'
const file = 'archive.sqlite'

/** An archive that a crawl has begun, and the arguments that go on with it. */
async function begun(pages = 40) {
  const { url, calls } = await openScripted((call) => feedPage(call, pages))
  const archive = join(temporaryFolder(), 'archive')
  await crawlAt(url, archive, { maxRequests: 10 })
  const flags = ['--base-url', url, '--archive', archive, '--rate', '0']
  return { url, calls, archive, args: ['crawl', 'feed', ...flags] }
}

/** It says in its own words what is wrong, and not with a stack. */
function expectClear({ code, stdout, stderr }: Ended, words: RegExp): void {
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(words)
  expect(stderr).not.toMatch(/^\s+at |this is a bug/m)
}

const damages: [string, (path: string) => void, RegExp][] = [
  ['no database', (path) => writeFileSync(path, 'a letter to my aunt\n'.repeat(500)), /archive/],
  ['cut in half', (path) => truncateSync(path, 40_960), /archive/],
  ['cut in a page', (path) => truncateSync(path, 5000), /archive/],
  ['overwritten behind its first page', (path) => overwrite(path, 4096), /archive/],
  ['overwritten from its start', (path) => overwrite(path, 0), /archive/],
]

function overwrite(path: string, from: number): void {
  const bytes = readFileSync(path)
  bytes.fill(0xa5, from)
  writeFileSync(path, bytes)
}

/** Part 7, files that cannot be used. */
export function archivePromises(): void {
  it('lets one writer in, and tells the second what to do', async () => {
    const { args, archive } = await begun()
    const { url } = await openScripted(() => undefined)
    const first = start([...args, '--base-url', url], { key })
    while (ask(archive, 'SELECT count(*) FROM runs')[0] === 1) await wait(5)

    const second = await run(args, { key })
    const third = await run(['status', '--archive', archive])

    expectClear(second, /another .*writes/i)
    expect(third.code).toBe(0)
    first.process.kill('SIGKILL')
  })

  it('says that an archive is locked by another program', async () => {
    const { args, archive } = await begun()
    const other = new Database(join(archive, file))
    other.exec('BEGIN IMMEDIATE')
    onTestFinished(() => void other.close())

    expectClear(await run(args, { key }), /lock/i)
  })

  it('says that an archive cannot be written', async () => {
    const { args, archive, calls } = await begun()
    const sent = calls.length
    const isRoot = process.getuid?.() === 0
    for (const name of [file, '.']) chmodSync(join(archive, name), name === '.' ? 0o555 : 0o444)
    // Root may write everywhere; nobody may not.
    const nobody = 'set -- setpriv --reuid=65534 --regid=65534 --clear-groups "$@"'
    if (isRoot) for (const folder of [archive, join(archive, '..')]) chmodSync(folder, 0o555)

    const ended = await run(args, { key, ...(isRoot ? { shell: nobody } : {}) })

    chmodSync(archive, 0o755)
    expectClear(ended, /written|read-?only|rights|permission/i)
    expect(calls).toHaveLength(sent)
  })

  it('lets in nobody whom the lock cannot keep apart', async () => {
    const { args, archive, calls } = await begun()
    const sent = calls.length
    const isRoot = process.getuid?.() === 0
    const lock = join(archive, 'writer.lock')
    for (const path of [archive, join(archive, '..'), join(archive, file)]) chmodSync(path, 0o777)
    chmodSync(lock, 0o444)
    const nobody = 'set -- setpriv --reuid=65534 --regid=65534 --clear-groups "$@"'

    const ended = await run(args, { key, ...(isRoot ? { shell: nobody } : {}) })

    expectClear(ended, /cannot be written\. Check the rights .*writer\.lock: /)
    expect(calls).toHaveLength(sent)
  })

  it.each(damages)(
    'says that an archive is damaged, and leaves it: %s',
    async (_, damage, words) => {
      const { args, archive } = await begun(3000)
      const path = join(archive, file)
      damage(path)
      const before = readFileSync(path)

      const crawled = await run(args, { key })
      const status = await run(['status', '--archive', archive])

      expectClear(crawled, words)
      expectClear(status, words)
      expect(readFileSync(path).equals(before)).toBe(true)
    },
  )

  it('says that a folder is no archive file', async () => {
    const archive = temporaryFolder()
    mkdirSync(join(archive, file))

    expectClear(await run(['crawl', 'feed', '--archive', archive], { key }), /archive/)
    expectClear(await run(['status', '--archive', archive]), /archive/)
  })

  it('says that a file is where the archive folder should be', async () => {
    const path = join(temporaryFolder(), 'file')
    writeFileSync(path, 'text')

    expectClear(await run(['crawl', 'feed', '--archive', path], { key }), /archive|folder/)
  })

  it('survives that files may not grow, and goes on once they may', async () => {
    const { url } = await openScripted(heavyPage)
    const ended = await expectToSurvive(url, temporaryFolder(), { shell: 'ulimit -f 3000' })

    // The system may also kill the program for it (SIGXFSZ); in words or not, it is no success.
    expect([2, null]).toContain(ended.code)
  })

  it('survives that the disk becomes full, and goes on once there is room', async (context) => {
    const folder = smallDisk(context)
    const { url } = await openScripted(heavyPage)
    expectClear(await expectToSurvive(url, folder), /space|full|room|disk/i)
  })

  it('survives that another fills the disk', async (context) => {
    const folder = smallDisk(context)
    const { url } = await openScripted((call) => {
      if (call.index === 12) fill(folder)
      return heavyPage(call)
    })
    expectClear(await expectToSurvive(url, folder), /space|full|room|disk/i)
  })

  it('copies a living archive', async () => {
    const { args, archive, calls } = await begun(4000)
    const copy = join(temporaryFolder(), 'copy')
    const crawling = start(args, { key })
    while (calls.length < 60) await wait(5)

    const { code, stderr } = await run(['backup', copy, '--archive', archive])
    const after = calls.length
    crawling.process.kill('SIGKILL')

    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(ask(copy, 'PRAGMA integrity_check')).toEqual(['ok'])
    const held = Number(ask(copy, 'SELECT count(*) FROM posts')[0])
    expect(held).toBeGreaterThanOrEqual(10)
    expect(held).toBeLessThanOrEqual(after)
  })
}

/** A page with a text that does not shrink, one of sixty. */
const heavyPage = ({ index }: Call): Scripted => ({
  body: success({
    items: [post(index + 1, { text: randomBytes(200_000).toString('base64') })],
    cursor: index < 60 ? `page ${index}` : null,
  }),
})

/** A crawl runs out of room, and goes on elsewhere: what was saved is there. */
async function expectToSurvive(url: string, folder: string, limits: Place = {}): Promise<Ended> {
  const archive = join(folder, 'archive')
  const args = ['crawl', 'feed', '--base-url', url, '--archive', archive, '--rate', '0']

  const ended = await run(args, { key, ...limits })
  const moved = join(temporaryFolder(), 'archive')
  moveArchive(archive, moved)
  const done = `SELECT count(*) FROM requests WHERE state = 'done'`
  const broken = ask(moved, 'PRAGMA integrity_check')
  const settled = ask(moved, done)[0]
  const next = await crawlAt(url, moved, { seeds: [] })

  expect(broken).toEqual(['ok'])
  expect(settled).toBeGreaterThanOrEqual(1)
  expect(next).toMatchObject({ outcome: 'done', pending: 0, failed: 0 })
  expect(next.posts).toBe(ask(moved, done)[0])
  return ended
}

/** Leaves no byte free. */
function fill(folder: string): void {
  const file = openSync(join(folder, 'filling'), 'w')
  try {
    for (;;) writeSync(file, Buffer.alloc(4096))
  } catch {
    closeSync(file)
  }
}

function moveArchive(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const name of [file, `${file}-wal`]) {
    if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name))
  }
}
