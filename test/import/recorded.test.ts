import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import yauzl from 'yauzl'
import { zipOf } from './zip-file.js'
import { openRoom, postId, textsIn, userId, type Room } from './room.js'

/** What recorders wrote of five answers of a local server, on the 21st of November 2026. */
const recorded = (name: string): string => join(import.meta.dirname, 'recorded', name)

const clock = () => Date.parse('2026-11-22T00:00:00Z') * 1000

/** What was asked, and by whose clock the answer is timed. */
const askedIn = (room: Room): unknown[] =>
  room
    .rows('SELECT endpoint, params, clock FROM responses ORDER BY endpoint, params')
    .map((row) => Object.values(row as object).join(' '))

const asked = [
  'get_feed {"cut":"nf2_latest"} har',
  `get_post_comments {"post_id":"${postId(3)}"} har`,
  `get_post_detail {"post_id":"${postId(1)}"} envelope`,
  `get_user_followers {"user_id":"${userId(1)}"} har`,
  `get_user_followers {"user_id":"${userId(2)}"} har`,
]

/** Lays the members of a ZIP down in a folder of the room. @returns their paths by name */
async function unpackedInto(room: Room, zipPath: string): Promise<Map<string, string>> {
  const zip = await yauzl.openPromise(zipPath, { autoClose: false })
  const paths = new Map<string, string>()
  for await (const entry of zip.eachEntry()) {
    const parts: Buffer[] = []
    for await (const part of await zip.openReadStreamPromise(entry)) parts.push(part as Buffer)
    paths.set(entry.fileName, room.put(`recording/${entry.fileName}`, Buffer.concat(parts)))
  }
  zip.close()
  return paths
}

describe('importFiles of a HAR by Playwright, with its bodies in files of their own', () => {
  const skipped = { 'not ours': 1, 'no content': 1, 'HTTP 404': 1, 'no answer': 1 }
  const whole = { outcome: 'done', pages: 5, bad: [] }

  it('takes each body with what its entry tells, once, out of its ZIP', async () => {
    const room = openRoom()

    const report = await room.take(recorded('playwright-attached.zip'), { clock })

    expect(report).toMatchObject({ ...whole, containers: { zip: 1, har: 1 } })
    expect(report.skipped).toMatchObject({ ...skipped, 'body of a HAR': 6 })
    expect(askedIn(room)).toEqual(asked)
    expect(textsIn(room)).toEqual(['text 1', 'text 2', 'text 3'])
    expect(JSON.stringify(room.rows('SELECT * FROM responses'))).not.toContain('secret')
  })

  it.each([
    ['the HAR itself', (paths: Map<string, string>) => [paths.get('har.har')!]],
    ['its folder', (paths: Map<string, string>) => [join(paths.get('har.har')!, '..')]],
    ['all its files', (paths: Map<string, string>) => [...paths.values()].reverse()],
  ])('takes them from beside the HAR, where %s is named', async (_, named) => {
    const room = openRoom()
    const paths = await unpackedInto(room, recorded('playwright-attached.zip'))

    const report = await room.take(named(paths), { clock })

    expect(report).toMatchObject({ ...whole, held: 0 })
    expect(askedIn(room)).toEqual(asked)
  })

  it('tells of a body that is not there, or lies elsewhere', async () => {
    const room = openRoom()
    const paths = await unpackedInto(room, recorded('playwright-attached.zip'))
    const har = readFileSync(paths.get('har.har')!, 'utf8')
    const [feed, tree] = [
      '4cf09ff214530e7672ab7e5f4d6d40a2459d13a9',
      '3a9af2234a1f73bc8fd46d0854320b09a181641e',
    ]
    room.put('elsewhere.json', '{"items":[]}')
    const moved = har.replace(`${feed}.json`, '../elsewhere.json').replace(`${tree}.json`, 'x.json')
    writeFileSync(paths.get('har.har')!, moved)

    const report = await room.take(paths.get('har.har')!, { clock })

    expect(report).toMatchObject({ outcome: 'failures', pages: 3 })
    expect(report.bad.map(({ place, problem }) => `${place} ${problem}`)).toEqual([
      '#entries/1 has its content in "../elsewhere.json", which is not beside the HAR',
      '#entries/2 has its content in "x.json", which is not beside the HAR',
    ])
  })

  it('takes no body that unpacks to far more than it holds', async () => {
    const room = openRoom()
    const content = { size: 9, mimeType: 'application/json', _file: 'bomb.json' }
    const request = { method: 'GET', url: 'https://sora.chatgpt.com/backend/public/nf2/feed' }
    const har = { log: { entries: [{ request, response: { status: 200, headers: [], content } }] } }
    const bomb = `{"items":[${' '.repeat(2 ** 20)}]}`
    const zip = zipOf([
      { name: 'har.har', content: JSON.stringify(har) },
      { name: 'bomb.json', content: bomb },
    ])

    const taking = room.take(room.put('x.zip', zip), { limits: { unpackedFreely: 2 ** 16 } })

    await expect(taking).rejects.toThrow(
      /has its content in "bomb.json", which cannot be read: .*bomb/,
    )
  })
})

describe('importFiles of WARCs by wget', () => {
  const askedOfWarc = asked.map((each) => each.replace(/har$/, 'warc'))

  it('takes the answers, packed and in chunks as they came', async () => {
    const room = openRoom()

    const report = await room.take(recorded('wget.warc.gz'), { clock })

    expect(report).toMatchObject({ outcome: 'done', pages: 5, bad: [] })
    expect(askedIn(room)).toEqual(askedOfWarc)
    expect(JSON.stringify(room.rows('SELECT * FROM responses'))).not.toContain('secret')
  })

  it('takes what repeats answers of a WARC before it, each at its own time', async () => {
    const room = openRoom()
    const names = ['wget.warc.gz', 'wget-repeats.warc.gz', 'wget-head.warc.gz']
    const joined = Buffer.concat(names.map((name) => readFileSync(recorded(name))))

    const report = await room.take(room.put('joined.warc.gz', joined), { clock })

    expect(report).toMatchObject({ outcome: 'done', pages: 9, held: 1, bad: [] })
    expect(report.skipped).toMatchObject({ 'no content': 1 })
    expect(report.skipped).not.toHaveProperty('revisit record')
    const native = askedOfWarc.filter((each) => each.endsWith('warc'))
    expect(askedIn(room)).toEqual([...askedOfWarc, ...native].sort())
    expect(room.rows('SELECT DISTINCT received_at AS at FROM responses ORDER BY 1')).toHaveLength(3)
  })

  it('tells of what repeats an answer that is not there', async () => {
    const room = openRoom()

    const report = await room.take(recorded('wget-repeats.warc.gz'), { clock })

    expect(report).toMatchObject({ outcome: 'failures', pages: 2 })
    expect(report.bad).toHaveLength(3)
    expect(report.bad[0]).toMatchObject({
      place: '#record/2',
      problem: expect.stringContaining('repeats an answer of another WARC') as string,
    })
  })
})
