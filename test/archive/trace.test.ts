import { describe, expect, it } from 'vitest'
import { traceRow, tracedTables } from '../../src/archive/trace.js'
import { InputError } from '../../src/model/errors.js'
import { importAnswer, newArchive } from './archives.js'
import { crawlWorld, openWorld, rowsOf, temporaryFolder } from '../crawl/worlds.js'
import { openForReading, type Archive } from '../../src/archive/archive.js'

const id = 's_68ef1920000081910000000000000001'
const author = 'user-ada000000000000000000000'
const detail = (likes: number, at: number) => ({
  endpoint: 'get_post_detail',
  params: { post_id: id },
  body: JSON.stringify({ post: { id, shared_by: author, text: 'sea', like_count: likes } }),
  receivedAt: at,
})

const newestIn = ({ database }: Archive): string => {
  const sql = 'SELECT response_id FROM responses ORDER BY received_at DESC LIMIT 1'
  return database.prepare(sql).pluck().get() as string
}

describe('traceRow', () => {
  it('shows every answer that told a post, the earliest first, with the JSON it came from', () => {
    const archive = newArchive()
    importAnswer(archive, detail(9, 2_000_000_000_000_000))
    importAnswer(archive, detail(4, 1_800_000_000_000_000))

    const { row, answers } = traceRow(archive.database, 'post', [id])

    expect(row).toMatchObject({ post_id: id, like_count: 9, text: 'sea' })
    expect(
      answers.map(({ received_at, origin, told, json }) => ({ received_at, origin, told, json })),
    ).toEqual(
      [
        [1_800_000_000_000_000, 4],
        [2_000_000_000_000_000, 9],
      ].map(([received_at, like_count]) => ({
        received_at,
        origin: 'test',
        told: { post_id: id, author_id: author, text: 'sea', like_count },
        json: [
          { json_pointer: '/post', value: { id, shared_by: author, text: 'sea', like_count } },
        ],
      })),
    )
  })

  it('looks into the answer, not into what its envelope says of the call', () => {
    const archive = newArchive()
    const user_id = author
    const data = { items: [{ user_id: 'user-bob000000000000000000000' }], cursor: null }
    const body = JSON.stringify({ code: 200, router: '/x', params: { user_id }, data })
    const receivedAt = 2_000_000_000_000_000
    importAnswer(archive, { endpoint: 'get_user_followers', params: { user_id }, body, receivedAt })

    const { answers } = traceRow(archive.database, 'follow', [data.items[0]!.user_id, author])

    expect(answers.map(({ json }) => json)).toEqual([
      [{ json_pointer: '/data/items/0', value: data.items[0] }],
    ])
  })

  it('leads from a change to the answer that showed it', () => {
    const archive = newArchive()
    importAnswer(archive, detail(4, 1_800_000_000_000_000))
    const post = { id, shared_by: author, text: 'lake', like_count: 9 }
    const later = { ...detail(9, 2_000_000_000_000_000), body: JSON.stringify({ post }) }
    importAnswer(archive, later)
    const responseId = newestIn(archive)

    const revised = traceRow(archive.database, 'revisions', ['post', id, 'text', responseId])
    const counted = traceRow(archive.database, 'observation', ['post', id, responseId])

    const json = [{ json_pointer: '/post', value: post }]
    expect(revised.answers).toMatchObject([
      { response_id: responseId, told: { old: 'sea', new: 'lake' }, json },
    ])
    expect(counted.answers).toMatchObject([
      { response_id: responseId, told: { like_count: 9 }, json },
    ])
  })

  it('leads from an anomaly to the bytes that could not be read, below the envelope', () => {
    const archive = newArchive()
    const data = { post: { id, shared_by: author, text: { 'a/b~': 1 } } }
    const body = JSON.stringify({ code: 200, router: '/x', params: { post_id: id }, data })
    importAnswer(archive, { ...detail(0, 2_000_000_000_000_000), body })
    const responseId = newestIn(archive)
    const place = '/data/post/text'

    const { answers } = traceRow(archive.database, 'anomalies', [responseId, place])

    expect(answers.map(({ json, told }) => ({ json, told }))).toEqual([
      {
        json: [{ json_pointer: place, value: { 'a/b~': 1 } }],
        told: { problem: 'expected a text', excerpt: '{"a/b~":1}' },
      },
    ])
  })

  it('leads from what was absent, and from what broke, to its answer', async () => {
    const faults = 'empty200=0.3,broken=0.4,circle=0.5,garbled=0.1'
    const simulator = await openWorld({ posts: 12, comments: 3, remixes: 0.5, seed: 3, faults })
    const archiveDir = temporaryFolder()
    await crawlWorld(simulator, archiveDir, { seeds: ['feed', `post:${id}`] })
    const database = openForReading(archiveDir)

    const traced = ['absences', 'anomalies'].map((table) => {
      const { key } = tracedTables.find(({ name }) => name === table)!
      const rows = rowsOf(archiveDir, `SELECT ${key.join(', ')} FROM ${table}`)
      return rows.map((row) => {
        const trace = traceRow(database, table, Object.values(row).map(String))
        return { told: trace.row['reason'] ?? trace.row['problem'], answers: trace.answers }
      })
    })
    database.close()

    const [absences, anomalies] = traced as [(typeof traced)[0], (typeof traced)[0]]
    expect(absences.map(({ told }) => told)).toContain('not_found')
    expect(absences.concat(anomalies).filter(({ answers }) => answers.length !== 1)).toEqual([])
    const withoutPlace = anomalies.filter(({ answers }) => answers[0]!.json.length === 0)
    expect(anomalies.length).toBeGreaterThan(withoutPlace.length)
    expect(withoutPlace).toEqual([])
  })

  it('leads from every row of a crawl to an answer that told it, and to a place in it', async () => {
    const simulator = await openWorld({ posts: 6, comments: 3, remixes: 0.5, seed: 3 })
    const archiveDir = temporaryFolder()
    const seeds = ['feed', `followers:${simulator.truth().users[0]!.user_id}`]
    await crawlWorld(simulator, archiveDir, { seeds })
    const database = openForReading(archiveDir)

    const traced = new Set<string>()
    for (const { name, key } of tracedTables)
      for (const row of rowsOf(archiveDir, `SELECT ${key.join(', ')} FROM ${name} LIMIT 20`)) {
        const ids = Object.values(row).map(String)
        const { answers } = traceRow(database, name, ids)
        traced.add(name)

        expect(answers.length, `${name} ${ids.join(' ')}`).toBeGreaterThan(0)
        expect(
          answers.flatMap(({ json }) => json).length,
          `${name} ${ids.join(' ')}`,
        ).toBeGreaterThan(0)
      }
    database.close()
    expect([...traced]).toEqual(
      expect.arrayContaining(['users', 'posts', 'comments', 'remixes', 'follows', 'attachments']),
    )
  })

  it.each([
    ['planets', ['x'], 'there is no kind planets to trace'],
    ['posts', ['s_x'], 'the archive holds no row s_x in posts'],
    ['posts', [], 'a row of posts is named by post_id: 1 values, not 0'],
    [
      'remixes',
      ['s_x'],
      'a row of remixes is named by parent_post_id remix_post_id: 2 values, not 1',
    ],
    ['responses', ['x'], 'there is no kind responses to trace'],
  ])('says what is wrong with %s %j', (kind, ids, message) => {
    const { database } = newArchive()

    expect(() => traceRow(database, kind, ids)).toThrow(InputError)
    expect(() => traceRow(database, kind, ids)).toThrow(message)
  })
})
