import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildProgram, run, start } from '../cli/program.js'
import { seededRandom } from '../hostile/random.js'
import { behaviours, type Behave } from './behaviours.js'
import { sha256 } from './file-bytes.js'
import { hostileMedia, type HostedFile, type HostileMedia } from './hostile-media.js'
import { sendHonestly, versionOf } from './send-file.js'
import {
  archiveOf,
  faultsOfFiles,
  feedOf,
  filesBelow,
  isPartial,
  mediaRows,
  postItem,
  rowOf,
} from './worlds.js'

beforeAll(buildProgram)

const honest: Behave = (turn) => sendHonestly(turn)

/** Settings under which nothing waits long. */
const settings = 'media: { idle_timeout_s: 0.5, renew: false }\ndurability: normal\n'

/** An archive of posts with videos of these sizes, which the server gives at its pace. */
async function openWorld(sizes: readonly number[], paceBytesPerMs = 0) {
  const media = await hostileMedia()
  media.paceBytesPerMs = paceBytesPerMs
  const videos = sizes.map((size) => media.put({ behave: honest, size }))
  const thumbnails = videos.map(() => media.put({ kind: 'webp', size: 2000 }))
  const items = videos.map((video, n) =>
    postItem(n, {
      source_wm: media.address(video),
      thumbnail: media.address(thumbnails[n]!),
      size: video.bytes.length,
    }),
  )
  const archive = await archiveOf(feedOf(items))
  const config = join(dirname(archive), 'my.yaml')
  writeFileSync(config, settings)
  const args = ['media', '--archive', archive, '--base-url', media.url, '--config', config]
  return { media, archive, args, files: [...videos, ...thumbnails] }
}

/** So many sizes, each larger than the one before. */
const ascending = (count: number, least: number, step = 1): number[] =>
  Array.from({ length: count }, (_, n) => least + n * step)

const hashesOf = (archive: string, files: readonly HostedFile[]) =>
  files.map((file) => rowOf(mediaRows(archive), file)?.sha256)

const asksFor = (media: HostileMedia, file: HostedFile) =>
  media.asked.filter((asked) => asked.file === file)

/** Files of the server that an archive holds. */
function heldIn(archive: string, files: readonly HostedFile[]): HostedFile[] {
  const rows = mediaRows(archive)
  return files.filter((file) => rowOf(rows, file)?.state === 'saved')
}

