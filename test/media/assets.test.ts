import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { MediaAssets } from '../../src/archive/media-assets.js'
import { prepareSchema } from '../../src/archive/schema.js'

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
})
