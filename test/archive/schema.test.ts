import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { archivePathIn, openArchive } from '../../src/archive/archive.js'
import { rebuild } from '../../src/archive/rebuild.js'
import { schemaVersion } from '../../src/archive/schema.js'
import { toldColumns } from '../../src/archive/told-mask.js'
import type { Table } from '../../src/model/table.js'
import { tables } from '../../src/model/tables.js'
import {
  addedSince3,
  columnsOf,
  importAnswer,
  openVersion4,
  temporaryFolder,
  toVersion3,
  toVersion4,
} from './archives.js'

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
      version: schemaVersion,
      users: [[null, null]],
      observations: [[7n, null]],
      tasks: [['failed', null]],
    })
    expect(tell(dir)).toEqual(told)
    expect(told).toEqual({
      version: schemaVersion,
      users: [[7n, 2n]],
      observations: [[7n, 2n]],
      tasks: [['failed', 'words']],
    })
  })

  it('has every column that came since', () => {
    const dir = archiveOf()
    toVersion3(dir)
    openArchive(dir, { durability: 'normal' }).close()

    expect(namesIn(dir)).toEqual(
      expect.arrayContaining(addedSince3.map((name) => expect.stringContaining(name) as string)),
    )
  })
})

/** Every column of an archive with its type. */
function namesIn(dir: string): unknown[] {
  const database = new Database(archivePathIn(dir), { readonly: true })
  const sql = `SELECT m.name || '.' || c.name || ' ' || c.type || c."notnull"
    FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1`
  const names = database.prepare(sql).pluck().all()
  database.close()
  return names
}

describe('an archive of an earlier version', () => {
  it.each([
    [3, toVersion3],
    [4, toVersion4],
  ])('ends up, from version %i on, with the very columns that a new one has', (_, toVersion) => {
    const [dir, fresh] = [archiveOf(), archiveOf()]
    toVersion(dir)
    openArchive(dir, { durability: 'normal' }).close()

    expect(namesIn(dir)).toEqual(namesIn(fresh))
  })

  it('finds each column that answers tell at the place whose bit its masks have', () => {
    const database = openVersion4()
    const namesOf = (table: string) =>
      database.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table)
    const masked = (tables as readonly Table[]).filter(({ kind }) => kind === 'entity')

    const wrong = masked.filter((table) => {
      const now = toldColumns(table).map(({ name }) => name)
      const before = namesOf(table.name).filter((name) => now.includes(name as string))
      return before.join() !== now.slice(0, before.length).join()
    })

    expect(wrong.map(({ name }) => name)).toEqual([])
  })
})
