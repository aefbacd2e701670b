import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildProgram, run } from '../cli/program.js'
import { envelope, openRoom, postId, textsIn, wrapped, type Room } from './room.js'

const keys = ['sk-0f3a77c1b2d94e6688', 'k+y/"with\\odd%&=<chars>~0f3a77']

/** An answer that quotes a key in a header and in a text. */
const quoting = (key: string) => ({
  ...envelope('get_post_detail', { post_id: postId(1) }, wrapped(1, { text: `with ${key} in it` })),
  headers: { authorization: `Bearer ${key}` },
})

const bodiesIn = (room: Room): string[] =>
  room
    .rows('SELECT body FROM bodies')
    .map((row) => gunzipSync((row as { body: Buffer }).body).toString())

const redacted = JSON.stringify(quoting('[redacted]'))

describe('importFiles with a secret', () => {
  it.each(keys)('keeps it out of answers and what they tell: %s', async (key) => {
    const room = openRoom()

    await room.take(room.put('answer.json', quoting(key)), { secrets: [key] })

    expect({ bodies: bodiesIn(room), texts: textsIn(room) }).toEqual({
      bodies: [redacted],
      texts: ['with [redacted] in it'],
    })
  })

  it('leaves answers without it as they are, to the byte', async () => {
    const room = openRoom()
    const written = JSON.stringify(quoting('another'), null, 3)

    await room.take(room.put('answer.json', written), { secrets: keys })

    expect(bodiesIn(room)).toEqual([written])
  })

  it('refuses what is no UTF-8, with it or without', async () => {
    const room = openRoom()
    const broken = Buffer.concat([
      Buffer.from(`{"post":"${keys[0]}`),
      Buffer.from([0xff, 0x22, 0x7d]),
    ])

    const report = room.take(room.put('broken.json', broken), { secrets: keys })

    await expect(report).rejects.toThrow('is no text in UTF-8')
  })
})

describe('afterfeed import', () => {
  beforeAll(buildProgram, 120_000)

  it('keeps the API key out of the archive', async () => {
    const room = openRoom()
    const [key] = keys as [string]
    const file = room.put('answer.json', quoting(key))

    const { code } = await run(['import', file, '--archive', room.archiveDir], { key })

    expect({ code, bodies: bodiesIn(room) }).toEqual({ code: 0, bodies: [redacted] })
  })
})
