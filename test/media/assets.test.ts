import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { MediaAssets } from '../../src/archive/media-assets.js'
import { prepareSchema } from '../../src/archive/schema.js'

function addAssets(database: Database.Database, assets: readonly (readonly string[])[]): void {
  const add = database.prepare(
    `INSERT INTO assets (owner_kind, owner_id, variant, asset_key, first_seen_at, last_seen_at,
       first_response_id, last_response_id) VALUES ('post', ?, 'url', ?, 1, 1, 'r_1', 'r_1')`,
  )
  for (const [post, key] of assets) add.run(post, key)
}

describe('MediaAssets', () => {
  it('looks for owners of new files among the new rows only', () => {
    const asked: string[] = []
    const database = new Database(':memory:', { verbose: (sql) => asked.push(String(sql)) })
    prepareSchema(database, ':memory:')
    const assets = new MediaAssets(database)

    assets.ownersSince(7)

    const sql = asked.find((each) => each.includes('rowid > 7'))!
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]
    expect(plan[0]!.detail).toBe('SEARCH assets USING INTEGER PRIMARY KEY (rowid>?)')
  })

  it('tells a file by one place, whoever names it', () => {
    const database = new Database(':memory:')
    prepareSchema(database, ':memory:')
    addAssets(database, [
      ['s_1', 'one'],
      ['s_2', 'other'],
      ['s_0', 'one'],
    ])
    const assets = new MediaAssets(database)

    expect([assets.placeOf('one'), assets.placeOf('other')]).toEqual([1, 2])
    expect([assets.keyAt(1), assets.keyAt(2)]).toEqual(['one', 'other'])
  })

  it('tells an owner by one place, however many files it has', () => {
    const database = new Database(':memory:')
    prepareSchema(database, ':memory:')
    addAssets(database, [
      ['s_1', 'one'],
      ['s_0', 'other'],
      ['s_1', 'third'],
    ])
    const assets = new MediaAssets(database)
    const [one, other] = ['s_1', 's_0'].map((owner_id) => ({ owner_kind: 'post', owner_id }))

    expect([assets.placeOfOwner(one!), assets.placeOfOwner(other!)]).toEqual([1, 2])
    expect([assets.ownerAt(1), assets.ownerAt(2)]).toEqual([one, other])
  })
})
