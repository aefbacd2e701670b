import { createHash } from 'node:crypto'
import { chmodSync, existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { InputError } from '../../src/model/errors.js'
import {
  detail,
  dumpOf,
  generationId,
  openRoom,
  originsIn,
  person,
  taskId,
  textsIn,
  wrapped,
} from './room.js'
import { zipOf } from './zip-file.js'

const text = (value: unknown): string => JSON.stringify(value)

describe('importFiles of a ZIP', () => {
  it('looks into each member, also a packed one, and counts what is none of ours', async () => {
    const room = openRoom()
    const zip = zipOf([
      { name: 'folder/', content: '' },
      { name: 'folder/b.json', content: text([detail(1), detail(2)]) },
      { name: 'a.ndjson.gz', content: gzipSync(`${text(detail(3))}\n${text(detail(4))}`) },
      { name: 'notes.txt', content: 'hello' },
      { name: 'package.json', content: '{"name":"x"' },
      { name: 'stored.json', content: text(detail(5)), isStored: true },
    ])

    const report = await room.take(room.put('x.zip', zip))

    expect(report).toMatchObject({
      ...{ pages: 5, containers: { zip: 1, array: 1, gzip: 1, ndjson: 1, answer: 1 } },
      skipped: { 'no JSON': 1 },
    })
    expect(originsIn(room)).toEqual([
      ...['x.zip!/a.ndjson.gz#L1', 'x.zip!/a.ndjson.gz#L2'],
      ...['x.zip!/folder/b.json#0', 'x.zip!/folder/b.json#1', 'x.zip!/stored.json'],
    ])
  })

  it.skipIf(!existsSync('/proc/self/fd'))('is closed once it is read, but for videos', async () => {
    const room = openRoom()
    for (let n = 0; n < 40; n += 1)
      room.put(`zips/${n}.zip`, zipOf([{ name: 'a.json', content: text(detail(n)) }]))
    const open: number[] = []
    const onProgress = () => void open.push(readdirSync('/proc/self/fd').length)

    const report = await room.take(join(room.folder, 'zips'), { onProgress })

    expect(report).toMatchObject({ outcome: 'done', pages: 40 })
    expect(open.at(-1)! - open[0]!).toBeLessThan(20)
  })

  it('comes through a pipe too', async () => {
    const room = openRoom()
    const zip = zipOf([{ name: 'a.json', content: text(detail(1)) }])

    const report = await room.take('-', { stdin: piped(zip) })

    expect(report).toMatchObject({ outcome: 'done', pages: 1, containers: { zip: 1 } })
    expect(originsIn(room)).toEqual(['stdin!/a.json'])
  })

  it('comes through no pipe where it cannot be laid down', async () => {
    const room = openRoom()
    const zip = zipOf([{ name: 'a.json', content: text(detail(1)) }])
    vi.stubEnv('TMPDIR', join(room.folder, 'nowhere'))
    onTestFinished(() => void vi.unstubAllEnvs())

    const taken = room.take('-', { stdin: piped(zip) })

    await expect(taken).rejects.toThrow(InputError)
    await expect(taken).rejects.toThrow('Name another place in TMPDIR')
  })

  it('tells members that cannot be taken, and takes the others', async () => {
    const room = openRoom()
    const zip = zipOf([
      { name: '../../outside.json', content: text(detail(1)) },
      { name: '/absolute.json', content: text(detail(1)) },
      { name: 'link.json', content: '/etc/passwd', isLink: true },
      { name: 'locked.json', content: text(detail(1)), isEncrypted: true },
      { name: 'liar.json', content: text(detail(1)), declaredSize: 10 },
      { name: 'nested.zip', content: zipOf([{ name: 'a', content: text(detail(1)) }]) },
      { name: 'good.json', content: text(detail(2)) },
    ])
    const before = readdirSync(room.folder)

    const report = await room.take(room.put('x.zip', zip))

    expect(report).toMatchObject({ outcome: 'failures', pages: 1 })
    expect(report.bad.map(({ place, problem }) => [place, problem.slice(0, 24)])).toEqual([
      ['!/../../outside.json', 'has a name that leads ou'],
      ['!//absolute.json', 'has a name that leads ou'],
      ['!/liar.json', expect.any(String)],
      ['!/link.json', 'is a symbolic link: it i'],
      ['!/locked.json', 'is encrypted: unpack the'],
      ['!/nested.zip', 'is a ZIP inside another '],
    ])
    expect(textsIn(room)).toEqual(['text 2'])
    expect(readdirSync(room.folder)).toEqual([...before, 'archive', 'x.zip'])
  })

  it('refuses bombs: members that unpack to too much, that overlap, or that are too many', async () => {
    const room = openRoom()
    const blanks = Buffer.alloc(4 * 2 ** 20, ' ')
    const big = zipOf([{ name: 'a.json', content: blanks }])
    const one = { name: 'a', content: text(detail(1)) }
    const overlapping = zipOf([
      one,
      ...Array.from({ length: 9 }, () => ({ ...one, isOverlapping: true })),
    ])
    const many = zipOf(Array.from({ length: 9 }, (_, n) => ({ name: `${n}`, content: '{}' })))
    const files = Object.entries({ big, overlapping, many }).map(([name, zip]) =>
      room.put(name, zip),
    )

    const taking = room.take(files, { limits: { unpackedFreely: 2 ** 20, members: 8 } })

    const error = await taking.catch((caught: unknown) => caught as Error)
    expect(error).toBeInstanceOf(InputError)
    expect(
      (error as Error).message.split('\n').map((line) => /bomb|more than the 8/.test(line)),
    ).toEqual([...[true, true, true]])
    expect(existsSync(room.archiveDir)).toBe(false)
  })

  it('says that a ZIP is cut off: nothing in it can be read', async () => {
    const room = openRoom()
    const zip = zipOf([{ name: 'a.json', content: text(detail(1)) }])

    await expect(room.take(room.put('x.zip', zip.subarray(0, -30)))).rejects.toThrow(
      'is no whole ZIP',
    )
    expect(existsSync(room.archiveDir)).toBe(false)
  })
})

async function* piped(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes.subarray(0, 10)
  yield bytes.subarray(10)
}

const video = (n: number): Buffer =>
  Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom'), Buffer.alloc(1000, n)])
const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
const address = (n: number): string =>
  `https://videos.openai.com/az/vg-assets/assets%2Ftask%2F${n}%2Fsrc.mp4?se=2026-04-01T00%3A00%3A00Z&sig=A`
const row = (n: number) => ({
  ...{ id: generationId(n), task_id: taskId(n), width: 352, height: 640, title: `title ${n}` },
  ...{ prompt: `prompt ${n}`, url: address(n) },
})

describe('importFiles of a ZIP with members that do not fit their checksums', () => {
  const problem = 'does not fit its checksum: the ZIP is damaged, and what it told may be, too'

  it('takes no answer and no video that is damaged, and the others', async () => {
    const room = openRoom()
    const zip = zipOf([
      { name: 'answer.json', content: text(detail(1)), isDamaged: true },
      { name: 'other.json', content: text(detail(2)) },
      { name: `${generationId(1)}.mp4`, content: video(1), isStored: true, isDamaged: true },
    ])

    const report = await room.take(room.put('x.zip', zip))

    expect(report).toMatchObject({
      ...{ pages: 1, media: 0 },
      bad: ['answer.json', `${generationId(1)}.mp4`].map((name) => ({
        ...{ file: join(room.folder, 'x.zip'), place: `!/${name}`, problem },
      })),
    })
    expect(originsIn(room)).toEqual(['x.zip!/other.json'])
    expect(room.rows('SELECT * FROM media')).toEqual([])
  })

  it('tells it behind the answers that were read by then', async () => {
    const room = openRoom()
    const long = { ...detail(1), note: 'x'.repeat(5000) }
    const lines = [long, detail(2)].map((each) => `${text(each)}\n`).join('')

    const zip = zipOf([{ name: 'lines.ndjson', content: lines, isDamaged: true }])
    const report = await room.take(room.put('x.zip', zip))

    expect(report).toMatchObject({ pages: 2, total_bad: 1, bad: [{ problem }] })
  })
})

describe('importFiles of the official export', () => {
  const generations = [1, 2, 3].map(row)
  const first = zipOf([
    { name: 'generations.json', content: JSON.stringify(generations) },
    { name: `${generationId(1)}.mp4`, content: video(1), isStored: true },
    { name: `${generationId(2)}.mp4`, content: video(2), isStored: true },
  ])
  const second = zipOf([
    { name: 'sora/generations.json', content: JSON.stringify(generations, null, 2) },
    { name: `sora/${generationId(2)}.mp4`, content: video(2), isStored: true },
    { name: `sora/${generationId(3)}.mp4`, content: video(2), isStored: true },
    { name: `sora/${generationId(9)}.mp4`, content: 'no video', isStored: true },
  ])

  it('takes rows and videos of all parts, each content once', async () => {
    const room = openRoom()

    const report = await room.take([
      room.put('sora-data-files-export-2.zip', second),
      room.put('sora-data-files-export-1.zip', first),
    ])

    expect(report).toMatchObject({
      ...{ outcome: 'failures', pages: 2, media: 3, media_held: 1, anomalies: 0 },
      answers: { native_export: 2 },
      bad: [{ place: `!/sora/${generationId(9)}.mp4` }],
      files: [{ bad: 1 }, { bad: 0 }],
    })
    expect(
      room.rows('SELECT generation_id, task_id, width, title, prompt FROM generations'),
    ).toEqual(
      generations.map(({ id, task_id, width, title, prompt }) => ({
        ...{ generation_id: id, task_id, width, title, prompt },
      })),
    )
    const places = [video(1), video(2)].map(digest).map((sha256) => ({
      path: `media/sha256/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}.mp4`,
      sha256,
    }))
    expect(
      room.rows(
        `SELECT owner_id, state, media.path, sha256, content_type, bytes
         FROM media JOIN assets USING (asset_key) ORDER BY owner_id`,
      ),
    ).toEqual(
      [0, 1, 1].map((which, index) => ({
        ...{ owner_id: generationId(index + 1), state: 'saved', ...places[which] },
        ...{ content_type: 'video/mp4', bytes: 1012 },
      })),
    )
    expect(readFileSync(join(room.archiveDir, places[0]!.path))).toEqual(video(1))
    const files = readdirSync(join(room.archiveDir, 'media'), { recursive: true }) as string[]
    expect(files.filter((name) => name.includes('.'))).toHaveLength(2)
  })

  it('changes nothing the second time', async () => {
    const room = openRoom()
    const file = room.put('export.zip', first)
    await room.take(file)
    const before = dumpOf(room)

    const report = await room.take(file)

    expect(report).toMatchObject({ pages: 0, held: 1, media: 0, media_held: 2 })
    expect(dumpOf(room)).toEqual(before)
  })

  it('takes it unpacked as well', async () => {
    const room = openRoom()
    room.put('x/generations.json', generations)
    room.put(`x/${generationId(1)}.mp4`, video(1))
    room.put('x/other.mp4', video(4))

    const report = await room.take(join(room.folder, 'x'))

    expect(report).toMatchObject({ outcome: 'done', pages: 1, media: 1, skipped: { binary: 1 } })
  })
})

describe('importFiles of folders and patterns', () => {
  const fill = () => {
    const room = openRoom()
    room.put('dump/b.json', detail(2))
    room.put('dump/a/deep.json', detail(1))
    room.put('dump/notes.md', '# notes')
    room.put('dump/c.txt', detail(3))
    return room
  }

  it('takes all files below a folder in the order of their names; links are not followed', async () => {
    const room = fill()
    symlinkSync(join(room.folder, 'dump'), join(room.folder, 'dump', 'round'))

    const report = await room.take(join(room.folder, 'dump'))

    expect(report).toMatchObject({
      ...{ outcome: 'done', pages: 3, bad: [], skipped: { link: 1, 'no JSON': 1 } },
      containers: { folder: 2, answer: 3 },
    })
    expect(originsIn(room)).toEqual(['dump/a/deep.json', 'dump/b.json', 'dump/c.txt'])
  })

  it.each(['dump', 'dump/{a,b.json,c.txt}'])(
    'takes the rest of %s where some may not be read',
    async (pattern) => {
      const room = fill()
      const [file, folder] = ['dump/b.json', 'dump/a'].map((name) => join(room.folder, name))
      for (const closed of [file!, folder!]) chmodSync(closed, 0)
      // Root may read everything; nobody may not.
      chmodSync(room.folder, 0o777)
      if (process.geteuid?.() === 0) process.seteuid!(65534)
      onTestFinished(() => void (process.getuid?.() === 0 && process.seteuid!(0)))

      const report = await room.take(join(room.folder, pattern))

      expect(report).toMatchObject({ outcome: 'failures', pages: 1 })
      expect(
        report.bad.map(({ file, problem }) => [file.replace(/\/$/, ''), problem.slice(0, 22)]),
      ).toEqual([folder, file].map((name) => [name, 'cannot be read: EACCES']))
    },
  )

  it('reads patterns that no shell has read', async () => {
    const room = fill()

    const report = await room.take(`${room.folder}/dump/**/*.json`)

    expect(report).toMatchObject({ outcome: 'done', pages: 2 })
  })

  it('says that a pattern fits nothing, and takes a file whose name looks like a pattern', async () => {
    const room = fill()
    const odd = room.put('odd[1]*.json', detail(7))

    const report = await room.take([odd, `${room.folder}/*.nothing`])

    expect(report).toMatchObject({ outcome: 'failures', pages: 1 })
    expect(report.bad).toMatchObject([{ problem: 'is a pattern that no file fits' }])
  })

  it('names a file as it was named, and an absolute one by its last part', async () => {
    const room = openRoom()

    await room.take(room.put('deep/a.json', detail(1)))

    expect(originsIn(room)).toEqual(['a.json'])
  })

  it.each([
    ['dump/', ['dump/a/deep.json', 'dump/b.json', 'dump/c.txt']],
    ['dump/{a,c.txt}', ['dump/a/deep.json', 'dump/c.txt']],
    ['/dump/{a,c.txt}', ['a/deep.json', 'c.txt']],
  ])('names files found by %s alike, wherever it is run', async (name, origins) => {
    const room = fill()
    const before = process.cwd()
    process.chdir(room.folder)
    onTestFinished(() => process.chdir(before))

    await room.take(name.startsWith('/') ? room.folder + name : name)

    expect(originsIn(room)).toEqual(origins)
  })
})

describe('importFiles of another archive', () => {
  it('merges it: answers, what is missing, and files', async () => {
    const [one, other] = [openRoom(), openRoom()]
    const zip = zipOf([
      { name: 'generations.json', content: JSON.stringify([row(1)]) },
      { name: `${generationId(1)}.mp4`, content: video(1), isStored: true },
    ])
    await other.take([other.put('a.json', [detail(1), wrapped(2)]), other.put('x.zip', zip)])
    await one.take(one.put('b.json', [detail(1), person(3)]))

    const report = await one.take(other.archiveDir)

    expect(report).toMatchObject({
      ...{ outcome: 'done', pages: 2, held: 1, media: 1, containers: { archive: 1 } },
    })
    expect(textsIn(one)).toEqual(['text 1', 'text 2'])
    expect(one.rows('SELECT state FROM media')).toEqual([{ state: 'saved' }])
    const again = await one.take(join(other.archiveDir, 'archive.sqlite'))
    expect(again).toMatchObject({ pages: 0, held: 3, media: 0, media_held: 1 })
  })

  it('refuses itself, and files of other programs', async () => {
    const room = openRoom()
    await room.take(room.put('a.json', detail(1)))
    const before = dumpOf(room)
    const alien = room.put('alien.sqlite', `SQLite format 3\0${'x'.repeat(5000)}`)

    const taking = room.take([room.archiveDir, alien])

    await expect(taking).rejects.toThrow('is the archive that is imported into')
    expect(dumpOf(room)).toEqual(before)
  })
})
