import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { archivePathIn, openArchive } from '../../src/archive/archive.js'
import { rebuild } from '../../src/archive/rebuild.js'
import { addedSince3, columnsOf, importAnswer, temporaryFolder, toVersion3 } from './archives.js'

const user = 'user-ada'
const task = 'task_01k7dttf0xfx3t7zhhzycjq8e3'

const answers: [endpoint: string, params: Record<string, string>, data: object][] = [
  ['get_user_profile', { user_id: user }, { user_id: user, view_count: 7, character_count: 2 }],
  ['get_task_status', { task_id: task }, { id: task, status: 'failed', failure_reason: 'words' }],
]

function archiveOf(): string {
  const dir = temporaryFolder()
  const archive = openArchive(dir, { durability: 'normal' })
  answers.forEach(([endpoint, params, data], index) => {
    const receivedAt = 1760500000_000000 + index
    importAnswer(archive, { endpoint, params, body: JSON.stringify(data), receivedAt })
  })
  archive.close()
  return dir
}

function tell(dir: string) {
  const archive = openArchive(dir, { durability: 'normal' })
  const { database } = archive
  try {
    return {
      version: database.pragma('user_version', { simple: true }),
      users: columnsOf(database, 'users', ['view_count', 'character_count']),
      observations: columnsOf(database, 'observations', ['view_count', 'character_count']),
      tasks: columnsOf(database, 'tasks', ['status', 'failure_reason']),
    }
  } finally {
    archive.close()
  }
}

describe('an archive of version 3', () => {
  it('has the columns that came since, empty until a rebuild tells them', async () => {
    const dir = archiveOf()
    const told = tell(dir)
    toVersion3(dir)

    const opened = tell(dir)
    await rebuild({ archiveDir: dir, durability: 'normal', clock: () => 1 })

    expect(opened).toEqual({
      version: 4,
      users: [[null, null]],
      observations: [[7n, null]],
      tasks: [['failed', null]],
    })
    expect(tell(dir)).toEqual(told)
    expect(told).toEqual({
      version: 4,
      users: [[7n, 2n]],
      observations: [[7n, 2n]],
      tasks: [['failed', 'words']],
    })
  })

  it('ends up with the very columns that a new one has', () => {
    const [dir, fresh] = [archiveOf(), archiveOf()]
    toVersion3(dir)
    openArchive(dir, { durability: 'normal' }).close()

    const namesIn = (of: string) => {
      const database = new Database(archivePathIn(of), { readonly: true })
      const sql = `SELECT m.name || '.' || c.name || ' ' || c.type || c."notnull"
        FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1`
      const names = database.prepare(sql).pluck().all()
      database.close()
      return names
    }

    expect(namesIn(dir)).toEqual(namesIn(fresh))
    expect(namesIn(fresh)).toEqual(
      expect.arrayContaining(addedSince3.map((name) => expect.stringContaining(name) as string)),
    )
  })
})