describe('afterfeed media', () => {
  it('loses nothing and downloads nothing twice, killed ten times at any moment', async () => {
    const { media, archive, args, files } = await openWorld(
      [...ascending(4, 1_800_000), ...ascending(30, 120_000, 9000)],
      2000,
    )
    const random = seededRandom(5)
    const again: string[] = []
    const faults: string[] = []
    let [partials, held] = [0, 0]

    for (let kill = 0; kill < 10; kill++) {
      const whole = heldIn(archive, files)
      held = whole.length
      const before = media.asked.length
      const program = start(args)
      while (media.asked.length === before && program.process.exitCode === null) await wait(2)
      await wait(random.int(450))
      program.process.kill('SIGKILL')
      await program.ended
      const asked = new Set(media.asked.slice(before).map(({ file }) => file))
      again.push(...whole.filter((file) => asked.has(file)).map(({ name }) => name))
      faults.push(...faultsOfFiles(archive).filter((fault) => !fault.startsWith('no row tells')))
      partials += filesBelow(archive).filter(isPartial).length
    }
    const { code, stderr } = await run(args)

    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(hashesOf(archive, files)).toEqual(files.map(({ bytes }) => sha256(bytes)))
    expect(again).toEqual([])
    expect(faults).toEqual([])
    expect(faultsOfFiles(archive)).toEqual([])
    expect(filesBelow(archive).filter(isPartial)).toEqual([])
    expect(partials).toBeGreaterThan(0)
    expect(held).toBeGreaterThan(0)
    expectResumed(media, files)
  })

  it('stops at an interrupt with 130, whole files and all, and goes on', async () => {
    const { media, archive, args, files } = await openWorld(ascending(12, 150_000, 60_000), 400)
    const program = start([...args, '--json'])
    while (heldIn(archive, files).length < 4) await wait(5)

    program.process.kill('SIGINT')
    const { code, stdout } = await program.ended
    const held = heldIn(archive, files)
    const asked = media.asked.length
    const next = await run(args)

    expect(code).toBe(130)
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({
      ...{ outcome: 'interrupted', files: { saved: held.length, failed: 0, lost: 0 } },
    })
    expect(next.code).toBe(0)
    expect(hashesOf(archive, files)).toEqual(files.map(({ bytes }) => sha256(bytes)))
    const later = new Set(media.asked.slice(asked).map(({ file }) => file))
    expect(held.filter((file) => later.has(file))).toEqual([])
    expectResumed(media, files)
  })

  it('sends nothing where everything is held', async () => {
    const { media, args } = await openWorld([3000, 3001])
    await run(args)
    const asked = media.asked.length

    const { code, stdout } = await run([...args, '--json'])

    expect(code).toBe(0)
    expect(media.asked).toHaveLength(asked)
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'done', saved_files: 0, received_bytes: 0 })
  })

  it('tells with its exit code that files are left out, and tries the failed ones again', async () => {
    const { media, archive, args, files } = await openWorld([3000, 3001])
    files[0]!.behave = behaviours['500 for ever']!.behave

    const first = await run(args)
    files[0]!.behave = honest
    const before = media.asked.length
    const second = await run(args)

    expect([first.code, second.code]).toEqual([5, 0])
    expect(media.asked.slice(before).map(({ file }) => file)).toEqual([files[0]])
    expect(hashesOf(archive, files)).toEqual(files.map(({ bytes }) => sha256(bytes)))
  })

  it('goes on with a slow download that was killed, where it stood a second before', async () => {
    const { media, archive, args, files } = await openWorld([700_000], 200)
    const program = start(args)
    while (!media.asked.some(({ sentBytes }) => sentBytes > 500_000)) await wait(5)

    program.process.kill('SIGKILL')
    await program.ended
    media.paceBytesPerMs = 0
    const { code } = await run(args)

    expect(code).toBe(0)
    expect(hashesOf(archive, files)).toEqual(files.map(({ bytes }) => sha256(bytes)))
    expect(asksFor(media, files[0]!)[1]?.from).toBeGreaterThan(250_000)
  })

  it('goes on with a killed download of a file that has changed since', async () => {
    const { media, archive, args, files } = await openWorld([400_000], 300)
    const program = start(args)
    while (!media.asked.some(({ sentBytes }) => sentBytes > 200_000)) await wait(5)
    program.process.kill('SIGKILL')
    await program.ended
    files[0]!.behave = (turn) => sendHonestly(turn, { version: 1 })

    const { code } = await run(args)

    expect(code).toBe(0)
    expect(hashesOf(archive, files)[0]).toBe(sha256(versionOf(files[0]!, 1).bytes))
  })

  it('refuses wrong words on its command line, with nothing asked', async () => {
    const { media, args } = await openWorld([3000])
    const wrong = [
      ['--variants', 'no_such_variant'],
      ['--concurrency', '0'],
      ['--bandwidth', '-1'],
      ['--no-such-flag'],
    ]

    const ended = await Promise.all(wrong.map((words) => run([...args, ...words])))

    expect(ended.map(({ code, stdout }) => ({ code, stdout }))).toEqual(
      wrong.map(() => ({ code: 2, stdout: '' })),
    )
    expect(media.asked).toEqual([])
  })
})

/** Some of what was begun was gone on with, and always by the tag of the file. */
function expectResumed(media: HostileMedia, files: readonly HostedFile[]): void {
  const seconds = files.flatMap((file) => asksFor(media, file).slice(1))
  const resumed = seconds.filter(({ from }) => from !== null)

  expect(resumed.length).toBeGreaterThan(0)
  expect(resumed.map(({ headers }) => headers['if-range'])).toEqual(
    resumed.map(({ file }) => versionOf(file!, 0).etag),
  )
}
