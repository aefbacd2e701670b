import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { ByteReader } from '../../src/import/byte-reader.js'
import { InputError } from '../../src/model/errors.js'
import { detail, openRoom, originsIn, person, postId, taskId, textsIn, wrapped } from './room.js'
import { growth } from '../measure.js'

const lines = (...values: unknown[]): string =>
  values.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join('\n')

describe('importFiles of a line an answer', () => {
  it('takes envelopes and bare answers, and says in which line each stood', async () => {
    const room = openRoom()
    const file = room.put('dump.ndjson', lines(detail(1), wrapped(2), detail(3)))

    const report = await room.take(file)

    expect(report).toMatchObject({
      ...{ outcome: 'done', pages: 3, bad: [], skipped: {} },
      ...{ containers: { ndjson: 1 }, answers: { get_post_detail: 3 } },
    })
    expect(originsIn(room)).toEqual(['dump.ndjson#L1', 'dump.ndjson#L2', 'dump.ndjson#L3'])
  })

  it('counts a line that is a list as no file of its own', async () => {
    const room = openRoom()
    const tasks = [{ id: taskId(1), status: 'queued', prompt: 'rain' }]

    const report = await room.take(room.put('a', lines(detail(1), tasks, [detail(2), detail(3)])))

    expect(report).toMatchObject({ outcome: 'done', pages: 4, containers: { ndjson: 1 } })
    expect(report.containers).toEqual({ ndjson: 1 })
  })

  it('does not mind a byte order mark, CRLF, blank lines, or no newline at the end', async () => {
    const room = openRoom()
    const text = `\uFEFF${JSON.stringify(detail(1))}\r\n\r\n  \r\n ${JSON.stringify(detail(2))} \r\n${JSON.stringify(detail(3))}`

    const report = await room.take(room.put('a', text))

    expect(report).toMatchObject({ outcome: 'done', pages: 3, bad: [] })
    expect(originsIn(room)).toEqual(['a#L1', 'a#L4', 'a#L5'].map((each) => `${each}`))
  })

  it('splits at newlines only: U+2028 is part of a text', async () => {
    const room = openRoom()
    const text = 'one\u2028two\u2029three\u0085four'

    await room.take(room.put('a', lines(detail(1), wrapped(2, { text }))))

    expect(textsIn(room)).toEqual(['text 1', text])
  })

  it('takes a line of 10 MB', async () => {
    const room = openRoom()
    const long = 'x'.repeat(10 * 2 ** 20)

    const report = await room.take(room.put('a', lines(detail(1), wrapped(2, { text: long }))))

    expect(report).toMatchObject({ outcome: 'done', pages: 2 })
    expect(textsIn(room)).toEqual(['text 1', long])
  })

  it('tells a broken line with its number, wherever it is, and takes the others', async () => {
    const room = openRoom()
    const cut = JSON.stringify(detail(9)).slice(0, 45)
    const text = lines(cut, detail(1), '{"a":', 'hello', detail(2), '{"b":"')

    const report = await room.take(room.put('a', text))

    expect(report).toMatchObject({ outcome: 'failures', pages: 2, total_bad: 4 })
    expect(report.bad.map(({ place }) => place)).toEqual(['#L1', '#L3', '#L4', '#L6'])
    expect(textsIn(room)).toEqual(['text 1', 'text 2'])
  })

  it('takes lists in lines, and tells the lists that break off, with what stands around', async () => {
    const room = openRoom()
    const tasks = JSON.stringify([{ id: taskId(1), status: 'running' }])
    const list = JSON.stringify([detail(2), detail(3)])
    const broken = ['[{"a":1', '[', '[{"a":1},]', `[${JSON.stringify(detail(4))}] x`]
    const text = lines(detail(1), tasks, list, ...broken, detail(5))

    const report = await room.take(room.put('a', text))

    expect(report).toMatchObject({ outcome: 'failures', pages: 6, total_bad: 4 })
    expect(report.bad.map(({ place }) => place)).toEqual(['#L4', '#L5', '#L6', '#L7'])
    expect(originsIn(room)).toEqual(
      ['#L1', '#L2', '#L3#0', '#L3#1', '#L7#0', '#L8'].map((each) => `a${each}`),
    )
  })

  it('counts what is none of ours, by reason', async () => {
    const room = openRoom()
    const error = { detail: { code: 402, message: 'x' } }
    const account = { profile: person(1), my_info: { email: 'a@b.c' } }

    const report = await room.take(room.put('a', lines(detail(1), { a: 1 }, error, account)))

    expect(report).toMatchObject({
      ...{ outcome: 'done', pages: 1, bad: [] },
      skipped: { 'not ours': 1, 'error answer': 1, 'account data': 1 },
    })
  })

  it('says in which line text is not in UTF-8, and takes the others', async () => {
    const room = openRoom()
    const broken = Buffer.from(JSON.stringify(detail(2)).replace('text', 't\xff'), 'latin1')
    const bytes = Buffer.concat([
      Buffer.from(`${JSON.stringify(detail(1))}\n`),
      broken,
      Buffer.from(`\n${JSON.stringify(detail(3))}\n`),
    ])

    const report = await room.take(room.put('a', bytes))

    expect(report.bad).toMatchObject(
      [{ place: '#L2', problem: /^is no text in UTF-8/ }].map(({ place }) => ({ place })),
    )
    expect(report.bad[0]!.problem).toContain('is no text in UTF-8')
    expect(textsIn(room)).toEqual(['text 1', 'text 3'])
  })

  it('reads over what is longer than an answer may be, and holds none of it', async () => {
    const room = openRoom()
    const text = lines(detail(1), wrapped(2, { text: 'x'.repeat(5000) }), detail(3))

    const report = await room.take(room.put('a', text), { limits: { answer: 2000 } })

    expect(report.bad).toMatchObject([{ place: '#L2' }])
    expect(report.bad[0]!.problem).toContain('the most that one answer may be')
    expect(textsIn(room)).toEqual(['text 1', 'text 3'])
  })

  it('takes the last of duplicated keys, and huge numbers as they are', async () => {
    const room = openRoom()
    const post = `{"id":"${postId(1)}","text":"first","text":"last","tombstoned_at":null,"view_count":9007199254740993,"like_count":1e400}`

    const report = await room.take(room.put('a', lines(`{"post":${post}}`, detail(2))))

    expect(report).toMatchObject({ outcome: 'done', pages: 2, bad: [], anomalies: 1 })
    expect(room.rows('SELECT text, CAST(view_count AS TEXT) AS views FROM posts LIMIT 1')).toEqual([
      { text: 'last', views: '9007199254740993' },
    ])
  })
})

