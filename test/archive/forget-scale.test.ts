import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { isSharedSql } from '../../src/archive/forget/files.js'
import { countUnknownHandles } from '../../src/archive/forget/subjects.js'
import { prepareSchema } from '../../src/archive/schema.js'

function emptyArchive(verbose?: (sql: unknown) => void): Database.Database {
  const database = new Database(':memory:', verbose ? { verbose } : {})
  prepareSchema(database, ':memory:')
  return database
}

describe('countUnknownHandles', () => {
  it('counts handles that nobody has or had, in one statement however many are named', () => {
    const said: unknown[] = []
    const database = emptyArchive((sql) => said.push(sql))
    const add = database.prepare(
      `INSERT INTO users (user_id, username, first_seen_at, last_seen_at, first_response_id,
         last_response_id) VALUES (?, ?, 0, 0, '', '')`,
    )
    add.run('user-1', '@Name.One')
    add.run('user-2', null)
    database.exec(
      `INSERT INTO revisions (entity_kind, entity_id, field, response_id, observed_at, old, new)
       VALUES ('user', 'user-1', 'username', 'r_1', 0, 'former', 'Name.One'),
              ('user', 'user-2', 'username', 'r_1', 0, NULL, 'x'),
              ('user', 'user-1', 'location', 'r_1', 0, 'nobody1', NULL)`,
    )
    said.length = 0
    const names = ['name.one', 'former', ...Array.from({ length: 1000 }, (_, n) => `nobody${n}`)]
    const handles = names.map((name) => ({ kind: 'handle' as const, name }))

    const unknown = countUnknownHandles(database, [...handles, { kind: 'user', name: 'user-3' }])

    expect({ unknown, statements: said.length }).toEqual({ unknown: 1000, statements: 1 })
  })
})

describe('the question whether others share a file', () => {
  it('is answered by an index: it comes once for every file that goes', () => {
    const plan = emptyArchive().prepare(`EXPLAIN QUERY PLAN ${isSharedSql}`).all('', '', '') as {
      detail: string
    }[]

    expect(plan.map(({ detail }) => detail)).toEqual([
      'SEARCH media USING INDEX media_by_sha256 (sha256=?)',
    ])
  })
})
