import { describe, expect, it } from 'vitest'
import { traceRow, tracedTables } from '../../src/archive/trace.js'
import { InputError } from '../../src/model/errors.js'
import { importAnswer, newArchive } from './archives.js'
import { crawlWorld, openWorld, rowsOf, temporaryFolder } from '../crawl/worlds.js'
import { openForReading } from '../../src/archive/archive.js'

const id = 's_68ef1920000081910000000000000001'
const author = 'user-ada000000000000000000000'
const detail = (likes: number, at: number) => ({
  endpoint: 'get_post_detail',
  params: { post_id: id },
  body: JSON.stringify({ post: { id, shared_by: author, text: 'sea', like_count: likes } }),
  receivedAt: at,
})

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

  it('leads from every row of a crawl to an answer that told it, and to a place in it', async () => {
    const simulator = await openWorld({ posts: 6, comments: 3, remixes: 0.5, seed: 3 })
    const archiveDir = temporaryFolder()
    const seeds = ['feed', `followers:${simulator.truth().users[0]!.user_id}`]
    await crawlWorld(simulator, archiveDir, { seeds })
    const database = openForReading(archiveDir)

    for (const { name, key } of tracedTables)
      for (const row of rowsOf(archiveDir, `SELECT ${key.join(', ')} FROM ${name} LIMIT 20`)) {
        const ids = Object.values(row).map(String)
        const { answers } = traceRow(database, name, ids)

        expect(answers.length, `${name} ${ids.join(' ')}`).toBeGreaterThan(0)
        expect(
          answers.flatMap(({ json }) => json).length,
          `${name} ${ids.join(' ')}`,
        ).toBeGreaterThan(0)
      }
    database.close()
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
