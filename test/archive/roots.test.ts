import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { chooseRows } from '../../src/archive/cut.js'
import { unknownRoots, type Root } from '../../src/archive/roots.js'
import { prepareSchema } from '../../src/archive/schema.js'

const postRoot = (post_id: string): Root => ({ endpoint: 'get_post_detail', params: { post_id } })
const feed: Root = { endpoint: 'get_feed', params: {} }

/** An archive with requests of these endpoints and parameters, those with a parent below the first; what it is asked. */
function archiveWith(requests: [endpoint: string, params: object, parent?: number][]) {
  const asked: string[] = []
  const database = new Database(':memory:', { verbose: (sql) => asked.push(String(sql)) })
  prepareSchema(database, ':memory:')
  const add = database.prepare(
    `INSERT INTO requests (endpoint, params, request_key, pass, parent_request_id, priority, page,
       depth, state, attempts, created_at) VALUES (?, ?, ?, 1, ?, 0, 1, 0, 'done', 1, 0)`,
  )
  for (const [place, [endpoint, params, parent = null]] of requests.entries())
    add.run(endpoint, JSON.stringify(params), String(place), parent)
  asked.length = 0
  return { database, asked }
}

const overRequests = (asked: readonly string[]): number =>
  asked.filter((sql) => /FROM requests/.test(sql)).length

describe('unknownRoots', () => {
  it('gives those that were never asked for, in one statement over all requests', () => {
    const { database, asked } = archiveWith([
      ['get_feed', { cut: 'x' }],
      ['get_post_comments', { post_id: 's_1', cursor: 'c' }],
      ['get_post_detail', { post_id: 's_2' }, 1],
      ['get_user_profile', { user_id: 's_3' }],
    ])
    const others = Array.from({ length: 500 }, (_, n) => postRoot(`s_other${n}`))
    const roots = [postRoot('s_1'), postRoot('s_2'), postRoot('s_3'), feed, ...others]

    const unknown = unknownRoots(database, roots)

    expect(unknown).toEqual([postRoot('s_2'), postRoot('s_3'), ...others])
    expect(overRequests(asked)).toBe(1)
  })
})

describe('chooseRows', () => {
  it('finds what seeds led to in one statement over all requests, however many seeds', () => {
    const { database, asked } = archiveWith([
      ['get_post_detail', { post_id: 's_1' }],
      ['get_post_comments', { post_id: 's_1' }, 1],
      ['get_post_detail', { post_id: 's_2' }],
      ['get_feed', {}],
    ])
    const others = Array.from({ length: 500 }, (_, n) => postRoot(`s_other${n}`))

    chooseRows(database, { roots: [postRoot('s_1'), feed, ...others] })

    expect(overRequests(asked)).toBe(1)
    const chosen = database.prepare(`SELECT id FROM temp.chosen WHERE kind = 'request' ORDER BY 1`)
    expect(chosen.pluck().all()).toEqual(['1', '2', '4'])
  })
})
