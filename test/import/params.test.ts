import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WARCRecord, WARCSerializer } from 'warcio'
import { openArchive } from '../../src/archive/archive.js'
import { saveImportedPage } from '../../src/archive/save-imported-page.js'
import { endpointOf } from '../../src/model/endpoints.js'
import { readPage } from '../../src/model/read-page.js'
import { warcFields } from '../../src/model/warc-fields.js'
import { detail, openRoom, postId, second, textsIn, wrapped, type Room } from './room.js'

const secrets = {
  ...{ token: 'secret-t0', key: 'secret-k1', apikey: 'secret-k2', api_key: 'secret-k3' },
  ...{ access_token: 'secret-t4', auth: 'secret-a5', signature: 'secret-s6', sig: 'secret-s7' },
  ...{ 'X-Api-Key': 'secret-k8', refreshToken: 'secret-t9', Authorization: 'Bearer secret-a10' },
}

const asked = { post_id: postId(1), ...secrets, lang: 'en' }
const path = endpointOf('get_post_detail').path
const address = `https://api.tikhub.io${path}?${new URLSearchParams(asked).toString()}`

/** The answer in its envelope, which repeats what was asked. */
const enveloped = { ...detail(1), params: asked }

const harOf = (...bodies: unknown[]) => ({
  log: {
    entries: bodies.map((body) => ({
      startedDateTime: new Date(second * 1000).toISOString(),
      request: { url: address },
      response: { status: 200, content: { text: JSON.stringify(body) } },
    })),
  },
})

async function warcOf(body: unknown): Promise<Uint8Array> {
  const record = WARCRecord.create(
    {
      ...{ url: address, date: new Date(second * 1000).toISOString(), type: 'response' },
      ...{ warcVersion: 'WARC/1.1', statusline: 'HTTP/1.1 200 OK', httpHeaders: {} },
    },
    (async function* () {
      yield Buffer.from(JSON.stringify(body))
    })(),
  )
  return WARCSerializer.serialize(record)
}

/** A file of an archive that took whatever was told. */
function archiveOf(body: string, params: Record<string, string>): string {
  const room = openRoom()
  const archive = openArchive(room.archiveDir)
  onTestFinished(() => archive.close())
  saveImportedPage(archive, {
    ...{ endpoint: 'get_post_detail', params, body, isList: false, runId: () => 1 },
    ...{ receivedAt: second * 1e6, clock: 'envelope', origin: 'x', upstreamRequestId: null },
    page: readPage('get_post_detail', params, body).page,
  })
  return room.archiveDir
}

const bodiesIn = (room: Room): string[] =>
  (room.rows('SELECT body FROM bodies') as { body: Buffer }[]).map(({ body }) =>
    gunzipSync(body).toString(),
  )

/** Everything that an archive holds, packed and unpacked. */
const bytesIn = (room: Room): string =>
  readdirSync(room.archiveDir)
    .map((name) => readFileSync(join(room.archiveDir, name), 'latin1'))
    .concat(bodiesIn(room))
    .join('\n')

const paramsIn = (room: Room): unknown[] =>
  (room.rows('SELECT params FROM responses') as { params: string }[]).map(
    ({ params }) => JSON.parse(params) as unknown,
  )

describe('what an import keeps of what was asked', () => {
  it.each<[string, (room: Room) => string | Promise<string>]>([
    ['an envelope', (room) => room.put('a.json', enveloped)],
    ['a HAR, of an envelope', (room) => room.put('a.har', harOf(enveloped))],
    ['a HAR, of a bare answer', (room) => room.put('a.har', harOf(wrapped(1)))],
    ['a WARC, of an envelope', async (room) => room.put('a.warc', await warcOf(enveloped))],
    ['a WARC, of a bare answer', async (room) => room.put('a.warc', await warcOf(wrapped(1)))],
    ['another archive', () => archiveOf(JSON.stringify(enveloped), asked)],
    ['another archive, of a bare answer', () => archiveOf(JSON.stringify(wrapped(1)), asked)],
  ])('is what the endpoint knows, and no secret: %s', async (_, sourceOf) => {
    const room = openRoom()

    const report = await room.take(await sourceOf(room))

    expect(report).toMatchObject({ outcome: 'done', pages: 1 })
    expect(textsIn(room)).toEqual(['text 1'])
    expect(paramsIn(room)).toEqual([{ post_id: postId(1) }])
    expect(bytesIn(room)).not.toContain('secret-')
  })

  it('is what the endpoint knows where a WARC of ours tells that nothing was found', async () => {
    const room = openRoom()
    const row = { endpoint: 'get_post_detail', params: JSON.stringify(asked), clock: 'local' }
    const told = WARCRecord.create(
      {
        ...{ url: 'urn:x', date: new Date(second * 1000).toISOString(), type: 'metadata' },
        ...{ warcVersion: 'WARC/1.1', warcHeaders: { [warcFields.absence]: 'not_found' } },
      },
      (async function* () {
        yield Buffer.from(JSON.stringify(row))
      })(),
    )
    const answer = await warcOf({ ...wrapped(2) })
    const file = room.put('a.warc', Buffer.concat([await WARCSerializer.serialize(told), answer]))

    await room.take(file)

    expect(room.rows('SELECT entity_id, reason FROM absences')).toEqual([
      { entity_id: postId(1), reason: 'not_found' },
    ])
    expect(bytesIn(room)).not.toContain('secret-')
  })

  it('leaves all else in a body as it was written', async () => {
    const room = openRoom()
    const body = JSON.stringify({ ...enveloped, post: 'secret\\u002d', key: 'another' }, null, 3)

    await room.take(room.put('a.json', body))

    expect(bodiesIn(room)).toEqual([body.replaceAll(/"(Bearer )?secret-\w+"/g, '"[redacted]"')])
  })

  it('is one answer by whatever way it came', async () => {
    const room = openRoom()
    const [har, other] = [harOf(enveloped), archiveOf(JSON.stringify(enveloped), asked)]

    await room.take(room.put('a.json', enveloped))
    const again = await room.take([
      ...[room.put('a.har', har), other],
      room.put('a.warc', await warcOf(enveloped)),
    ])

    expect(again).toMatchObject({ pages: 0, held: 3 })
    expect(paramsIn(room)).toHaveLength(1)
  })

  it('answers the call of a walk that asks the same', async () => {
    const room = openRoom()
    await room.take(room.put('a.har', harOf(wrapped(1))))

    const archive = openArchive(room.archiveDir)
    const held = archive.answers.toCall('get_post_detail', { post_id: postId(1) })
    archive.close()

    expect(held).toBeDefined()
  })
})