describe('importFiles of an array of answers', () => {
  it.each([
    ['in one line', JSON.stringify([detail(1), wrapped(2), detail(3)])],
    ['over many lines', JSON.stringify([detail(1), wrapped(2), detail(3)], null, 2)],
    [
      'with blanks',
      ` [ ${[detail(1), wrapped(2), detail(3)].map((each) => JSON.stringify(each)).join(' ,\r\n\t')} ] `,
    ],
  ])('takes each element: %s', async (_, text) => {
    const room = openRoom()

    const report = await room.take(room.put('a.json', text))

    expect(report).toMatchObject({ outcome: 'done', pages: 3, containers: { array: 1 } })
    expect(originsIn(room)).toEqual(['a.json#0', 'a.json#1', 'a.json#2'])
  })

  it('keeps of each element exactly its own text, so that it is the same answer alone', async () => {
    const room = openRoom()
    await room.take(
      room.put('a.json', `[\n  ${JSON.stringify(detail(1))} ,${JSON.stringify(wrapped(2))}]`),
    )

    const report = await room.take([
      room.put('one.json', detail(1)),
      room.put('two.ndjson', lines(wrapped(2), detail(1))),
    ])

    expect(report).toMatchObject({ outcome: 'done', pages: 0, held: 3 })
  })

  it('takes pending tasks as the one answer they are', async () => {
    const room = openRoom()
    const tasks = [1, 2].map((n) => ({ id: taskId(n), status: 'running' }))

    const report = await room.take(room.put('a.json', JSON.stringify(tasks, null, 1)))

    expect(report).toMatchObject({ pages: 1, answers: { native_pending_tasks: 1 } })
  })

  it('takes answers one after the other, over many lines each', async () => {
    const room = openRoom()
    const text = [detail(1), detail(2)].map((each) => JSON.stringify(each, null, 2)).join('\n')

    const report = await room.take(room.put('a.json', text))

    expect(report).toMatchObject({ outcome: 'done', pages: 2, bad: [] })
  })

  it('keeps what came before a cut, and says so', async () => {
    const room = openRoom()
    const text = JSON.stringify([detail(1), detail(2), detail(3)])

    const report = await room.take(room.put('a.json', text.slice(0, -20)))

    expect(report).toMatchObject({ outcome: 'failures', pages: 2 })
    expect(report.bad).toMatchObject([{ problem: 'is cut off behind 2 answers: they are kept' }])
  })

  it.each([
    ['one answer', (text: string) => text],
    ['over several lines', (text: string) => text.replace('{', '{\n')],
    ['an array', (text: string) => `[${text},\n${JSON.stringify(detail(2))}]`],
  ])('takes texts with raw line feeds in them, as public captures have: %s', async (_, write) => {
    const room = openRoom()
    const told = JSON.stringify(detail(1))
    const text = write(told.replace(/"text":"[^"]*"/, '"text":"one\ntwo"'))

    const report = await room.take(room.put('a.json', text))

    expect(report).toMatchObject({ outcome: 'done', anomalies: 1 })
    expect(room.rows('SELECT text FROM posts ORDER BY post_id LIMIT 1')).toEqual([
      { text: 'one\ntwo' },
    ])
  })

  it('tells an element that is no JSON, and takes the others', async () => {
    const room = openRoom()
    const text = `[${JSON.stringify(detail(1))},{"a":nope},${JSON.stringify(detail(2))}]`

    const report = await room.take(room.put('a.json', text))

    expect(report).toMatchObject({ outcome: 'failures', pages: 2, bad: [{ place: '#1' }] })
  })

  it.each(['[{"a":1}{"b":2}]', '[{"a":1},]', '[{"a":1}}', '[{"a":1},,{"a":1}]'])(
    'says where commas are wrong, and ends: %s',
    async (text) => {
      const room = openRoom()

      const taking = room.take(room.put('a.json', text))

      await expect(taking).rejects.toThrow(InputError)
    },
  )

  it('cuts the same however the bytes come', async () => {
    const text = JSON.stringify(
      [detail(1), wrapped(2, { text: '"\\}]\\" 🎬 [{' }), detail(3)],
      null,
      1,
    )
    const rooms = [1, 2, 3, 7, 100_000].map((size) => ({ size, room: openRoom() }))

    for (const { size, room } of rooms)
      await room.take('-', { stdin: inPieces(Buffer.from(text), size) })

    for (const { room } of rooms) {
      expect(textsIn(room)).toEqual(['text 1', '"\\}]\\" 🎬 [{', 'text 3'])
      expect(originsIn(room)).toEqual(['stdin#0', 'stdin#1', 'stdin#2'])
    }
  })
})

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

describe('importFiles of gzip', () => {
  const junk = Buffer.from('something else')

  it('looks inside, also where it has several parts', async () => {
    const room = openRoom()
    const bytes = Buffer.concat([
      gzipSync(`${JSON.stringify(detail(1))}\n`),
      gzipSync(JSON.stringify(detail(2))),
    ])

    const report = await room.take(room.put('dump.gz', bytes))

    expect(report).toMatchObject({ pages: 2, containers: { gzip: 1, ndjson: 1 } })
    expect(originsIn(room)).toEqual(['dump.gz#L1', 'dump.gz#L2'])
  })

  it('keeps what came before a cut, and says so', async () => {
    const room = openRoom()
    const noise = Array.from({ length: 400 }, (_, n) => detail(n))
    const whole = gzipSync(lines(...noise))

    const report = await room.take(room.put('a.gz', whole.subarray(0, whole.length / 2)))

    expect(report.outcome).toBe('failures')
    expect(report.pages).toBeGreaterThan(0)
    expect(report.bad.at(-1)!.problem).toContain('cut off')
  })

  it('refuses a bomb', async () => {
    const room = openRoom()
    const bomb = gzipSync(Buffer.alloc(8 * 2 ** 20, ' '))

    const taking = room.take(room.put('a.gz', bomb), { limits: { unpackedFreely: 2 ** 20 } })

    await expect(taking).rejects.toThrow('it is taken for a bomb')
  })

  it.each([
    ['cut off', (whole) => whole.subarray(0, -8), 'is cut off inside its gzip'],
    ['followed by something', (whole) => Buffer.concat([whole, junk]), 'is no whole gzip'],
    ['of two, one broken', (whole) => Buffer.concat([whole, gzipSync(junk).fill(7, 10)]), 'is no'],
    ['its checksum wrong', (whole) => whole.fill(7, whole.length - 8), 'is no whole gzip'],
  ] as [string, (whole: Buffer) => Buffer, string][])(
    'takes all that is before the place where one is broken: %s',
    async (_, broken, problem) => {
      const room = openRoom()
      const answers = Array.from({ length: 2000 }, (_, n) => detail(n))
      const file = room.put('dump.gz', broken(gzipSync(lines(...answers, ''))))

      const report = await room.take(file)

      expect(report).toMatchObject({ outcome: 'failures', pages: 2000, total_bad: 1 })
      expect(report.bad[0]!.problem).toContain(problem)
    },
  )

  it.each([
    ['one answer', JSON.stringify(detail(1)), 1],
    ['one line', lines(detail(1), ''), 1],
    ['lines without a newline at the end', lines(detail(1), detail(2)), 2],
    ['a list', JSON.stringify([detail(1), detail(2)]), 2],
  ])('takes all of a small one that is followed by something: %s', async (_, text, pages) => {
    const room = openRoom()

    const report = await room.take(room.put('dump.gz', Buffer.concat([gzipSync(text), junk])))

    expect(report).toMatchObject({ outcome: 'failures', pages, total_bad: 1 })
    expect(report.bad[0]!.problem).toContain('is no whole gzip')
  })

  it('takes zeros behind the end of one for none of it', async () => {
    const room = openRoom()
    const packed = Buffer.concat([gzipSync(lines(detail(1))), Buffer.alloc(200_000)])

    const report = await room.take(room.put('dump.gz', packed))

    expect(report).toMatchObject({ outcome: 'done', pages: 1 })
  })

  it('refuses gzip in gzip in gzip', async () => {
    const room = openRoom()
    const nested = gzipSync(gzipSync(gzipSync(JSON.stringify(detail(1)))))

    await expect(room.take(room.put('a.gz', nested))).rejects.toThrow('is packed too often')
  })
})

describe('ByteReader', () => {
  it('takes time in proportion to the pieces of a line', async () => {
    const piece = Buffer.alloc(2 ** 14, 'a')
    const lineOf = (pieces: number) =>
      new ByteReader(
        (async function* () {
          for (let n = 0; n < pieces; n += 1) yield piece
        })(),
      ).line(2 ** 30)

    expect((await lineOf(1024))?.length).toBe(2 ** 24)
    expect(await growth(128, lineOf)).toBeLessThan(30)
  })
})
