import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { openArchive } from '../../src/archive/archive.js'
import { addImportedAbsence, type ImportedAbsence } from '../../src/archive/save-imported-page.js'
import { buildProgram, run } from '../cli/program.js'
import { envelope, openRoom, postId, second, textsIn, wrapped, type Room } from './room.js'

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

/** An archive that somebody filled who does not know the key. */
async function strangers(...contents: [string, unknown][]): Promise<Room> {
  const room = openRoom()
  await room.take(contents.map(([name, content]) => room.put(name, content)))
  return room
}

/** A HAR in which an answer without a time of its own is given at one. */
const harOf = (answer: object) => ({
  log: {
    entries: [
      {
        startedDateTime: '2025-10-16T10:00:00.000Z',
        request: { url: 'https://x/y' },
        response: { status: 200, content: { text: JSON.stringify(answer) } },
      },
    ],
  },
})

const answersIn = (room: Room): unknown[] =>
  room.rows(
    `SELECT response_id, endpoint, params, received_at, clock, outcome, body_sha256, body_bytes
     FROM responses ORDER BY response_id`,
  )

describe('importFiles of another archive, with a secret', () => {
  it.each(keys)('takes its answers as they would have come by themselves: %s', async (key) => {
    const untimed = { ...quoting(key), time_stamp: undefined }
    const contents: [string, unknown][] = [
      ['answer.json', quoting(key)],
      ['answer.har', harOf(untimed)],
      ['another.json', { ...quoting('another'), request_id: 'request-1' }],
    ]
    const [direct, merged, other] = [openRoom(), openRoom(), await strangers(...contents)]

    const files = contents.map(([name, content]) => direct.put(name, content))
    await direct.take(files, { secrets: [key] })
    await merged.take(other.archiveDir, { secrets: [key] })

    expect(answersIn(merged)).toEqual(answersIn(direct))
    expect(answersIn(merged)).toHaveLength(3)
    expect(bodiesIn(merged).sort()).toEqual(bodiesIn(direct).sort())
    expect(bodiesIn(merged).join()).not.toContain(key)
    expect(textsIn(merged)).toEqual(textsIn(direct))
  })

  it.each(keys)('keeps it out of what came of calls that found nothing: %s', async (key) => {
    const [merged, other] = [openRoom(), await strangers(['answer.json', quoting('another')])]
    const archive = openArchive(other.archiveDir)
    const absence: ImportedAbsence = {
      ...{ endpoint: 'get_post_detail', params: { post_id: postId(2) }, runId: () => 1 },
      ...{ responseId: 'e_1', reason: 'not_found', receivedAt: second * 1e6 },
      ...{ clock: 'local', origin: 'test', upstreamRequestId: null },
      body: Buffer.from(JSON.stringify({ detail: { message: `not with ${key}` } })),
    }
    archive.transaction(() => addImportedAbsence(archive, absence))
    archive.close()

    await merged.take(other.archiveDir, { secrets: [key] })

    expect(merged.rows('SELECT entity_id, reason FROM absences')).toEqual([
      { entity_id: postId(2), reason: 'not_found' },
    ])
    expect(bodiesIn(merged)).toContain('{"detail":{"message":"not with [redacted]"}}')
    expect(bodiesIn(merged).join()).not.toContain(key)
  })

  it('leaves answers without it as they are, to the byte', async () => {
    const written = JSON.stringify(quoting('another'), null, 3)
    const [merged, other] = [openRoom(), await strangers(['answer.json', written])]

    await merged.take(other.archiveDir, { secrets: keys })

    expect(bodiesIn(merged)).toEqual([written])
    expect(answersIn(merged)).toEqual(answersIn(other))
  })
})

describe('afterfeed import', () => {
  beforeAll(buildProgram)

  it('keeps the API key out of the archive', async () => {
    const room = openRoom()
    const [key] = keys as [string]
    const file = room.put('answer.json', quoting(key))

    const { code } = await run(['import', file, '--archive', room.archiveDir], { key })

    expect({ code, bodies: bodiesIn(room) }).toEqual({ code: 0, bodies: [redacted] })
  })
})
